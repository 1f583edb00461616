package producer_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// How cost grows: each of these should be flat, in what its name says. The brokers' work is part of it, and the same.

// spread sends records over numbers of partitions and reports the cost of a batch.
func spread(b *testing.B, c *producertest.Cluster, p *producer.Producer, topics []string, partitions int32) {
	before := c.Stats().Batches
	b.ResetTimer()
	value := make([]byte, 100)
	i, part := 0, int32(0)
	for b.Loop() {
		r := producer.Record{Topic: topics[i%len(topics)], Partition: &part, Value: value}
		i++
		part = int32(i/len(topics)) % partitions
		if err := p.Send(b.Context(), r, nil); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	batches := float64(c.Stats().Batches - before)
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/batches, "ns/batch")
	b.ReportMetric(float64(b.N)/batches, "records/batch")
}

// BenchmarkPartitions sends to ten partitions of so many, the others being idle, and to so many.
func BenchmarkPartitions(b *testing.B) {
	for _, n := range []int32{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("of=%d", n), func(b *testing.B) {
			c, p := onCluster(b, producertest.Options{Topics: map[string]int32{"t": n}}, producer.Config{})
			spread(b, c, p, []string{"t"}, 10)
		})
	}
	for _, n := range []int32{1, 10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("to=%d", n), func(b *testing.B) {
			c, p := onCluster(b, producertest.Options{Topics: map[string]int32{"t": n}}, producer.Config{Linger: 5 * time.Millisecond})
			spread(b, c, p, []string{"t"}, n)
		})
	}
}

// BenchmarkTopics sends to topics in turn.
func BenchmarkTopics(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			opts, topics := producertest.Options{Topics: map[string]int32{}}, make([]string, n)
			for i := range topics {
				topics[i] = fmt.Sprint("t", i)
				opts.Topics[topics[i]] = 1
			}
			c, p := onCluster(b, opts, producer.Config{Linger: 5 * time.Millisecond})
			spread(b, c, p, topics, 1)
		})
	}
}

// BenchmarkBrokers sends to 60 partitions, which brokers share.
func BenchmarkBrokers(b *testing.B) {
	for _, n := range []int{1, 3, 30} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			opts := producertest.Options{Topics: map[string]int32{"t": 60}, Brokers: n}
			c, p := onCluster(b, opts, producer.Config{Linger: 5 * time.Millisecond})
			spread(b, c, p, []string{"t"}, 60)
		})
	}
}

// BenchmarkBlockedSenders has senders of which all but one or two wait for room.
func BenchmarkBlockedSenders(b *testing.B) {
	for _, n := range []int{1, 4, 16, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			opts := producertest.Options{Topics: map[string]int32{"t": 8}}
			_, p := onCluster(b, opts, producer.Config{Linger: 5 * time.Millisecond, BufferMemory: 128 << 10})
			r := producer.Record{Topic: "t", Value: make([]byte, 100)}
			var wg sync.WaitGroup
			b.ResetTimer()
			for i := range n {
				wg.Go(func() {
					for range (b.N + n - 1 - i) / n {
						if err := p.Send(b.Context(), r, nil); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			p.Flush(b.Context())
		})
	}
}
