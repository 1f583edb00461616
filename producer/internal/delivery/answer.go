package delivery

import (
	"errors"
	"time"

	"kafkaproducer/protocol"
)

// Result is what an answer says of one batch.
type Result struct {
	Code           protocol.ErrorCode
	Missing        bool  // the answer doesn't mention the batch's partition
	BaseOffset     int64 // -1 unknown
	LogAppendTime  int64 // -1: CreateTime
	LogStartOffset int64 // -1 unknown
	Message        string
	RecordErrors   []protocol.BatchIndexAndErrorMessage
}

// ErrMissing is the error of a batch that an answer left out.
var ErrMissing = errors.New("the broker's answer left the partition out")

// Answered takes the answer to r, a Result for each of its batches, and how long the broker wants to be left in peace
// (KIP-219). r belongs to the core again.
func (c *Core) Answered(now Time, r *Request, results []Result, throttle time.Duration) {
	c.journal.answered(now, r, results, throttle)
	n := c.landed(r)
	n.serving.answered(now, r)
	if throttle > 0 {
		n.muted, c.throttled = now.after(Time(min(throttle, c.cfg.MaxThrottle))), true
	}
	for i, b := range r.Batches {
		c.answered(now, b, &results[i])
	}
	c.recycle(r)
	c.end(now)
}

// Failed takes the news that r will get no answer. wrote says whether any of it may have left. The node
// counts as down until NodeUp; NodeDown must follow.
func (c *Core) Failed(now Time, r *Request, wrote bool, err error) {
	c.journal.failed(now, r, wrote, err)
	n := c.landed(r)
	n.up = false
	c.out.RefreshMetadata = true
	for _, b := range r.Batches {
		b.appended = false
		if wrote {
			b.retries++
			b.doubt, b.late, b.settled = true, true, false
		} else if b.state != Abandoned { // of which callbacks are being told
			b.Attempts--
		}
		c.unanswered(now, b, wrote, err)
	}
	c.recycle(r)
	c.end(now)
}

func (c *Core) landed(r *Request) *node {
	n := c.node(r.Node)
	n.unanswered--
	c.flying--
	c.touch(n)
	return n
}

func (c *Core) recycle(r *Request) {
	clear(r.Batches)
	r.Batches, r.TopicIDs = r.Batches[:0], r.TopicIDs[:0]
	c.free = append(c.free, r)
}

// answered applies the answer to one batch.
func (c *Core) answered(now Time, b *Batch, res *Result) {
	p := b.Partition
	p.flight.remove(b)
	v := c.judge(b, res)
	if v.refresh {
		c.out.RefreshMetadata = true
	}
	b.settled = v.refused || b.settled && !v.doubt
	b.doubt = (b.doubt || v.doubt) && (!v.absent || b.late)
	b.appended = b.appended && v.err == protocol.NotEnoughReplicasAfterAppend
	if v.hole {
		p.hole.widen(b.order)
	}
	switch {
	case v.what == accept:
		c.accept(now, p, b, res)
	case b.state == Abandoned:
		c.leave(p, b)
	case v.what == split && c.split(b):
	case v.what == fatal:
		c.fail(b, v.err, res)
		c.breakDown(v.err)
	case v.what == again && (v.free || b.retries < c.cfg.Retries):
		if !v.free {
			b.retries++
		}
		c.putBack(now, b, v.err, !v.free)
	case v.what == reject && c.sift(b, res): // those that are left in b are to blame
		c.fail(b, v.err, res)
	default:
		c.fail(b, v.err, res)
	}
	c.consider(now, p)
}

// unanswered applies the loss of a request to one batch.
func (c *Core) unanswered(now Time, b *Batch, wrote bool, err error) {
	p := b.Partition
	p.flight.remove(b)
	switch {
	case b.state == Abandoned:
		c.leave(p, b)
	case b.retries > c.cfg.Retries:
		c.fail(b, err, nil)
	default:
		c.putBack(now, b, err, wrote)
	}
	c.consider(now, p)
}

