package delivery

import (
	"cmp"
	"fmt"
	"math"

	"kafkaproducer/protocol"
)

// State is where a batch is in its life.
type State int8

const (
	// Unused batches are not known to the core: not yet opened, or given back.
	Unused State = iota
	// Open batches take records; an open batch is the last of its partition's queue.
	Open
	// Queued batches take no more records and wait to be sent, for the first time or again.
	Queued
	// InFlight batches are part of a request that is not yet answered.
	InFlight
	// Abandoned batches have their Outcome, but their request is not yet answered: its answer settles the sequence.
	Abandoned
	// Done batches have their Outcome and belong to the caller again.
	Done
)

// String returns the constant's name.
func (s State) String() string {
	return [...]string{"Unused", "Open", "Queued", "InFlight", "Abandoned", "Done"}[s]
}

// next lists the states that may follow each state; see the picture in doc.go.
var next = [...][]State{
	Unused:    {Open, Queued}, // Queued: the parts of a batch that was split
	Open:      {Queued},
	Queued:    {InFlight, Done},
	InFlight:  {Queued, Abandoned, Done},
	Abandoned: {Done},
	Done:      {},
}

// Batch is what the core knows of a batch of records. The caller embeds it in its own batch, whose bytes the core
// never sees. All fields are guarded by the lock under which the caller runs the core.
type Batch struct {
	// Set by the caller before Opened, or by Records.Split.
	Partition *Partition
	Owner     any  // the caller's batch; not used here
	Trim      bool // some records are not to be sent any more; may be set while Unsent
	Pinned    bool // some record is for this partition and no other; may be set until the batch is closed

	// Set by the caller when Records.Close or Filled makes the batch take no more records.
	Count int32 // records
	Size  int   // bytes on the wire at most

	// Set by the core.
	Attempts int // requests that held the batch and have left, at least in part, or are about to

	// The numbers under which the batch is sent (KIP-98), when numbered.
	ProducerID    int64
	ProducerEpoch int16
	BaseSequence  int32

	state    State
	numbered bool // ProducerID, ProducerEpoch and BaseSequence are set
	doubt    bool // an attempt may have been appended: no answer settled it
	late     bool // an attempt got no answer: until its numbers are outdated it may be appended at any time
	settled  bool // the last answer left no doubt: what remains is about late requests, or the whole
	whole    bool // it is part of a batch that was split in doubt: if that was appended, the broker knows it by other numbers
	appended bool // the leader said last that it had appended it, though not as acks demands; in flight: it may yet. See forgetAppended
	lingered bool // linger is over for this batch
	created  Time
	retries  int // attempts that count against Config.Retries
	order    order
	opened   uint64 // order.serial when it was opened
	links    [2]links
	number   uint64 // in the journal

	Outcome Outcome // once Done or Abandoned; at the end, which nobody fetches from memory before
}

// State returns where the batch is in its life.
func (b *Batch) State() State { return b.state }

// Unsent says that no request ever held the batch.
func (b *Batch) Unsent() bool {
	return (b.state == Open || b.state == Queued) && !b.numbered && b.Attempts == 0
}

// Numbered says whether the batch has a producer id, an epoch and a sequence.
func (b *Batch) Numbered() bool { return b.numbered }

// Reset makes a Done batch usable again for Opened.
func (b *Batch) Reset() {
	if b.state != Done && b.state != Unused {
		panic(fmt.Sprintf("delivery: reset of a batch that is %v", b.state))
	}
	*b = Batch{Owner: b.Owner}
}

// become is the only place where a batch changes its state. An illegal change is a bug in this package.
func (c *Core) become(b *Batch, s State) {
	for _, ok := range next[b.state] {
		if ok == s {
			b.state = s
			return
		}
	}
	if c.journal != nil && c.journal.impossible != nil {
		c.journal.impossible()
	}
	panic(fmt.Sprintf("delivery: a batch that is %v can't become %v", b.state, s))
}

// last returns the sequence of the batch's last record.
func (b *Batch) last() int32 { return addSequence(b.BaseSequence, b.Count-1) }

// order is a batch's place among all that were opened.
type order struct {
	serial uint64
	part   int32 // among the parts of a split batch: index of the first record in the batch that was opened
}

// noOrder comes after every batch.
var noOrder = order{serial: math.MaxUint64}

func (o order) before(p order) bool {
	return o.serial < p.serial || o.serial == p.serial && o.part < p.part
}

func (o order) compare(p order) int {
	return cmp.Or(cmp.Compare(o.serial, p.serial), cmp.Compare(o.part, p.part))
}

// Certainty says whether a batch that failed may be in the log all the same.
type Certainty int8

const (
	NotPersisted      Certainty = iota // surely not in the log
	PossiblyPersisted                  // an attempt may have been appended
	Persisted                          // surely in the log
)

// Outcome is what became of a batch.
type Outcome struct {
	Err           error // nil: acknowledged
	Certainty     Certainty
	BaseOffset    int64 // of the first record; -1 unknown
	LogAppendTime int64 // milliseconds since the epoch; -1: the records keep their own timestamps
	Gap           bool  // the batches behind fail with it, until Resume: the partition is Gapless
	Message       string
	RecordErrors  []protocol.BatchIndexAndErrorMessage // KIP-467, by index in the batch
}
