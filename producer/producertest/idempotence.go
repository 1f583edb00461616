package producertest

import (
	"fmt"
	"math"
	"time"

	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// UnknownProducer is what a partition does with a batch of a producer id it knows nothing of, when the batch's first
// sequence is not 0. Kafka's rule has changed over time; sequence 0 was accepted always.
type UnknownProducer int8

const (
	// UnknownByRelease is the zero value: as Options.Release did it.
	UnknownByRelease UnknownProducer = iota
	// AcceptUnknown accepts any first sequence: Kafka 2.5 to 4.4 (KIP-360).
	AcceptUnknown
	// AcceptUnknownUnlessEmpty accepts any first sequence where the log has held a record before, and answers
	// OUT_OF_ORDER_SEQUENCE_NUMBER where it never has: Kafka 4.5 (KAFKA-15591).
	AcceptUnknownUnlessEmpty
	// RefuseUnknown answers UNKNOWN_PRODUCER_ID: Kafka 1.0 to 2.4.
	RefuseUnknown
	// RefuseOutOfOrder answers OUT_OF_ORDER_SEQUENCE_NUMBER: Kafka 0.11, which has no other code for it (KAFKA-5793).
	RefuseOutOfOrder
)

// remembered is how many batches of a producer a partition recognises when they come again: Kafka's
// ProducerStateEntry.NUM_BATCHES_TO_RETAIN, and the reason why max.in.flight.requests.per.connection is 5 at most. Kafka 0.11
// recognises the last one only (KAFKA-5494).
const remembered = 5

// noEpoch is the epoch of a producer nothing is known of.
const noEpoch = -1

// producerState is what one partition knows of one producer id: Kafka's ProducerStateEntry.
type producerState struct {
	epoch   int16
	batches []appended // the last ones of this epoch, oldest first, at most `remembered`
	touched time.Time  // of the last append, by the broker's clock
}

// appended is a batch in the log, as far as duplicates of it must be recognised.
type appended struct {
	firstSeq, lastSeq int32
	baseOffset        int64
	timestamp         int64 // ms, the batch's latest, which is the broker's where the topic has LogAppendTime
}

// end is the offset behind the batch.
func (a *appended) end() int64 {
	return a.baseOffset + (int64(a.lastSeq)-int64(a.firstSeq)+1<<31)%(1<<31) + 1
}

// refusal is why a batch is not appended. The zero value is none.
type refusal struct {
	code   protocol.ErrorCode
	reason string
}

func (r refusal) refused() bool { return r.code != protocol.None }

func refuse(code protocol.ErrorCode, format string, args ...any) refusal {
	return refusal{code, fmt.Sprintf(format, args...)}
}

// lastSequence is the sequence of the batch's last record.
func lastSequence(b *record.Batch) int32 { return record.NextSequence(b.BaseSequence, b.Count-1) }

// duplicate returns the remembered batch that b repeats, or nil. Only the very same range of sequences in the same
// epoch is a duplicate (ProducerStateEntry.findDuplicateBatch).
func (s *producerState) duplicate(b *record.Batch) *appended {
	if s.epoch != b.ProducerEpoch {
		return nil
	}
	for i := range s.batches {
		if a := &s.batches[i]; a.firstSeq == b.BaseSequence && a.lastSeq == lastSequence(b) {
			return a
		}
	}
	return nil
}

// check decides whether b may follow what is known: the rules of ProducerAppendInfo's checkProducerEpoch and
// checkSequence, for a client's append outside a transaction. logEnd is the partition's end offset.
func (s *producerState) check(b *record.Batch, rule UnknownProducer, logEnd int64) refusal {
	switch {
	case b.ProducerEpoch < s.epoch:
		return refuse(protocol.InvalidProducerEpoch, "producer %d has epoch %d, last seen was %d",
			b.ProducerID, b.ProducerEpoch, s.epoch)
	case b.ProducerEpoch != s.epoch && b.BaseSequence == 0:
		return refusal{}
	case b.ProducerEpoch != s.epoch && s.epoch != noEpoch:
		return refuse(protocol.OutOfOrderSequenceNumber, "producer %d begins epoch %d with sequence %d, not 0 (epoch was %d)",
			b.ProducerID, b.ProducerEpoch, b.BaseSequence, s.epoch)
	case b.ProducerEpoch != s.epoch:
		return s.checkUnknown(b, rule, logEnd)
	}
	last := int32(-1) // an epoch that was fenced: known, but nothing of it is in the log
	if n := len(s.batches); n > 0 {
		last = s.batches[n-1].lastSeq
	}
	if !inSequence(last, b.BaseSequence) {
		return refuse(protocol.OutOfOrderSequenceNumber, "producer %d epoch %d: sequence %d came after %d",
			b.ProducerID, b.ProducerEpoch, b.BaseSequence, last)
	}
	return refusal{}
}

// checkUnknown is check for a producer id without state and a first sequence other than 0.
func (s *producerState) checkUnknown(b *record.Batch, rule UnknownProducer, logEnd int64) refusal {
	switch {
	case rule == RefuseOutOfOrder:
		return refuse(protocol.OutOfOrderSequenceNumber, "nothing is known of producer %d, whose sequence is %d",
			b.ProducerID, b.BaseSequence)
	case rule == RefuseUnknown:
		return refuse(protocol.UnknownProducerID, "nothing is known of producer %d, whose sequence is %d",
			b.ProducerID, b.BaseSequence)
	case rule == AcceptUnknownUnlessEmpty && logEnd == 0:
		return refuse(protocol.OutOfOrderSequenceNumber, "producer %d begins an empty log with sequence %d, not 0",
			b.ProducerID, b.BaseSequence)
	}
	return refusal{}
}

func inSequence(last, next int32) bool {
	return int64(next) == int64(last)+1 || next == 0 && last == math.MaxInt32
}

// add remembers an appended batch; a new epoch forgets those of the old one.
func (s *producerState) add(b *record.Batch, baseOffset, appendTime int64, now time.Time, remembered int) {
	s.fence(b.ProducerEpoch)
	if len(s.batches) >= remembered {
		s.batches = append(s.batches[:0], s.batches[1:]...)
	}
	if s.batches == nil {
		s.batches = make([]appended, 0, remembered)
	}
	timestamp := b.MaxTimestamp
	if appendTime >= 0 {
		timestamp = appendTime
	}
	s.batches = append(s.batches, appended{b.BaseSequence, lastSequence(b), baseOffset, timestamp})
	s.touched = now
}

// fence moves to another epoch.
func (s *producerState) fence(epoch int16) {
	if s.epoch != epoch {
		s.epoch, s.batches = epoch, s.batches[:0]
	}
}
