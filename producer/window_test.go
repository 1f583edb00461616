package producer_test

import (
	"fmt"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// A long way from the broker nothing but the window limits throughput: each request carries as many full batches as it may, also
// when buffer.memory holds hardly more than is on the way. In virtual time all else takes none.
func TestWindowAloneLimitsThroughput(t *testing.T) {
	const (
		partitions = 8
		delay      = 20 * time.Millisecond
		maxRequest = 1 << 20
		trips      = 25
	)
	for _, batchSize := range []int{16 << 10, 64 << 10, 256 << 10} {
		for _, keyed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d KiB, keyed=%v", batchSize>>10, keyed), func(t *testing.T) {
				opts := producertest.Options{Topics: map[string]int32{"t": partitions}, Discard: true}
				inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
					window := min(partitions*batchSize, maxRequest)
					cfg := config(t, c)
					cfg.BatchSize, cfg.MaxRequestSize, cfg.MaxInFlightRequestsPerConnection = batchSize, maxRequest, 1
					cfg.BufferMemory = max(4<<20, int64(3*partitions*batchSize))
					cfg.Linger = 5 * time.Millisecond
					p := open(t, cfg)
					r := producer.Record{Topic: "t", Value: make([]byte, 1000)}
					if _, err := p.SendSync(t.Context(), r); err != nil {
						t.Fatal(err)
					}
					c.Inject(producertest.DelayAnswer(delay))
					begin, sent := time.Now(), c.Stats().Bytes
					for i := 0; time.Since(begin) < trips*delay; i++ {
						if keyed {
							r.Key = fmt.Append(nil, i)
						}
						if err := p.Send(t.Context(), r, nil); err != nil {
							t.Fatal(err)
						}
					}
					sent = c.Stats().Bytes - sent
					if part := float64(sent) / float64(trips*window); part < 0.92 { // a trip is missing at the end or the start
						t.Errorf("%.2f of what the window allows", part)
					}
				})
			})
		}
	}
}
