package producer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/record"
)

// clockEvery is after how many records of a partition the clock is read again even if its last reading is not marked stale. A program that
// is so busy that timers run late, and sends a record to the partition each 50 µs, has timestamps that are 3 ms late at most.
const clockEvery = 64

// Send hands over a record and returns as soon as it is buffered. A nil error means that it is accepted and that done,
// unless nil, will be called exactly once, later and on another goroutine; any other that it is not accepted and done
// never called. Records that one goroutine sends to a partition stand in it in that order.
//
// Send blocks while the topic's metadata are unknown or buffer.memory is used up: until ctx ends (its error is
// wrapped), or max.block.ms have passed (ErrBufferFull, or a *client.TopicError with ErrNoMetadata and the last trouble). Who waits for room is served in
// the order of arrival. Errors besides: ErrClosed, *RecordTooLargeError, *PartitionError, *TimestampError, and the error that
// ended the producer, if one did.
func (p *Producer) Send(ctx context.Context, r Record, done Callback) error {
	if r.Context != nil && r.Context.Done() != nil && r.withdrawal == nil {
		return p.sendWithContext(ctx, r, done, false)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !r.Timestamp.IsZero() && r.Timestamp.UnixMilli() < 0 {
		return &TimestampError{Topic: r.Topic, Timestamp: r.Timestamp}
	}
	t := p.topic(r.Topic)
	if t == nil {
		return p.sendFirst(ctx, r, done)
	}
	part, err := p.choose(t, &r)
	if err != nil {
		return err
	}
	if part != nil {
		part.mu.Lock()
		if b := part.open; b != nil && b.add(p.timestamp(part, &r), &r, done) {
			b.mark(t, &r, true)
			part.mu.Unlock()
			return nil
		}
		part.mu.Unlock()
	} else if p.addSticky(t, &r, done) {
		return nil
	}
	return p.sendSlow(ctx, t, part, r, done)
}

// sendFirst is Send to a topic that isn't known yet. What the wait for metadata leaves of max.block.ms is for the one for room.
func (p *Producer) sendFirst(ctx context.Context, r Record, done Callback) error {
	end := time.Now().Add(p.set.maxBlock)
	if err := p.findTopic(ctx, r.Topic); err != nil {
		return err
	}
	if p.set.maxBlock > 0 {
		bounded, cancel := context.WithDeadlineCause(ctx, end, ErrBufferFull)
		defer cancel()
		ctx = bounded
	}
	err := p.Send(ctx, r, done)
	if errors.Is(err, context.DeadlineExceeded) && context.Cause(ctx) == ErrBufferFull {
		return ErrBufferFull
	}
	return err
}

// choose returns the partition of r, nil if the sticky partitioner is to choose.
func (p *Producer) choose(t *topic, r *Record) (*partition, error) {
	view := t.view.Load()
	var i int32
	by := "Record.Partition"
	switch {
	case r.Partition != nil:
		i = *r.Partition
	case p.set.partitioner != nil:
		i, by = p.set.partitioner.Partition(*r, view.info), "the partition chosen by the Partitioner"
	case r.Key != nil && !p.set.partitionerIgnoreKeys:
		if len(view.partitions) > 0 {
			return view.partitions[partitionForKey(r.Key, int32(len(view.partitions)))], nil
		}
	default:
		return nil, nil
	}
	if i < 0 || int(i) >= len(view.partitions) {
		p.lookForMore(t)
		return nil, &PartitionError{Topic: t.name, Partition: i, Partitions: len(view.partitions), By: by}
	}
	return view.partitions[i], nil
}

// addSticky adds r to the open batch of the topic's current partition; see sticky for the protocol.
func (p *Producer) addSticky(t *topic, r *Record, done Callback) bool {
	for {
		part := t.current()
		part.mu.Lock()
		if t.sticky.moved(part.Index, 0, false) {
			part.mu.Unlock()
			continue
		}
		b := part.open
		if b == nil {
			part.mu.Unlock()
			return false
		}
		before := b.builder.Size()
		ok := b.add(p.timestamp(part, r), r, done)
		if ok {
			b.mark(t, r, false)
			t.sticky.count(b.builder.Size()-before, true)
		}
		part.mu.Unlock()
		return ok
	}
}

// timestamp returns r's timestamp in ms since the epoch. Holds part.mu.
func (p *Producer) timestamp(part *partition, r *Record) int64 {
	if !r.Timestamp.IsZero() {
		return r.Timestamp.UnixMilli()
	}
	if part.tick++; part.tick%clockEvery == 0 {
		return p.clock.readAnew()
	}
	return p.clock.wall()
}

// sendSlow is Send where there is no open batch with room: a new one is opened, or room is waited for.
func (p *Producer) sendSlow(ctx context.Context, t *topic, part *partition, r Record, done Callback) error {
	if err := p.checkSize(&r); err != nil {
		return err
	}
	p.mu.Lock()
	if err := p.refusal(); err != nil {
		p.mu.Unlock()
		return err
	}
	if t.forgotten { // since it was looked up: from the start, with the topic there is now
		p.mu.Unlock()
		p.last.CompareAndSwap(t, nil)
		return p.Send(ctx, r, done)
	}
	if p.mayPass() {
		if placed := p.place(p.clock.look(), t, part, &r, done, 0); placed.ok {
			if placed.opened != nil && p.shouldPause(placed.opened, r.Overflow.or(t.overflow)) {
				p.pause(ctx, &placed.opened.part.holding.pace)
				return nil
			}
			p.release(nil, aCall)
			return nil
		}
	}
	if o := r.Overflow.or(t.overflow); o != OverflowBlock {
		return p.overflow(t, part, &r, done, o)
	}
	return p.waitForRoom(ctx, t, part, r, done)
}

// refusal returns why the producer takes no records, or nil. Holds p.mu.
func (p *Producer) refusal() error {
	if p.closed {
		return ErrClosed
	}
	return p.core.Fatal()
}

// checkSize refuses records that could never be sent.
func (p *Producer) checkSize(r *Record) error {
	size := record.BatchHeaderSize + record.MaxSize(r.Key, r.Value, r.Headers)
	if size > p.set.maxRequestSize {
		return &RecordTooLargeError{Size: size, Limit: p.set.maxRequestSize, Property: "max.request.size"}
	}
	room := p.set.bufferMemory - batchCost
	if r.withdrawal != nil {
		room -= withdrawalCost
	}
	if int64(size) > room {
		return &RecordTooLargeError{Size: size, Limit: int(room), Property: "buffer.memory (less the overhead of a batch)"}
	}
	return nil
}

// place puts r in a batch, opening one if need be; it is not ok if memory doesn't allow it. credit may be used beyond the
// budget. Holds p.mu.
func (p *Producer) place(at moment, t *topic, part *partition, r *Record, done Callback, credit int64) placement {
	if !r.Timestamp.IsZero() {
		at.wall = r.Timestamp.UnixMilli()
	}
	if part == nil {
		return p.placeSticky(at, t, r, done, credit)
	}
	if part.Gap() != nil {
		p.endGap(part) // also where r has to wait: another goroutine is to place it then
	}
	if p.overShare(part, credit) {
		return placement{}
	}
	part.mu.Lock()
	placed := p.put(part, at.wall, r, done, true, credit)
	part.mu.Unlock()
	p.announce(at.now, part, placed)
	return placed
}

func (p *Producer) placeSticky(at moment, t *topic, r *Record, done Callback, credit int64) placement {
	p.balance(t, at.now)
	size := record.MaxSize(r.Key, r.Value, r.Headers)
	for {
		part := t.current()
		if p.overShare(part, credit) {
			if !p.pickAnother(t, part, credit) {
				return placement{}
			}
			continue
		}
		if part.Gap() != nil {
			p.endGap(part)
		}
		part.mu.Lock()
		opens := part.open == nil || part.open.builder.Size()+size > min(p.set.batchSize, t.largest)
		if t.sticky.moved(part.Index, size, opens) {
			part.mu.Unlock()
			continue
		}
		placed := p.put(part, at.wall, r, done, false, credit)
		if placed.ok {
			t.sticky.appended(part.Index, size, true)
		}
		part.mu.Unlock()
		p.announce(at.now, part, placed)
		return placed
	}
}

// placement is what put did.
type placement struct {
	ok             bool
	filled, opened *batch // the batch that is closed, and the one opened instead; nil: none
	alone          bool   // opened is closed at once: its record is larger than batch.size
}

// put adds r to part's open batch, after making it larger if it may be, or to a new one. pinned says that r is for part and no other
// partition. Holds p.mu and part.mu.
func (p *Producer) put(part *partition, ts int64, r *Record, done Callback, pinned bool, credit int64) placement {
	b := part.open
	if b != nil {
		added, short := p.join(b, ts, r, done)
		switch {
		case added:
			b.mark(part.topic, r, pinned)
			return placement{ok: true}
		case short && credit == 0 && r.Overflow.or(part.topic.overflow) == OverflowBlock:
			return placement{} // b grows when there is room: closed now it would go out nearly empty, and those after it too
		}
	}
	next := p.newBatch(part, r, credit)
	if next == nil {
		return placement{}
	}
	if !next.add(ts, r, done) {
		panic(fmt.Sprintf("kafkaproducer: a new batch of %d bytes is too small for its first record", next.builder.Cap()))
	}
	next.mark(part.topic, r, pinned)
	if b != nil {
		p.learn(b)
	}
	part.open = next
	alone := next.builder.Size() > p.set.batchSize
	if alone {
		part.open = nil
		p.learn(next)
	}
	return placement{ok: true, filled: b, opened: next, alone: alone}
}

// join adds r to an open batch, after making it larger if need be. short says that this failed for want of memory. Holds p.mu and
// the partition's mutex.
func (p *Producer) join(b *batch, ts int64, r *Record, done Callback) (added, short bool) {
	if b.add(ts, r, done) {
		return true, false
	}
	grown, short := p.enlarge(b, r)
	return grown && !short && b.add(ts, r, done), short
}

// useTopicPart is the part of metadata.max.idle.ms after which the client is told again that a topic is in use: each time wakes it.
const useTopicPart = 50

// announce tells the core of batches that were closed and opened, and now and then the client that the topic is in use. Holds
// p.mu, but not the partition's mutex: the core may close the new batch at once.
func (p *Producer) announce(now delivery.Time, part *partition, x placement) {
	if x.opened == nil {
		return
	}
	if x.filled != nil {
		p.core.Filled(now, &x.filled.Batch)
	}
	p.core.Opened(now, &x.opened.Batch)
	if x.alone {
		p.core.Filled(now, &x.opened.Batch)
	}
	if t := part.topic; now-t.used > delivery.Time(p.set.client.MetadataMaxIdle/useTopicPart) {
		t.used = now
		p.client.UseTopic(t.name)
	}
}
