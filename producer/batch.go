package producer

import (
	"time"
	"unsafe"

	"kafkaproducer/compress"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/record"
)

// batch is a batch of the core with its bytes and its callbacks. Until it is closed, records are added
// under its partition's mutex; then it belongs to the core, to the connection that sends it while it is in flight, and
// in the end to the completer. A batch is used again when both its buffer and its callbacks are done with.
//
// A record changes the builder and nothing else: each line of the cache that senders on several processors change is one more that goes
// from one to the other.
type batch struct {
	builder  record.Builder // guarded by partition.mu while open; the connection's while in flight
	receipts []receipt      // guarded by partition.mu while open; the completer's once there is an Outcome
	sealed   bool           // with builder
	kept     bool           // a record may not be dropped; guarded by partition.mu while open
	contexts int32          // how many more records with a context charged has room for; guarded by partition.mu while open
	few      [2]receipt     // storage for receipts of a batch of few records

	delivery.Batch // guarded by Producer.mu, but Pinned by partition.mu while open
	part           *partition

	withdrawals []*withdrawal // of its records, until it is sent; guarded by partition.mu while open, then by Producer.mu

	pace    *pace // counts the buffer; nil while open; guarded by Producer.mu
	charged int64 // for this struct, receipts and contexts; guarded by Producer.mu
	freed   bool  // the buffer is given back; guarded by Producer.mu
	told    bool  // the callbacks ran; guarded by Producer.mu
}

// receipt is what is owed for some records that follow each other: the same callback, given the same timestamp.
// Programs that share one callback between their records owe a handful for a whole batch.
type receipt struct {
	done      Callback
	timestamp int64 // ms since the epoch
	first     int32 // of the records, which are those up to the next receipt's, or all the others
}

const (
	batchCost   = int64(unsafe.Sizeof(batch{}))
	receiptCost = int64(unsafe.Sizeof(receipt{}))
)

// cost is what the batch takes without its buffer.
func (b *batch) cost() int64 {
	if n := cap(b.receipts); n > len(b.few) {
		return batchCost + int64(n)*receiptCost
	}
	return batchCost
}

// add encodes a record behind the others; false if there is no room for it, its callback or its context, and nothing changed.
func (b *batch) add(timestamp int64, r *Record, done Callback) bool {
	if r.withdrawal != nil && b.contexts == 0 {
		return false
	}
	last := len(b.receipts) - 1
	merge := last >= 0 && b.receipts[last].timestamp == timestamp && sameCallback(b.receipts[last].done, done)
	if !merge && len(b.receipts) == cap(b.receipts) {
		return false
	}
	if !b.builder.Append(timestamp, r.Key, r.Value, r.Headers) {
		return false
	}
	if !merge {
		b.receipts = append(b.receipts, receipt{done, timestamp, int32(b.builder.Count() - 1)})
	}
	if r.withdrawal != nil {
		b.contexts--
		r.withdrawal.added(b)
	}
	return true
}

// mark notes what may not be done to a batch that holds r. pinned says that r is for its partition and no other.
func (b *batch) mark(t *topic, r *Record, pinned bool) {
	if pinned && !b.Pinned {
		b.Pinned = true
	}
	if !b.kept && r.Overflow.or(t.overflow) != OverflowDropOldest {
		b.kept = true
	}
}

// measure sets what the core needs to know of a batch that takes no more records.
func (b *batch) measure() { b.Count, b.Size = int32(b.builder.Count()), b.builder.Size() }

// sameCallback compares what the two values point to: Go compares functions only with nil. Equal pointers are the
// same code over the same variables.
func sameCallback(a, b Callback) bool {
	return *(*unsafe.Pointer)(unsafe.Pointer(&a)) == *(*unsafe.Pointer)(unsafe.Pointer(&b))
}

// seal compresses the records, once, and writes the header with the numbers of this attempt. scratch is storage for the
// compressor, returned for the next use. It runs on the goroutine that writes to the connection.
func (b *batch) seal(codec compress.Codec, level int, scratch []byte) ([]byte, error) {
	if !b.sealed {
		var err error
		if scratch, err = b.builder.Seal(codec, level, scratch); err != nil {
			return scratch, err
		}
		b.builder.Keep()
		b.sealed = true
	}
	id, epoch, sequence := int64(-1), int16(-1), int32(-1)
	if b.Numbered() {
		id, epoch, sequence = b.ProducerID, b.ProducerEpoch, b.BaseSequence
	}
	b.builder.Stamp(id, epoch, sequence, -1)
	return scratch, nil
}

// appendTime is the broker's time of the records; -1: they keep their own. A broker that has a batch already answers with the
// batch's latest timestamp, whatever the topic has (UnifiedLog.append): that is no time of its own.
func (b *batch) appendTime() int64 {
	at := b.Outcome.LogAppendTime
	if at < 0 || b.Attempts < 2 {
		return at
	}
	latest := int64(-1)
	for i := range b.receipts {
		latest = max(latest, b.receipts[i].timestamp)
	}
	if at == latest {
		return -1
	}
	return at
}

// tell runs the callbacks.
func (b *batch) tell(p *Producer) {
	m := RecordMetadata{Topic: b.Partition.Topic, Partition: b.Partition.Index, Offset: b.Outcome.BaseOffset}
	failed := b.Outcome.Err != nil
	var err error
	if failed {
		err = b.deliveryError()
	}
	reasons, appended := b.reasons(), b.appendTime()
	for i := range b.receipts {
		r := &b.receipts[i]
		m.Timestamp = time.UnixMilli(r.timestamp)
		if !failed && appended >= 0 {
			m.Timestamp = time.UnixMilli(appended)
		}
		end := behind(b.receipts, i, b.Count)
		for index := r.first; index < end; index++ {
			if r.done == nil {
				continue
			}
			if b.Outcome.BaseOffset >= 0 {
				m.Offset = b.Outcome.BaseOffset + int64(index)
			}
			if reasons != nil {
				err = b.recordError(reasons[index])
			}
			if b.Outcome.Gap {
				p.tellGap(b, r.done, m, err)
				continue
			}
			r.done(m, err)
		}
	}
	if b.Outcome.Gap { // nobody was there to be told
		p.tellGap(b, func(RecordMetadata, error) {}, m, err)
	}
}

// behind returns the index behind the last record of a receipt among all those of count records.
func behind(all []receipt, i int, count int32) int32 {
	if i+1 < len(all) {
		return all[i+1].first
	}
	return count
}

// reasons are why a broker refused records of the batch, by their index, where it named them (KIP-467); else nil.
func (b *batch) reasons() map[int32]*string {
	if len(b.Outcome.RecordErrors) == 0 {
		return nil
	}
	reasons := make(map[int32]*string, len(b.Outcome.RecordErrors))
	for _, r := range b.Outcome.RecordErrors {
		reasons[r.BatchIndex] = r.BatchIndexErrorMessage
	}
	return reasons
}

// recordError is deliveryError for one record, with the reason that a broker gave for it; nil: none.
func (b *batch) recordError(reason *string) *DeliveryError {
	e := b.deliveryError()
	if reason != nil {
		e.Message = *reason
	}
	return e
}

// deliveryError returns the error that the callbacks get.
func (b *batch) deliveryError() *DeliveryError {
	o := &b.Outcome
	return &DeliveryError{
		Topic: b.Partition.Topic, Partition: b.Partition.Index, Attempts: b.Attempts,
		Status: Status(o.Certainty), Err: o.Err, Message: o.Message,
	}
}
