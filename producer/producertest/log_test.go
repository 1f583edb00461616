package producertest

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// The rules of a partition, told as what comes and what is answered. A step is
//
//	<producer>/<epoch> <first sequence>+<records>: <what the log says>
//
// where the log says the base offset, "again" and the base offset, or a code; or one of the words of logStep.
var logScripts = []struct {
	name  string
	rule  UnknownProducer
	steps string
}{
	{"sequences count up", AcceptUnknown, `
		7/0 0+3: 0
		7/0 3+1: 3
		7/0 4+2: 4`},
	{"a gap is refused, and what follows is too", AcceptUnknown, `
		7/0 0+3: 0
		7/0 4+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 5+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 3+1: 3
		7/0 4+1: 4`},
	{"a batch that comes again is answered with its offset", AcceptUnknown, `
		7/0 0+3: 0
		7/0 3+2: 3
		7/0 0+3: again 0
		7/0 3+2: again 3
		7/0 5+1: 5`},
	{"five batches are remembered, not six", AcceptUnknown, `
		7/0 0+1: 0
		7/0 1+1: 1
		7/0 2+1: 2
		7/0 3+1: 3
		7/0 4+1: 4
		7/0 5+1: 5
		7/0 1+1: again 1
		7/0 0+1: OUT_OF_ORDER_SEQUENCE_NUMBER`},
	{"the same sequences in other batches are not duplicates", AcceptUnknown, `
		7/0 0+4: 0
		7/0 0+2: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 2+2: OUT_OF_ORDER_SEQUENCE_NUMBER`},
	{"producers don't know of each other", AcceptUnknown, `
		7/0 0+1: 0
		8/0 0+1: 1
		7/0 1+1: 2
		8/0 1+1: 3
		7/0 0+1: again 0`},
	{"without an id nothing is checked", AcceptUnknown, `
		-1/-1 -1+1: 0
		-1/-1 -1+1: 1`},
	{"sequences wrap after 2^31-1", AcceptUnknown, `
		7/0 2147483646+2: 0
		7/0 0+1: 2
		7/0 2147483646+2: again 0
		7/0 1+1: 3`},
	{"a batch may lie across the wrap", AcceptUnknown, `
		7/0 2147483646+4: 0
		7/0 1+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 2+1: 4
		7/0 2147483646+4: again 0`},
	{"a new epoch begins with sequence 0", AcceptUnknown, `
		7/0 0+3: 0
		7/1 3+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 3+1: 3
		7/1 0+1: 4
		7/1 1+1: 5`},
	{"an old epoch is refused, its batches too", AcceptUnknown, `
		7/3 0+3: 0
		7/4 0+1: 3
		7/3 3+1: INVALID_PRODUCER_EPOCH
		7/3 0+3: INVALID_PRODUCER_EPOCH
		7/4 1+1: 4`},
	{"epochs end at 32767", AcceptUnknown, `
		7/32766 0+1: 0
		7/32767 0+1: 1
		7/32766 1+1: INVALID_PRODUCER_EPOCH`},
	{"a fenced producer begins its new epoch with sequence 0", AcceptUnknown, `
		7/0 0+1: 0
		fence 7/5
		7/0 1+1: INVALID_PRODUCER_EPOCH
		7/5 1+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/5 0+1: 1`},
	{"fencing doesn't take epochs back", AcceptUnknown, `
		7/6 0+1: 0
		fence 7/5
		7/6 1+1: 1`},
	{"an unknown producer may begin anywhere (2.5 to 4.4)", AcceptUnknown, `
		7/0 5+1: 0
		7/0 6+1: 1
		7/0 5+1: again 0`},
	{"but not in a log that never held a record (4.5)", AcceptUnknownUnlessEmpty, `
		7/0 5+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		8/0 0+1: 0
		7/0 5+1: 1`},
	{"a log that was emptied has held records (4.5)", AcceptUnknownUnlessEmpty, `
		8/0 0+1: 0
		delete 1
		7/0 5+1: 1`},
	{"before 2.5 it may not", RefuseUnknown, `
		7/0 5+1: UNKNOWN_PRODUCER_ID
		7/0 0+1: 0
		7/0 1+1: 1`},
	{"a producer is forgotten after a day without a batch", RefuseUnknown, `
		7/0 0+1: 0
		wait 23h
		7/0 1+1: 1
		wait 23h
		7/0 2+1: 2
		wait 24h
		7/0 3+1: UNKNOWN_PRODUCER_ID
		7/0 0+1: 3`},
	{"a duplicate doesn't keep a producer known", RefuseUnknown, `
		7/0 0+1: 0
		wait 23h
		7/0 0+1: again 0
		wait 1h
		7/0 1+1: UNKNOWN_PRODUCER_ID`},
	{"deleting records leaves producers known", RefuseUnknown, `
		7/0 0+2: 0
		7/0 2+1: 2
		delete 3
		7/0 0+2: again 0
		7/0 3+1: 3`},
	{"a leader that has started again knows the last batch", AcceptUnknown, `
		7/0 0+2: 0
		7/0 2+1: 2
		7/0 3+1: 3
		8/4 0+1: 4
		reload
		7/0 0+2: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 2+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 3+1: again 3
		8/3 1+1: INVALID_PRODUCER_EPOCH
		8/4 0+1: again 4
		7/0 4+1: 5
		7/0 3+1: again 3`},
	{"truncating forgets what is cut off", AcceptUnknown, `
		7/0 0+2: 0
		8/0 0+1: 2
		7/0 2+1: 3
		truncate 2
		7/0 2+1: 2
		7/0 0+2: again 0
		8/0 1+1: 3`},
	{"truncating in the middle of a batch cuts it off", AcceptUnknown, `
		7/0 0+2: 0
		7/0 2+3: 2
		truncate 4
		7/0 3+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 2+3: 2`},
}

