package delivery

import (
	"fmt"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// bench is a core whose requests are answered at once, with a journal or without.
type bench struct {
	harness
	parts   []*Partition
	results []Result
	spare   []*Batch
}

func newBench(recording bool, partitions int) *bench {
	h := &bench{results: []Result{{BaseOffset: 123456, LogAppendTime: -1, LogStartOffset: -1}}}
	h.core = New(defaults(), h)
	if recording {
		h.core.Record(nil)
	}
	h.core.NodeUp(0, 1, true)
	h.core.ProducerID(0, 7, 0)
	for i := range partitions {
		p := NewPartition("t", int32(i))
		h.core.SetLeader(0, &p, 1, 0, protocol.UUID{})
		h.parts = append(h.parts, &p)
	}
	return h
}

// cycle has a batch opened, sent and answered: two inputs and two Takes.
func (h *bench) cycle(i int) {
	last := len(h.spare) - 1
	if last < 0 {
		h.spare, last = append(h.spare, &Batch{}), 0
	}
	b := h.spare[last]
	h.spare = h.spare[:last]
	b.Reset()
	b.Partition, b.Count = h.parts[i%len(h.parts)], 150
	h.now += Time(10 * time.Microsecond)
	h.core.Opened(h.now, b)
	h.core.Take(&h.acts)
	for _, r := range h.acts.Send {
		h.now += Time(100 * time.Microsecond)
		h.core.Answered(h.now, r, h.results, 0)
	}
	h.core.Take(&h.acts)
	h.spare = append(h.spare, h.acts.Freed...)
}

// BenchmarkBatch is what a batch costs in the core, from Opened to its outcome, in requests of its own: the most entries a batch
// can have. The difference is the flight recorder's.
func BenchmarkBatch(b *testing.B) {
	for _, recording := range []bool{false, true} {
		b.Run(fmt.Sprintf("recording=%v", recording), func(b *testing.B) {
			h := newBench(recording, 8)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				h.cycle(i)
				i++
			}
		})
	}
}

// BenchmarkBegin is what it costs that a journal begins again while 2,000 batches have no outcome. It does that at most once in
// journalSize bytes of inputs.
func BenchmarkBegin(b *testing.B) {
	h := newBench(true, 8)
	for i := range 2000 {
		h.core.Opened(h.now, &Batch{Partition: h.parts[i%len(h.parts)], Count: 150})
		h.core.Take(&h.acts)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.core.journal.begin(h.core)
	}
}

// In steady state the recorder allocates nothing.
func TestRecordingDoesNotAllocate(t *testing.T) {
	h := newBench(true, 8)
	i := 0
	run := func() {
		h.cycle(i)
		i++
	}
	for range 20_000 {
		run()
	}
	if n := testing.AllocsPerRun(20_000, run); n > 0 {
		t.Errorf("%v allocations a batch", n)
	}
}
