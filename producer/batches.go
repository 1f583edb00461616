package producer

import (
	"kafkaproducer/record"
)

// newBatch returns a batch with a buffer for r at least; nil if memory doesn't allow it. Holds p.mu.
func (p *Producer) newBatch(part *partition, r *Record, credit int64) *batch {
	need := record.BatchHeaderSize + record.MaxSize(r.Key, r.Value, r.Headers)
	if r.withdrawal == nil {
		return p.allocate(part, need, int(part.class), credit)
	}
	if !p.memory.charge(withdrawalCost, credit) {
		return nil
	}
	b := p.allocate(part, need, int(part.class), credit)
	if b == nil {
		p.memory.refund(withdrawalCost)
		return nil
	}
	b.charged += withdrawalCost
	part.hold(withdrawalCost)
	b.contexts = 1
	return b
}

// allocate returns a batch with a buffer of at least need bytes, of the given class if memory allows that. Holds p.mu.
func (p *Producer) allocate(part *partition, need, class int, credit int64) *batch {
	b := p.memory.batch(credit)
	if b == nil {
		return nil
	}
	most := part.topic.largest
	buf := p.memory.buffer(need, class, most, credit)
	if buf == nil && class > 0 {
		buf = p.memory.buffer(need, 0, most, credit)
	}
	if buf == nil && p.memory.shed(b) {
		buf = p.memory.buffer(need, 0, most, credit)
	}
	if buf == nil {
		p.memory.refund(b.charged)
		b.charged = 0
		p.memory.keep(b)
		return nil
	}
	b.Partition, b.part = part.Partition, part
	b.builder.Reset(buf)
	part.hold(b.charged + int64(len(buf)))
	return b
}

// enlarge makes room in an open batch for r, for its callback or for its context, whichever is missing, as far as batch.size allows.
// short says that memory doesn't allow it at present. Holds p.mu and the partition's mutex.
func (p *Producer) enlarge(b *batch, r *Record) (grown, short bool) {
	if r.withdrawal != nil && b.contexts == 0 {
		more := min(16, max(1, len(b.withdrawals))) // a slow path less for most, and not more than twice what there is
		if !p.chargeMore(b, int64(more)*withdrawalCost) {
			return false, true
		}
		b.contexts = int32(more)
		grown = true
	}
	if len(b.receipts) == cap(b.receipts) {
		more := max(16, 2*cap(b.receipts))
		if !p.chargeMore(b, batchCost+int64(more)*receiptCost-b.cost()) {
			return grown, true
		}
		b.receipts = append(make([]receipt, 0, more), b.receipts...)
		grown = true
	}
	need, most := b.builder.Size()+record.MaxSize(r.Key, r.Value, r.Headers), b.part.topic.largest
	if class := p.memory.class(need); need > b.builder.Cap() && need <= most && class < len(p.memory.sizes) {
		buf := p.memory.buffer(need, class, most, 0)
		if buf == nil {
			return grown, true
		}
		old := b.builder.Move(buf)
		b.part.hold(int64(len(buf) - len(old)))
		p.memory.giveBack(old)
		grown = true
	}
	return grown, false
}

// chargeMore charges an open batch with n more bytes, unless memory doesn't allow it. Holds p.mu.
func (p *Producer) chargeMore(b *batch, n int64) bool {
	if !p.memory.charge(n, 0) {
		return false
	}
	b.charged += n
	b.part.hold(n)
	return true
}

// closeOpen makes an open batch take no more records. Holds p.mu.
func (p *Producer) closeOpen(b *batch) {
	b.part.mu.Lock()
	b.part.open = nil
	p.learn(b)
	b.part.mu.Unlock()
}

// learn notes the size of a batch that takes no more records, for the core and for the buffer of the partition's next.
// Holds p.mu and the partition's mutex.
func (p *Producer) learn(b *batch) {
	b.measure()
	if b.pace == nil { // the core closes once more what was closed before it heard of it
		b.pace = &b.part.holding.pace
		b.pace.closed(b.builder.Cap())
	}
	b.part.class = int32(min(p.memory.class(b.Size), len(p.memory.sizes)-1))
}

// bytesFree takes back the buffer of a batch that no connection uses any more. Holds p.mu.
func (p *Producer) bytesFree(b *batch) {
	b.part.hold(-b.charged - int64(b.builder.Cap()))
	if b.pace != nil { // else it was made of a closed one
		b.pace.left(b.builder.Cap())
	}
	p.memory.giveBack(b.builder.Buffer())
	b.builder.Reset(nil)
	b.freed = true
	p.recycle(b)
}

// callbacksDue counts what is owed for a batch with an Outcome. Holds p.mu.
func (p *Producer) callbacksDue(b *batch) {
	if len(b.withdrawals) > 0 {
		b.settleWithdrawals(true)
	}
	p.memory.owed += b.charged
	p.completer.queue = append(p.completer.queue, told{batch: b})
}

// callbacksDone is called when the callbacks of a batch ran. Holds p.mu.
func (p *Producer) callbacksDone(b *batch) {
	p.memory.owed -= b.charged
	p.memory.refund(b.charged)
	b.told = true
	p.recycle(b)
}

// keptReceipts is the largest list of callbacks that a batch keeps for its next use.
const keptReceipts = 64

// recycle keeps a batch that is done with for its next use.
func (p *Producer) recycle(b *batch) {
	if !b.freed || !b.told {
		return
	}
	clear(b.receipts)
	receipts := b.receipts[:0]
	b.Reset()
	*b = batch{Batch: b.Batch}
	if n := cap(receipts); n > len(b.few) && n <= keptReceipts {
		b.receipts = receipts
	} else {
		b.receipts = b.few[:0]
	}
	p.memory.keep(b)
}
