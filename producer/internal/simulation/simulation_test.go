package simulation

import (
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"kafkaproducer/client/world"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// What String writes, Parse reads: a schedule that failed stands in a test as it ran.
func TestScheduleText(t *testing.T) {
	for seed := range uint64(300) {
		s := Random(seed)
		if seed%3 == 0 {
			s = Guarded(seed)
		}
		got, err := Parse(s.String())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Fatalf("seed %d: written and read it differs:\n%s", seed, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "settings",
		"1ms send":                             "settings",
		"settings brokers":                     "name=value",
		"settings brakes=1":                    "brakes",
		"settings brokers=many":                "brokers=many",
		"settings\n1ms":                        "a time and a name",
		"settings\nsoon send":                  "soon",
		"settings\n1ms sing":                   `"sing"`,
		"settings overflow=drip":               `"newest"`,
		"settings\n1ms fault fault=rain":       `"rain"`,
		"settings\n1ms fault fault=dup on=sea": `"sea"`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error that names %s", text, err, want)
		}
	}
}

func TestWorldRunsInOrder(t *testing.T) {
	w := NewWorld(1, 0)
	var got []string
	say := func(s string) func() { return func() { got = append(got, s+" "+w.Elapsed().String()) } }
	w.After(2*time.Second, say("c"))
	w.After(time.Second, say("a"))
	w.After(time.Second, say("b"))
	stopped, moved := w.NewTimer(say("never")), w.NewTimer(say("d"))
	stopped.Reset(time.Second)
	moved.Reset(time.Second)
	if !stopped.Stop() || stopped.Stop() || !moved.Reset(3*time.Second) {
		t.Error("a timer doesn't know whether it runs")
	}
	w.Go(say("now"))
	for w.Step() {
	}
	if want := []string{"now 0s", "a 1s", "b 1s", "c 2s", "d 3s"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A timer that is put off, brought forward or stopped comes when it was last set for, and of those that are due at the same moment the one
// that was set first does.
func TestTimersComeInTime(t *testing.T) {
	for seed := range uint64(200) {
		w, chance := NewWorld(seed, 0), rand.New(rand.NewPCG(seed, 0))
		const none = -1
		came := none
		var set []int           // the timers that run, in the order in which they were set
		var at [5]time.Duration // when they are due
		var timers [5]world.Timer
		for i := range timers {
			timers[i] = w.NewTimer(func() { came = i })
		}
		for range 300 {
			i := chance.IntN(len(timers))
			switch n := chance.IntN(10); {
			case n < 5:
				wait := time.Duration(chance.IntN(8))
				timers[i].Reset(wait)
				set, at[i] = append(without(set, i), i), w.Elapsed()+wait
			case n == 5:
				timers[i].Reset(never)
				set = without(set, i)
			case n == 6:
				timers[i].Stop()
				set = without(set, i)
			default:
				next := none
				for _, j := range set {
					if next == none || at[j] < at[next] {
						next = j
					}
				}
				came = none
				if w.Step(); came != next || next != none && w.Elapsed() != at[next] {
					t.Fatalf("seed %d: timer %d came at %v, %d should have, of %v at %v", seed, came, w.Elapsed(), next, set, at)
				}
				set = without(set, next)
			}
		}
	}
}

func without(s []int, v int) []int { return slices.DeleteFunc(s, func(x int) bool { return x == v }) }

func TestShrink(t *testing.T) {
	s := Random(7)
	s.Steps = append(s.Steps, Step{Do: "hangup"}, Step{Do: "send", N: 9}, Step{Do: "flush"})
	small := Shrink(s, 10_000, func(s Schedule) bool {
		return s.has("hangup") && slices.ContainsFunc(s.Steps, func(x Step) bool { return x.Do == "send" && x.N >= 3 })
	})
	if len(small.Steps) != 2 || small.Steps[1].N != 3 || small.Brokers != 1 || small.Partitions != 1 {
		t.Errorf("not as small as can be:\n%s", small)
	}
}

// The oracle sees each breach of the promise.
func TestOracleSees(t *testing.T) {
	refused := errors.New("refused")
	type told = func(o *Oracle)
	accept := func(n int) told { return func(o *Oracle) { o.Try(1, n); o.Accept(1, n, 0) } }
	callback := func(n int, x Outcome) told {
		return func(o *Oracle) { x.Topic = Topic(0); o.Called(1, n, 0, x) }
	}
	done := func(n int, offset int64) told { return callback(n, Outcome{Offset: offset}) }
	elsewhere := func(value []byte) told {
		return func(o *Oracle) { o.readLog(place{Topic(0), 1}, []record.Record{{Value: value}}, 0) }
	}
	for name, test := range map[string]struct {
		stored []int // numbers of the records in the log
		told   []told
		want   string // "": nothing is wrong
	}{
		"all is well":             {[]int{0, 1}, []told{accept(0), accept(1), done(0, 0), done(1, 1)}, ""},
		"failed and not there":    {nil, []told{accept(0), callback(0, Outcome{Offset: -1, Err: refused})}, ""},
		"in doubt and there":      {[]int{0}, []told{accept(0), callback(0, Outcome{Offset: -1, Err: refused, Certainty: PossiblyPersisted})}, ""},
		"lost":                    {nil, []told{accept(0), done(0, 0)}, "not stored"},
		"twice":                   {[]int{0, 0}, []told{accept(0), done(0, 0)}, "twice"},
		"in two partitions":       {[]int{0}, []told{accept(0), done(0, 0), elsewhere(AppendValue(nil, 1, 0, 0))}, "is in t0-1 and in t0-0"},
		"nobody's":                {[]int{0}, []told{accept(0), done(0, 0), elsewhere([]byte("1.0x y"))}, "nobody sent"},
		"out of order":            {[]int{1, 0}, []told{accept(0), accept(1), done(1, 0), done(0, 1)}, "stands behind"},
		"no callback":             {[]int{0}, []told{accept(0)}, "0 callbacks"},
		"two callbacks":           {[]int{0}, []told{accept(0), done(0, 0), done(0, 0)}, "2 callbacks"},
		"not accepted, and there": {[]int{0}, []told{func(o *Oracle) { o.Try(1, 0) }}, "was not accepted"},
		"never sent":              {[]int{5}, []told{accept(0), callback(0, Outcome{Offset: -1, Err: refused})}, "never sent"},
		"said not there, and is":  {[]int{0}, []told{accept(0), callback(0, Outcome{Offset: -1, Err: refused})}, "is stored"},
		"said there, and isn't":   {nil, []told{accept(0), callback(0, Outcome{Offset: -1, Err: refused, Certainty: Persisted})}, "is not stored"},
		"another offset":          {[]int{0}, []told{accept(0), done(0, 7)}, "but is at"},
		"callbacks out of order":  {[]int{0, 1}, []told{accept(0), accept(1), done(1, 1), done(0, 0)}, "came behind"},
		"too late":                {[]int{0}, []told{accept(0), func(o *Oracle) { o.Called(1, 0, time.Hour, Outcome{Topic: Topic(0)}) }}, "told of after"},
		"held up": {[]int{0}, []told{accept(0), func(o *Oracle) {
			o.HeldUp(time.Hour)
			o.Called(1, 0, time.Hour, Outcome{Topic: Topic(0)})
		}}, ""},
		"held up before": {[]int{0}, []told{func(o *Oracle) { o.HeldUp(time.Hour) }, accept(0), func(o *Oracle) {
			o.Called(1, 0, time.Hour, Outcome{Topic: Topic(0)})
		}}, "told of after"},
		"flushed too early": {[]int{0}, []told{accept(0), func(o *Oracle) { o.Flushed(1, 1) }, done(0, 0)}, "Flush has returned"},
	} {
		t.Run(name, func(t *testing.T) {
			switch err := judged(t, test.stored, test.told); {
			case err == nil && test.want != "":
				t.Error("the oracle saw nothing")
			case err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)):
				t.Errorf("the oracle said: %v", err)
			}
		})
	}
}

// judged is what an oracle says after it was told something, of a log that holds some records of sender 1.
func judged(t *testing.T, stored []int, told []func(*Oracle)) error {
	t.Helper()
	s := Schedule{Settings: Settings{Idempotent: true, Acks: -1, Brokers: 1, Topics: 1, Partitions: 1, DeliveryTimeout: time.Second}}
	w := NewWorld(1, 0)
	c, err := NewCluster(s.Settings, w, w.After, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := NewOracle(s)
	for _, tell := range told {
		tell(o)
	}
	var log []record.Record
	for at, n := range stored {
		log = append(log, record.Record{Offset: int64(at), Value: AppendValue(nil, 1, n, 0)})
	}
	o.readLog(place{Topic(0), 0}, log, 0)
	return o.Judge(c)
}

// The table in the package documentation names each step and each fault.
func TestTableIsComplete(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '_' })
	for _, name := range slices.Concat(callerSteps[1:], clusterSteps, guardSteps, faultNames, slices.Sorted(maps.Keys(codeFaults))) {
		if !slices.Contains(words, name) {
			t.Errorf("it doesn't say %q", name)
		}
	}
}

