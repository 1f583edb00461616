package producer

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/producer/producertest"
)

// fill sends records, each with a callback of its own, until there is no room, and returns how many.
func fill(t *testing.T, p *Producer, r Record) (n int) {
	t.Helper()
	for {
		x := new(int)
		err := p.Send(t.Context(), r, func(RecordMetadata, error) { *x++ })
		if errors.Is(err, ErrBufferFull) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
}

// Batches and buffers that are kept for their next use count within buffer.memory, and what they have kept counts when they are used again.
func TestKeptMemoryCounts(t *testing.T) {
	cfg := Config{BatchSize: 1024, BufferMemory: 1 << 20, Overflow: OverflowFail, FlightRecorder: Off}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		for round := range 6 {
			c.PauseBroker(1)
			fill(t, p, Record{Topic: "t", Value: make([]byte, 20)})
			c.ResumeBroker(1)
			if err := p.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			synctest.Wait() // what was told is counted a moment later
			p.mu.Lock()
			m := &p.memory
			held := int64(0) // all that there was when the buffer was full, and is kept
			for _, b := range m.spare {
				held += b.cost()
			}
			for class, free := range m.free {
				held += int64(len(free) * m.sizes[class])
			}
			if m.used != 0 || held != m.kept || held > m.limit {
				t.Errorf("round %d: %d bytes are used, %d held, %d of them counted, of %d", round, m.used, held, m.kept, m.limit)
			}
			p.mu.Unlock()
		}
	})
}

// What a record's context takes counts as well.
func TestContextsCount(t *testing.T) {
	cfg := Config{BufferMemory: 4 << 20, Overflow: OverflowFail}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := fill(t, p, Record{Topic: "t", Value: make([]byte, 100), Context: ctx})
		if took := int64(n) * (100 + withdrawalCost); took > p.memory.limit || took < p.memory.limit/2 {
			t.Errorf("%d records take some %d bytes of %d", n, took, p.memory.limit)
		}
		c.ResumeBroker(1)
	})
}

// A list of callbacks that a batch has kept doesn't stand in the way of a record that has room without it.
func TestKeptListsGiveWay(t *testing.T) {
	cfg := Config{BatchSize: 1024, Linger: time.Second, BufferMemory: 3000, Overflow: OverflowFail, FlightRecorder: Off}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		fill(t, p, Record{Topic: "t"})
		c.ResumeBroker(1)
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if len(p.memory.spare) == 0 || p.memory.spare[len(p.memory.spare)-1].cost() == batchCost {
			t.Fatal("no list is kept")
		}
		if _, err := p.SendSync(context.Background(), Record{Topic: "t", Value: make([]byte, 2300)}); err != nil {
			t.Error(err)
		}
	})
}

// Nor does it where there is room for a batch but not for the list.
func TestBatchWithoutItsKeptList(t *testing.T) {
	m := newMemory(10_000, 1024)
	b := m.batch(0)
	b.receipts = make([]receipt, 0, keptReceipts)
	m.refund(b.charged)
	b.charged = 0
	m.keep(b)
	m.used = m.limit - batchCost
	if got := m.batch(0); got == nil {
		t.Error("there is room for a batch, and none is lent")
	} else if m.used != m.limit || m.kept != 0 || got.charged != batchCost || got.cost() != batchCost {
		t.Errorf("%d bytes are used, %d kept, the batch has %d", m.used, m.kept, got.charged)
	}
}

// A partition whose batches were large of late gets a small buffer where there is no room for a large one.
func TestSmallBufferWhereLargeHaveNoRoom(t *testing.T) {
	cfg := Config{BufferMemory: 64 << 10, Overflow: OverflowFail, FlightRecorder: Off}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t", Value: make([]byte, 10_000)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		p.mu.Lock()
		taken := p.memory.limit - 4000
		p.memory.used += taken
		p.mu.Unlock()
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Error(err)
		}
		p.mu.Lock()
		p.memory.used -= taken
		p.mu.Unlock()
	})
}

// Who finds no room allocates nothing.
func TestNoRoomCostsNoMemory(t *testing.T) {
	cfg := Config{BufferMemory: 1 << 20, Overflow: OverflowFail, FlightRecorder: Off}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		r := Record{Topic: "t", Value: make([]byte, 100)}
		fill(t, p, r)
		done := func(RecordMetadata, error) {}
		if n := testing.AllocsPerRun(100, func() { p.Send(t.Context(), r, done) }); n > 0 {
			t.Errorf("%v allocations", n)
		}
		c.ResumeBroker(1)
	})
}

