package delivery

import (
	"fmt"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// A world is a core, the brokers as far as it can tell, and the oracle, at one point of one history. It is made from its path:
// the same moves give the same world, so that nothing need be copied and no field of the core can be forgotten.
type world struct {
	setup *setup
	core  *Core
	now   Time
	acts  Actions
	parts []*worldPart
	nodes []*worldNode // node i has the id i+1

	opened   int  // batches, over all partitions
	requests int  // sent: the number of the last
	idAsked  bool // NewProducerID is unanswered
	ids      int64
	refresh  bool // RefreshMetadata is unanswered
	aborted  bool
	lost     []*Batch // whose request was, in what happened last
	faults   int
	given    []given
	err      error                // the first violation
	say      func(string, ...any) // takes the moves as commands of a session; nil: nobody listens
}

// worldPart is a partition, its log, and what the oracle knows of the records that were sent to it.
type worldPart struct {
	p       Partition
	log     brokerLog[recordID]
	batches [][]fate // of each record of each batch that was sent
	open    *Batch   // takes records
	knew    []uint64 // of each batch: the records of which the sender knew that they had failed when it sent it, as bits
	known   uint64   // the next one's

	lossEpoch int32 // of the leader when something was lost last
	refused   bool  // a number under the newest epoch was refused as out of order: the log may be another one, as far as the sender can tell
}

// fate is what became of a record.
type fate struct {
	stands fateInLog
	told   fateTold
	word   brokersWord
	moved  bool // to another partition, perhaps back: it has no place among the others any more
}

type (
	fateInLog   int8
	fateTold    int8
	brokersWord int8
)

const (
	absent  fateInLog = iota // never appended
	inLog                    // is in the log
	deleted                  // was in the log until retention took it
	lost                     // was in the log of a leader that is none any more
)

const (
	untold fateTold = iota
	acked
	failedNot
	failedPossibly
	failedSurely
)

// What the attempts at a record under the numbers it has say, as far as the sender can tell.
const (
	wordAbsent brokersWord = iota // that it isn't in the log: there was none, none of it left, or a broker refused it and appended nothing
	wordNone                      // nothing that can be relied on
	wordStands                    // that the leader has it, though not as acks demands
)

// worldNode is a broker and the connection to it.
type worldNode struct {
	up, connecting bool
	wire           []onWire
	late           [][]*Batch // copies of what requests held when their connection was lost: the node handles them yet
}

// onWire is a request that the producer has sent and has no answer to.
type onWire struct {
	number  int
	r       *Request
	handled []Result // nil: the broker hasn't looked at it
	stale   []bool   // of each batch: the sender knows of a leader since
}

// given is a sequence number of a partition that was given to a record.
type given struct {
	part   int8
	record recordID
	epoch  int16
	seq    int32
	id     int64
}

func newWorld(s *setup, say func(string, ...any)) *world {
	w := &world{setup: s, say: say, ids: 7}
	cfg := defaults()
	cfg.RetryBackoffMax = cfg.RetryBackoff
	w.command("config retry.backoff.max.ms=%d", cfg.RetryBackoffMax/time.Millisecond)
	if s.retries != nil {
		cfg.Retries = *s.retries
		w.command("config retries=%d", cfg.Retries)
	}
	if s.linger {
		cfg.Linger = time.Minute
		w.command("config linger.ms=%d", cfg.Linger/time.Millisecond)
	}
	if s.inFlight != 0 {
		cfg.MaxInFlight = s.inFlight
		w.command("config max.in.flight.requests.per.connection=%d", cfg.MaxInFlight)
	}
	gather := "never" // nothing takes time here that could be measured
	if s.gathers {
		gather = "always"
	}
	cfg.Gather = gatherNamed[gather]
	w.command("config gather=%s", gather)
	w.core = New(cfg, w)
	w.core.rand = noJitterRand()
	w.core.ProducerID(w.now, w.ids, s.epoch)
	w.command("producer-id %d epoch=%d", w.ids, s.epoch)
	for i := range s.nodes {
		w.nodes = append(w.nodes, &worldNode{up: true})
		w.core.NodeUp(w.now, int32(i+1), true)
		w.command("connected %d", i+1)
	}
	for i, leader := range s.leaders {
		p := &worldPart{p: NewPartition("email", int32(i)), log: brokerLog[recordID]{leader: leader, old: s.oldBroker, lenient: s.lenient}}
		p.log.unclean = s.unclean
		w.parts = append(w.parts, p)
		w.core.SetLeader(w.now, &p.p, leader, 0, protocol.UUID{})
		w.command("partition %s leader=%d", partitionName(&p.p), leader)
		if p.p.Gapless = s.gapless; s.gapless {
			w.command("gapless %s", partitionName(&p.p))
		}
		if s.next > 0 {
			writtenBefore(w.core, w.now, &p.p, s.next)
			p.log.states = []producerState{{id: w.ids, epoch: s.epoch, last: s.next - 1}}
			p.log.start = int64(s.next)
			w.command("acknowledged %s next=%d", partitionName(&p.p), s.next)
		}
	}
	w.collect()
	return w
}

func (w *world) command(format string, args ...any) {
	if w.say != nil {
		w.say(format, args...)
	}
}

// fail keeps the first violation.
func (w *world) fail(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf(format, args...)
	}
}

// Close is Records.Close.
func (w *world) Close(b *Batch) {
	b.Size = 100 * int(b.Count)
	if p := w.parts[b.Partition.Index]; p.open == b {
		p.open = nil
	}
}

// Split is Records.Split.
func (w *world) Split(b *Batch) []*Batch { return halve(b) }

// Trim is Records.Trim.
func (w *world) Trim(b *Batch) bool { return trim(b) }

