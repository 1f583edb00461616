package simulation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// Certainty is what a failed record's callback said of whether it is in the log.
type Certainty int8

const (
	NotPersisted Certainty = iota
	PossiblyPersisted
	Persisted
)

// Outcome is what a callback said.
type Outcome struct {
	Topic     string
	Partition int32
	Offset    int64 // -1: not known
	Err       error // nil: acknowledged
	Certainty Certainty
	Aside     bool // it failed for a reason that leaves no gap behind it: see producer.Config.Gapless
}

// Oracle knows which records were accepted and what their callbacks said, and compares that with what the brokers hold. A record's
// value begins with its sender's number and its own: see AppendValue.
type Oracle struct {
	// Moved says whether the producer has moved records from a partition to another; nil: it may have. It is asked where they stand out
	// of order, and there was a reason to move them.
	Moved func() bool

	schedule Schedule
	lies     bool // the schedule's answers to these questions: see its methods
	mixes    bool
	moves    bool
	ordered  bool        // offsets go up: nobody lies, and no topic begins anew
	wrong    atomic.Bool // there is a first thing that was wrong

	mu       sync.Mutex      // guards the following
	accepted [senders][]fact // by sender, in the order of its Sends
	offsets  map[place]int64
	held     time.Duration // how long callbacks that waited for something held up the others
	unfenced bool          // there was more than one producer id: a request under the old one may be handled late
	first    error         // the first thing that was wrong while it ran
}

// fact is what is known of a record.
type fact struct {
	accepted bool
	at       time.Duration // of its acceptance
	calls    int
	told     time.Duration // of its callback
	held     time.Duration // how long callbacks were held up before it was tried; from its own callback on: how long since
	outcome  Outcome
	stored   []spot
}

// spot is where a record was found.
type spot struct {
	place
	offset int64
	log    int // of those that the partition has had: 0 is the present one, the others were deleted
}

type place struct {
	topic     string
	partition int32
}

// senders is how many there may be; their numbers begin with 0.
const senders = 10

// NewOracle returns an oracle for a run of s.
func NewOracle(s Schedule) *Oracle {
	o := &Oracle{offsets: map[place]int64{}}
	o.Reset(s)
	return o
}

// Reset makes the oracle one for a run of s. It keeps the memory that the run before has needed.
func (o *Oracle) Reset(s Schedule) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for sender := range o.accepted {
		o.accepted[sender] = o.accepted[sender][:0]
	}
	clear(o.offsets)
	o.held, o.unfenced, o.first, o.Moved = 0, false, nil, nil
	o.wrong.Store(false)
	o.schedule = s
	o.lies, o.mixes, o.moves = s.Lies(), s.mixes(), s.moves()
	o.ordered = s.Idempotent && !o.lies && !s.Recreates()
}

// AppendValue appends the value of a sender's n-th record, of at least so many bytes, to an empty b.
func AppendValue(b []byte, sender, n, size int) []byte {
	b = strconv.AppendInt(slices.Grow(b, max(size, 12)), int64(sender), 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, ' ')
	for len(b) < size {
		b = append(b, dashes[:min(size-len(b), len(dashes))]...)
	}
	return b
}

const dashes = "----------------------------------------------------------------"

func parseValue(b []byte) (sender, n int, err error) {
	name, _, _ := strings.Cut(string(b[:min(len(b), 24)]), " ")
	a, z, ok := strings.Cut(name, ".")
	if !ok {
		return 0, 0, fmt.Errorf("the log holds a value that nobody sent: %q", b)
	}
	if sender, err = strconv.Atoi(a); err != nil || sender < 0 || sender >= senders {
		return 0, 0, fmt.Errorf("the log holds a value that nobody sent: %q", b)
	}
	if n, err = strconv.Atoi(z); err != nil || n < 0 {
		return 0, 0, fmt.Errorf("the log holds a value that nobody sent: %q", b)
	}
	return sender, n, nil
}

// Fail notes the first thing that was wrong.
func (o *Oracle) Fail(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.note(format, args...)
}

func (o *Oracle) note(format string, args ...any) {
	if o.first == nil {
		o.first = fmt.Errorf(format, args...)
		o.wrong.Store(true)
	}
}

