package producer_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// A callback that blocks holds up the callbacks behind it and nothing else: answers are read, retried and sent, memory is
// freed, on its own connection as on others.
func TestBlockedCallbackHoldsUpNothing(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BufferMemory, cfg.BatchSize = 128<<10, 16<<10
		cfg.Linger = 10 * time.Millisecond // else a busy machine makes hundreds of batches, whose outcomes take room until they are told
		p := open(t, cfg)
		release := make(chan struct{})
		if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte("first")}, func(producer.RecordMetadata, error) { <-release }); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		var ran atomic.Int32
		done := func(_ producer.RecordMetadata, err error) {
			if err != nil {
				t.Error(err)
			}
			ran.Add(1)
		}
		value := make([]byte, 1000)
		for range 500 { // 500 KB through a buffer of 128
			if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: value}, done); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		if n := c.Count("t"); n != 501 {
			t.Errorf("%d records are in the log while a callback blocks", n)
		}
		if ran.Load() != 0 {
			t.Error("callbacks ran beside each other")
		}
		close(release)
		flush(t, p)
		if ran.Load() != 500 {
			t.Errorf("%d callbacks ran", ran.Load())
		}
	})
}

// Close ends a second after its context, whatever callbacks do.
func TestCloseLeavesABlockedCallback(t *testing.T) {
	for _, undelivered := range []bool{false, true} {
		inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
			p := open(t, config(t, c))
			release := make(chan struct{})
			if err := p.Send(t.Context(), producer.Record{Topic: "t"}, func(producer.RecordMetadata, error) { <-release }); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if undelivered {
				c.PauseBroker(1)
			}
			if err := p.Send(t.Context(), producer.Record{Topic: "t"}, nil); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			start := time.Now()
			err := p.Close(ctx)
			if d := time.Since(start); d != 6*time.Second || !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, producer.ErrNotDelivered) != undelivered {
				t.Errorf("undelivered %v: after %v: %v", undelivered, d, err)
			}
			close(release)
			c.ResumeBroker(1)
		})
	}
}

func TestCallsInsideACallback(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		inner := make(chan error, 1)
		done := make(chan struct{})
		err := p.Send(t.Context(), producer.Record{Topic: "t"}, func(producer.RecordMetadata, error) {
			defer close(done)
			if err := p.Flush(t.Context()); !errors.Is(err, producer.ErrInCallback) {
				t.Errorf("Flush: %v", err)
			}
			if err := p.Close(t.Context()); !errors.Is(err, producer.ErrInCallback) {
				t.Errorf("Close: %v", err)
			}
			if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); !errors.Is(err, producer.ErrInCallback) {
				t.Errorf("SendSync: %v", err)
			}
			if err := p.Send(t.Context(), producer.Record{Topic: "t"}, func(_ producer.RecordMetadata, err error) { inner <- err }); err != nil {
				t.Errorf("Send: %v", err)
			}
			if _, err := p.PartitionsFor(t.Context(), "t"); err != nil {
				t.Errorf("PartitionsFor: %v", err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		<-done
		if err := <-inner; err != nil {
			t.Error(err)
		}
	})
}

// A Send inside a callback that finds the buffer full waits for room that others free, and is let through where nothing but
// callbacks, which wait for it, hold the buffer.
func TestSendInsideACallbackNeverDeadlocks(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 4}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BufferMemory, cfg.BatchSize, cfg.MaxBlock = 16<<10, 1<<10, time.Hour
		p := open(t, cfg)
		start := time.Now()
		var left atomic.Int32
		left.Store(400)
		var again func(producer.RecordMetadata, error)
		again = func(_ producer.RecordMetadata, err error) {
			if err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Millisecond) // slow enough to lag behind
			if left.Add(-1) < 0 {
				return
			}
			for range 2 { // each callback sends two more, so that the buffer fills for sure
				if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, 500)}, func(m producer.RecordMetadata, err error) { again(m, err) }); err != nil {
					t.Errorf("Send: %v", err)
				}
			}
		}
		var senders sync.WaitGroup
		for range 4 {
			senders.Go(func() {
				for range 50 {
					if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, 500)}, func(m producer.RecordMetadata, err error) { again(m, err) }); err != nil {
						t.Errorf("Send: %v", err)
					}
				}
			})
		}
		senders.Wait()
		flush(t, p)
		if d := time.Since(start); left.Load() > 0 || d > 10*time.Minute {
			t.Errorf("%d to go after %v", left.Load(), d)
		}
	})
}

func TestCallbacksOfAPartitionRunInOffsetOrder(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		last := map[int32]int64{0: -1, 1: -1, 2: -1}
		n := 0
		for i := range 3000 {
			err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte("x")}, func(m producer.RecordMetadata, err error) {
				if err != nil || m.Offset <= last[m.Partition] {
					t.Errorf("offset %d of %d behind %d: %v", m.Offset, m.Partition, last[m.Partition], err)
				}
				last[m.Partition] = m.Offset
				n++ // callbacks run one at a time
			})
			if err != nil {
				t.Fatal(err)
			}
			if i%300 == 0 {
				moveLeader(t, c, "t", int32(i/300%3))
				synctest.Wait()
			}
		}
		flush(t, p)
		if c.Stats().Refused[protocol.NotLeaderOrFollower] == 0 {
			t.Error("no batch came to a broker that was no longer the leader")
		}
		if n != 3000 {
			t.Errorf("%d callbacks", n)
		}
	})
}

// A record keeps its own time when its batch was sent twice: the broker says of one that it has already when the latest record was.
func TestTimestampsOfARepeatedBatch(t *testing.T) {
	for name, brokers := range map[string]bool{"CreateTime": false, "LogAppendTime": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
				c.CreateTopic("t", producertest.TopicConfig{LogAppendTime: brokers})
				c.Inject(producertest.DropAfter().Once())
				cfg := config(t, c)
				cfg.Linger = time.Second
				p := open(t, cfg)
				var appended time.Time
				times := []time.Time{time.UnixMilli(1000), time.UnixMilli(2000), time.UnixMilli(1500)}
				for _, at := range times {
					err := p.Send(t.Context(), producer.Record{Topic: "t", Timestamp: at}, func(m producer.RecordMetadata, err error) {
						want := at
						if brokers {
							want = c.Batches("t", 0)[0].AppendTime
							appended = want
						}
						if err != nil || !m.Timestamp.Equal(want) {
							t.Errorf("the record of %v is said to be of %v, want %v, error %v", at, m.Timestamp, want, err)
						}
					})
					if err != nil {
						t.Fatal(err)
					}
				}
				flush(t, p)
				if s := c.Stats(); s.Duplicates != 1 || s.Batches != 1 || brokers == appended.IsZero() {
					t.Errorf("%d batches, %d of them came again, append time %v", s.Batches, s.Duplicates, appended)
				}
			})
		})
	}
}
