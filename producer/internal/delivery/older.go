package delivery

import "errors"

// ErrOtherLog is the error of a batch in doubt when a later one was appended at an offset that doesn't tell whether it was, too.
var ErrOtherLog = errors.New("a later batch of the partition is in the log, which has forgotten this one or is another log: nobody can tell whether it is there")

// settleOlder ends the doubt about the batches before b that were to be sent again, now that b is in the log at offset at (-1 unknown). A
// broker takes no number before those below it, so that they are there; where, it didn't say. But one that knows nothing of our numbers
// takes any (before Kafka 4.5, KAFKA-15591): one that has forgotten them, or whose log is another one since the topic was made anew. Then b is
// the first, and what is older isn't there: it goes again as if it were new, rather out of order than lost. That it isn't there is certain if b
// stands too far in front for it, or if one of them was refused: then that one and those before it.
func (c *Core) settleOlder(now Time, b *Batch, at int64) {
	p := b.Partition
	if p.hole.from.before(b.order) {
		p.hole.from = noOrder
	}
	var older []*Batch // that may be there
	records := int64(0)
	for o := p.queue.head; o != nil && o.numbered && o.order.before(b.order); o = p.queue.next(o) {
		older, records = append(older, o), records+int64(o.Count)
	}
	absent := 0
	if at >= 0 && at < records {
		absent = len(older)
	}
	for i := len(older) - 1; i >= absent; i-- {
		if !older[i].doubt {
			absent = i + 1
		}
	}
	if absent > 0 {
		c.note(Note{Event: Reordered, Partition: p})
	}
	for _, o := range older[:absent] {
		records -= int64(o.Count)
	}
	for i, o := range older {
		switch {
		case i < absent:
			o.unnumber()
			c.move(now, o, p)
		case p.hole.suspect, at >= 0 && at <= p.ackedEnd+records: // no room for it behind what was acknowledged before
			p.queue.remove(o)
			c.fail(o, ErrOtherLog, nil)
		default:
			p.queue.remove(o)
			p.left(o)
			c.finish(o, Outcome{BaseOffset: -1, LogAppendTime: -1})
		}
	}
}