// Failed returns the first thing that was wrong while the schedule ran.
func (o *Oracle) Failed() error {
	if !o.wrong.Load() {
		return nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.first
}

// Try notes that a record is about to be sent: its callback may come before Send has returned.
func (o *Oracle) Try(sender, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	facts := o.accepted[sender]
	if facts == nil {
		facts = make([]fact, 0, 32) // what most senders need
	}
	for len(facts) <= n {
		if len(facts) == cap(facts) {
			facts = slices.Grow(facts, 1)
		}
		facts = facts[:len(facts)+1]
		f := &facts[len(facts)-1]
		*f = fact{stored: f.stored[:0]} // which has memory of a run before, or nil
	}
	facts[n].held = o.held
	o.accepted[sender] = facts
}

// Accept notes that Send returned nil.
func (o *Oracle) Accept(sender, n int, at time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := &o.accepted[sender][n]
	f.accepted, f.at = true, at
}

// HeldUp notes that a callback waited for so long: a Send inside it found no room, say. Callbacks run one at a time.
func (o *Oracle) HeldUp(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held += d
}

// late is how long after delivery.timeout.ms a callback may come, but for what others held up: they run before it.
const late = time.Second

// Called notes a callback.
func (o *Oracle) Called(sender, n int, at time.Duration, x Outcome) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := &o.accepted[sender][n]
	f.held = o.held - f.held
	f.calls++
	if f.calls > 1 {
		o.note("record %d.%d has %d callbacks: %+v, then %+v", sender, n, f.calls, f.outcome, x)
	}
	f.outcome, f.told = x, at
	if x.Err != nil || x.Offset < 0 || !o.ordered {
		return
	}
	p := place{x.Topic, x.Partition}
	if last, ok := o.offsets[p]; ok && x.Offset <= last {
		o.note("record %d.%d: the callback for offset %d of %s-%d came behind that for %d", sender, n, x.Offset, x.Topic, x.Partition, last)
	}
	o.offsets[p] = x.Offset
}

func (s *Schedule) has(do string) bool {
	return slices.ContainsFunc(s.Steps, func(s Step) bool { return s.Do == do })
}

// Fences says that the epoch of a producer is raised. A record that may be in the log cannot be sent again then, even when
// nothing is wrong any more.
func (s *Schedule) Fences() bool { return s.has("fence") }

// Recreates says that a topic is deleted and made anew. A record whose request was lost then may be in the new log, or get there yet.
func (s *Schedule) Recreates() bool { return s.has("recreate") }

// moves says whether partitions may have stayed without leader, so that records without key were moved to others: there they may stand
// behind what waited.
func (s *Schedule) moves() bool {
	return slices.ContainsFunc(s.Steps, func(x Step) bool {
		switch x.Do {
		case "stop", "elsewhere", "shutdown", "leaderless", "replace", "recreate", "grow":
			return true
		}
		return x.Do == "fault" && (x.On == "metadata" || x.On == "any")
	})
}

// movable says whether a sender's n-th record goes to any partition.
func (s *Schedule) movable(n int) bool {
	return s.Partitioner == "sticky" || s.Partitioner == "mixed" && n%3 == 2
}

// mixes says that a topic's new log may have taken a request that was meant for the old one, whatever its number, before an older
// one came.
func (s *Schedule) mixes() bool { return s.Recreates() && s.Release < "4.1" }

// Acknowledged returns how many of a sender's records are acknowledged, and when the last of them was.
func (o *Oracle) Acknowledged(sender int) (n int, last time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, f := range o.accepted[sender] {
		if f.calls > 0 && f.outcome.Err == nil {
			n, last = n+1, max(last, f.told)
		}
	}
	return n, last
}

// Outcome returns what a record's callback said.
func (o *Oracle) Outcome(sender, n int) Outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.accepted[sender][n].outcome
}

// Judge compares what was said with what the brokers hold, and returns what doesn't fit.
func (o *Oracle) Judge(c *Cluster) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for sender := range o.accepted {
		for n, f := range o.accepted[sender] {
			if f.accepted && f.calls != 1 || !f.accepted && f.calls > 0 {
				o.note("record %d.%d: accepted %v, %d callbacks", sender, n, f.accepted, f.calls)
			}
			if took := f.told - f.at; f.accepted && took > o.schedule.DeliveryTimeout+f.held+late {
				o.note("record %d.%d was told of after %v, delivery.timeout.ms is %v, and callbacks were held up for %v",
					sender, n, took, o.schedule.DeliveryTimeout, f.held)
			}
		}
	}
	if o.lies {
		return o.first
	}
	o.read(c)
	for sender := range o.accepted {
		for n := range o.accepted[sender] {
			o.judge(sender, n)
		}
	}
	o.judgeGapless()
	return o.first
}

