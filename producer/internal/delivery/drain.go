package delivery

import "time"

// maxPerPartition is how many batches of an idempotent producer a broker remembers for each partition
// (ProducerStateEntry.NUM_BATCHES_TO_RETAIN): a retry of an older one could not be known for a duplicate.
const maxPerPartition = 5

// provenFor is how long after an acknowledgement a broker surely knows a producer id. It forgets one that has written nothing for
// producer.id.expiration.ms, a day unless it is set to less; then, since Kafka 2.5, it takes any number for the first (KIP-360): the
// second of two batches also if it refused the first. So the first batch after a rest flies alone, as the very first does.
const provenFor = 10 * time.Minute

// sendable says whether the next batch of p may go to p's leader now. It is the one place where the rules of order
// in the package documentation are decided.
func (c *Core) sendable(now Time, p *Partition) bool {
	b := p.queue.head
	switch {
	case b == nil, b.state == Open && !b.lingered:
		return false
	case p.returned, p.otherLog, p.resumeAt > now:
		return false
	case p.flight.n > 0 && p.at != p.leader:
		return false
	case !c.cfg.Idempotent:
		return true
	case p.flight.n >= maxPerPartition, p.flight.n > 0 && now >= p.proven:
		return false
	case b.numbered:
		return b.order.before(p.hole.from)
	}
	return p.hole.none()
}

// consider puts p in the list of its leader if it may send now. Called after whatever may have made it so.
func (c *Core) consider(now Time, p *Partition) {
	if p.flight.n == 0 {
		p.at, p.returned = nil, false
		c.newLog(p)
		c.repair(p)
	}
	n := p.leader
	switch {
	case p.listed:
		if b := p.queue.head; !n.urgent && b != nil && b.state == Queued {
			n.urgent = true
			c.touch(n)
		}
	case c.sendable(now, p) && c.hasID(p):
		n.ready.pushBack(p)
		n.urgent = n.urgent || p.queue.head.state == Queued
		c.touch(n)
	}
}

// touch has n drained at the end of the current input.
func (c *Core) touch(n *node) {
	if !n.touched {
		n.touched = true
		c.touched = append(c.touched, n)
	}
}

func (c *Core) drainTouched(now Time) {
	for len(c.touched) > 0 {
		n := c.touched[len(c.touched)-1]
		c.touched = c.touched[:len(c.touched)-1]
		n.touched = false
		c.drain(now, n)
	}
}

// drain sends to n what may be sent, or asks for what stands in the way.
func (c *Core) drain(now Time, n *node) {
	for p := n.ready.head; p != nil && !c.sendable(now, p); p = n.ready.head {
		n.ready.remove(p) // its batch is gone: nothing to connect for
	}
	if n.ready.head == nil {
		n.stuck = 0
		return
	}
	sent := false
	switch {
	case n == c.nowhere:
		c.out.RefreshMetadata = true
	case n.up:
		sent = c.send(now, n)
	case !n.connecting:
		n.connecting = true
		c.out.Connect = append(c.out.Connect, n.id)
	}
	switch {
	case n.ready.head == nil:
		n.stuck = 0
	case sent || n.stuck == 0:
		n.stuck = max(now, 1)
	}
}

// send makes requests for n as far as its window allows, and returns whether there was any.
func (c *Core) send(now Time, n *node) (sent bool) {
	for n.ready.head != nil && n.unanswered < c.cfg.MaxInFlight && now >= n.muted && !c.gathers(n) {
		r := c.compose(now, n)
		if r == nil {
			break
		}
		c.journal.sent(r)
		n.unanswered++
		c.flying++
		c.out.Send = append(c.out.Send, r)
		sent = true
	}
	return sent
}

// compose makes a request for n of one batch of each partition in n's list, as many as max.request.size allows.
// Partitions that have more go to the end of the list. It returns nil if none could send after all.
func (c *Core) compose(now Time, n *node) *Request {
	r := c.newRequest(n)
	urgent := n.urgent
	n.urgent = false
	for p := n.ready.head; p != nil && p.inRequest != c.requests; p = n.ready.head {
		n.ready.remove(p)
		if !c.sendable(now, p) || !c.hasID(p) {
			continue
		}
		b := p.queue.head
		c.close(b)
		if b.Trim && b.Unsent() && !c.journal.trimmed(b, c.records.Trim(b)) {
			p.queue.remove(b)
			c.finish(b, Outcome{BaseOffset: -1, LogAppendTime: -1})
			c.consider(now, p)
			continue
		}
		size := b.Size + len(p.Topic) + partitionOverhead
		if len(r.Batches) > 0 && r.size+size > c.cfg.MaxRequestSize {
			n.ready.pushFront(p)
			n.urgent = true
			break
		}
		c.launch(p, b, n)
		r.Batches, r.TopicIDs = append(r.Batches, b), append(r.TopicIDs, p.topicID)
		r.size += size
		p.inRequest = c.requests
		if c.sendable(now, p) {
			n.ready.pushBack(p)
			n.urgent = n.urgent || p.queue.head.state == Queued
		}
	}
	if len(r.Batches) == 0 {
		c.free = append(c.free, r)
		return nil
	}
	n.serving.sent(now, r, n.unanswered, urgent)
	return r
}

// partitionOverhead is at least what a partition adds to a Produce request besides its batch and its topic's name: index,
// lengths, topic id, tagged fields.
const partitionOverhead = 48

func (c *Core) newRequest(n *node) *Request {
	c.requests++
	var r *Request
	if last := len(c.free) - 1; last >= 0 {
		r = c.free[last]
		c.free = c.free[:last]
	} else {
		r = new(Request)
	}
	r.Node, r.size, r.serial = n.id, c.cfg.RequestOverhead, c.requests
	return r
}

// launch takes b out of the queue and gives it its numbers, if it is its first time.
func (c *Core) launch(p *Partition, b *Batch, n *node) {
	p.queue.remove(b)
	if c.cfg.Idempotent && !b.numbered {
		c.number(p, b)
	}
	c.become(b, InFlight)
	b.Attempts++
	b.appended = true // if n says so while it leads
	p.flight.pushBack(b)
	p.at = n
}
