package load

import (
	"bytes"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"
)

func TestSettingsRoundTrip(t *testing.T) {
	s := Settings{
		Mode: Paced, Records: 7, For: time.Second, Size: 9, Keys: 1, Senders: 2, Rate: 3, Sample: 4,
		Bootstrap: "h:1,h:2", Topic: "t%d-1", Topics: 5, Acks: "1", Codec: "zstd", Linger: time.Millisecond, Batch: 6, Buffer: 8,
		InFlight: 10, Timeout: time.Minute, Profile: "p",
	}
	if got := Parse(s.Args()); got != s {
		t.Errorf("\n%+v became\n%+v by\n%q", s, got, s.Args())
	}
	if got := s.TopicNames(); len(got) != 5 || got[0] != "t0-1" || got[4] != "t4-1" {
		t.Errorf("topics %q", got)
	}
}

func TestValues(t *testing.T) {
	for _, size := range []int{1, 100, 1000} {
		different := map[string]bool{}
		for _, v := range Values(fewValues, size) {
			if len(v) != size {
				t.Fatalf("%d bytes instead of %d", len(v), size)
			}
			different[string(v)] = true
		}
		if size >= 100 && len(different) != fewValues {
			t.Errorf("%d different values of %d bytes, want %d", len(different), size, fewValues)
		}
	}
	// The first one, which Payload.java makes, too.
	const want = `{"id":90883477493944153,"ts":1700092341196,"service":"warehouse-`
	if got := Values(1, len(want))[0]; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// fake acknowledges at once, or on a goroutine of its own, and refuses some records.
type fake struct {
	Client
	sends, flushes atomic.Int64
	later          bool
	refuse         func(n int64) bool
}

func (f *fake) Callback(done func(error)) any { return done }
func (f *fake) Flush()                        { f.flushes.Add(1) }
func (f *fake) Send(_ int, key, value []byte, callback any) {
	var err error
	if n := f.sends.Add(1); f.refuse != nil && f.refuse(n) {
		err = errors.New("refused")
	}
	if f.later {
		go callback.(func(error))(err)
		return
	}
	callback.(func(error))(err)
}

func TestModes(t *testing.T) {
	tests := []struct {
		name     string
		settings Settings
		latency  bool
	}{
		{"throughput", Settings{Mode: Throughput, Records: 1000, Senders: 1}, false},
		{"several senders", Settings{Mode: Throughput, Records: 1001, Senders: 4, Keys: 3}, false},
		{"sampled", Settings{Mode: Throughput, Records: 10_000, Senders: 3, Sample: 2}, true},
		{"one by one", Settings{Mode: OneByOne, Records: 50}, true},
		{"paced", Settings{Mode: Paced, Records: 50, Rate: 1_000_000}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{later: true}
			test.settings.Size = 10
			result, err := newWork(test.settings, f, 0).run()
			if err != nil {
				t.Fatal(err)
			}
			if want := int64(test.settings.Records + startRecords); result.Sent != want || f.sends.Load() != want || result.Failed != 0 {
				t.Errorf("%d of %d records sent, the client was given %d, %d failed", result.Sent, want, f.sends.Load(), result.Failed)
			}
			for _, name := range []string{CPU, Rate, Allocs} {
				if v, ok := result.Figures[name]; !ok || math.IsNaN(v) || v < 0 {
					t.Errorf("%s: %v, %v", name, v, ok)
				}
			}
			if v, ok := result.Figures[P99]; ok != test.latency || v < 0 || v < result.Figures[P50] {
				t.Errorf("latencies: %v", result.Figures)
			}
		})
	}
}

func TestTimeEndsWork(t *testing.T) {
	f := &fake{}
	result, err := newWork(Settings{Mode: Throughput, Records: math.MaxInt, Senders: 2, For: time.Millisecond, Size: 1}, f, 0).run()
	if err != nil || result.Sent != f.sends.Load() || result.Sent == startRecords {
		t.Errorf("%d sent, the client was given %d, %v", result.Sent, f.sends.Load(), err)
	}
}

func TestFailedRecords(t *testing.T) {
	f := &fake{refuse: func(n int64) bool { return n > startRecords && n%2 == 0 }}
	result, err := newWork(Settings{Mode: Throughput, Records: 10, Senders: 1, Size: 1}, f, 0).run()
	if err != nil || result.Failed != 5 || result.Sent != startRecords+5 {
		t.Errorf("%+v, %v", result, err)
	}
	f = &fake{refuse: func(n int64) bool { return n == 3 }}
	if _, err := newWork(Settings{Mode: Throughput, Records: 10, Senders: 1, Size: 1}, f, 0).run(); err == nil {
		t.Error("a failure before the clock starts is no error")
	}
}

func TestSamplesStay(t *testing.T) {
	var s samples
	var places []*time.Duration
	for i := range 10_000 {
		p := s.place()
		*p = time.Duration(i)
		places = append(places, p)
	}
	n := 0
	for _, chunk := range s {
		for i := range chunk {
			if &chunk[i] != places[n] || chunk[i] != time.Duration(n) {
				t.Fatalf("sample %d is %v, at another place", n, chunk[i])
			}
			n++
		}
	}
	if n != len(places) {
		t.Errorf("%d of %d samples", n, len(places))
	}
}

func TestParsePeak(t *testing.T) {
	status := []byte("VmPeak:\t  99 kB\nVmHWM:\t    1234 kB\nVmRSS:\t    1000 kB\n")
	parse := func(b []byte) (float64, bool) { return parsePeak(b) }
	if v, ok := parse(status); !ok || v != 1234*1024 {
		t.Errorf("%v, %v", v, ok)
	}
	if v, ok := parse(bytes.ReplaceAll(status, []byte("VmHWM"), []byte("VmX"))); ok {
		t.Errorf("%v where there is none", v)
	}
}
