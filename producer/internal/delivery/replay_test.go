package delivery

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// recorded runs a random cluster for some steps, in which callers also do what TestModel's don't, and returns the recording.
func recorded(t *testing.T, seed uint64, steps, full int) (recording string, begun uint32) {
	m := newModel(t, seed)
	m.core.journal.full = full
	for range steps {
		m.step()
		m.oddStep()
	}
	var b strings.Builder
	if err := m.core.Recording().Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String(), m.core.journal.begun
}

// oddStep is an input that is rare.
func (m *model) oddStep() {
	switch m.random.IntN(20) {
	case 0:
		m.core.Flush(m.now)
	case 1:
		m.core.Pressure(m.now, m.random.IntN(2) == 0)
	case 2:
		m.core.NodeTrouble(int32(m.random.IntN(3)), errLost)
	case 3:
		m.core.DropOldest(m.now, errLost, func(b *Batch) bool { return b.Count > 1 })
	case 4:
		m.core.Forget()
	case 5, 6, 7: // records are withdrawn
		for b := m.core.live.head; b != nil; b = m.core.live.next(b) {
			if b.Unsent() {
				b.Trim = true
			}
		}
	case 8, 9:
		m.answerOddly()
	case 10:
		m.core.MetadataDone(m.now)
	case 11:
		if m.random.IntN(20) == 0 {
			m.core.Abort(m.now, errLost)
		}
	case 12:
		if b := m.parts[0].queue.tail; b != nil && b.state == Open {
			b.Size = 100 * int(b.Count)
			m.core.Filled(m.now, b)
		}
	}
	m.collect()
}

// answerOddly answers the oldest request with what makes the core divide batches, begin new numbers, or wait.
func (m *model) answerOddly() {
	if len(m.requests) == 0 {
		return
	}
	r := m.requests[0]
	m.requests = m.requests[1:]
	codes := []protocol.ErrorCode{protocol.MessageTooLarge, protocol.InvalidRecord, protocol.UnknownProducerID, protocol.InvalidProducerEpoch, 77}
	results := make([]Result, len(r.Batches))
	for i := range results {
		results[i] = Result{Code: codes[m.random.IntN(len(codes))], BaseOffset: -1, LogAppendTime: -1, LogStartOffset: int64(m.random.IntN(3) - 1),
			RecordErrors: make([]protocol.BatchIndexAndErrorMessage, m.random.IntN(2))}
	}
	m.core.Answered(m.now, r, results, time.Duration(m.random.IntN(2)*50)*time.Millisecond)
}

// A recording of any run replays exactly: from the beginning, and from wherever the journal began again.
func TestReplay(t *testing.T) {
	seen := map[string]bool{}
	begunAgain := 0
	for seed := range min(*seeds, 400) {
		full := journalSize
		if seed%2 == 1 {
			full = 1
		}
		recording, begun := recorded(t, seed, 400, full)
		if begun > 2 {
			begunAgain++
		}
		var transcript strings.Builder
		if err := Replay(strings.NewReader(recording), &transcript); err != nil {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, recording, &transcript)
		}
		for line := range strings.Lines(recording) {
			name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
			seen[name] = true
		}
	}
	if begunAgain < 10 {
		t.Errorf("%d journals were full twice", begunAgain)
	}
	for _, o := range ops {
		if !seen[o.name] && o.name != ops[opIDFailed].name { // shown below
			t.Errorf("no recording has an entry %q", o.name)
		}
	}
}

// What doesn't replay as it is recorded is reported where it differs.
func TestReplayDiffers(t *testing.T) {
	recording, _ := recorded(t, 3, 150, journalSize)
	lines := strings.SplitAfter(recording, "\n")
	for i, line := range lines {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		changed := append([]string(nil), lines...)
		switch name {
		case ops[opTook].name, ops[opClosed].name:
			changed[i] = strings.Replace(line, name+" ", name+" 1", 1)
		case ops[opAnswered].name, ops[opFailed].name:
			changed[i] = ""
		default:
			continue
		}
		err := Replay(strings.NewReader(strings.Join(changed, "")), io.Discard)
		var d *Divergence
		var f *FormatError
		switch {
		case errors.As(err, &d):
			if d.Line < i {
				t.Errorf("line %d is changed, but it is said to differ at %d", i+1, d.Line)
			}
		case errors.As(err, &f):
		default:
			t.Errorf("with line %d changed, %q: %v", i+1, strings.TrimSpace(line), err)
		}
	}
}

