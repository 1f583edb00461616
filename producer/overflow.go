package producer

import (
	"fmt"

	"kafkaproducer/producer/internal/delivery"
)

// Overflow is what becomes of a record that buffer.memory has no room for.
type Overflow int8

const (
	// OverflowDefault leaves it to the topic's setting, or the Config's, which is OverflowBlock by default.
	OverflowDefault Overflow = iota
	// OverflowBlock: Send waits for room, for max.block.ms at most. What Kafka's producer does.
	OverflowBlock
	// OverflowFail: Send returns ErrBufferFull at once.
	OverflowFail
	// OverflowDropNewest: the record is accepted and dropped; its Callback gets a DeliveryError with ErrDropped. Where already
	// very many wait to be told so, Send returns ErrBufferFull.
	OverflowDropNewest
	// OverflowDropOldest: the records that have waited longest are dropped instead, as many as need be: whole batches that were never
	// sent and hold nothing but records with OverflowDropOldest. Where there are none, it is OverflowDropNewest.
	OverflowDropOldest
)

// String returns the constant's name without Overflow.
func (o Overflow) String() string {
	switch o {
	case OverflowDefault:
		return "Default"
	case OverflowBlock:
		return "Block"
	case OverflowFail:
		return "Fail"
	case OverflowDropNewest:
		return "DropNewest"
	case OverflowDropOldest:
		return "DropOldest"
	}
	return fmt.Sprintf("Overflow(%d)", int8(o))
}

// or returns o, or what stands for it where it leaves that open.
func (o Overflow) or(other Overflow) Overflow {
	if o == OverflowDefault {
		return other
	}
	return o
}

// maxNotices is how many dropped records may wait for their callbacks: they take memory beyond buffer.memory, which is full.
const maxNotices = 8192

// notice tells the callback of a record that is in no batch.
type notice struct {
	done Callback
	m    RecordMetadata
	err  *DeliveryError
}

// overflow ends a Send for whose record there is no room and which doesn't wait. It takes over p.mu.
func (p *Producer) overflow(t *topic, part *partition, r *Record, done Callback, o Overflow) error {
	if o == OverflowDropOldest && p.replaceOldest(t, part, r, done) {
		p.release(nil, aCall)
		return nil
	}
	if o == OverflowFail || p.completer.notices >= maxNotices {
		err := p.errFull(t, part)
		p.release(nil, aCall) // batches may have been dropped in vain
		return err
	}
	index := int32(-1) // not chosen
	if part != nil {
		index = part.Index
	}
	if w := r.withdrawal; w != nil {
		w.known = true
	}
	p.notify(&notice{done, RecordMetadata{Topic: t.name, Partition: index, Offset: -1},
		&DeliveryError{Topic: t.name, Partition: index, Status: NotPersisted, Err: ErrDropped}})
	p.release(nil, aCall)
	return nil
}

// notify queues a notice. Holds p.mu.
func (p *Producer) notify(n *notice) {
	p.completer.notices++
	p.completer.queue = append(p.completer.queue, told{notice: n})
}

// giveUp says whether a batch may be dropped; it takes no more records then. Holds p.mu.
func (b *batch) giveUp() bool {
	b.part.mu.Lock()
	defer b.part.mu.Unlock()
	if !b.kept && b.part.open == b {
		b.part.open = nil
	}
	return !b.kept
}

// replaceOldest drops batches until there is room for r; false if it runs out of them. The room is there when p.mu is released.
// Holds p.mu.
func (p *Producer) replaceOldest(t *topic, part *partition, r *Record, done Callback) bool {
	room := int64(0)
	may := func(b *delivery.Batch) bool { return b.Owner.(*batch).giveUp() }
	for b := p.core.DropOldest(p.clock.now(), ErrDropped, may); b != nil; b = p.core.DropOldest(p.clock.now(), ErrDropped, may) {
		room += int64(b.Owner.(*batch).builder.Cap())
		if p.place(p.clock.look(), t, part, r, done, room).ok {
			return true
		}
	}
	return false
}