// A record that Send doesn't refuse as too large finds room when nothing else is buffered, however little buffer.memory is.
func TestSmallBufferTakesWhatFits(t *testing.T) {
	for _, buffer := range []int64{2000, 6000, 8192, 16384, 17000} {
		for _, watched := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d bytes, contexts: %t", buffer, watched), func(t *testing.T) {
				cfg := Config{BufferMemory: buffer, Overflow: OverflowFail, FlightRecorder: Off}
				inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
					r := Record{Topic: "t"}
					if watched {
						r.Context = t.Context()
					}
					for size := 0; size < int(buffer); size += 29 {
						r.Value = make([]byte, size)
						_, err := p.SendSync(context.Background(), r)
						if _, ok := errors.AsType[*RecordTooLargeError](err); ok && size > int(buffer)/3 {
							break
						}
						if err != nil {
							t.Fatalf("a value of %d bytes: %v", size, err)
						}
						synctest.Wait() // what was told is counted a moment later
					}
				})
			})
		}
	}
}

// What contexts take counts also where the list of callbacks has room already: in batches of a record, and in those that are used again.
func TestContextsAlwaysCount(t *testing.T) {
	for name, size := range map[string]int{"batches of many": 16384, "batches of one": -1, "batches of two": 400} {
		t.Run(name, func(t *testing.T) {
			cfg := Config{BufferMemory: 2 << 20, BatchSize: size, Overflow: OverflowFail, FlightRecorder: Off}
			inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
				if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
					t.Fatal(err)
				}
				plain := Record{Topic: "t", Value: make([]byte, 100)}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				watched := plain
				watched.Context = ctx
				for round := range 3 {
					for _, r := range []Record{watched, plain} {
						c.PauseBroker(1)
						n := fill(t, p, r)
						each := int64(100)
						if r.Context != nil {
							each += withdrawalCost
						}
						if took := int64(n) * each; took > p.memory.limit {
							t.Errorf("round %d: %d records take %d bytes of %d", round, n, took, p.memory.limit)
						}
						c.ResumeBroker(1)
						if err := p.Flush(t.Context()); err != nil {
							t.Fatal(err)
						}
						synctest.Wait()
						if p.memory.used != 0 || p.holdings[1].used != 0 {
							t.Errorf("%d bytes are used, %d of broker 1", p.memory.used, p.holdings[1].used)
						}
					}
				}
			})
		})
	}
}

// A list of callbacks that is kept for the next batch keeps no callbacks, nor what they refer to.
func TestKeptListsAreEmpty(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, Config{Linger: time.Second}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(context.Background(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		for i := range 40 {
			r, told := Record{Topic: "t"}, false
			if i > 10 {
				r.Context = ctx
			}
			if err := p.Send(t.Context(), r, func(RecordMetadata, error) { told = true; _ = told }); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		synctest.Wait() // they are withdrawn, and taken out before the others are sent
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		lists := 0
		for _, b := range p.memory.spare {
			for i, r := range b.receipts[:cap(b.receipts)] {
				if r.done != nil {
					t.Fatalf("a callback is kept at place %d of a list of %d", i, cap(b.receipts))
				}
			}
			if b.cost() > batchCost {
				lists++
			}
		}
		if lists == 0 {
			t.Error("no list is kept")
		}
	})
}

// The largest sizes there are do not overflow where an int has 32 bits: buffers have an end of classes, records stay in their partition, and
// a batch that is compressed can be split.
func TestLargestSizes(t *testing.T) {
	cfg := Config{BatchSize: math.MaxInt32, MaxRequestSize: math.MaxInt32, BufferMemory: math.MaxInt64 / 2, Linger: time.Second,
		CompressionType: compress.Gzip}
	inBubble(t, producertest.Options{}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		c.CreateTopic("t", producertest.TopicConfig{MaxMessageBytes: 300})
		refused := 0
		for i := range 200 {
			if err := p.Send(t.Context(), Record{Topic: "t", Value: fmt.Append(nil, i)}, func(_ RecordMetadata, err error) {
				if err != nil {
					refused++
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := len(c.Batches("t", 0)); refused > 0 || n < 2 {
			t.Errorf("%d records were refused, %d batches were taken", refused, n)
		}
	})
	s := newSticky(math.MaxInt32, "", TopicInfo{Partitions: 2}, nil, func(n uint64) uint64 { return 0 })
	s.random = func(n uint64) uint64 { return 1 }
	s.appended(0, math.MaxInt32-1, true)
	s.appended(0, 1, true)
	if s.moved(0, 100, false) {
		t.Error("the partition was left with a batch that is filling")
	}
	if !s.moved(0, 100, true) {
		t.Error("a new batch begins in the partition after its turn")
	}
}
