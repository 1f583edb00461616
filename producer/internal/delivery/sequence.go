package delivery

import (
	"errors"
	"fmt"
	"math"

	"kafkaproducer/protocol"
)

// Sequence numbers
//
// A broker takes batch n+1 of a partition, producer id and epoch only after batch n (KIP-98). A number that will never be
// filled, because its batch failed or expired, is a hole: all that follows it is answered with
// OUT_OF_ORDER_SEQUENCE_NUMBER. A hole is repaired by numbering from 0 under a higher epoch (KIP-360). Batches that were sent
// under the old numbers may be renumbered only if they surely were not appended, else they would be twice in
// the log. Why the code below keeps to that:
//
//   - Nothing is renumbered while an answer is pending at the partition (consider calls repair with flight empty).
//   - If the missing batch surely was not appended, nothing behind it can have been: the broker refuses what
//     follows a gap. All that is numbered behind it is renumbered, whatever became of its own attempts.
//   - If the missing batch may have been appended (it expired in flight, or its last attempt had no answer), what is
//     behind it may have been, too. It is sent again under its old numbers first. An acknowledgement settles that there is no hole;
//     OUT_OF_ORDER_SEQUENCE_NUMBER settles that there is one. Nothing new gets a number meanwhile.
//   - That holds in a log that has the numbers in order. A broker that has forgotten them, or whose log is another one since the topic
//     was made anew, takes any for the first (before Kafka 4.5, KAFKA-15591), and refuses those below it as it refuses what follows a gap.
//     So no such answer says anything of the batches behind (hole.suspect): those in doubt go again under their old numbers.
//   - A broker that has started again knows the last batch of a producer only: its snapshot has no more. It refuses, as out of order, what
//     it holds before that one. So a refusal leaves a batch in doubt that was in doubt before. If the last one is acknowledged, older
//     ones may be there (settleOlder); if it is gone, too, they fail in doubt (giveUpForgotten); if it is refused, it isn't there and
//     they aren't.
//   - Batches older than the hole are not concerned: they go first, under the numbers they have.
//
// Late requests: a broker may handle what a lost connection carried long after, when the batches in it went again over another
// one and were answered. It takes them if their numbers are the next. So of a batch that was lost once (Batch.late) no
// answer says for good that it isn't in the log; and if the number before it may be filled late, too (Partition.late), it
// isn't renumbered: it fails in doubt. A higher epoch in the log ends all that. A new producer id doesn't: after 32,767 epochs a batch that failed
// in doubt may come behind what was sent later.
//
// A new epoch costs no request: it is the old one plus one. An epoch is the producer's, but each partition moves to it only
// when it has a hole of its own: brokers check epochs a partition at a time. Epochs end at 32767; then
// InitProducerId gives a new producer id.

// producerID is a producer id and an epoch. The zero value is none.
type producerID struct {
	id    int64
	epoch int16
	given bool
}

func (id producerID) none() bool { return !id.given }

// idState is what the core knows of the producer's own id.
type idState struct {
	current producerID // with the highest epoch in use
	asked   bool       // NewProducerID is out
	retryAt Time       // InitProducerId failed: when to ask again; 0 none
	tries   int        // failures in a row
	first   int32      // sequence that partitions begin with which are numbered for the first time
	spent   bool       // a partition that is forgotten may have been numbered under current
	trouble error      // of the last of them; for words only
}

// addSequence returns the sequence n after seq: 2147483647 is followed by 0 (DefaultRecordBatch.incrementSequence).
func addSequence(seq, n int32) int32 {
	if seq > math.MaxInt32-n {
		return n - (math.MaxInt32 - seq) - 1
	}
	return seq + n
}

// ProducerID takes the answer to InitProducerId.
func (c *Core) ProducerID(now Time, id int64, epoch int16) {
	c.journal.at(opID, now, id, int64(epoch))
	c.id = idState{current: producerID{id, epoch, true}, first: c.cfg.FirstSequence}
	c.note(Note{Event: NewID, ID: id, Epoch: epoch})
	waiting := c.awaiting
	c.awaiting = nil
	for _, p := range waiting {
		p.awaitsID = false
		c.consider(now, p)
	}
	c.end(now)
}

// ErrNoIdempotence is part of the fatal error of a producer that the cluster doesn't let write idempotently.
var ErrNoIdempotence = errors.New("the cluster refuses an idempotent producer: grant the principal IdempotentWrite on the cluster, or Write on the topics with a broker of 2.8 or later, or set enable.idempotence=false")

// ProducerIDFailed takes the news that InitProducerId failed: an error code that is not retriable is fatal,
// anything else is tried again after a backoff.
func (c *Core) ProducerIDFailed(now Time, err error) {
	c.journal.idFailed(now, err)
	// A code that is the error itself is the broker's answer. One within the error, such as SASL_AUTHENTICATION_FAILED, is why
	// there was none: that may be put right, and batches wait for it until their time is over.
	if code, ok := err.(protocol.ErrorCode); ok && !code.Retriable() && code != protocol.None {
		if code == protocol.ClusterAuthorizationFailed {
			err = fmt.Errorf("%w: %w", ErrNoIdempotence, err)
		}
		c.breakDown(err)
		c.end(now)
		return
	}
	c.id.asked, c.id.trouble = false, err
	c.id.tries++
	wait := c.backoff(c.id.tries)
	c.id.retryAt = now.after(Time(wait))
	if c.id.tries == 1 {
		c.note(Note{Event: NoID, Err: err, After: wait})
	}
	c.end(now)
}