// An answer of InitProducerId that is an error decides by its code.
func TestReplayProducerIDFailed(t *testing.T) {
	for _, cause := range []error{errLost, protocol.CoordinatorLoadInProgress, protocol.ClusterAuthorizationFailed} {
		h := newHarness(t, defaults())
		h.core.Record(nil)
		h.core.NodeUp(h.now, 1, true)
		p := h.partition("t", 0, 1)
		h.open(p, "1", 1)
		h.core.ProducerIDFailed(h.now, cause)
		h.take()
		h.pass(time.Second)
		var b, transcript strings.Builder
		if err := h.core.Recording().Print(&b); err != nil {
			t.Fatal(err)
		}
		if err := Replay(strings.NewReader(b.String()), &transcript); err != nil {
			t.Errorf("%v: %v\n%s", cause, err, &b)
		}
		if h.core.Fatal() != nil && !strings.Contains(transcript.String(), "failed #1, not persisted") {
			t.Errorf("%v: the transcript is\n%s", cause, &transcript)
		}
	}
}

// A core with a bug, that a batch does what it can't, is recorded before it panics; it panics again when that is replayed, at the last
// input. A core without the bug replays it to the end.
func TestReplayPanics(t *testing.T) {
	h, p := start(t, defaults())
	var b strings.Builder
	h.core.Record(func() { h.core.Recording().Print(&b) })
	h.open(p, "a", 1)
	may := next[InFlight]
	defer func() { next[InFlight] = may }()
	next[InFlight] = nil // the bug
	var said any
	func() {
		defer func() { said = recover() }()
		h.answer(ok)
	}()
	var transcript strings.Builder
	err := Replay(strings.NewReader(b.String()), &transcript)
	panicked, is := errors.AsType[*Panicked](err)
	if want := "delivery: a batch that is InFlight can't become Done"; said != want || !is || panicked.Value != want {
		t.Errorf("the core panics with %v, its replay ends with %v", said, err)
	}
	if last := strings.Count(b.String(), "\n"); is && panicked.Line != last {
		t.Errorf("the replay panics at line %d of %d", panicked.Line, last)
	}
	if !strings.Contains(transcript.String(), "answer to request 1 by node 1") {
		t.Errorf("the transcript is\n%s", &transcript)
	}
	next[InFlight] = may
	if err := Replay(strings.NewReader(b.String()), io.Discard); err != nil {
		t.Errorf("replayed without the bug: %v", err)
	}
}

// A recording has no more than the last inputs and the state before them, however long the core runs.
func TestRecordingIsBounded(t *testing.T) {
	m := newModel(t, 1)
	m.faults = false
	most := 0
	for range 20_000 {
		m.step()
		most = max(most, len(m.core.journal.entries))
		m.log = m.log[:0]
	}
	if m.core.journal.begun < 3 || most > journalSize+4096 {
		t.Errorf("the journal began %d times, its most was %d bytes", m.core.journal.begun, most)
	}
}

// A field that is new must be in the snapshot, or be one of those that follow from others and are set by restore, or need not be there.
func TestSnapshotKnowsEveryField(t *testing.T) {
	for _, test := range []struct {
		of     any
		fields int
	}{
		{Core{}, 23}, {Config{}, 14}, {node{}, 12}, {Partition{}, 31}, {hole{}, 4}, {lateness{}, 3}, {Batch{}, 25}, {order{}, 2}, {idState{}, 7}, {producerID{}, 3},
		{serving{}, 4}, {Request{}, 9},
	} {
		if n := reflect.TypeOf(test.of).NumField(); n != test.fields {
			t.Errorf("%T has %d fields, not %d: see that its method walk has what the core decides by", test.of, n, test.fields)
		}
	}
}

// Whatever is read, Replay ends, and says what is wrong with one of its errors.
func FuzzReplay(f *testing.F) {
	for seed := range uint64(4) {
		recording, _ := recorded(&testing.T{}, seed, 20, 1)
		f.Add(recording)
	}
	f.Fuzz(func(t *testing.T, recording string) {
		err := Replay(strings.NewReader(recording), io.Discard)
		var format *FormatError
		var differs *Divergence
		var panicked *Panicked
		if err != nil && !errors.As(err, &format) && !errors.As(err, &differs) && !errors.As(err, &panicked) {
			t.Error(err)
		}
	})
}
