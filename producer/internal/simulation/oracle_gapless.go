package simulation

import "time"

// judgeGapless: where a partition is to have no gaps (Config.Gapless), what a sender sent to it behind a record that failed, and before
// the callback of that one said so, fails too. Holds o.mu.
func (o *Oracle) judgeGapless() {
	if !o.schedule.Gapless || !o.schedule.Idempotent { // without, what fails may stand behind what was sent later
		return
	}
	type gap struct {
		n    int           // the record that failed
		told time.Duration // the latest moment at which one before the record that is looked at was said to have failed
	}
	moved := o.moves && (o.Moved == nil || o.Moved()) // behind records that were sent to their new partition later
	for sender := range o.accepted {
		gaps := map[place]gap{}
		for n := range o.accepted[sender] {
			f := &o.accepted[sender][n]
			p := place{f.outcome.Topic, f.outcome.Partition}
			g, failed := gaps[p]
			switch {
			case !f.accepted, f.outcome.Aside, moved && o.schedule.movable(n):
			case f.outcome.Err != nil:
				if !failed || f.told > g.told {
					gaps[p] = gap{n, f.told}
				}
			case failed && f.at < g.told:
				o.note("record %d.%d was acknowledged, sent before record %d.%d of the same partition, which is to have no gaps, was said to have failed",
					sender, n, sender, g.n)
			}
		}
	}
}
