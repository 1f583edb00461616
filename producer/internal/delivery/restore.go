package delivery

import (
	"fmt"
	"math"
	"slices"
)

// restore makes r.core from the entries that describe its state, which r.log begins with. The core keeps a journal that begins there.
func (r *player) restore() error {
	r.core = New(Config{}, r)
	r.core.journal = &journal{full: math.MaxInt}
	i := 0
	for ; i < len(r.log) && !r.log[i].op.input() && (i == 0 || r.log[i].op != opBegin); i++ {
		if err := r.describe(&r.log[i]); err != nil {
			return err
		}
	}
	// Batches stand in their partitions' lists by age.
	slices.SortFunc(r.waiting, func(a, b *Batch) int { return a.order.compare(b.order) })
	for _, b := range r.waiting {
		if l := &b.Partition.queue; b.state == Open || b.state == Queued {
			l.pushBack(b)
		} else {
			b.Partition.flight.pushBack(b)
		}
	}
	r.waiting = nil
	r.core.flying = len(r.core.journal.flying)
	r.core.journal.begin(r.core)
	return r.compare()
}

// describe takes an entry that describes state.
func (r *player) describe(e *entry) error {
	f := packer{values: slices.Clone(e.values), from: r.core}
	c := r.core
	switch e.op {
	case opBegin:
		c.walk(&f)
		f.bad = f.bad || c.id.tries > maxAttempts
	case opSettings:
		c.cfg.walk(&f)
		f.bad = f.bad || !c.cfg.plausible()
	case opNode:
		r.describeNode(&f)
	case opPartition:
		r.describePartition(e.topic, &f)
	case opBatch:
		r.describeBatch(&f)
	case opLingering:
		c.lingering = r.batches[f.take()]
		f.bad = f.bad || c.lingering == nil || c.lingering.state == Abandoned
	case opRequest:
		r.describeRequest(&f)
	case opReady:
		if p := r.partition(&f); !f.bad {
			if f.bad = p.listed || p.leader == nil; !f.bad {
				p.leader.ready.pushBack(p)
			}
		}
	case opAwaiting:
		c.awaiting = append(c.awaiting, r.partition(&f))
	case opResting:
		c.resting = append(c.resting, rest{p: r.partition(&f), until: Time(f.take())})
	default:
		f.bad = true
	}
	if f.bad || len(f.values) > 0 {
		return &FormatError{e.line, fmt.Sprintf("what it describes can't be: %s", e)}
	}
	return nil
}

// maxAttempts is more than a batch has in its time.
const maxAttempts = 1 << 20

// plausible says whether cfg may be a Core's.
func (cfg *Config) plausible() bool {
	return min(cfg.Linger, cfg.DeliveryTimeout, cfg.RetryBackoff, cfg.RetryBackoffMax, cfg.MaxThrottle) >= 0 &&
		cfg.RetryBackoffMax <= 1<<60 && cfg.Gather >= GatherWhereQueued && cfg.Gather <= GatherAlways
}

func (r *player) describeNode(f *packer) {
	var n node
	n.walk(f)
	f.bad = f.bad || n.serving.alone < 0 || n.serving.alone > 1<<50 // what it is multiplied with stays below an overflow: see maxAttempts
	if c := r.core; n.id == NoLeader {
		*c.nowhere = n
	} else {
		*c.node(n.id) = n
	}
}

// describePartition makes a partition, unless it is known.
func (r *player) describePartition(topic string, f *packer) {
	p := NewPartition(topic, 0)
	p.walk(f)
	if n := int64(p.number); !f.bad && r.parts[n] == nil {
		r.parts[n] = &p
	}
}

func (r *player) describeBatch(f *packer) {
	b := &Batch{Partition: r.partition(f)}
	num(f, &b.number)
	b.walk(f)
	if f.bad = f.bad || b.state < Open || b.state > Abandoned || b.Attempts > maxAttempts || !r.know(b); f.bad {
		return
	}
	if b.state != Abandoned {
		r.core.live.pushBack(b)
	}
	r.waiting = append(r.waiting, b)
}

func (r *player) describeRequest(f *packer) {
	q := new(Request)
	num(f, &q.serial)
	num(f, &q.Node)
	num(f, &q.sent)
	num(f, &q.behind)
	f.flag(&q.urgent)
	for _, n := range f.values {
		b := r.batches[n]
		if b == nil || b.state != InFlight && b.state != Abandoned || r.held[b] {
			f.bad = true
			return
		}
		r.held[b] = true
		q.Batches = append(q.Batches, b)
	}
	f.values = nil
	f.bad = f.bad || r.requests[q.serial] != nil || q.behind < 0 || q.behind > maxAttempts
	r.requests[q.serial] = q
	r.core.journal.sent(q)
}

// partition is a known partition by its number.
func (r *player) partition(f *packer) *Partition {
	p := r.parts[f.take()]
	f.bad = f.bad || p == nil
	return p
}

// know notes a batch by its number; false if there is one already.
func (r *player) know(b *Batch) bool {
	n := int64(b.number)
	if b.number == 0 || r.batches[n] != nil {
		return false
	}
	r.batches[n] = b
	return true
}
