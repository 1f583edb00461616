package delivery

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// The flight recorder
//
// The core's inputs are values, so that its last ones can be kept and run again: the same core comes to the same state, by the same
// steps, on any machine. The journal writes them into memory as they come, with all else that the core's way depends on: what
// Records answered, which batches a caller chose to move or drop. No record's content is in it, and of an error only the code.
//
// To run inputs again one must know what they met. So the journal begins with the core's whole state (snapshot.go) and, when it is full,
// begins again; what it held before it keeps until it is full once more. A partition's state is written when it is first mentioned:
// idle ones cost nothing. The journal begins again inside Take, when nothing is under way.
//
// What the core asks for is in the journal as a digest of each Take. Who runs the inputs again (replay.go) has the new core keep a
// journal, too, and compares the two.

// journal is the last inputs of a Core. The methods of a nil journal do nothing.
type journal struct {
	entries   []byte     // since it last began, see put
	before    []byte     // those of the time before that
	begun     uint32     // how often it began
	full      int        // bytes of entries at which it begins again, if those that describe state are a quarter of them at most
	described int        // bytes of entries that describe state
	last      Time       // of the last input
	batches   uint64     // number given last
	parts     uint64     // number given last
	flying    []*Request // unanswered, see Request.place
	state     packer     // storage for descriptions

	impossible func() // see Core.Record
}

// journalSize is how much a journal holds before it begins again, at least: some thousands of inputs.
const journalSize = 64 << 10

// Record has the core keep its last inputs from now on; to be called before the first. impossible is called when the core is
// about to panic since a batch did what it can't, that is because of a bug in it: the last chance to write the Recording.
func (c *Core) Record(impossible func()) {
	c.journal = &journal{full: journalSize, impossible: impossible, before: make([]byte, 0, 256), entries: make([]byte, 0, 256)}
	c.journal.begin(c)
}

// Recording is what a journal holds, to be written as text by Print.
type Recording struct{ before, entries []byte }

// Recording returns a copy of the last inputs; empty unless Record was called.
func (c *Core) Recording() Recording {
	if c.journal == nil {
		return Recording{}
	}
	return Recording{append([]byte(nil), c.journal.before...), append([]byte(nil), c.journal.entries...)}
}

// begin begins the journal again with the state of c.
func (j *journal) begin(c *Core) {
	j.before, j.entries = j.entries, j.before[:0]
	j.begun++
	j.last, j.described = 0, 0
	j.snapshot(c)
}

// put appends an entry: op, how many values, and the values as varints.
func (j *journal) put(o op, values ...int64) {
	j.head(o, len(values))
	j.add(values...)
}

// head begins an entry of n values, which add appends.
func (j *journal) head(o op, n int) {
	j.entries = append(j.entries, byte(o))
	j.entries = binary.AppendUvarint(j.entries, uint64(n))
}

// add is binary.AppendVarint for each value, which it costs half as much as.
func (j *journal) add(values ...int64) {
	n := len(j.entries)
	b := slices.Grow(j.entries, len(values)*binary.MaxVarintLen64)
	b = b[:cap(b)]
	for _, v := range values {
		u := uint64(v)<<1 ^ uint64(v>>63)
		for ; u >= 0x80; u >>= 7 {
			b[n] = byte(u) | 0x80
			n++
		}
		b[n] = byte(u)
		n++
	}
	j.entries = b[:n]
}

// input begins the entry of an input that has n values besides its time, written as the time that has passed since the last.
func (j *journal) input(o op, now Time, n int) {
	j.head(o, n+1)
	j.add(int64(now - j.last))
	j.last = now
}

// at is an input that is a time and values.
func (j *journal) at(o op, now Time, values ...int64) {
	if j == nil {
		return
	}
	j.input(o, now, len(values))
	j.add(values...)
}

// partition returns the number of p, after it has described p if nothing mentioned it since the journal began.
func (j *journal) partition(p *Partition) int64 {
	if p.described != j.begun {
		p.described = j.begun
		if p.number == 0 {
			j.parts++
			p.number = j.parts
		}
		from := len(j.entries)
		j.describe(opPartition, p)
		j.entries = binary.AppendUvarint(j.entries, uint64(len(p.Topic)))
		j.entries = append(j.entries, p.Topic...)
		j.described += len(j.entries) - from
	}
	return int64(p.number)
}

// batch gives b a number, unless it has one.
func (j *journal) batch(b *Batch) int64 {
	if b.number == 0 {
		j.batches++
		b.number = j.batches
	}
	return int64(b.number)
}

// The inputs that are more than a time and values.

func (j *journal) opened(now Time, b *Batch) {
	if j == nil {
		return
	}
	p := j.partition(b.Partition)
	j.at(opOpened, now, j.batch(b), p, bit(b.Partition.Gapless))
}

func (j *journal) filled(now Time, b *Batch) {
	if j == nil {
		return
	}
	j.at(opFilled, now, j.batch(b), int64(b.Count), int64(b.Size))
}