// accept ends a batch that is in the log.
func (c *Core) accept(now Time, p *Partition, b *Batch, res *Result) {
	if b.numbered {
		p.acked, p.proven = b.last(), now.after(Time(provenFor))
		p.left(b)
		c.settleOlder(now, b, res.BaseOffset)
	}
	if res.BaseOffset >= 0 {
		p.ackedEnd = res.BaseOffset + int64(b.Count) - 1
	}
	if p.troubled {
		p.troubled, p.trouble = false, nil
		c.note(Note{Event: Recovered, Partition: p})
	}
	if b.state == Abandoned {
		c.become(b, Done)
		c.out.Freed = append(c.out.Freed, b)
		return
	}
	c.finish(b, Outcome{BaseOffset: res.BaseOffset, LogAppendTime: res.LogAppendTime})
}

// putBack returns a batch to its queue, to be sent again.
func (c *Core) putBack(now Time, b *Batch, err error, rest bool) {
	p := b.Partition
	c.become(b, Queued)
	p.queue.insertInOrder(b)
	p.returned = p.flight.n > 0
	var wait time.Duration
	if rest && p.at == p.leader { // a leader that became known meanwhile is tried at once
		wait = c.rest(now, p, b.Attempts)
	}
	p.trouble = err
	if !p.troubled {
		p.troubled = true
		c.note(Note{Event: Retrying, Partition: p, Err: err, After: wait})
	}
}

// leave ends a batch that had its Outcome before its request ended without an acknowledgement.
func (c *Core) leave(p *Partition, b *Batch) {
	c.gone(p, b)
	c.become(b, Done)
	c.out.Freed = append(c.out.Freed, b)
}

// gone notes that the numbers of b will not be filled, by b at least.
func (c *Core) gone(p *Partition, b *Batch) {
	p.left(b)
	switch {
	case !b.numbered:
	case b.doubt:
		p.hole.maybe = true
		if p.hole.gone.before(b.order) {
			p.hole.gone = b.order
		}
	default:
		p.hole.widen(b.order)
	}
}

// fail ends a batch with an error; res is nil if it was not an answer that made it so.
func (c *Core) fail(b *Batch, err error, res *Result) {
	c.gone(b.Partition, b)
	o := Outcome{Err: err, BaseOffset: -1, LogAppendTime: -1, Certainty: NotPersisted}
	switch {
	case b.appended:
		o.Certainty = Persisted
	case b.doubt:
		o.Certainty = PossiblyPersisted
	}
	if res != nil {
		o.Message, o.RecordErrors = res.Message, res.RecordErrors
	}
	c.finish(b, o)
}

// finish gives b its Outcome; b is in no list of its partition.
func (c *Core) finish(b *Batch, o Outcome) {
	c.outcome(b, o)
	c.become(b, Done)
	c.out.Freed = append(c.out.Freed, b)
}

func (c *Core) outcome(b *Batch, o Outcome) {
	if c.lingering == b {
		c.lingering = c.live.next(b)
	}
	c.live.remove(b)
	b.Outcome = o
	if o.Err != nil && b.Partition.Gapless {
		c.failedGapless(b)
	}
	c.out.Outcomes = append(c.out.Outcomes, b)
}

// expel ends a live batch wherever it is: its time is over, or the producer's.
func (c *Core) expel(b *Batch, err error) {
	p := b.Partition
	if b.state == InFlight {
		// The request goes on. Until its answer the batch's number may be filled or not.
		// Behind a number that surely is missing it surely isn't filled, if the log can't be another one.
		b.doubt = !b.numbered || b.order.before(p.hole.from) || p.hole.suspect || !p.at.byID
		p.hole.maybe = p.hole.maybe || b.numbered && b.doubt
		o := Outcome{Err: err, BaseOffset: -1, LogAppendTime: -1}
		if b.doubt {
			o.Certainty = PossiblyPersisted
		}
		c.outcome(b, o)
		c.become(b, Abandoned)
		return
	}
	c.close(b)
	p.queue.remove(b)
	c.fail(b, err, nil)
}

// breakDown makes err the end of the producer: every batch fails with it.
func (c *Core) breakDown(err error) {
	if c.fatal != nil {
		return
	}
	c.fatal = err
	c.note(Note{Event: Broken, Err: err})
	for c.live.head != nil {
		c.expel(c.live.head, err)
	}
}