var latest = releases[len(releases)-1]

func TestLog(t *testing.T) {
	for _, script := range logScripts {
		t.Run(script.name, func(t *testing.T) { runLogScript(t, newLog(false, latest), script.rule, script.steps) })
	}
}

// The rules that old releases had.
func TestLogOfOldReleases(t *testing.T) {
	for _, script := range []struct{ releases, name, steps string }{
		{"0.11", "the last batch is remembered, and no other", `
		7/0 0+1: 0
		7/0 1+1: 1
		7/0 1+1: again 1
		7/0 0+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 2+1: 2`},
		{"1.0 4.4", "five are", `
		7/0 0+1: 0
		7/0 1+1: 1
		7/0 0+1: again 0
		7/0 1+1: again 1`},
		{"0.11", "retention takes producers of which nothing is left, and there is one code", `
		7/0 0+2: 0
		delete 2
		7/0 2+1: OUT_OF_ORDER_SEQUENCE_NUMBER
		7/0 0+1: 2`},
		{"1.0 2.3", "retention takes producers of which nothing is left", `
		7/0 0+2: 0
		8/0 0+2: 2
		delete 2
		7/0 2+1: UNKNOWN_PRODUCER_ID
		8/0 2+1: 4
		delete 4
		8/0 3+1: 5
		7/0 0+1: 6`},
		{"2.4", "retention leaves them", `
		7/0 0+2: 0
		delete 2
		7/0 2+1: 2
		7/0 0+2: again 0`},
	} {
		for name := range strings.FieldsSeq(script.releases) {
			t.Run(name+", "+script.name, func(t *testing.T) {
				r, err := findRelease(name)
				if err != nil {
					t.Fatal(err)
				}
				runLogScript(t, newLog(false, r), r.unknown, script.steps)
			})
		}
	}
}

func runLogScript(t *testing.T, l *partitionLog, rule UnknownProducer, steps string) {
	t.Helper()
	now := time.Unix(1_000_000, 0)
	for step := range strings.SplitSeq(strings.TrimSpace(steps), "\n") {
		step = strings.TrimSpace(step)
		if want, got, ok := logStep(t, l, &now, rule, step); ok && got != want {
			t.Fatalf("%s\n\tbut the log says %s", step, got)
		}
	}
}