// Every code and every fault is one that a schedule can have.
func TestEverythingCanGoWrong(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(20_000) {
		for _, s := range Random(seed).Steps {
			seen[s.Do] = true
			if s.Do == "fault" {
				seen[s.Fault] = true
				if codeFaults[s.Fault] != nil {
					seen[protocol.ErrorCode(s.Code).Name()] = true
				}
			}
		}
	}
	want := append(slices.Concat(callerSteps, clusterSteps, faultNames), "fail", "fail_before", "fail_after", "refuse_records")
	for _, c := range codes {
		want = append(want, c.Name())
	}
	for _, name := range want {
		if !seen[name] {
			t.Errorf("no schedule has %s", name)
		}
	}
}

// Records that were moved may stand behind others of their sender; those of a producer that has moved none may not, whatever the brokers did.
func TestOracleAsksWhetherRecordsWereMoved(t *testing.T) {
	for _, test := range []struct {
		partitioner string
		moved, sees bool
	}{{"sticky", false, true}, {"sticky", true, false}, {"keyed", true, true}} {
		o := NewOracle(Schedule{
			Settings: Settings{Idempotent: true, Acks: -1, Partitioner: test.partitioner}, Steps: []Step{{Do: "stop", Broker: 1}},
		})
		o.Moved = func() bool { return test.moved }
		o.Try(1, 1)
		o.readLog(place{Topic(0), 0}, []record.Record{{Value: AppendValue(nil, 1, 1, 0)}, {Offset: 1, Value: AppendValue(nil, 1, 0, 0)}}, 0)
		if err := o.Failed(); (err != nil) != test.sees {
			t.Errorf("%+v: the oracle said: %v", test, err)
		}
	}
}

// Garbage is no lie: no version of Produce takes it for an answer.
func TestGarbageIsNoAnswer(t *testing.T) {
	oldest, newest := protocol.ProduceKey.Versions()
	for n := range 700 {
		frame := garbage(n)(make([]byte, 50))
		for v := oldest; v <= newest; v++ {
			if _, err := protocol.DecodeResponse(frame[4:], v, new(protocol.ProduceResponse)); err == nil {
				t.Errorf("%d bytes of garbage are an answer to Produce v%d", n, v)
			}
		}
	}
}