// Sift is Records.Sift.
func (w *world) Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	return sift(b, errors)
}

// collect carries out what the core asks for, and has the oracle look at it.
func (w *world) collect() {
	w.core.Take(&w.acts)
	for _, b := range w.acts.Outcomes {
		w.told(b)
	}
	w.lost = nil
	if w.setup.gapless {
		w.noGaps()
	}
	for _, b := range w.acts.Freed {
		if b.state != Done {
			w.fail("%s was given back, but is %v", nameOf(b), b.state)
		}
	}
	for _, r := range w.acts.Send {
		w.requests++
		n := w.nodes[r.Node-1]
		if !n.up {
			w.fail("a request for node %d, which is not connected", r.Node)
		}
		n.wire = append(n.wire, onWire{number: w.requests, r: r, stale: make([]bool, len(r.Batches))})
		for _, b := range r.Batches {
			w.numbered(b)
		}
	}
	for _, id := range w.acts.Connect {
		if w.nodes[id-1].up {
			w.fail("node %d is to be connected and is", id)
		}
		w.nodes[id-1].connecting = true
	}
	w.refresh = w.refresh || w.acts.RefreshMetadata
	if w.acts.NewProducerID {
		if w.idAsked {
			w.fail("a producer id is asked for a second time")
		}
		w.idAsked = true
	}
}

// numbered has the oracle judge the numbers under which a batch is sent: each is one record's for ever, and none is left out.
func (w *world) numbered(b *Batch) {
	h := b.Owner.(*payload)
	if w.core.cfg.Idempotent && !b.numbered {
		w.fail("%s is sent without a sequence", h.name)
		return
	}
	if b.BaseSequence < 0 || b.ProducerEpoch < 0 {
		w.fail("%s is sent with sequence %d and epoch %d", h.name, b.BaseSequence, b.ProducerEpoch)
	}
	for i, record := range h.ids() {
		g := given{
			part: int8(b.Partition.Index), id: b.ProducerID, epoch: b.ProducerEpoch, seq: after(b.BaseSequence, int32(i)), record: record,
		}
		first := int32(0)
		if s := w.setup; s.next > 0 && g.id == 7 && g.epoch == s.epoch {
			first = s.next
		}
		known, follows := false, g.seq == first
		for _, o := range w.given {
			if o.part != g.part || o.id != g.id || o.epoch != g.epoch {
				continue
			}
			if o.seq == g.seq {
				known = true
				if o != g {
					w.fail("sequence %d (id %d epoch %d) of %s had been given to another record", g.seq, g.id, g.epoch, h.name)
				}
			}
			follows = follows || after(o.seq, 1) == g.seq
		}
		if !known && !follows {
			w.fail("sequence %d (id %d epoch %d) of %s leaves a hole", g.seq, g.id, g.epoch, h.name)
		}
		if f := w.fate(record); !known {
			f.word = wordAbsent // it has new numbers, since under others it can't be in the log
			p := w.parts[g.part]
			p.refused = p.refused && g.seq != first
		} else if f.word == wordStands {
			f.word = wordNone // that was before
		}
		if !known {
			w.given = append(w.given, g)
			slices.SortFunc(w.given, compareGiven)
		}
	}
}

func compareGiven(a, b given) int {
	for _, d := range []int64{int64(a.part - b.part), a.id - b.id, int64(a.epoch - b.epoch), int64(a.seq - b.seq)} {
		if d != 0 {
			return int(d)
		}
	}
	return 0
}

// append is what the partition's log does with a batch, and has the oracle judge it.
func (w *world) append(b *Batch) Result {
	h, ids := b.Owner.(*payload), b.Owner.(*payload).ids()
	log := &w.parts[b.Partition.Index].log
	before := len(log.records)
	res, appended := log.append(b, ids...)
	if !appended || w.setup.loses {
		return res
	}
	for _, i := range h.records {
		f := &w.parts[h.part].batches[h.batch][i]
		switch {
		case f.stands == inLog:
			w.fail("record %d of %s is in a log twice", i, h.name)
		case f.told == failedNot:
			w.fail("%s is in the log and was said not to be", h.name)
		}
		f.stands = inLog
	}
	if w.fate(ids[0]).moved {
		return res
	}
	for before--; before >= 0; before-- {
		o := log.records[before]
		if w.fate(o).moved {
			continue
		}
		if o.batch > ids[0].batch || o.batch == ids[0].batch && o.index > ids[0].index {
			w.fail("%s stands behind a batch that was sent later", h.name)
		}
		break
	}
	return res
}

// fate is what became of a record so far.
func (w *world) fate(r recordID) *fate { return &w.parts[r.part].batches[r.batch][r.index] }

// ids names the records of h.
func (h *payload) ids() (list []recordID) {
	for _, i := range h.records {
		list = append(list, recordID{int8(h.part), int8(h.batch), int8(i)})
	}
	return list
}

// check looks at what must hold in every state.
func (w *world) check() {
	var parts []*Partition
	for _, p := range w.parts {
		parts = append(parts, &p.p)
	}
	if err := checkCore(w.core, parts); err != nil {
		w.fail("%w", err)
	}
	for _, p := range parts {
		for b := p.flight.head; b != nil; b = p.flight.next(b) {
			held := 0
			for i, n := range w.nodes {
				for _, q := range n.wire {
					if slices.Contains(q.r.Batches, b) {
						held++
						if p.at.id != int32(i+1) {
							w.fail("%s is unanswered at node %d and thought to be at node %d", nameOf(b), i+1, p.at.id)
						}
					}
				}
			}
			if held != 1 {
				w.fail("%s is unanswered in %d requests", nameOf(b), held)
			}
		}
	}
}