// logStep does what a line of a script says. It returns what the log should say and what it says, where it says anything.
func logStep(t *testing.T, l *partitionLog, now *time.Time, rule UnknownProducer, step string) (want, got string, ok bool) {
	var h record.Batch
	var offset int64
	var duration string
	scan := func(format string, args ...any) bool {
		n, err := fmt.Sscanf(step, format, args...)
		return err == nil && n == len(args)
	}
	switch {
	case step == "reload":
		l.reload()
	case scan("delete %d", &offset):
		l.deleteBefore(offset)
	case scan("truncate %d", &offset):
		l.truncate(offset, *now)
	case scan("fence %d/%d", &h.ProducerID, &h.ProducerEpoch):
		l.fence(h.ProducerID, h.ProducerEpoch, *now)
	case scan("wait %s", &duration):
		d, err := time.ParseDuration(duration)
		if err != nil {
			t.Fatal(err)
		}
		*now = now.Add(d)
	case scan("%d/%d %d+%d:", &h.ProducerID, &h.ProducerEpoch, &h.BaseSequence, &h.Count):
		_, want, _ = strings.Cut(step, ": ")
		out := l.append(&h, nil, rules{unknown: rule, expiration: 24 * time.Hour, appendTime: -1}, *now)
		switch {
		case out.refused():
			return want, out.code.Name(), true
		case out.duplicate:
			return want, fmt.Sprintf("again %d", out.baseOffset), true
		}
		return want, fmt.Sprint(out.baseOffset), true
	default:
		t.Fatalf("can't read the step %q", step)
	}
	return "", "", false
}

func TestLogOffsets(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	fill := func() *partitionLog {
		l := newLog(false, latest)
		for range 3 {
			l.append(&record.Batch{ProducerID: -1, Count: 10}, nil, rules{appendTime: -1}, now)
		}
		return l
	}
	for _, test := range []struct {
		name                string
		change              func(*partitionLog)
		start, end, batches int
	}{
		{"as appended", func(*partitionLog) {}, 0, 30, 3},
		{"delete up to a batch", func(l *partitionLog) { l.deleteBefore(10) }, 10, 30, 2},
		{"delete into a batch", func(l *partitionLog) { l.deleteBefore(11) }, 11, 30, 2},
		{"delete beyond the end", func(l *partitionLog) { l.deleteBefore(math.MaxInt64) }, 30, 30, 0},
		{"delete backwards", func(l *partitionLog) { l.deleteBefore(10); l.deleteBefore(5) }, 10, 30, 2},
		{"truncate at the end", func(l *partitionLog) { l.truncate(30, now) }, 0, 30, 3},
		{"truncate at a batch", func(l *partitionLog) { l.truncate(20, now) }, 0, 20, 2},
		{"truncate in a batch", func(l *partitionLog) { l.truncate(19, now) }, 0, 10, 1},
		{"truncate below the start", func(l *partitionLog) { l.deleteBefore(20); l.truncate(0, now) }, 20, 20, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := fill()
			test.change(l)
			if l.start != int64(test.start) || l.end != int64(test.end) || len(l.batches) != test.batches {
				t.Errorf("log from %d to %d in %d batches, want %d to %d in %d",
					l.start, l.end, len(l.batches), test.start, test.end, test.batches)
			}
		})
	}
}

func TestRefusalsSayWhy(t *testing.T) {
	l, now := newLog(false, latest), time.Unix(1_000_000, 0)
	r := rules{unknown: AcceptUnknown, expiration: time.Hour}
	l.append(&record.Batch{ProducerID: 7, Count: 3}, nil, r, now)
	out := l.append(&record.Batch{ProducerID: 7, BaseSequence: 5, Count: 1}, nil, r, now)
	if out.code != protocol.OutOfOrderSequenceNumber || !strings.Contains(out.reason, "sequence 5 came after 2") {
		t.Errorf("refused with %v, %q", out.code, out.reason)
	}
}
