package delivery

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"kafkaproducer/protocol"
)

// player runs the inputs of a recording again. It is the Records of the core that does: it answers as the recording has it.
type player struct {
	log   []entry
	next  int // the first of log that the core's journal doesn't have yet
	input int // the first of log behind those that belong to the input which is handled
	core  *Core
	last  Time // of the last input
	acts  Actions
	out   *bufio.Writer

	asked    []*entry // what was decided while the input was handled, and is not asked for yet
	parts    map[int64]*Partition
	batches  map[int64]*Batch // that the core has
	requests map[uint64]*Request
	held     map[*Batch]bool // in requests of the first state
	waiting  []*Batch        // to be put in their partitions' lists
}

// Divergence says where a replay came to something else than the recording.
type Divergence struct {
	Line     int // of the recording; 0: behind its end
	Recorded string
	Replayed string
}

// Error implements error.
func (d *Divergence) Error() string {
	return fmt.Sprintf("kafkaproducer: flight record, line %d: the record has %q, the replay %q", d.Line, d.Recorded, d.Replayed)
}

// Panicked says that the core panics when the inputs are run again.
type Panicked struct {
	Line  int // of the recording: the input
	Value any
}

// Error implements error.
func (p *Panicked) Error() string {
	return fmt.Sprintf("kafkaproducer: flight record, line %d: the core panics: %v", p.Line, p.Value)
}

// Replay reads what Recording.Print wrote, runs its inputs again, and writes what happened as text, a line for each. It returns
// nil if all was as it is recorded; else a *FormatError, a *Divergence, the first, or a *Panicked.
func Replay(recording io.Reader, transcript io.Writer) error {
	log, err := parse(recording)
	if err != nil {
		return err
	}
	r := &player{
		log: log, out: bufio.NewWriter(transcript),
		parts: map[int64]*Partition{}, batches: map[int64]*Batch{}, requests: map[uint64]*Request{}, held: map[*Batch]bool{},
	}
	err = r.run()
	if flushed := r.out.Flush(); err == nil {
		err = flushed
	}
	return err
}

func (r *player) run() error {
	err := r.guard(r.restore)
	for err == nil && r.next < len(r.log) {
		err = r.guard(r.step)
	}
	return err
}

// guard turns panics in f into errors.
func (r *player) guard(f func() error) (err error) {
	defer func() {
		switch x := recover().(type) {
		case nil:
		case *Divergence:
			err = x
		default:
			err = &Panicked{r.log[min(r.input, len(r.log)-1)].line, x}
		}
	}()
	return f()
}

// step takes the next input, with what belongs to it.
func (r *player) step() error {
	if r.log[r.next].op == opBegin {
		r.core.journal.begin(r.core)
		return r.compare()
	}
	r.input = r.next
	for r.input < len(r.log) && r.log[r.input].op == opPartition {
		r.input++
	}
	if r.input == len(r.log) {
		r.next = r.input // the recording ends before the input that mentions the partition
		return nil
	}
	in := &r.log[r.input]
	if !in.op.input() {
		return &Divergence{in.line, in.String(), ""}
	}
	r.asked = r.asked[:0]
	for i := r.next; i < len(r.log) && (i <= r.input || !r.log[i].op.input()) && r.log[i].op != opBegin; i++ {
		switch e := &r.log[i]; {
		case e.op == opPartition:
			if err := r.describe(e); err != nil {
				return err
			}
		case i > r.input:
			r.asked = append(r.asked, e)
		}
	}
	r.decide()
	if err := r.apply(in); err != nil {
		return err
	}
	if err := r.compare(); err != nil {
		return err
	}
	if r.next <= r.input {
		return &Divergence{in.line, in.String(), ""}
	}
	return nil
}

// decide sets what callers have decided before the input, and the core will look at.
func (r *player) decide() {
	for _, e := range r.asked {
		if b := r.batches[e.values[0]]; b != nil {
			b.Trim = b.Trim || e.op == opTrimmed
		}
	}
}

// compare compares what the core's journal has got with the recording.
func (r *player) compare() error {
	j := r.core.journal
	replayed := decode(j.entries, r.last)
	r.last, j.entries = j.last, j.entries[:0]
	for i := range replayed {
		x := &replayed[i]
		if r.next == len(r.log) {
			// A recording may end inside an input: that in which it was written.
			return nil
		}
		if e := &r.log[r.next]; !e.equal(x) {
			return &Divergence{e.line, e.String(), x.String()}
		}
		r.next++
	}
	return nil
}

