package producer

import (
	"context"
	"errors"
	"testing"
	"time"

	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// know has a producer send to topics for the first time.
func know(t *testing.T, p *Producer, topics ...string) {
	t.Helper()
	for _, name := range topics {
		if _, err := p.SendSync(context.Background(), Record{Topic: name}); err != nil {
			t.Fatal(err)
		}
	}
}

// flushed waits for all that was sent, by callbacks of what was flushed, too.
func flushed(t *testing.T, p *Producer) {
	t.Helper()
	for range 2 {
		if err := p.Flush(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// When what the callback of a failed record sends fails before that callback returns, there is another gap, which its return doesn't end:
// that is for the callback of the second failure.
func TestGapBehindAGap(t *testing.T) {
	cfg := Config{Gapless: On}
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1, "other": 1}}, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		know(t, p, "t", "other")
		c.Inject(producertest.Fail(protocol.InvalidRecord).OnTopic("t").Times(2))
		var again, between error
		send := func(topic string, done Callback) {
			if err := p.Send(context.Background(), Record{Topic: topic}, done); err != nil {
				t.Error(err)
			}
		}
		send("t", func(RecordMetadata, error) {
			send("other", func(RecordMetadata, error) { // is called between the callbacks of the two failures
				if again != nil {
					t.Error("the second failure was told of already")
				}
				send("t", func(_ RecordMetadata, err error) { between = err })
			})
			time.Sleep(time.Second)
			send("t", func(_ RecordMetadata, err error) { again = err })
			time.Sleep(time.Second)
		})
		flushed(t, p)
		if !errors.Is(again, protocol.InvalidRecord) || errors.Is(again, ErrBehindFailed) {
			t.Errorf("the second failure is %v", again)
		}
		if !errors.Is(between, ErrBehindFailed) {
			t.Errorf("what was sent before that was told of got %v", between)
		}
	})
}

// A gap ends where the callback of the first failure sends to the partition, also if the record has to wait for room, which another
// goroutine gives it then.
func TestGapEndsWhereASendWaits(t *testing.T) {
	cfg := Config{Gapless: On, BatchSize: 1000, BufferMemory: 20_000, MaxRequestSize: 4000}
	opts := producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 1, "other": 1}}
	inBubble(t, opts, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		leader, part := c.Leader("t", 0), int32(0)
		c.MoveLeader("other", 0, leader)
		know(t, p, "t", "other")
		c.Inject(producertest.Fail(protocol.InvalidRecord).OnTopic("t").Once())
		r := Record{Topic: "t", Partition: &part, Value: make([]byte, 900)}
		again := errors.New("no outcome")
		err := p.Send(t.Context(), r, func(_ RecordMetadata, err error) {
			if !errors.Is(err, protocol.InvalidRecord) {
				t.Error(err)
			}
			c.PauseBroker(leader)
			fill(t, p, Record{Topic: "other", Partition: &part, Value: make([]byte, 900), Overflow: OverflowFail}) // the broker's share
			start := time.Now()
			time.AfterFunc(time.Second, func() { c.ResumeBroker(leader) })
			if err := p.Send(context.Background(), r, func(_ RecordMetadata, err error) { again = err }); err != nil || time.Since(start) < time.Second {
				t.Errorf("Send waited for %v: %v", time.Since(start), err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		flushed(t, p)
		if again != nil {
			t.Error(again)
		}
	})
}
