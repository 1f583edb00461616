package producer

import (
	"time"

	"kafkaproducer/producer/internal/delivery"
)

// strandedAfter is how long a partition may be without a leader before its records without a key are moved to other partitions. An
// election by the controller takes a fraction of it; who has no leader for longer waits for a broker to come back.
const strandedAfter = time.Second

// moveStranded moves what may be moved from partitions that stay without leader to those with the fewest batches waiting: batches that
// were never sent, of records whose partition the producer chose. Partitions that are no more (the topic was made anew, with fewer)
// don't get a leader: theirs are moved at once. Holds p.mu, and no partition's mutex.
func (p *Producer) moveStranded(t *topic, parts []*partition) {
	now, view := p.clock.now(), t.view.Load()
	for _, part := range parts {
		gone := int(part.Index) >= len(view.partitions)
		if part.Idle() || part.Leaderless(now) < strandedAfter && !gone {
			continue
		}
		p.core.Evacuate(now, part.Partition, func(b *delivery.Batch) *delivery.Partition {
			to := leastWaiting(view)
			if to == nil {
				return nil
			}
			b.Owner.(*batch).moveTo(to)
			return to.Partition
		})
	}
}

// moveTo makes a batch another partition's. Holds p.mu.
func (b *batch) moveTo(part *partition) {
	bytes := b.charged + int64(b.builder.Cap())
	b.part.hold(-bytes)
	part.hold(bytes)
	b.part = part
}

// leastWaiting returns the partition with a leader that has the fewest batches waiting, nil if there is none.
func leastWaiting(view *topicView) (least *partition) {
	for _, i := range view.info.Available {
		if part := view.partitions[i]; part.Gap() == nil && (least == nil || part.Waiting() < least.Waiting()) {
			least = part
		}
	}
	return least
}
