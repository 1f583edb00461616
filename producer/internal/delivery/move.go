package delivery

import "time"

// Moved batches
//
// A partition can be without a leader for long: all brokers that have it are down. What waits there under a number, or was tried
// without one, has to wait on: it may be in the log. A batch that was never sent and whose records chose no partition themselves
// can go to another one. There it goes behind all that is waiting, as if it were opened now: its place among the records of one
// sender is lost, its delivery.timeout.ms goes on.

// Leaderless returns for how long the partition has been without a leader, 0 when it has one.
func (p *Partition) Leaderless(now Time) time.Duration {
	if p.leader == nil || p.leader.id != NoLeader {
		return 0
	}
	return time.Duration(now - p.leaderless)
}

// Evacuate moves the batches of p that may go elsewhere to the partitions that to names for each, or leaves them where it returns
// nil. A batch takes no more records when to is called.
func (c *Core) Evacuate(now Time, p *Partition, to func(b *Batch) *Partition) {
	c.journal.evacuate(now, p)
	for b := p.queue.head; b != nil; {
		after := p.queue.next(b)
		if b.Unsent() {
			c.close(b) // first: until then its next record may be one that pins it
		}
		if b.Unsent() && !b.Pinned {
			q := to(b)
			c.journal.moved(b, q)
			if q != nil && q != p {
				c.move(now, b, q)
			}
		}
		b = after
	}
	if p.listed && !c.sendable(now, p) {
		p.leader.ready.remove(p)
	}
	c.consider(now, p) // what stays was closed before its linger was over
	c.end(now)
}

// move puts b behind all that waits in q.
func (c *Core) move(now Time, b *Batch, q *Partition) {
	b.Partition.queue.remove(b)
	if last := q.queue.tail; last != nil {
		c.close(last) // an open batch is the last of a queue
	}
	c.serial++
	b.Partition, b.order, b.lingered = q, order{serial: c.serial}, true
	if c.lingering == b {
		c.lingering = c.live.next(b)
	}
	q.queue.pushBack(b)
	c.consider(now, q)
}

// DropOldest gives the oldest batch that was never sent and that may be dropped its Outcome, with err, and returns it; nil if there
// is none. may answers for good: an open batch takes no more
// records once it has said yes.
func (c *Core) DropOldest(now Time, err error, may func(b *Batch) bool) *Batch {
	for b := c.live.head; b != nil; b = c.live.next(b) {
		if b.Unsent() && may(b) {
			c.journal.dropped(now, b, err)
			p := b.Partition
			c.expel(b, err)
			c.consider(now, p)
			c.end(now)
			return b
		}
	}
	return nil
}

// close makes b take no more records.
func (c *Core) close(b *Batch) {
	if b.state == Open {
		c.records.Close(b)
		c.journal.closed(b)
		c.become(b, Queued)
	}
}
