package delivery

import (
	"errors"
	"math/bits"
	"slices"

	"kafkaproducer/protocol"
)

// told has the oracle judge an outcome.
func (w *world) told(b *Batch) {
	h, o := b.Owner.(*payload), b.Outcome
	for _, i := range h.records {
		f := &w.parts[h.part].batches[h.batch][i]
		if f.told != untold {
			if i == h.withdrawn {
				continue // the sender was told when it took the record back
			}
			w.fail("%s has a second outcome", h.name)
		}
		switch {
		case o.Err == nil:
			f.told = acked
			if f.stands == absent || f.stands == lost {
				w.fail("%s is acknowledged and not in the log", h.name)
			}
		case o.Certainty == NotPersisted:
			f.told = failedNot
			if f.stands == inLog {
				w.fail("%s is in the log and said not to be: %v", h.name, o.Err)
			}
		case o.Certainty == Persisted:
			f.told = failedSurely
			p := w.parts[b.Partition.Index]
			if f.stands == absent || f.stands == lost && p.p.leaderEpoch >= p.lossEpoch { // else the sender can't know better
				w.fail("%s is not in the log and said to be: %v", h.name, o.Err)
			}
		default:
			f.told = failedPossibly
		}
		w.cautious(b, f)
	}
	if errors.Is(o.Err, ErrBehindFailed) {
		w.behindGap(w.parts[h.part], b)
	}
	if o.Err == nil && o.BaseOffset >= 0 {
		log := &w.parts[b.Partition.Index].log
		if i := o.BaseOffset - log.start; i >= 0 && (i >= int64(len(log.records)) || log.records[i] != h.ids()[0]) {
			w.fail("%s is said to be at offset %d", h.name, o.BaseOffset)
		}
	}
}

// failed returns the records of batches before batch i that have failed, as bits.
func (p *worldPart) failed(i int) (records uint64) {
	for k, batch := range p.batches[:i] {
		for r, f := range batch {
			if f.told > acked {
				records |= 1 << (8*k + r)
			}
		}
	}
	return records
}

// gapBefore returns the first batch before batch i of which a record has failed that the sender didn't know of when it sent i; -1: there is none.
func (p *worldPart) gapBefore(i int) int {
	if unknown := p.failed(i) &^ p.knew[i]; unknown != 0 {
		return bits.TrailingZeros64(unknown) / 8
	}
	return -1
}

// noGaps looks for what gapless partitions must not have: a record that is acknowledged, or still to come, although it stands behind one that has
// failed, of which the sender didn't know when it sent it. That it was in flight already is no excuse.
func (w *world) noGaps() {
	for _, p := range w.parts {
		for i, batch := range p.batches {
			failed := p.gapBefore(i) >= 0
			for _, f := range batch {
				failed = failed || f.told > acked
				switch {
				case failed && f.told == acked:
					w.fail("batch %d of %s is acknowledged and stands behind a gap", i, partitionName(&p.p))
				case failed && f.told == untold:
					w.fail("batch %d of %s has no outcome and stands behind a gap", i, partitionName(&p.p))
				}
			}
		}
	}
}

// behindGap judges the outcome of a batch that fails as behind a gap: there is one, and what is between has failed before.
func (w *world) behindGap(p *worldPart, b *Batch) {
	h := b.Owner.(*payload)
	gap := p.gapBefore(h.batch)
	if gap < 0 && slices.IndexFunc(p.batches[h.batch], func(f fate) bool { return f.told > acked }) == int(h.records[0]) {
		w.fail("batch %d of %s fails as behind a gap, and there is none", h.batch, partitionName(&p.p))
	}
	for k := gap; 0 <= k && k < h.batch; k++ {
		if p.batches[k][len(p.batches[k])-1].told == untold {
			w.fail("batch %d of %s fails behind a gap before batch %d does", h.batch, partitionName(&p.p), k)
		}
	}
}