// apply gives the core an input.
func (r *player) apply(e *entry) error {
	var now Time
	f := packer{values: e.values, from: r.core}
	if e.op.timed() {
		now = Time(f.take())
	}
	r.tell(now, e)
	c := r.core
	switch e.op {
	case opOpened:
		b := &Batch{}
		num(&f, &b.number)
		b.Partition = r.partition(&f)
		if f.bad = f.bad || !r.know(b); !f.bad {
			f.flag(&b.Partition.Gapless)
			c.Opened(now, b)
		}
	case opFilled:
		if b := r.batch(&f); b != nil {
			num(&f, &b.Count)
			num(&f, &b.Size)
			c.Filled(now, b)
		}
	case opAnswered:
		if q := r.request(&f); q != nil {
			throttle := time.Duration(f.take())
			if results := r.results(&f); len(results) == len(q.Batches) {
				c.Answered(now, q, results, throttle)
			} else {
				f.bad = true
			}
		}
	case opFailed:
		if q := r.request(&f); q != nil {
			c.Failed(now, q, f.take() == 1, errorOf(f.take()))
		}
	case opNodeUp:
		c.NodeUp(now, int32(f.take()), f.take() == 1)
	case opNodeDown:
		c.NodeDown(now, int32(f.take()))
	case opTrouble:
		c.NodeTrouble(int32(f.take()), errorOf(f.take()))
	case opLeader:
		if p := r.partition(&f); p != nil {
			var topic protocol.UUID
			leader, epoch := int32(f.take()), int32(f.take())
			f.uuid(&topic)
			c.SetLeader(now, p, leader, epoch, topic)
		}
	default:
		r.applyRare(now, e.op, &f)
	}
	if f.bad {
		return &FormatError{e.line, fmt.Sprintf("what it tells can't be: %s", e)}
	}
	return nil
}

func (r *player) applyRare(now Time, o op, f *packer) {
	c := r.core
	switch o {
	case opMetadata:
		c.MetadataDone(now)
	case opFlush:
		c.Flush(now)
	case opPressure:
		c.Pressure(now, f.take() == 1)
	case opAbort:
		c.Abort(now, errorOf(f.take()))
	case opTick:
		c.Tick(now)
	case opID:
		c.ProducerID(now, f.take(), int16(f.take()))
	case opIDFailed:
		c.ProducerIDFailed(now, errorOf(f.take()))
	case opForget:
		c.Forget()
	case opEvacuate:
		if p := r.partition(f); p != nil {
			r.pin(p)
			c.Evacuate(now, p, r.move)
		}
	case opDrop:
		if chosen := r.batch(f); chosen != nil {
			c.DropOldest(now, errorOf(f.take()), func(b *Batch) bool { return b == chosen })
		}
	case opResume:
		if p := r.partition(f); p != nil {
			c.Resume(p)
		}
	case opTook:
		r.take()
	}
}

func (r *player) batch(f *packer) *Batch {
	b := r.batches[f.take()]
	f.bad = f.bad || b == nil
	return b
}

// request is the unanswered request of that serial, which is answered with that.
func (r *player) request(f *packer) *Request {
	serial := uint64(f.take())
	q := r.requests[serial]
	f.bad = f.bad || q == nil
	delete(r.requests, serial)
	return q
}

func (r *player) results(f *packer) []Result {
	results := make([]Result, len(f.values)/resultValues)
	for i := range results {
		res := &results[i]
		num(f, &res.Code)
		f.flag(&res.Missing)
		num(f, &res.BaseOffset)
		num(f, &res.LogAppendTime)
		num(f, &res.LogStartOffset)
		if f.take() == 1 {
			res.RecordErrors = make([]protocol.BatchIndexAndErrorMessage, 1)
		}
	}
	return results
}

// take carries out what the core asks for: it writes it down.
func (r *player) take() {
	r.core.Take(&r.acts)
	for _, b := range r.acts.Freed {
		delete(r.batches, int64(b.number))
	}
	for _, q := range r.acts.Send {
		r.requests[q.serial] = q
	}
	r.tellActions()
}
