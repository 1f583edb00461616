package delivery

import (
	"errors"
	"fmt"
)

// Gapless partitions
//
// When a batch fails, those behind it go on: the numbers begin anew, and the log has a gap where the failed ones would be. Whoever
// would rather send all of it again in order than have that says so with Partition.Gapless. Then all batches behind one that
// fails fail with it, in order, and so do those that are opened before the caller could know: until Resume.

// ErrBehindFailed is part of the Outcome's error of a batch that failed since one before it did.
var ErrBehindFailed = errors.New("a record before this one in the partition failed, and the partition is to have no gaps")

// failedGapless notes that b failed in a gapless partition. An older batch may fail after a younger one, which was refused for
// reasons of its own: then the gap begins with the older one.
func (c *Core) failedGapless(b *Batch) {
	p := b.Partition
	if c.fatal != nil || p.gap != nil && !b.order.before(p.gapAt) {
		return
	}
	b.Outcome.Gap = p.gap == nil
	p.gap, p.gapAt = fmt.Errorf("%w: %w", ErrBehindFailed, b.Outcome.Err), b.order
	c.gaps = append(c.gaps, p)
}

// closeGaps fails what is behind batches that failed in the current input. A batch in flight can't be called back: its answer may
// show that it was appended. It surely is not if the number that failed before it surely never was, in a log that is surely ours (expel).
func (c *Core) closeGaps() {
	for _, p := range c.gaps {
		for b := p.behindGap(); b != nil; b = p.behindGap() {
			c.expel(b, p.gap)
		}
	}
	c.gaps = c.gaps[:0]
}

// behindGap returns the oldest batch that has no Outcome and was opened after the one that failed.
func (p *Partition) behindGap() *Batch {
	behind := func(l *list) *Batch {
		b := l.head
		for b != nil && (b.state == Abandoned || !p.gapAt.before(b.order)) {
			b = l.next(b)
		}
		return b
	}
	queued, flying := behind(&p.queue), behind(&p.flight)
	if queued == nil || flying != nil && flying.order.before(queued.order) {
		return flying
	}
	return queued
}

// Gap returns why all batches of a gapless partition fail at present, or nil.
func (p *Partition) Gap() error { return p.gap }

// Resume lets a gapless partition go on: the caller knows of the failure.
func (c *Core) Resume(p *Partition) {
	c.journal.resume(p)
	p.gap = nil
}