// cautious looks for an outcome that says more than the core can know, or leaves more in doubt than it promises. An attempt that may have
// been appended, which no answer settled, is doubt, and so is one that isn't answered yet, unless the number before it surely is missing:
// that is looked at in gapless partitions, where all that is behind fails at once. Else the batch surely isn't in the log (see wordOf), or
// surely is: if and only if that was the last word of the leader.
func (w *world) cautious(b *Batch, f *fate) {
	switch {
	case f.told == failedSurely && f.word != wordStands:
		w.fail("%s is said to be in the log, and that isn't the last word of its leader: %v", nameOf(b), b.Outcome.Err)
	case f.told == failedPossibly && f.word == wordStands:
		w.fail("%s is said to be in doubt, and the last word of the leader was that it has it: %v", nameOf(b), b.Outcome.Err)
	case f.told > failedNot && f.word == wordAbsent && !w.unansweredOf(b):
		w.fail("%s is said to be in doubt, and was never sent or each attempt was refused: %v", nameOf(b), b.Outcome.Err)
	case w.setup.gapless && f.told == failedPossibly && w.unansweredOf(b) && w.behindMissing(b):
		w.fail("%s is said to be in doubt, and stands behind a number that surely is missing: %v", nameOf(b), b.Outcome.Err)
	}
}

// behindMissing says whether a number before that of b under the same epoch surely isn't in the log, which can't be another one.
func (w *world) behindMissing(b *Batch) bool {
	at := b.Owner.(*payload).ids()[0]
	return !w.parts[b.Partition.Index].refused && slices.ContainsFunc(w.given, func(g given) bool {
		o := g.record
		return int32(g.part) == b.Partition.Index && g.id == b.ProducerID && g.epoch == b.ProducerEpoch && w.fate(o).told == failedNot &&
			!w.fate(o).moved && (o.batch < at.batch || o.batch == at.batch && o.index < at.index)
	})
}

// unansweredOf says whether a request with b is or was unanswered when the core gave the outcome.
func (w *world) unansweredOf(b *Batch) bool {
	return slices.Contains(w.lost, b) || slices.ContainsFunc(w.nodes, func(n *worldNode) bool {
		return slices.ContainsFunc(n.wire, func(q onWire) bool { return slices.Contains(q.r.Batches, b) })
	})
}

// wordOf is what an answer says of whether this attempt was appended. Brokers look whether they can take a batch before they append it, so that
// nothing was if they find too few replicas, a record or a size that they refuse, or a number, an epoch or a producer id that is not the one.
// Codes that a leader may also answer when it has appended say nothing.
func wordOf(res *Result) brokersWord {
	if res.Missing {
		return wordNone
	}
	switch res.Code {
	case protocol.NotEnoughReplicas, protocol.InvalidRecord, protocol.MessageTooLarge, protocol.OutOfOrderSequenceNumber,
		protocol.InvalidProducerEpoch, protocol.UnknownProducerID:
		return wordAbsent
	case protocol.NotEnoughReplicasAfterAppend:
		return wordStands
	}
	return wordNone
}

// heard takes note of what the sender is told of the batches of a request. Missing results are those of a request that was lost.
func (w *world) heard(q *onWire, results []Result) {
	for i, b := range q.r.Batches {
		if w.setup.gapless && results[i].Code == protocol.OutOfOrderSequenceNumber {
			w.parts[b.Partition.Index].refused = true
		}
		word := wordOf(&results[i])
		if word == wordStands && q.stale[i] {
			word = wordNone // not of the leader there is
		}
		for _, id := range b.Owner.(*payload).ids() {
			if word != wordAbsent {
				w.fate(id).word = word
			}
		}
	}
}

// outdated takes note that the sender learns of a new leader of a partition: what the old one said was its last word.
func (w *world) outdated(p *worldPart) {
	for _, n := range w.nodes {
		for _, q := range n.wire {
			for i, b := range q.r.Batches {
				q.stale[i] = q.stale[i] || b.Partition == &p.p
			}
		}
	}
	for b := p.p.queue.head; b != nil; b = p.p.queue.next(b) {
		for _, id := range b.Owner.(*payload).ids() {
			if f := w.fate(id); f.word == wordStands {
				f.word = wordNone
			}
		}
	}
}
