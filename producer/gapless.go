package producer

// A gapless partition (Config.Gapless) fails what is sent to it from a first failure on until the program can know: that is, until
// the callback of the first failed record has returned, or sends to the partition itself.

// tellGap runs the first callback of a batch whose failure made a gap, and ends the gap.
func (p *Producer) tellGap(b *batch, done Callback, m RecordMetadata, err error) {
	b.Outcome.Gap = false
	p.completer.gap.Store(b.part)
	done(m, err)
	p.mu.Lock()
	p.resume(b.part)
	p.mu.Unlock()
}

// endGap ends the gap of a partition that is about to be sent to if that is done by the callback of the first failed record. Holds
// p.mu.
func (p *Producer) endGap(part *partition) {
	if p.completer.gap.Load() == part && inCallback() {
		p.resume(part)
	}
}

// resume ends the gap whose first callback is running or has returned; but once, for behind it there may be another by now: what that
// callback has sent may have failed. Holds p.mu.
func (p *Producer) resume(part *partition) {
	if p.completer.gap.CompareAndSwap(part, nil) {
		p.core.Resume(part.Partition)
	}
}