// read finds the records in the logs, those of topics that are gone too.
func (o *Oracle) read(c *Cluster) {
	o.unfenced = c.RequestCount(protocol.InitProducerIDKey) > 1
	for i, g := range c.graves {
		o.readLog(place{g.topic, g.partition}, g.records, 1+i)
	}
	for i := range o.schedule.Topics {
		for p := range c.Partitions(Topic(i)) {
			o.readLog(place{Topic(i), p}, c.all(Topic(i), p), 0)
		}
	}
}

func (o *Oracle) readLog(p place, records []record.Record, log int) {
	for _, r := range records {
		sender, n, err := parseValue(r.Value)
		if err != nil {
			o.note("%w", err)
			return
		}
		if n >= len(o.accepted[sender]) {
			o.note("%s-%d holds record %d.%d, which was never sent", p.topic, p.partition, sender, n)
			return
		}
		f := &o.accepted[sender][n]
		for _, s := range f.stored {
			if s.place == p && s.log == log && o.schedule.Idempotent {
				o.note("record %d.%d is twice in %s-%d: at %d and at %d", sender, n, p.topic, p.partition, s.offset, r.Offset)
			}
		}
		f.stored = append(f.stored, spot{p, r.Offset, log})
	}
	if !o.schedule.Idempotent || o.mixes {
		return
	}
	err := o.order(p, records, false)
	if err != nil && o.moves && (o.Moved == nil || o.Moved()) {
		err = o.order(p, records, true) // what was moved here stands behind what waited here
	}
	if err != nil {
		o.note("%w", err)
	}
}

// order returns which of a log's records stand behind a later one of their sender; all but those that may have been moved, or all.
func (o *Oracle) order(p place, records []record.Record, moved bool) error {
	var last [senders]int // the record after the last one of a sender
	for _, r := range records {
		sender, n, _ := parseValue(r.Value)
		if o.unfenced && o.accepted[sender][n].outcome.Err != nil {
			continue // it was given up, and its request came when its id was no longer in use, which nothing keeps out
		}
		if moved && o.schedule.movable(n) {
			continue
		}
		if n < last[sender]-1 {
			return fmt.Errorf("%s-%d: record %d.%d at %d stands behind %d.%d", p.topic, p.partition, sender, n, r.Offset, sender, last[sender]-1)
		}
		last[sender] = n + 1
	}
	return nil
}

// judge compares what the callback of one record said with where it is.
func (o *Oracle) judge(sender, n int) {
	f := &o.accepted[sender][n]
	x := &f.outcome
	present := slices.ContainsFunc(f.stored, func(s spot) bool { return s.log == 0 })
	for _, s := range f.stored {
		if first := f.stored[0].place; s.place != first {
			o.note("record %d.%d is in %s-%d and in %s-%d", sender, n, first.topic, first.partition, s.topic, s.partition)
		}
	}
	switch {
	case !f.accepted && len(f.stored) > 0:
		o.note("record %d.%d was not accepted, but is stored", sender, n)
	case !f.accepted:
	case x.Err == nil && o.schedule.Acks == 0:
	case x.Err == nil && len(f.stored) == 0:
		o.note("record %d.%d was acknowledged, but is not stored", sender, n)
	case x.Err == nil && x.Offset >= 0 && !slices.ContainsFunc(f.stored, func(s spot) bool {
		return s.topic == x.Topic && s.partition == x.Partition && s.offset == x.Offset
	}):
		o.note("record %d.%d was acknowledged as %s-%d/%d, but is at %+v", sender, n, x.Topic, x.Partition, x.Offset, f.stored)
	case x.Err != nil && x.Certainty == NotPersisted && present:
		o.note("record %d.%d is stored, but its callback said %v", sender, n, x.Err)
	case x.Err != nil && x.Certainty == Persisted && len(f.stored) == 0 && !o.schedule.has("lose"): // it was, until another leader came
		o.note("record %d.%d is not stored, but its callback said %v", sender, n, x.Err)
	}
}

// Flushed notes that a Flush is done that was begun when a sender had sent n records: all of them must have had their callback.
func (o *Oracle) Flushed(sender, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, f := range o.accepted[sender][:min(n, len(o.accepted[sender]))] {
		if f.accepted && f.calls == 0 {
			o.note("Flush has returned, record %d.%d had no callback", sender, i)
		}
	}
}
