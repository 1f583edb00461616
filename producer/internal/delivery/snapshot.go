package delivery

import (
	"encoding/binary"
	"math/rand/v2"
)

// The core's state as entries of the journal: what it has besides its inputs to decide by. Not in it are a partition's lists and counts
// that follow from the states of its batches, storage, and Actions: the state is taken when none are due.

// snapshot writes the state of c. What is mentioned is described before.
func (j *journal) snapshot(c *Core) {
	from := len(j.entries)
	j.describe(opBegin, c)
	j.describe(opSettings, &c.cfg)
	j.describe(opNode, c.nowhere)
	for _, n := range c.inOrder {
		j.describe(opNode, n)
	}
	for b := c.live.head; b != nil; b = c.live.next(b) {
		j.describeBatch(b)
	}
	if c.lingering != nil {
		j.put(opLingering, j.batch(c.lingering))
	}
	for _, r := range j.flying {
		for _, b := range r.Batches {
			if b.state == Abandoned { // else it is live
				j.describeBatch(b)
			}
		}
		j.head(opRequest, 5+len(r.Batches))
		j.add(int64(r.serial), int64(r.Node), int64(r.sent), int64(r.behind), bit(r.urgent))
		for _, b := range r.Batches {
			j.add(j.batch(b))
		}
	}
	j.ready(c.nowhere)
	for _, n := range c.inOrder {
		j.ready(n)
	}
	for _, p := range c.awaiting {
		j.put(opAwaiting, j.partition(p))
	}
	for _, r := range c.resting {
		j.put(opResting, j.partition(r.p), int64(r.until))
	}
	j.described = len(j.entries) - from
}

// walker is what a packer can take apart.
type walker interface{ walk(f *packer) }

// describe puts the state of x behind some values.
func (j *journal) describe(o op, x walker, values ...int64) {
	j.state.values = append(j.state.values[:0], values...)
	x.walk(&j.state)
	j.put(o, j.state.values...)
}

func (j *journal) describeBatch(b *Batch) {
	p := j.partition(b.Partition)
	j.describe(opBatch, b, p, j.batch(b))
}

// ready are the partitions in the list of a node.
func (j *journal) ready(n *node) {
	for p := n.ready.head; p != nil; p = p.succ {
		j.put(opReady, j.partition(p))
	}
}

func (c *Core) walk(f *packer) {
	num(f, &c.serial)
	num(f, &c.requests)
	f.flag(&c.pressed)
	f.flag(&c.throttled)
	f.err(&c.fatal)
	c.walkSource(f)
	f.id(&c.id.current)
	f.flag(&c.id.asked)
	num(f, &c.id.retryAt)
	num(f, &c.id.tries)
	num(f, &c.id.first)
	f.flag(&c.id.spent)
	f.err(&c.id.trouble)
}

// walkSource is the state of the random numbers: "pcg:" and its two words, as PCG's own method has them.
func (c *Core) walkSource(f *packer) {
	var storage [32]byte
	state, _ := c.source.AppendBinary(storage[:0])
	high, low := binary.BigEndian.Uint64(state[4:]), binary.BigEndian.Uint64(state[12:])
	num(f, &high)
	num(f, &low)
	if f.from != nil {
		c.source = rand.NewPCG(high, low)
		c.rand = rand.New(c.source)
	}
}

func (cfg *Config) walk(f *packer) {
	f.flag(&cfg.Idempotent)
	num(f, &cfg.Retries)
	num(f, &cfg.MaxInFlight)
	num(f, &cfg.MaxRequestSize)
	num(f, &cfg.RequestOverhead)
	num(f, &cfg.Linger)
	num(f, &cfg.DeliveryTimeout)
	num(f, &cfg.RetryBackoff)
	num(f, &cfg.RetryBackoffMax)
	num(f, &cfg.MaxThrottle)
	f.flag(&cfg.ResendHealthy)
	num(f, &cfg.Gather)
	num(f, &cfg.FirstSequence)
}

func (n *node) walk(f *packer) {
	num(f, &n.id)
	f.flag(&n.up)
	f.flag(&n.byID)
	f.flag(&n.connecting)
	f.err(&n.trouble)
	num(f, &n.unanswered)
	num(f, &n.muted)
	num(f, &n.stuck)
	f.flag(&n.urgent)
	num(f, &n.serving.alone)
	num(f, &n.serving.delay)
	num(f, &n.serving.alones)
	num(f, &n.serving.others)
}

func (p *Partition) walk(f *packer) {
	num(f, &p.number)
	num(f, &p.Index)
	f.flag(&p.Gapless)
	f.err(&p.gap)
	f.order(&p.gapAt)
	f.uuid(&p.topicID)
	f.node(&p.leader)
	num(f, &p.leaderless)
	num(f, &p.leaderEpoch)
	f.node(&p.at)
	f.flag(&p.returned)
	num(f, &p.resumeAt)
	f.flag(&p.troubled)
	f.err(&p.trouble)
	f.id(&p.id)
	num(f, &p.next)
	num(f, &p.acked)
	num(f, &p.ackedEnd)
	num(f, &p.proven)
	f.order(&p.hole.from)
	f.flag(&p.hole.maybe)
	f.flag(&p.hole.suspect)
	f.order(&p.hole.gone)
	f.order(&p.late.order)
	num(f, &p.late.last)
	f.flag(&p.late.any)
	f.flag(&p.otherLog)
	f.flag(&p.awaitsID)
	num(f, &p.inRequest)
}

func (b *Batch) walk(f *packer) {
	num(f, &b.state)
	if b.state != Open { // else the caller is going to set them
		num(f, &b.Count)
		num(f, &b.Size)
	}
	num(f, &b.Attempts)
	f.flag(&b.numbered)
	num(f, &b.ProducerID)
	num(f, &b.ProducerEpoch)
	num(f, &b.BaseSequence)
	f.flag(&b.doubt)
	f.flag(&b.late)
	f.flag(&b.settled)
	f.flag(&b.whole)
	f.flag(&b.appended)
	f.flag(&b.lingered)
	num(f, &b.created)
	num(f, &b.retries)
	f.order(&b.order)
	num(f, &b.opened)
}
