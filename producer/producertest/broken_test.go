package producertest

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// exchange sends two Produce requests at once and returns the bytes that come back, until nothing comes for a minute or the
// connection ends.
func (k *testClient) exchange() ([]byte, error) {
	m := produceRequest("t", 0, spec{}.bytes(k.tb))
	k.send(lastByName, m, m)
	k.conn.SetReadDeadline(time.Now().Add(time.Minute))
	return io.ReadAll(k.r)
}

// split takes whole frames off the bytes.
func split(b []byte) (frames [][]byte, rest []byte) {
	for len(b) >= 4 {
		n := 4 + int64(binary.BigEndian.Uint32(b))
		if n > int64(len(b)) {
			break
		}
		frames, b = append(frames, b[:n]), b[n:]
	}
	return frames, b
}

// TestBrokenAnswers: what is on the wire after each fault that befalls the first of two answers, in shape.
func TestBrokenAnswers(t *testing.T) {
	const answerSize = 52 // of Produce v12 for "t" with one partition, the size field included
	correlations := func(frames [][]byte) (ids []uint32) {
		for _, f := range frames {
			ids = append(ids, binary.BigEndian.Uint32(f[correlationAt:]))
		}
		return ids
	}
	for _, test := range []struct {
		fault Fault
		sizes []int    // of whole frames
		ids   []uint32 // their correlation ids
		rest  int      // bytes behind them
		ends  bool     // the connection
	}{
		{Bytewise(), []int{answerSize, answerSize}, []uint32{1, 2}, 0, false},
		{Truncate(), nil, nil, answerSize / 2, true},
		{CutAnswer(0), nil, nil, 0, true},
		{CutAnswer(1), nil, nil, 1, true},
		{CutAnswer(1000), []int{answerSize}, []uint32{1}, 0, true},
		{Swallow(), []int{answerSize}, []uint32{2}, 0, false},
		{Late(time.Second), []int{answerSize, answerSize}, []uint32{2, 1}, 0, false},
		{Stall(), nil, nil, 0, false},
		{Corrupt(), []int{answerSize, answerSize}, []uint32{1, 2}, 0, false},
		{Shorten(), []int{bodyAt + (answerSize-bodyAt)/2, answerSize}, []uint32{1, 2}, 0, false},
		{WrongCorrelation(), []int{answerSize, answerSize}, []uint32{1 | 0x40<<24, 2}, 0, false},
		{Duplicate(), []int{answerSize, answerSize, answerSize}, []uint32{1, 1, 2}, 0, false},
		{Reorder(), []int{answerSize, answerSize}, []uint32{2, 1}, 0, false},
		{HugeLength(), nil, nil, 2 * answerSize, false},
		{Empty(), []int{15, answerSize}, []uint32{1, 2}, 0, false},
		{DropAfter(), nil, nil, 0, true},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
				c.Inject(test.fault.Once())
				got, err := k.exchange()
				frames, rest := split(got)
				var sizes []int
				for _, f := range frames {
					sizes = append(sizes, len(f))
				}
				if !slices.Equal(sizes, test.sizes) || !slices.Equal(correlations(frames), test.ids) || len(rest) != test.rest {
					t.Errorf("frames of %v bytes for %v with %d bytes behind, want %v for %v with %d",
						sizes, correlations(frames), len(rest), test.sizes, test.ids, test.rest)
				}
				if ends := err == nil; ends != test.ends {
					t.Errorf("the connection: %v, ends: want %v", err, test.ends)
				}
				if c.EndOffset("t", 0) == 0 {
					t.Error("the request did not take effect")
				}
			})
		})
	}
}

// TestReorderOnce: what was held back goes out once.
func TestReorderOnce(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(Reorder().Once())
		for range 3 {
			k.post(spec{})
		}
		for _, id := range []int32{2, 1, 3} {
			k.receive(lastByName, protocol.ProduceKey, id)
		}
		k.silent(time.Minute)
	})
}

// TestBrokenAnswersIsAll: the list has the faults of the project's design, each once.
func TestBrokenAnswersIsAll(t *testing.T) {
	want := []string{"bytewise", "drop_close", "drop_reset", "reset_before", "trunc", "swallow", "late", "stall",
		"corrupt", "shorten", "wrongcorr", "dup", "reorder", "hugelen", "empty"}
	var got []string
	for _, f := range BrokenAnswers(time.Second) {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCorruptChangesThreeBytes(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		answer := func() []byte {
			k.post(spec{id: 7})
			frame, err := k.frame()
			if err != nil {
				t.Fatal(err)
			}
			return frame[4:] // behind the correlation id
		}
		answer() // of a batch that is appended, the others of one that comes again
		right := answer()
		c.Inject(Corrupt())
		for range 100 {
			changed := 0
			for i, b := range answer() {
				if b != right[i] {
					changed++
				}
			}
			if changed != 3 {
				t.Fatalf("%d bytes changed, want 3", changed)
			}
		}
	})
}

// TestBrokenTwice: an answer of which one fault has left nothing, or an answer of SASL without a header, can meet any other.
func TestBrokenTwice(t *testing.T) {
	for left := range 9 {
		for _, f := range BrokenAnswers(time.Second) {
			p := plan{c: &Cluster{random: rand.New(rand.NewPCG(1, 1))}, cut: -1}
			f.plan(&p, &f)
			for _, edit := range p.frames {
				frame := edit(make([]byte, left)[:left:left])
				if len(frame) != left && f.String() != "dup" {
					t.Errorf("%v makes %d bytes of %d", f, len(frame), left)
				}
			}
		}
	}
}

func TestEdits(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(EditAnswer(func(m protocol.Response) {
			m.(*protocol.ProduceResponse).Responses[0].PartitionResponses[0].BaseOffset = 77
		}).Once())
		wantOffset(t, k.produce("t", 0, spec{}), 77)
		c.Inject(EditFrame(func(frame []byte) []byte { return append(frame, "more"...) }).Once())
		k.produce("t", 0, spec{})
		if more, err := io.ReadAll(io.LimitReader(k.r, 4)); string(more) != "more" || err != nil {
			t.Errorf("read %q, %v behind the frame", more, err)
		}
		wantOffset(t, k.produce("t", 0, spec{}), 2)
	})
}

// writes counts the writes to a connection.
type writes struct {
	net.Conn
	sizes []int
}

func (w *writes) Write(b []byte) (int, error) {
	w.sizes = append(w.sizes, len(b))
	return len(b), nil
}

func TestBytewiseIsBytewise(t *testing.T) {
	for _, test := range []struct {
		plan plan
		want []int
	}{
		{plan{cut: -1}, []int{3}},
		{plan{cut: -1, bytewise: true}, []int{1, 1, 1}},
		{plan{cut: 2, bytewise: true}, []int{1, 1}},
	} {
		w := &writes{}
		newConn(&Cluster{}, nil, w, 1).write([]byte("abc"), &test.plan)
		if !slices.Equal(w.sizes, test.want) {
			t.Errorf("%+v: writes of %v bytes, want %v", test.plan, w.sizes, test.want)
		}
	}
}
