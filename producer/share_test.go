package producer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// A broker that takes nothing gets no more than its share of the buffer: who sends to the others goes on as if it weren't there.
func TestStalledBrokerGetsItsShare(t *testing.T) {
	for name, stall := range map[string]func(*producertest.Cluster){
		"paused":  func(c *producertest.Cluster) { c.PauseBroker(2) },
		"stopped": func(c *producertest.Cluster) { c.StopBroker(2) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.BatchSize, cfg.BufferMemory, cfg.MaxBlock = 1000, 300_000, 20*time.Second
				cfg.RequestTimeout = time.Minute
				p := open(t, cfg)
				var warm outcomes
				send(t, p, "t", 0, 30, &warm)
				flush(t, p)
				stall(c)

				// Partition 1 is on broker 2. Two senders fill what they can.
				const n = 2000
				var all [3]outcomes
				var wg sync.WaitGroup
				var full error
				for part := range int32(3) {
					wg.Go(func() {
						for i := range n {
							v := fmt.Sprintf("%d.%0200d", part, i)
							err := p.Send(t.Context(), producer.Record{Topic: "t", Partition: &part, Value: []byte(v)}, all[part].callback(v))
							if err != nil && part == 1 {
								full = err
								return
							}
							if err != nil {
								t.Errorf("Send to partition %d: %v", part, err)
								return
							}
							time.Sleep(time.Millisecond)
						}
					})
				}
				time.Sleep(10 * time.Second)
				if a, b := all[0].len(), all[2].len(); a != n || b != n {
					t.Errorf("%d and %d records for healthy brokers are done", a, b)
				}
				wg.Wait()
				if !errors.Is(full, producer.ErrBufferFull) || !strings.Contains(full.Error(), "wait for ") {
					t.Errorf("a Send for the broker that takes nothing ended with %v", full)
				}
				c.ResumeBroker(2)
				c.StartBroker(2)
				flush(t, p)
				for i := range all {
					noErrors(t, &all[i])
				}
			})
		})
	}
}

// The only broker gets all of the buffer, also once a partition was without leader for a while.
func TestOnlyBrokerGetsAllOfTheBuffer(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 1, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory, cfg.MaxBlock, cfg.RequestTimeout = 1000, 100_000, time.Second, time.Minute
		p := open(t, cfg)
		fill := func() (n int) {
			t.Helper()
			c.PauseBroker(1)
			var o outcomes
			for err := error(nil); err == nil; n++ {
				v := fmt.Sprintf("%0500d", n)
				err = p.Send(t.Context(), producer.Record{Topic: "t", Partition: new(int32), Value: []byte(v)}, o.callback(v))
			}
			c.ResumeBroker(1)
			flush(t, p)
			return n
		}
		var o outcomes
		send(t, p, "t", 0, 10, &o)
		flush(t, p)
		all := fill()
		c.MoveLeader("t", 1, -1)
		one := int32(1)
		if err := p.Send(t.Context(), producer.Record{Topic: "t", Partition: &one}, o.callback("")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		c.MoveLeader("t", 1, 1)
		flush(t, p)
		if again := fill(); again != all {
			t.Errorf("%d records found room, %d before a partition was without leader", again, all)
		}
	})
}

// Records without a key go to the brokers that take them, whatever the partitioner's settings.
func TestRecordsWithoutKeyAvoidAStalledBroker(t *testing.T) {
	for _, adaptive := range []producer.Toggle{producer.On, producer.Off} {
		t.Run(adaptive.String(), func(t *testing.T) {
			inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.BatchSize, cfg.BufferMemory, cfg.PartitionerAdaptivePartitioning = 1000, 300_000, adaptive
				cfg.RequestTimeout = time.Minute
				p := open(t, cfg)
				var o outcomes
				send(t, p, "t", 0, 30, &o)
				flush(t, p)
				c.PauseBroker(2)
				ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
				defer cancel()
				for i := range 10_000 {
					v := fmt.Sprintf("%0200d", 30+i)
					if err := p.Send(ctx, producer.Record{Topic: "t", Value: []byte(v)}, o.callback(v)); err != nil {
						t.Fatalf("Send of %d: %v", i, err)
					}
					time.Sleep(time.Millisecond)
				}
				c.ResumeBroker(2)
				flush(t, p)
				noErrors(t, &o)
			})
		})
	}
}

// Who sends records without a key to a topic that is all on brokers that take nothing is passed over as well: the partitioner has nothing to choose.
func TestStalledTopicHoldsUpNoOther(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"stalled": 2, "t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		for part := range int32(2) {
			c.MoveLeader("stalled", part, 2)
			c.MoveLeader("t", part, 1)
		}
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory, cfg.MaxBlock, cfg.RequestTimeout = 1000, 300_000, 20*time.Second, time.Minute
		p := open(t, cfg)
		var warm, stalled, o outcomes
		send(t, p, "stalled", 0, 30, &warm)
		send(t, p, "t", 0, 30, &warm)
		flush(t, p)
		c.PauseBroker(2)
		full := make(chan error, 1)
		go func() {
			for i := 0; ; i++ {
				v := fmt.Sprintf("%0200d", i)
				if err := p.Send(t.Context(), producer.Record{Topic: "stalled", Value: []byte(v)}, stalled.callback(v)); err != nil {
					full <- err
					return
				}
			}
		}()
		time.Sleep(time.Second) // it waits
		const n = 5000
		start := time.Now()
		send(t, p, "t", 30, n, &o)
		if took := time.Since(start); took > time.Second {
			t.Errorf("records for a healthy broker waited, for %v in all", took)
		}
		if err := <-full; !errors.Is(err, producer.ErrBufferFull) || !strings.Contains(err.Error(), "wait for broker 2") {
			t.Errorf("a Send for the broker that takes nothing ended with %v", err)
		}
		c.ResumeBroker(2)
		flush(t, p)
		noErrors(t, &stalled)
		noErrors(t, &o)
		check(t, c, "t", 2, &o)
	})
}
