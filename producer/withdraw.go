package producer

import (
	"context"
	"errors"
	"fmt"

	"kafkaproducer/record"
)

// Withdrawn records
//
// A record may have a context (Record.Context). When it ends before the record's outcome, the callback is called at once. A record
// that no request held yet is taken out of its batch before that is sent; any other may be in the log by now, and its own outcome
// is heard by nobody.

// withdrawalCost is about what memory a record takes for having a context: the withdrawal, its callback, the watch of the context and its
// place among those of the batch. Measured, on a 64-bit machine.
const withdrawalCost = 512

// withdrawal watches the context of one record. Guarded by Producer.mu; batch and index are set by who adds the record.
type withdrawal struct {
	p      *Producer
	done   Callback
	direct bool // done may be called anywhere

	batch *batch        // while it was not sent and has no outcome
	index int           // in batch
	gone  bool          // to be taken out of batch
	sent  DeliveryError // of a record that was sent: where, and how often at least
	known bool          // there is an outcome, and its callback is due
	over  bool          // the callback was called, or will be by a notice
	stop  func() bool   // ends the watch; nil: it didn't begin
}

// sendWithContext is Send for a record with a context that may end. The wait for room ends with it, too.
func (p *Producer) sendWithContext(ctx context.Context, r Record, done Callback, direct bool) error {
	if err := r.Context.Err(); err != nil {
		return err
	}
	if r.Context.Done() != ctx.Done() { // of the contexts themselves not all can be compared
		both, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(r.Context, func() { cancel(context.Cause(r.Context)) })()
		ctx = both
	}
	w := &withdrawal{p: p, done: done, direct: direct}
	r.withdrawal = w
	if err := p.Send(ctx, r, w.outcome); err != nil {
		if own := r.Context.Err(); own != nil && errors.Is(err, context.Canceled) { // what ended both
			err = fmt.Errorf("kafkaproducer: Record.Context: %w (%v)", own, err)
		}
		return err
	}
	p.mu.Lock()
	if !w.over {
		w.stop = context.AfterFunc(r.Context, func() { w.end(context.Cause(r.Context)) })
	}
	p.mu.Unlock()
	return nil
}

// added notes in which batch the record is. The caller holds what guards the batch's builder.
func (w *withdrawal) added(b *batch) {
	w.batch, w.index = b, b.builder.Count()-1
	b.withdrawals = append(b.withdrawals, w)
}

// outcome is the record's Callback as far as its batch knows.
func (w *withdrawal) outcome(m RecordMetadata, err error) {
	w.p.mu.Lock()
	told := w.over
	w.over = true
	stop := w.stop
	w.p.mu.Unlock()
	if stop != nil {
		stop()
	}
	if !told && w.done != nil {
		w.done(m, err)
	}
}

// end is called when the context ended.
func (w *withdrawal) end(cause error) {
	p := w.p
	p.mu.Lock()
	if w.over || w.known {
		p.mu.Unlock()
		return
	}
	w.over = true
	err := w.sent
	if b := w.batch; b != nil {
		err = DeliveryError{Topic: b.Partition.Topic, Partition: b.Partition.Index, Status: NotPersisted}
		w.gone, b.Trim = true, true
	}
	err.Err = cause
	m := RecordMetadata{Topic: err.Topic, Partition: err.Partition, Offset: -1}
	if w.direct {
		p.mu.Unlock()
		w.done(m, &err)
		return
	}
	p.notify(&notice{w.done, m, &err})
	p.release(nil, aCall)
}

// settleWithdrawals ends the time in which records of b can be withdrawn: it is about to be sent, or its outcome is known. Holds p.mu.
func (b *batch) settleWithdrawals(known bool) {
	for _, w := range b.withdrawals {
		w.batch, w.known = nil, known
		w.sent = DeliveryError{Topic: b.Partition.Topic, Partition: b.Partition.Index, Attempts: 1, Status: PossiblyPersisted}
	}
	b.withdrawals = nil
}

// trim takes the withdrawn records out of a closed batch that was never sent; false if none is left. Holds p.mu.
func (p *Producer) trim(b *batch) bool {
	b.Trim = false
	gone := make([]bool, b.builder.Count())
	for _, w := range b.withdrawals {
		gone[w.index] = w.gone
	}
	var left []record.Record
	i := 0
	for r := range b.builder.Records() {
		if !gone[i] {
			left = append(left, r)
		}
		i++
	}
	if len(left) == 0 {
		return false
	}
	old := p.part(b, left)
	old.builder, b.builder = b.builder, old.builder
	b.pace.closed(b.builder.Cap() - old.builder.Cap()) // what comes back is the new buffer
	var keep, drop []receipt
	divide(b.receipts, b.Count, func(i int) *[]receipt {
		if gone[i] {
			return &drop
		}
		return &keep
	})
	clear(b.receipts) // what is kept of the list for the next batch holds no callbacks
	b.receipts = append(b.receipts[:0], keep...)
	b.dropWithdrawn()
	b.measure()
	p.memory.refund(old.charged)
	old.told = true
	p.bytesFree(old)
	return true
}

// dropWithdrawn forgets the withdrawals of records that were taken out, and renumbers the others: the batch may wait on.
func (b *batch) dropWithdrawn() {
	left := b.withdrawals[:0]
	for i, w := range b.withdrawals { // in the order of the records
		if !w.gone {
			w.index -= i - len(left)
			left = append(left, w)
		}
	}
	clear(b.withdrawals[len(left):])
	b.withdrawals = left
}
