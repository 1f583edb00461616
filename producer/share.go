package producer

import (
	"fmt"

	"kafkaproducer/producer/internal/delivery"
)

// A broker that takes nothing any more must not take all of buffer.memory with it: the records for the others have to get through.
// So what is buffered for one broker may be shareOfFree times what is free, and no more: one that is stuck ends up with three
// quarters, two with three sevenths each, and the rest is the others'. Who sends to it then waits, and is passed over by those that
// wait for room after it. While brokers keep up they don't notice: what is free is most of it. (Dynamic thresholds, as
// switches share buffers between ports: Choudhury and Hahne, 1998.)
const shareOfFree = 3

// holding is the memory that the batches for one broker take. Guarded by Producer.mu.
type holding struct {
	used int64
	pace pace
}

// ledBy notes who leads a partition. Holds p.mu.
func (p *Producer) ledBy(part *partition, leader int32) {
	h := p.holdings[leader]
	if h == nil {
		h = new(holding)
		p.holdings[leader] = h
	}
	if h == part.holding {
		return
	}
	if part.holding != nil {
		part.holding.used -= part.used
	}
	h.used += part.used
	part.holding = h
}

// hold notes that the batches of a partition take n more bytes. Holds p.mu.
func (part *partition) hold(n int64) {
	part.used += n
	part.holding.used += n
}

// overShare says that there is no room for another batch of a partition, since its broker has its share. credit counts as free.
// Holds p.mu.
func (p *Producer) overShare(part *partition, credit int64) bool {
	return part.holding.used > shareOfFree*(p.memory.limit+credit-p.memory.used) && (p.brokers > 1 || p.leaderless())
}

// leaderless says that batches wait for a leader, which is a broker of its own in this. Holds p.mu.
func (p *Producer) leaderless() bool {
	h := p.holdings[delivery.NoLeader]
	return h != nil && h.used > 0
}

// pickAnother has the sticky partitioner choose a partition of another broker; false if all have their share. Holds p.mu.
func (p *Producer) pickAnother(t *topic, part *partition, credit int64) bool {
	parts := t.view.Load().partitions
	part.mu.Lock()
	defer part.mu.Unlock()
	return t.sticky.avoid(part.Index, func(i int32) bool { return int(i) < len(parts) && !p.overShare(parts[i], credit) })
}

// waitsForShare says that there is no room for w's record since the broker it is for, or each of those that the sticky partitioner may
// choose, has its share. Holds p.mu.
func (p *Producer) waitsForShare(w *waiter) bool {
	if w.part != nil {
		return p.overShare(w.part, 0)
	}
	part := w.topic.current()
	return p.overShare(part, 0) && !p.pickAnother(w.topic, part, 0)
}

// errFull is why there was no room for a record for part; nil: for one that the sticky partitioner chooses. Holds p.mu.
func (p *Producer) errFull(t *topic, part *partition) error {
	if part == nil {
		part = t.current() // it has chosen one with room if there is any
	}
	if !p.overShare(part, 0) {
		return ErrBufferFull
	}
	broker := fmt.Sprintf("broker %d", part.Leader())
	if part.Leader() == delivery.NoLeader {
		broker = "partitions without leader"
	}
	return fmt.Errorf("%w: %d bytes of it wait for %s, and the rest is kept for others", ErrBufferFull, part.holding.used, broker)
}
