package producer

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// max.block.ms is for the wait for metadata and the one for room together.
func TestMaxBlockIsForBothWaits(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}}
	inBubble(t, opts, Config{MaxBlock: time.Minute}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		fill := func(n int64) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.memory.used += n
		}
		fill(p.memory.limit)
		defer fill(-p.memory.limit)
		c.Inject(producertest.DelayAnswer(20 * time.Second).OnRequests(protocol.MetadataKey).Times(2))
		begin := time.Now()
		err := p.Send(t.Context(), Record{Topic: "t"}, nil)
		if took := time.Since(begin); took != time.Minute || !errors.Is(err, ErrBufferFull) {
			t.Errorf("after %v: %v", took, err)
		}
		if p.topic("t") == nil {
			t.Error("there were no metadata")
		}
	})
}

// Room that comes back wakes one of those who wait for it, and all for which it is enough a millisecond later, if nobody has had to wait
// since; until then those who were woken may have used it.
func TestRoomWakesOne(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}}
	inBubble(t, opts, Config{Linger: time.Second}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		take := func(n int64) {
			p.mu.Lock()
			p.memory.used += n
			p.release(nil, aCall)
			synctest.Wait()
		}
		c.PauseBroker(1) // no answer has further ones woken
		p.mu.Lock()
		full := p.memory.limit - p.memory.used
		p.mu.Unlock()
		take(full)
		var returned atomic.Int32
		var sends sync.WaitGroup
		wait := func(n int) {
			for range n {
				sends.Go(func() {
					if err := p.Send(t.Context(), Record{Topic: "t", Value: make([]byte, 100)}, nil); err != nil {
						t.Error(err)
					}
					returned.Add(1)
				})
			}
			synctest.Wait()
		}
		wait(20)
		time.Sleep(time.Second)
		wait(1)
		check := func(when string, want int32) {
			t.Helper()
			if got := returned.Load(); got != want {
				t.Errorf("%s %d have returned, want %d", when, got, want)
			}
		}
		check("before there is room", 0)
		take(-full)
		check("at once", 1)
		time.Sleep(time.Millisecond / 2)
		check("half a millisecond later", 1)
		time.Sleep(time.Millisecond / 2)
		synctest.Wait()
		check("a millisecond later", 21)
		sends.Wait()
		c.ResumeBroker(1)
	})
}

// First come, first served: a large record that waits for room is not overtaken by small ones that would find some.
func TestLargeRecordIsNotOvertaken(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 2}}
	inBubble(t, opts, Config{BufferMemory: 64 << 10}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		var returned atomic.Int32
		var sends sync.WaitGroup
		send := func(partition int32, size int) {
			sends.Go(func() {
				if err := p.Send(t.Context(), Record{Topic: "t", Partition: &partition, Value: make([]byte, size)}, nil); err != nil {
					t.Error(err)
				}
				returned.Add(1)
			})
			synctest.Wait()
		}
		send(0, 40_000)
		if returned.Load() != 1 {
			t.Fatal("there is no room for the first record")
		}
		send(0, 40_000)
		for range 3 {
			send(1, 10)
		}
		if n := returned.Load(); n != 1 {
			t.Errorf("%d Sends have returned that came after one which waits", n-1)
		}
		c.ResumeBroker(1)
		sends.Wait()
	})
}

// Who gives up waiting lets those behind it go on at once, if there is room for their records.
func TestWhoGivesUpLetsOthersPass(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 2}}
	inBubble(t, opts, Config{BufferMemory: 64 << 10}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		begin := time.Now()
		send := func(ctx context.Context, partition int32, size int) error {
			return p.Send(ctx, Record{Topic: "t", Partition: &partition, Value: make([]byte, size)}, nil)
		}
		if err := send(t.Context(), 0, 40_000); err != nil {
			t.Fatal(err)
		}
		ctx, giveUp := context.WithCancel(t.Context())
		var sends sync.WaitGroup
		sends.Go(func() {
			if err := send(ctx, 0, 40_000); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		sends.Go(func() {
			if err := send(t.Context(), 1, 10); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		time.Sleep(time.Second)
		giveUp()
		sends.Wait()
		if took := time.Since(begin); took != time.Second {
			t.Errorf("it waited %v longer", took-time.Second)
		}
		c.ResumeBroker(1)
	})
}

// A Send whose wait ends in the moment in which its record gets room has sent it: the callback is to come, so that it is no error.
func TestServedWhereTheWaitEnds(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		told := 0
		p.mu.Lock()
		full := p.memory.limit - p.memory.used
		p.memory.used += full
		w := p.beginWait(p.topic("t"), nil, Record{Topic: "t"}, func(RecordMetadata, error) { told++ })
		p.mu.Lock()
		p.memory.used -= full
		p.release(nil, aCall)
		if err := p.endWait(w, context.Canceled); err != nil {
			t.Errorf("a record that has room: %v", err)
		}
		if err := p.Flush(t.Context()); err != nil || told != 1 {
			t.Errorf("%v, and %d callbacks", err, told)
		}
	})
}

// A topic that isn't known within max.block.ms is no end of the caller's context.
func TestNoMetadataIsItsOwnError(t *testing.T) {
	inBubble(t, producertest.Options{AutoCreate: -1}, Config{MaxBlock: time.Second}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		err := p.Send(t.Context(), Record{Topic: "t"}, nil)
		if !errors.Is(err, ErrNoMetadata) || !errors.Is(err, protocol.UnknownTopicOrPartition) || errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := p.Send(ctx, Record{Topic: "t"}, nil); errors.Is(err, ErrNoMetadata) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		given := errors.New("given up")
		caused, giveUp := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Millisecond, func() { giveUp(given) })
		err = p.Send(caused, Record{Topic: "t"}, nil)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, given) || !errors.Is(err, protocol.UnknownTopicOrPartition) {
			t.Error(err)
		}
	})
}
