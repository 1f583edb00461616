package producer

import (
	"errors"
	"testing"
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