// hasID says whether p can number its next batch; if not, p is remembered until there is a producer id.
func (c *Core) hasID(p *Partition) bool {
	if !c.cfg.Idempotent || !p.id.none() {
		return true
	}
	if c.id.spent && !c.id.current.none() {
		c.id.spent = false
		c.freshID(c.id.current)
	}
	if c.id.current.none() {
		c.awaitID(p)
		return false
	}
	return true
}

// Forget takes the news that partitions are known no more, by the caller's own choice. If one of them comes back, nobody knows which
// numbers it has used: partitions that are new from now on begin under a higher epoch than any it can have had.
func (c *Core) Forget() {
	c.journal.forget()
	c.id.spent = c.cfg.Idempotent
}

func (c *Core) awaitID(p *Partition) {
	if !p.awaitsID {
		p.awaitsID = true
		c.awaiting = append(c.awaiting, p)
	}
	c.askID()
}

func (c *Core) askID() {
	if !c.id.asked && c.id.retryAt == 0 {
		c.id.asked = true
		c.out.NewProducerID = true
	}
}

// number gives b the next numbers of p; p has an id or takes the producer's.
func (c *Core) number(p *Partition, b *Batch) {
	if p.id.none() {
		p.restart(c.id.current)
		p.next = c.id.first
	}
	b.numbered = true
	b.ProducerID, b.ProducerEpoch, b.BaseSequence = p.id.id, p.id.epoch, p.next
	p.next = addSequence(p.next, b.Count)
}

// restart begins p's numbers at 0 under id.
func (p *Partition) restart(id producerID) {
	p.id, p.next, p.acked, p.proven = id, 0, -1, 0
	p.hole, p.late = hole{from: noOrder}, lateness{}
}

// left takes note that b has no more to do with p's numbers: it is in the log, or failed.
func (p *Partition) left(b *Batch) {
	if b.numbered && b.late && (!p.late.any || p.late.order.before(b.order)) {
		p.late = lateness{order: b.order, last: b.last(), any: true}
	}
}

// mayFollowLate says whether b, which a broker refused since the number before it is missing, may be appended all the same: both of
// them by requests without answer.
func (p *Partition) mayFollowLate(b *Batch) bool {
	l := &p.late
	return b.late && l.any && (!l.order.before(b.order) || addSequence(l.last, 1) == b.BaseSequence)
}

// newLog takes note that p's topic was deleted and made anew, once nothing is in flight: none of our numbers are known in the new log,
// and they begin anew. But a batch in doubt may be in it already: before Produce 13 requests name topics, and one may have come after the
// topic was made anew. Nor are ids any better: brokers whose metadata lag name the old one once more, and then the new one again. So it goes
// again under its number first, as behind a hole of which nobody knows.
func (c *Core) newLog(p *Partition) {
	if !p.otherLog {
		return
	}
	p.otherLog, p.proven = false, 0
	for b := p.queue.head; b != nil && b.numbered; b = p.queue.next(b) {
		if b.doubt {
			p.hole.maybe, p.hole.suspect = true, true
			p.late = lateness{order: noOrder, any: true} // a log that doesn't know us may take any number, once it isn't empty
			return
		}
	}
	p.hole.widen(order{})
}

// repair closes p's hole, if it has one and the time has come; flight is empty.
func (c *Core) repair(p *Partition) {
	if p.hole.none() || c.fatal != nil {
		return
	}
	if b := p.queue.head; b != nil && b.numbered && b.order.before(p.hole.from) {
		return // goes first, under the numbers it has
	}
	if p.hole.from == noOrder && addSequence(p.acked, 1) == p.next {
		p.hole = hole{from: noOrder} // what may have been missing is there: the last number given is acknowledged
		return
	}
	if (p.hole.suspect || !p.leader.byID) && p.unsettled() { // by a topic's name a request gets into any log
		p.hole.from, p.hole.maybe = noOrder, true
		return
	}
	id, ok := c.freshID(p.id)
	if !ok {
		c.awaitID(p)
		return
	}
	c.giveUpForgotten(p)
	for b := p.queue.head; b != nil; b = p.queue.next(b) {
		if b.numbered {
			b.unnumber()
		}
	}
	p.restart(id)
	c.note(Note{Event: Renumbered, Partition: p, ID: id.id, Epoch: id.epoch})
}

// giveUpForgotten fails what the log refused and may hold all the same: a later batch is gone that may be in it, and then a broker that
// has started again knows that one only. Rather in doubt than twice.
func (c *Core) giveUpForgotten(p *Partition) {
	for b := p.queue.head; b != nil && b.numbered && p.hole.suspect; {
		o := b
		b = p.queue.next(b)
		if o.doubt && o.order.before(p.hole.gone) {
			p.queue.remove(o)
			c.fail(o, protocol.OutOfOrderSequenceNumber, nil)
		}
	}
}

// unsettled says whether the last attempt at a batch that waits to be sent again may have been appended.
func (p *Partition) unsettled() bool {
	for b := p.queue.head; b != nil && b.numbered; b = p.queue.next(b) {
		if b.doubt && !b.settled {
			return true
		}
	}
	return false
}

// unnumber makes b go again as if for the first time.
func (b *Batch) unnumber() {
	b.numbered, b.doubt, b.settled, b.whole, b.late = false, false, false, false, false
}

// freshID returns an id and epoch that a partition numbered under old never used.
func (c *Core) freshID(old producerID) (producerID, bool) {
	cur := &c.id.current
	if cur.none() {
		return producerID{}, false
	}
	if *cur == old {
		if cur.epoch == math.MaxInt16 {
			*cur = producerID{}
			return producerID{}, false
		}
		cur.epoch++
		c.id.first = 0 // brokers that know the id take no other from a higher epoch
	}
	return *cur, true
}