func (j *journal) trouble(node int32, err error) {
	if j == nil {
		return
	}
	j.put(opTrouble, int64(node), errorValue(err))
}

func (j *journal) leader(now Time, p *Partition, leader, epoch int32, topic protocol.UUID) {
	if j == nil {
		return
	}
	n := j.partition(p)
	high, low := binary.BigEndian.Uint64(topic[:8]), binary.BigEndian.Uint64(topic[8:])
	j.at(opLeader, now, n, int64(leader), int64(epoch), int64(high), int64(low))
}

func (j *journal) answered(now Time, r *Request, results []Result, throttle time.Duration) {
	if j == nil {
		return
	}
	j.landed(r)
	j.input(opAnswered, now, 2+resultValues*len(results))
	j.add(int64(r.serial), int64(throttle))
	for i := range results {
		res := &results[i]
		j.add(int64(res.Code), bit(res.Missing), res.BaseOffset, res.LogAppendTime, res.LogStartOffset, bit(len(res.RecordErrors) > 0))
	}
}

// resultValues is how many values a Result has in the journal.
const resultValues = 6

func (j *journal) failed(now Time, r *Request, wrote bool, err error) {
	if j == nil {
		return
	}
	j.landed(r)
	j.at(opFailed, now, int64(r.serial), bit(wrote), errorValue(err))
}

func (j *journal) idFailed(now Time, err error) {
	if j == nil {
		return
	}
	j.at(opIDFailed, now, errorValue(err))
}

func (j *journal) abort(now Time, err error) {
	if j == nil {
		return
	}
	j.at(opAbort, now, errorValue(err))
}

func (j *journal) evacuate(now Time, p *Partition) {
	if j == nil {
		return
	}
	n := j.partition(p)
	j.at(opEvacuate, now, n)
}

// dropped is a DropOldest that found a batch.
func (j *journal) dropped(now Time, b *Batch, err error) {
	if j == nil {
		return
	}
	j.at(opDrop, now, j.batch(b), errorValue(err))
}

func (j *journal) resume(p *Partition) {
	if j == nil {
		return
	}
	n := j.partition(p)
	j.put(opResume, n)
}

func (j *journal) forget() {
	if j == nil {
		return
	}
	j.put(opForget)
}

// took is a Take; what nobody asked for is not worth an entry. It is the moment to begin again.
func (j *journal) took(c *Core, a *Actions) {
	if j == nil {
		return
	}
	if sum := a.digest(); sum != 0 {
		j.put(opTook, int64(sum))
	}
	if len(j.entries) >= j.full && len(j.entries) >= 4*j.described {
		j.begin(c)
	}
}

// What others decided while the core handled an input.

// closed is the answer to Records.Close.
func (j *journal) closed(b *Batch) {
	if j == nil {
		return
	}
	j.put(opClosed, j.batch(b), int64(b.Count), int64(b.Size))
}

// trimmed is the answer to Records.Trim, which is asked for since the caller has set Batch.Trim.
func (j *journal) trimmed(b *Batch, left bool) bool {
	if j != nil {
		j.put(opTrimmed, j.batch(b), bit(left), int64(b.Count), int64(b.Size))
	}
	return left
}

// divided is the answer to Records.Split, and to Records.Sift, where what is left of b counts.
func (j *journal) divided(o op, b *Batch, parts ...*Batch) {
	if j == nil {
		return
	}
	j.head(o, 2+3*len(parts))
	j.add(j.batch(b), int64(b.Count))
	for _, q := range parts {
		j.add(j.batch(q), int64(q.Count), int64(q.Size))
	}
}

// moved is the answer of Evacuate's caller.
func (j *journal) moved(b *Batch, q *Partition) {
	if j == nil {
		return
	}
	to := int64(0)
	if q != nil {
		to = j.partition(q)
	}
	j.put(opMoved, j.batch(b), to)
}

// sent notes that r is unanswered.
func (j *journal) sent(r *Request) {
	if j == nil {
		return
	}
	r.place = len(j.flying)
	j.flying = append(j.flying, r)
}

func (j *journal) landed(r *Request) {
	last := len(j.flying) - 1
	j.flying[r.place] = j.flying[last]
	j.flying[r.place].place = r.place
	j.flying[last] = nil
	j.flying = j.flying[:last]
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// The errors that come with inputs decide something by their code only, if it is theirs (see ProducerIDFailed). Texts may name
// hosts and more: they stay here. An error's value is its kind, plus its code, if any, times four.
const (
	noError     = iota
	codeError   // a code is the error
	withinError // a code is within the error
	otherError
)

func errorValue(err error) int64 {
	if err == nil {
		return noError
	}
	if code, ok := err.(protocol.ErrorCode); ok {
		return codeError + 4*int64(code)
	}
	if code, ok := errors.AsType[protocol.ErrorCode](err); ok {
		return withinError + 4*int64(code)
	}
	return otherError
}

// errUntold stands for an error that isn't in the journal.
var errUntold = errors.New("an error that the flight record doesn't tell")
