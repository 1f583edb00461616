package delivery

import (
	"fmt"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// The transcript of a replay: an input begins a line, what the core then asks for is indented below it.

func (r *player) tell(now Time, e *entry) {
	var what string
	v := e.values
	switch e.op {
	case opTook:
		return // what it took is told
	case opOpened:
		what = fmt.Sprintf("%s is opened in %s", name(v[1]), r.place(v[2]))
	case opFilled:
		what = fmt.Sprintf("%s is full: %d records, %d bytes", name(v[1]), v[2], v[3])
	case opAnswered:
		what = "answer to " + r.told(v[1]) + r.tellResults(v)
	case opFailed:
		what = fmt.Sprintf("no answer to %s: %s", r.told(v[1]), tellError(v[3]))
		if v[2] == 0 {
			what += ", nothing was written"
		}
	case opNodeUp:
		what = fmt.Sprintf("node %d is up", v[1])
		if v[2] == 0 {
			what += ", its requests name topics, not their ids"
		}
	case opNodeDown:
		what = fmt.Sprintf("node %d is down", v[1])
	case opTrouble:
		what = fmt.Sprintf("node %d: %s", v[0], tellError(v[1]))
	case opLeader:
		what = fmt.Sprintf("%s is led by %d, epoch %d", r.place(v[1]), v[2], v[3])
	case opMetadata:
		what = "metadata are up to date"
	case opPressure:
		what = [...]string{"nobody waits for room", "callers wait for room"}[v[1]&1]
	case opAbort:
		what = "abort: " + tellError(v[1])
	case opID:
		what = fmt.Sprintf("producer id %d, epoch %d", v[1], v[2])
	case opIDFailed:
		what = "no producer id: " + tellError(v[1])
	case opForget:
		what = "partitions are forgotten"
	case opEvacuate:
		what = "batches leave " + r.place(v[1]) + r.tellMoves()
	case opDrop:
		what = name(v[1]) + " is dropped: " + tellError(v[2])
	case opResume:
		what = r.place(v[0]) + " goes on behind its gap"
	default:
		what = ops[e.op].name
	}
	if e.op.timed() {
		what = fmt.Sprintf("%v %s", time.Duration(now), what)
	}
	fmt.Fprintln(r.out, what)
	r.tellDecisions()
}

// tellDecisions tells what Records answered.
func (r *player) tellDecisions() {
	for _, e := range r.asked {
		switch v := e.values; e.op {
		case opClosed:
			fmt.Fprintf(r.out, "\t%s is closed: %d records, %d bytes\n", name(v[0]), v[1], v[2])
		case opTrimmed:
			fmt.Fprintf(r.out, "\t%s loses withdrawn records: %d left\n", name(v[0]), v[2])
		case opSplit, opSifted:
			fmt.Fprintf(r.out, "\t%s is divided:%s\n", name(v[0]), tellParts(v[2:]))
		}
	}
}

func (r *player) tellActions() {
	a := &r.acts
	for _, b := range a.Outcomes {
		o := &b.Outcome
		if o.Err == nil {
			fmt.Fprintf(r.out, "\tdone %s at %d\n", name(int64(b.number)), o.BaseOffset)
		} else {
			fmt.Fprintf(r.out, "\tfailed %s, %s: %v\n", name(int64(b.number)),
				[...]string{"not persisted", "possibly persisted", "persisted"}[o.Certainty], o.Err)
		}
	}
	for _, q := range a.Send {
		fmt.Fprintf(r.out, "\tsend request %d to node %d:", q.serial, q.Node)
		for _, b := range q.Batches {
			fmt.Fprintf(r.out, " %s %s-%d", name(int64(b.number)), b.Partition.Topic, b.Partition.Index)
			if b.numbered {
				fmt.Fprintf(r.out, " epoch %d sequence %d+%d", b.ProducerEpoch, b.BaseSequence, b.Count)
			}
		}
		fmt.Fprintln(r.out)
	}
	for _, id := range a.Connect {
		fmt.Fprintf(r.out, "\tconnect to node %d\n", id)
	}
	if a.RefreshMetadata {
		fmt.Fprintln(r.out, "\task for metadata")
	}
	if a.NewProducerID {
		fmt.Fprintln(r.out, "\task for a producer id")
	}
	for _, n := range a.Notes {
		fmt.Fprintf(r.out, "\tnote: %v", n.Event)
		if n.Partition != nil {
			fmt.Fprintf(r.out, ", %s-%d", n.Partition.Topic, n.Partition.Index)
		}
		fmt.Fprintln(r.out)
	}
}

func (r *player) tellResults(v []int64) string {
	q := r.requests[uint64(v[1])]
	var s strings.Builder
	for i, v := 0, v[3:]; len(v) >= resultValues && q != nil && i < len(q.Batches); i, v = i+1, v[resultValues:] {
		fmt.Fprintf(&s, "; %s ", name(int64(q.Batches[i].number)))
		switch {
		case v[1] == 1:
			s.WriteString("is left out")
		case v[0] == 0:
			fmt.Fprintf(&s, "at %d", v[2])
		default:
			s.WriteString(protocol.ErrorCode(v[0]).Name())
		}
	}
	return s.String()
}

func (r *player) tellMoves() string {
	var s strings.Builder
	for _, e := range r.asked {
		if e.op == opMoved && e.values[1] != 0 {
			fmt.Fprintf(&s, "; %s to %s", name(e.values[0]), r.place(e.values[1]))
		}
	}
	return s.String()
}

func tellParts(v []int64) string {
	var s strings.Builder
	for ; len(v) >= 3; v = v[3:] {
		fmt.Fprintf(&s, " %s of %d records", name(v[0]), v[1])
	}
	return s.String()
}

func tellError(v int64) string {
	if err := errorOf(v); err != nil {
		return err.Error()
	}
	return "no error"
}

func name(batch int64) string { return fmt.Sprintf("#%d", batch) }

// place is a partition by its number.
func (r *player) place(n int64) string {
	if p := r.parts[n]; p != nil {
		return fmt.Sprintf("%s-%d", p.Topic, p.Index)
	}
	return fmt.Sprintf("partition %d", n)
}

// told is an unanswered request by its serial.
func (r *player) told(serial int64) string {
	if q := r.requests[uint64(serial)]; q != nil {
		return fmt.Sprintf("request %d by node %d", serial, q.Node)
	}
	return fmt.Sprintf("request %d", serial)
}
