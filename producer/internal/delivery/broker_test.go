package delivery

import (
	"slices"

	"kafkaproducer/protocol"
)

// brokerLog is the log of a partition with Kafka's producer state (ProducerStateManager, ProducerAppendInfo.checkSequence). It
// follows the partition from leader to leader: acks=all. What nobody was told of but in an error may be lost on the way: see lose. What it keeps
// of records is up to who uses it.
type brokerLog[R any] struct {
	leader, epoch int32
	records       []R
	start         int64 // offset of the first record
	states        []producerState
	old           bool // before Kafka 2.5: what retention took, the producer state forgets
	lenient       bool // before Kafka 4.5: a log without a record takes any sequence, as others do (KAFKA-15591)
	unclean       bool // an election may lose the end
	unsure        []unsure
}

// unsure is what the log was before an append of which no answer has told yet that all replicas have it.
type unsure struct {
	end    int64
	states []producerState
}

// recordID names a record: the partition it was sent to, which batch of that, and which record in it.
type recordID struct{ part, batch, index int8 }

// producerState is ProducerStateEntry: what a log knows of a producer id.
type producerState struct {
	id    int64
	epoch int16
	last  int32 // sequence of the last record
	cache []cachedBatch
}

// cachedBatch is one of the last five batches of a producer, by which a repetition is known.
type cachedBatch struct {
	first, last int32
	offset      int64
}

func (l *brokerLog[R]) state(id int64) *producerState {
	for i := range l.states {
		if l.states[i].id == id {
			return &l.states[i]
		}
	}
	return nil
}

// after returns the sequence n after seq, of 2^31 that there are.
func after(seq, n int32) int32 { return int32((int64(seq) + int64(n)) % (1 << 31)) }

// append answers a batch as a leader does, and says whether it appended it.
func (l *brokerLog[R]) append(b *Batch, records ...R) (res Result, appended bool) {
	res = Result{BaseOffset: -1, LogAppendTime: -1, LogStartOffset: l.start}
	if b.numbered {
		s := l.state(b.ProducerID)
		if s == nil {
			l.states = append(l.states, producerState{id: b.ProducerID, epoch: -1})
			s = &l.states[len(l.states)-1]
		}
		if res.Code = l.refuses(s, b, &res); res.Code != protocol.None || res.BaseOffset >= 0 {
			return res, false
		}
		if l.unclean {
			l.unsure = append(l.unsure, unsure{l.end(), slices.Clone(l.states)})
		}
		if b.ProducerEpoch != s.epoch {
			*s = producerState{id: s.id, epoch: b.ProducerEpoch}
		}
		s.last = after(b.BaseSequence, b.Count-1)
		s.cache = append(slices.Clip(s.cache), cachedBatch{b.BaseSequence, s.last, l.end()}) // unsure has the old one
		if len(s.cache) > maxPerPartition {
			s.cache = s.cache[1:]
		}
	}
	res.BaseOffset = l.end()
	l.records = append(l.records, records...)
	return res, true
}

// acknowledged takes note of an answer that says that a batch is in the log: with acks=all, all replicas have what is before end.
func (l *brokerLog[R]) acknowledged(end int64) {
	l.unsure = slices.DeleteFunc(l.unsure, func(u unsure) bool { return u.end < end })
}

// lose has a replica lead that doesn't have what only the old leader had, and returns that. Its producer state is that of the log it has.
func (l *brokerLog[R]) lose() (lost []R) {
	if len(l.unsure) == 0 {
		return nil
	}
	u := l.unsure[0]
	l.records, lost = l.records[:u.end-l.start:u.end-l.start], l.records[u.end-l.start:]
	l.states, l.unsure = u.states, nil
	return lost
}

func (l *brokerLog[R]) end() int64 { return l.start + int64(len(l.records)) }

// refuses returns why a batch is not appended, None if it may be. A repetition is answered with the offset it has.
func (l *brokerLog[R]) refuses(s *producerState, b *Batch, res *Result) protocol.ErrorCode {
	switch {
	case b.ProducerEpoch < s.epoch:
		return protocol.InvalidProducerEpoch
	case b.ProducerEpoch == s.epoch:
		for _, c := range s.cache {
			if c.first == b.BaseSequence && c.last == after(b.BaseSequence, b.Count-1) {
				res.BaseOffset = c.offset
				return protocol.None
			}
		}
		if b.BaseSequence != after(s.last, 1) {
			return protocol.OutOfOrderSequenceNumber
		}
	case b.BaseSequence == 0:
	case s.epoch >= 0:
		return protocol.OutOfOrderSequenceNumber
	case l.old:
		return protocol.UnknownProducerID
	case l.end() == 0 && !l.lenient:
		return protocol.OutOfOrderSequenceNumber
	}
	return protocol.None
}

// retain is retention that takes all records: an old broker forgets the producers with them.
func (l *brokerLog[R]) retain() {
	l.start, l.records = l.end(), nil
	if l.old {
		l.states = nil
	}
}

// forget is the end of producer.id.expiration.ms, a day, in which nothing was written.
func (l *brokerLog[R]) forget() { l.states = nil }

// reload has the leader start again: its snapshot has the last batch of each producer only (ProducerStateManager.writeSnapshot).
func (l *brokerLog[R]) reload() {
	for i := range l.states {
		s := &l.states[i]
		s.cache = s.cache[max(0, len(s.cache)-1):]
	}
}

// fence has another producer of the same id write under a much higher epoch.
func (l *brokerLog[R]) fence(id int64) {
	if s := l.state(id); s != nil {
		s.epoch, s.cache = 30000, nil
	}
}
