package delivery

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// op is the kind of an entry of the journal.
type op byte

const (
	// State, where the journal begins; partitions also later.
	opBegin op = iota
	opSettings
	opNode
	opPartition
	opBatch
	opLingering
	opRequest
	opReady
	opAwaiting
	opResting
	// What was decided while an input was handled.
	opClosed
	opTrimmed
	opSplit
	opSifted
	opMoved
	// Inputs.
	opOpened
	opFilled
	opAnswered
	opFailed
	opNodeUp
	opNodeDown
	opTrouble
	opLeader
	opMetadata
	opFlush
	opPressure
	opAbort
	opTick
	opID
	opIDFailed
	opForget
	opEvacuate
	opDrop
	opResume
	opTook
)

// form is what an entry looks like: its name, and how many values it has: least, and any number of groups of the given size behind them.
type form struct {
	name         string
	least, group int
}

var ops = [...]form{
	opBegin:     {"begin", 0, 1},
	opSettings:  {"settings", 0, 1},
	opNode:      {"node", 0, 1},
	opPartition: {"partition", 0, 1},
	opBatch:     {"batch", 0, 1},
	opLingering: {"lingering", 0, 1},
	opRequest:   {"request", 0, 1},
	opReady:     {"ready", 0, 1},
	opAwaiting:  {"awaiting", 0, 1},
	opResting:   {"resting", 0, 1},
	opClosed:    {"closed", 3, 0},
	opTrimmed:   {"trimmed", 4, 0},
	opSplit:     {"split", 2, 3},
	opSifted:    {"sifted", 2, 3},
	opMoved:     {"moved", 2, 0},
	opOpened:    {"opened", 4, 0},
	opFilled:    {"filled", 4, 0},
	opAnswered:  {"answered", 3, resultValues},
	opFailed:    {"failed", 4, 0},
	opNodeUp:    {"nodeup", 3, 0},
	opNodeDown:  {"nodedown", 2, 0},
	opTrouble:   {"trouble", 2, 0},
	opLeader:    {"leader", 6, 0},
	opMetadata:  {"metadata", 1, 0},
	opFlush:     {"flush", 1, 0},
	opPressure:  {"pressure", 2, 0},
	opAbort:     {"abort", 2, 0},
	opTick:      {"tick", 1, 0},
	opID:        {"id", 3, 0},
	opIDFailed:  {"idfailed", 2, 0},
	opForget:    {"forget", 0, 0},
	opEvacuate:  {"evacuate", 2, 0},
	opDrop:      {"drop", 3, 0},
	opResume:    {"resume", 1, 0},
	opTook:      {"took", 1, 0},
}

// timed says whether the first value of an entry is the time of an input.
func (o op) timed() bool {
	return o.input() && o != opTrouble && o != opForget && o != opResume && o != opTook
}

func (o op) input() bool { return o >= opOpened }

// entry is an entry of the journal, with its time since the origin.
type entry struct {
	op     op
	values []int64
	topic  string // of a partition
	line   int    // in the text, where it comes from one
}

// String returns e as it is written.
func (e *entry) String() string {
	s := []byte(ops[e.op].name)
	for _, v := range e.values {
		s = strconv.AppendInt(append(s, ' '), v, 10)
	}
	if e.op == opPartition {
		s = strconv.AppendQuote(append(s, ' '), e.topic)
	}
	return string(s)
}

func (e *entry) equal(x *entry) bool {
	return e.op == x.op && e.topic == x.topic && slices.Equal(e.values, x.values)
}

// decode returns the entries that a journal has put into b. last is the time of the input before them.
func decode(b []byte, last Time) []entry {
	var entries []entry
	for len(b) > 0 {
		e := entry{op: op(b[0])}
		n, size := binary.Uvarint(b[1:])
		b = b[1+size:]
		e.values = make([]int64, n)
		for i := range e.values {
			e.values[i], size = binary.Varint(b)
			b = b[size:]
		}
		switch {
		case e.op == opBegin:
			last = 0
		case e.op == opPartition:
			n, size := binary.Uvarint(b)
			e.topic = string(b[size : size+int(n)])
			b = b[size+int(n):]
		case e.op.timed():
			last += Time(e.values[0])
			e.values[0] = int64(last)
		}
		entries = append(entries, e)
	}
	return entries
}

// version is the first line of a recording: it changes with what the entries mean.
const version = "kafkaproducer flight record 3"

// Print writes r as text: a line with the version, and a line for each entry.
func (r Recording) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, version)
	for _, b := range [][]byte{r.before, r.entries} {
		for _, e := range decode(b, 0) {
			fmt.Fprintln(out, e.String())
		}
	}
	return out.Flush()
}

// FormatError says that what should be a flight record is none.
type FormatError struct {
	Line int
	What string
}

// Error implements error.
func (e *FormatError) Error() string {
	return fmt.Sprintf("kafkaproducer: flight record, line %d: %s", e.Line, e.What)
}

// What a recording may have at most, as far as Replay goes: that of 100,000 partitions has less.
const (
	maxLine    = 1 << 20
	maxEntries = 1 << 20
)

// parse reads what Print has written, or anything else.
func parse(text io.Reader) ([]entry, error) {
	in := bufio.NewScanner(text)
	in.Buffer(nil, maxLine)
	line := 1
	fault := func(format string, args ...any) ([]entry, error) {
		return nil, &FormatError{line, fmt.Sprintf(format, args...)}
	}
	if !in.Scan() || in.Text() != version {
		return fault("the first line is not %q", version)
	}
	var entries []entry
	for in.Scan() {
		line++
		if len(entries) == maxEntries {
			return fault("more than %d entries", maxEntries)
		}
		e, err := parseEntry(in.Text())
		if err != nil {
			return fault("%v", err)
		}
		e.line = line
		entries = append(entries, e)
	}
	if err := in.Err(); err != nil {
		line++
		return fault("%v", err)
	}
	if len(entries) == 0 || entries[0].op != opBegin {
		line = 2
		return fault("the first entry is not %q", ops[opBegin].name)
	}
	return entries, nil
}

func parseEntry(line string) (e entry, err error) {
	if at := strings.IndexByte(line, '"'); at > 0 {
		if e.topic, err = strconv.Unquote(line[at:]); err != nil {
			return e, fmt.Errorf("the topic is %s: %w", line[at:], err)
		}
		line = line[:at-1]
	}
	name, rest, _ := strings.Cut(line, " ")
	i := slices.IndexFunc(ops[:], func(o form) bool { return o.name == name })
	if i < 0 {
		return e, fmt.Errorf("the entry is %q, which is none", name)
	}
	e.op = op(i)
	for f := range strings.FieldsSeq(rest) {
		v, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return e, fmt.Errorf("%s: %w", name, err)
		}
		e.values = append(e.values, v)
	}
	o := ops[i]
	if n := len(e.values) - o.least; n < 0 || o.group == 0 && n > 0 || o.group > 0 && n%o.group != 0 {
		return e, fmt.Errorf("%s has %d values, not %d and groups of %d", name, len(e.values), o.least, o.group)
	}
	if (e.topic == "") == (e.op == opPartition) {
		return e, fmt.Errorf("%s with the topic %q", name, e.topic)
	}
	return e, nil
}
