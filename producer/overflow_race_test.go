package producer_test

import (
	"sync"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// Records that may not be dropped are not, although they share batches and their sender's moment with such that may.
func TestOverflowDropsOnlyWhatItMay(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory = 1000, 20_000
		p := open(t, cfg)
		var wg sync.WaitGroup
		var dropped, kept outcomes
		for range 2 {
			wg.Go(func() {
				for range 3000 {
					r := producer.Record{Topic: "t", Value: []byte("x"), Overflow: producer.OverflowDropOldest}
					_ = p.Send(t.Context(), r, dropped.callback("x")) // ErrBufferFull where callbacks don't come to run
				}
			})
		}
		wg.Go(func() {
			for range 3000 {
				if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte("y")}, kept.callback("y")); err != nil {
					t.Error(err)
				}
			}
		})
		wg.Wait()
		flush(t, p)
		noErrors(t, &kept)
		if kept.len() != 3000 {
			t.Errorf("%d callbacks", kept.len())
		}
	})
}
