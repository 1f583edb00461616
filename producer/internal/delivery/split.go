package delivery

// A batch that comes back in parts: too large for the broker as a whole, or refused for some of its records.

// split puts the parts of b, too large for the broker, in b's place: they share out its numbers in order.
func (c *Core) split(b *Batch) bool {
	parts := c.records.Split(b)
	c.journal.divided(opSplit, b, parts...)
	if len(parts) == 0 {
		return false
	}
	p, first := b.Partition, int32(0)
	c.note(Note{Event: Split, Partition: p, Size: b.Size})
	for _, q := range parts {
		q.order = order{b.order.serial, b.order.part + first}
		q.opened, q.created, q.lingered, q.Attempts, q.retries = b.opened, b.created, true, b.Attempts, b.retries
		q.doubt, q.late, q.whole = b.doubt, b.late, b.doubt || b.whole
		if b.numbered {
			q.numbered, q.ProducerID, q.ProducerEpoch = true, b.ProducerID, b.ProducerEpoch
			q.BaseSequence = addSequence(b.BaseSequence, first)
		}
		c.become(q, Queued)
		c.live.insertBefore(q, b)
		p.queue.insertInOrder(q)
		first += q.Count
	}
	p.returned = p.flight.n > 0
	if c.lingering == b {
		c.lingering = c.live.next(b)
	}
	c.live.remove(b)
	c.become(b, Done)
	c.out.Freed = append(c.out.Freed, b)
	return true
}

// sift takes the records out of b that the broker has nothing against, where it names those that it refuses (KIP-467), and
// queues them in b's place; b is left with the guilty. The broker appends a batch whole or not at all, so that none of them is
// in the log; their numbers are a hole, as with any batch that fails.
func (c *Core) sift(b *Batch, res *Result) bool {
	if len(res.RecordErrors) == 0 || !c.cfg.ResendHealthy || b.Partition.Gapless || b.doubt || b.retries >= c.cfg.Retries {
		return false
	}
	healthy, errors := c.records.Sift(b, res.RecordErrors)
	if healthy == nil {
		c.journal.divided(opSifted, b)
		return false
	}
	c.journal.divided(opSifted, b, healthy)
	res.RecordErrors = errors
	p := b.Partition
	healthy.order, healthy.opened, healthy.created, healthy.lingered = b.order, b.opened, b.created, true
	healthy.Attempts, healthy.retries = b.Attempts, b.retries
	c.become(healthy, Queued)
	c.live.insertBefore(healthy, b)
	p.queue.insertInOrder(healthy)
	p.returned = p.flight.n > 0
	return true
}
