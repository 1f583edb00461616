package delivery

import (
	"time"

	"kafkaproducer/protocol"
)

// NoLeader is the node id of a partition without a leader.
const NoLeader int32 = -1

// Partition is what the core knows of a partition. The caller embeds it in its own and makes it with NewPartition.
// All fields are guarded by the lock under which the caller runs the core.
type Partition struct {
	// In the order in which the life of a batch meets them, since over ten thousand partitions each line of the cache is a fetch from
	// memory: what opening a batch looks at, the lists, what sending looks at, what an answer changes, and the rest.

	Topic   string
	Index   int32
	Gapless bool // set by the caller before the first batch; see gap.go

	// returned is set while flight holds batches younger than one that came back: nothing goes out until they are answered.
	returned  bool
	otherLog  bool  // the topic has another id: see newLog
	listed    bool  // is in the list of partitions that may send
	gap       error // why batches behind gapAt fail, until Resume; nil: they don't
	leader    *node
	number    uint64 // in the journal
	described uint32 // the journal that has its state: see journal.begun

	queue  list // waiting, by age: numbered batches first, an open one last
	flight list // unanswered, by age

	at         *node // where flight is; nil when flight is empty
	resumeAt   Time  // backoff after a retriable answer; 0 none
	prev, succ *Partition
	inRequest  uint64 // the last request that took a batch: a request holds one batch a partition

	// Numbers, see sequence.go.
	id       producerID
	next     int32 // sequence of the next record
	acked    int32 // sequence of the last record acknowledged under id; -1 none
	hole     hole
	proven   Time  // the broker acknowledged something under id, and knows it until then
	ackedEnd int64 // offset of the last record acknowledged; -1 unknown
	troubled bool  // a Note about failing attempts was given and nothing was acknowledged since
	awaitsID bool  // is in Core.awaiting

	topicID     protocol.UUID
	leaderless  Time  // since when leader is nowhere, if it is
	leaderEpoch int32 // -1 unknown
	gapAt       order
	late        lateness
	trouble     error // of the last of the failing attempts; for words only
}

// hole is what a partition knows about sequence numbers that will not be filled.
type hole struct {
	// from is where the batches begin that can't have been appended, because a number at or before theirs is surely
	// missing: they must be numbered anew. noOrder: none.
	from order
	// maybe: a batch that is gone (expired, or out of retries) may have been appended or not.
	maybe bool
	// suspect: the log may be another one than that of the numbers before, and have begun with any of ours.
	suspect bool
	// gone is the youngest of the batches that maybe speaks of. The zero value: none.
	gone order
}

// lateness is the youngest of the batches that are gone and whose numbers may yet be filled by a request without answer.
type lateness struct {
	order order
	last  int32 // its last sequence
	any   bool  // there is one
}

func (h hole) none() bool { return h.from == noOrder && !h.maybe }

// widen makes the hole begin at o at the latest.
func (h *hole) widen(o order) {
	if o.before(h.from) {
		h.from = o
	}
}

// NewPartition returns a partition that has no leader yet.
func NewPartition(topic string, index int32) Partition {
	return Partition{
		Topic: topic, Index: index, leaderEpoch: -1,
		queue: list{kind: byPartition}, flight: list{kind: byPartition},
		acked: -1, ackedEnd: -1, hole: hole{from: noOrder},
	}
}

// Waiting returns how many batches wait to be sent: the load that an adaptive partitioner goes by (KIP-794).
func (p *Partition) Waiting() int { return int(p.queue.n) }

// Stuck returns for how long the partition's leader, or the lack of one, has taken nothing although something was waiting.
func (p *Partition) Stuck(now Time) time.Duration {
	if p.leader == nil || p.leader.stuck == 0 {
		return 0
	}
	return time.Duration(now - p.leader.stuck)
}

// Idle says that the core holds no batch of the partition.
func (p *Partition) Idle() bool { return p.queue.n == 0 && p.flight.n == 0 }

// Leader returns the node that leads the partition, or NoLeader.
func (p *Partition) Leader() int32 {
	if p.leader == nil {
		return NoLeader
	}
	return p.leader.id
}

// TopicID returns the id of the partition's topic, zero when unknown.
func (p *Partition) TopicID() protocol.UUID { return p.topicID }

// LeaderEpoch returns the epoch of the leader, -1 when unknown.
func (p *Partition) LeaderEpoch() int32 { return p.leaderEpoch }

// forgetAppended takes back that batches are surely in the log, of which the last leader said that it had them and too few replicas did, or of
// which its answer is under way that may say so: the next one may never have got them.
func (p *Partition) forgetAppended() {
	for b := p.queue.head; b != nil; b = p.queue.next(b) {
		b.appended = false
	}
	for b := p.flight.head; b != nil; b = p.flight.next(b) {
		b.appended = false
	}
}
