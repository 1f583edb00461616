package producertest

import (
	"maps"
	"math"
	"slices"
	"time"

	"kafkaproducer/record"
)

// partitionLog is one partition's log and what it knows of producers: the part of Kafka's UnifiedLog and
// ProducerStateManager that a producer can tell. It is pure: no lock, no I/O, the time is an argument.
type partitionLog struct {
	start, end int64 // offsets: of the first record still there, and of the next one to come
	batches    []storedBatch
	producers  map[int64]*producerState // nil: none yet
	discard    bool                     // keep no batches
	remembered int                      // batches of a producer
	evicts     bool                     // a producer of which nothing is left in the log is forgotten
	sure       int64                    // end of what was acknowledged, which all replicas have (the high watermark)
}

// storedBatch is a batch in the log. The bytes are those that were sent: the base offset, the leader epoch and the
// append time, which Kafka writes into its copy, are beside them.
type storedBatch struct {
	header      record.Batch
	baseOffset  int64
	leaderEpoch int32
	appendTime  int64 // ms; -1: the records' own times count
	bytes       []byte
}

func (b *storedBatch) nextOffset() int64 { return b.baseOffset + int64(b.header.Count) }

// rules are the settings that an append looks at.
type rules struct {
	unknown     UnknownProducer
	expiration  time.Duration // of producer ids
	leaderEpoch int32
	appendTime  int64 // ms; -1: the topic has CreateTime
}

// outcome is what became of a batch.
type outcome struct {
	refusal
	baseOffset int64
	appendTime int64 // of a duplicate its latest timestamp
	duplicate  bool  // it was in the log before; the offset is that of the first time
}

// append adds a batch that is valid in itself, or recognises it, or refuses it.
func (l *partitionLog) append(h *record.Batch, bytes []byte, r rules, now time.Time) outcome {
	if h.ProducerID < 0 {
		return l.store(h, bytes, r)
	}
	s := l.producer(h.ProducerID, r.expiration, now)
	if dup := s.duplicate(h); dup != nil {
		// UnifiedLog.append gives the time it remembers for the append time, whatever the topic has.
		return outcome{baseOffset: dup.baseOffset, appendTime: dup.timestamp, duplicate: true}
	}
	if no := s.check(h, r.unknown, l.end); no.refused() {
		return outcome{refusal: no, baseOffset: -1, appendTime: -1}
	}
	done := l.store(h, bytes, r)
	s.add(h, done.baseOffset, done.appendTime, now, l.remembered)
	l.know(h.ProducerID, s)
	return done
}

// producer returns what is known of id. The state of one not heard of for the expiration time is gone.
func (l *partitionLog) producer(id int64, expiration time.Duration, now time.Time) *producerState {
	s := l.producers[id]
	if s != nil && now.Sub(s.touched) >= expiration {
		delete(l.producers, id)
		s = nil
	}
	if s == nil {
		return &producerState{epoch: noEpoch}
	}
	return s
}

// know takes note of what is known of a producer.
func (l *partitionLog) know(id int64, s *producerState) {
	if l.producers == nil {
		l.producers = map[int64]*producerState{}
	}
	l.producers[id] = s
}

func (l *partitionLog) store(h *record.Batch, bytes []byte, r rules) outcome {
	b := storedBatch{header: *h, baseOffset: l.end, leaderEpoch: r.leaderEpoch, appendTime: r.appendTime, bytes: bytes}
	l.end = b.nextOffset()
	if !l.discard {
		l.batches = append(l.batches, b)
	}
	return outcome{baseOffset: b.baseOffset, appendTime: b.appendTime}
}

// deleteBefore moves the log's start, as DeleteRecords and retention do: whole batches go. Producers are still known, since Kafka 2.4
// (KAFKA-7190); before, those whose last batch has gone were not (ProducerStateManager.evictUnretainedProducers).
func (l *partitionLog) deleteBefore(offset int64) {
	l.start = min(max(offset, l.start), l.end)
	l.sure = max(l.sure, l.start) // nothing is deleted that not all replicas have, and they have whole batches
	for len(l.batches) > 0 && l.batches[0].nextOffset() <= l.start {
		l.batches = l.batches[1:]
	}
	if len(l.batches) > 0 && l.batches[0].baseOffset < l.start {
		l.sure = max(l.sure, l.batches[0].nextOffset())
	}
	if l.evicts {
		maps.DeleteFunc(l.producers, func(_ int64, s *producerState) bool {
			n := len(s.batches)
			return n > 0 && s.batches[n-1].end() <= l.start
		})
	}
}

// truncate loses the batches that hold offset and what follows it, as the election of a leader that was not in sync
// does. What is known of producers becomes what the batches say that are left, or were deleted.
func (l *partitionLog) truncate(offset int64, now time.Time) {
	keep := len(l.batches)
	for keep > 0 && l.batches[keep-1].nextOffset() > offset {
		keep--
		l.end = l.batches[keep].baseOffset
	}
	clear(l.batches[keep:])
	l.batches = l.batches[:keep]
	l.start, l.sure = min(l.start, l.end), min(l.sure, l.end)
	l.forgetWhatIsStored()
	for i := range l.batches {
		if b := &l.batches[i]; b.header.ProducerID >= 0 {
			s := l.producer(b.header.ProducerID, never, now)
			s.add(&b.header, b.baseOffset, b.appendTime, now, l.remembered)
			l.know(b.header.ProducerID, s)
		}
	}
}

// forgetWhatIsStored leaves of what is known of producers only what batches said that have been deleted.
func (l *partitionLog) forgetWhatIsStored() {
	oldest := l.end
	if len(l.batches) > 0 {
		oldest = l.batches[0].baseOffset
	}
	maps.DeleteFunc(l.producers, func(_ int64, s *producerState) bool {
		s.batches = slices.DeleteFunc(s.batches, func(a appended) bool { return a.baseOffset >= oldest })
		return len(s.batches) == 0
	})
}

// loseTail loses what was not acknowledged at the end. What isn't in the log, that producers are fenced, is known to all replicas.
func (l *partitionLog) loseTail(now time.Time) {
	if l.end <= l.sure {
		return
	}
	fenced := map[int64]int16{}
	for id, s := range l.producers {
		if len(s.batches) == 0 && s.epoch != noEpoch {
			fenced[id] = s.epoch
		}
	}
	l.truncate(l.sure, now)
	for id, epoch := range fenced {
		l.fence(id, epoch, now)
	}
}

// fence makes epoch the least one that is accepted from the producer id.
func (l *partitionLog) fence(id int64, epoch int16, now time.Time) {
	s := l.producer(id, never, now)
	s.fence(max(epoch, s.epoch))
	s.touched = now
	l.know(id, s)
}

// reload leaves of what is known of producers what a broker writes down when it stops (ProducerStateManager.writeSnapshot): the epoch
// and the last batch of each.
func (l *partitionLog) reload() {
	for _, s := range l.producers {
		s.batches = s.batches[max(0, len(s.batches)-1):]
	}
}

// never is an expiration that doesn't come.
const never = time.Duration(math.MaxInt64)

// newLog returns an empty log of a release.
func newLog(discard bool, r release) *partitionLog {
	l := &partitionLog{discard: discard, remembered: remembered, evicts: r.before("2.4")}
	if r.before("1.0") {
		l.remembered = 1
	}
	return l
}
