package producer

// A gapless partition (Config.Gapless) fails what is sent to it from a first failure on until the program can know: that is, until
// the callback of the first failed record has returned, or sends to the partition itself.

// tellGap runs the first callback of a batch whose failure made a gap, and ends the gap.
func (p *Producer) tellGap(b *batch, done Callback, m RecordMetadata, err error) {
	b.Outcome.Gap = false
	p.completer.gap.Store(b.part)
	done(m, err)
	p.completer.gap.Store(nil)
	p.mu.Lock()
	p.core.Resume(b.part.Partition)
	p.mu.Unlock()
}

// endGap ends the gap of a partition that is about to be sent to if that is done by the callback of the first failed record. Holds
// p.mu.
func (p *Producer) endGap(part *partition) {
	if p.completer.gap.Load() == part && inCallback() {
		p.core.Resume(part.Partition)
	}
}
