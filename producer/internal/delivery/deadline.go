package delivery

import (
	"container/heap"
	"errors"
	"fmt"
	"time"
)

// ErrDeliveryTimeout is the Outcome's error of a batch that had none within Config.DeliveryTimeout (KIP-91). The last trouble on
// its way, if any, is in the same error.
var ErrDeliveryTimeout = errors.New("delivery.timeout.ms passed")

// ErrNoLeader is the trouble of a batch whose partition had no leader that anybody knew.
var ErrNoLeader = errors.New("the partition has no leader")

// Tick handles all that is due at now. To be called at NextDeadline or later.
func (c *Core) Tick(now Time) {
	c.journal.at(opTick, now)
	for b := c.live.head; b != nil && b.created.after(Time(c.cfg.DeliveryTimeout)) <= now; b = c.live.head {
		c.expel(b, c.tooLate(b.Partition))
		c.consider(now, b.Partition)
	}
	for b := c.lingering; b != nil && b.created.after(Time(c.cfg.Linger)) <= now; b = c.lingering {
		c.lingered(now, b)
	}
	for len(c.resting) > 0 && c.resting[0].until <= now {
		r := heap.Pop(&c.resting).(rest)
		if r.p.resumeAt == r.until {
			r.p.resumeAt = 0
			c.consider(now, r.p)
		}
	}
	for _, n := range c.inOrder {
		if n.muted != 0 && n.muted <= now {
			n.muted = 0
			c.touch(n)
		}
	}
	if c.id.retryAt != 0 && c.id.retryAt <= now {
		c.id.retryAt = 0
		if len(c.awaiting) > 0 && c.live.head != nil { // else whatever is opened next asks
			c.askID()
		}
	}
	c.end(now)
}

// tooLate is the error of a batch of p whose time has passed: with what stands in p's way or, if nothing does, what its last
// attempt has failed of.
func (c *Core) tooLate(p *Partition) error {
	trouble := p.trouble
	switch {
	case p.leader == c.nowhere:
		trouble = ErrNoLeader
	case p.leader.trouble != nil:
		trouble = p.leader.trouble
	case p.awaitsID && c.id.trouble != nil:
		trouble = c.id.trouble
	}
	if trouble == nil {
		return ErrDeliveryTimeout
	}
	return fmt.Errorf("%w; the last trouble was: %w", ErrDeliveryTimeout, trouble)
}

// NextDeadline returns when Tick is due next.
func (c *Core) NextDeadline() Time {
	t := Never
	if b := c.live.head; b != nil {
		t = b.created.after(Time(c.cfg.DeliveryTimeout))
	}
	if b := c.lingering; b != nil {
		t = min(t, b.created.after(Time(c.cfg.Linger)))
	}
	if len(c.resting) > 0 {
		t = min(t, c.resting[0].until)
	}
	if c.id.retryAt != 0 {
		t = min(t, c.id.retryAt)
	}
	if c.throttled {
		for _, n := range c.inOrder {
			if n.muted != 0 {
				t = min(t, n.muted)
			}
		}
	}
	return t
}

// lingered ends the linger of b, the first in the order of age whose linger is not over.
func (c *Core) lingered(now Time, b *Batch) {
	b.lingered = true
	c.lingering = c.live.next(b)
	if b.state == Open {
		c.consider(now, b.Partition)
	}
}

func (c *Core) endLinger(now Time) {
	for c.lingering != nil {
		c.lingered(now, c.lingering)
	}
}

// rest is a partition that waits out a backoff.
type rest struct {
	until Time
	p     *Partition
}

// resting is a heap of them, the first due in front. An entry whose partition has another resumeAt is stale.
type resting []rest

func (r resting) Len() int           { return len(r) }
func (r resting) Less(i, j int) bool { return r[i].until < r[j].until }
func (r resting) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *resting) Push(x any)        { *r = append(*r, x.(rest)) }
func (r *resting) Pop() any {
	last := len(*r) - 1
	x := (*r)[last]
	*r = (*r)[:last]
	return x
}

// rest has p wait out a backoff after its attempts-th attempt.
func (c *Core) rest(now Time, p *Partition, attempts int) time.Duration {
	wait := c.backoff(attempts)
	p.resumeAt = now.after(Time(wait))
	heap.Push(&c.resting, rest{p.resumeAt, p})
	return wait
}

// backoff returns retry.backoff.ms × 2^(n-1), at most retry.backoff.max.ms, give or take 20 % (KIP-580).
func (c *Core) backoff(n int) time.Duration {
	d := min(c.cfg.RetryBackoff, c.cfg.RetryBackoffMax)
	for ; n > 1 && d < c.cfg.RetryBackoffMax; n-- {
		d *= 2
	}
	d = min(d, c.cfg.RetryBackoffMax)
	return time.Duration(float64(d) * (0.8 + 0.4*c.rand.Float64()))
}
