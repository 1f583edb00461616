package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// ledgerOf writes events as a run does and returns the file's bytes.
func ledgerOf(t *testing.T, events []Event) []byte {
	t.Helper()
	name := filepath.Join(t.TempDir(), "ledger")
	l, err := CreateLedger(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		l.Note(e)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// storedOf is a file as Load.java writes it.
func storedOf(positions []Stored) []byte {
	var b []byte
	for _, s := range positions {
		b = binary.BigEndian.AppendUint32(b, uint32(s.Partition))
		b = binary.BigEndian.AppendUint64(b, uint64(s.Offset))
		b = binary.BigEndian.AppendUint32(b, uint32(s.G))
		b = binary.BigEndian.AppendUint32(b, uint32(s.N))
	}
	return b
}

func acked(g, n int, partition int32, offset int64) Event {
	return Event{G: g, N: n, Outcome: Acknowledged, Partition: partition, Offset: offset, After: 5 * time.Millisecond}
}

func failed(g, n int, o Outcome) Event {
	return Event{G: g, N: n, Outcome: o, Partition: 0, Offset: -1}
}

// Two goroutines, two partitions, and each outcome that there is; all as it should be.
func wholeRun() (ends []int, events []Event, stored []Stored) {
	ends = []int{6, 2}
	events = []Event{
		acked(0, 0, 0, 0), acked(1, 0, 0, 1), acked(0, 1, 1, 0), acked(0, 2, 0, 2),
		failed(0, 3, NotPersisted), failed(0, 4, PossiblyPersisted), failed(0, 5, Refused), failed(1, 1, Persisted),
	}
	stored = []Stored{{0, 0, 0, 0}, {0, 1, 1, 0}, {0, 2, 0, 2}, {1, 0, 0, 1}, {1, 1, 1, 1}}
	return ends, events, stored
}

func judgeRun(t *testing.T, ends []int, events []Event, stored []Stored) *Verdict {
	t.Helper()
	v, err := Judge(ends, bytes.NewReader(ledgerOf(t, events)), bytes.NewReader(storedOf(stored)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJudgeWhole(t *testing.T) {
	ends, events, stored := wholeRun()
	v := judgeRun(t, ends, events, stored)
	if v.Violations() != 0 || v.Summary() != "none" || v.Examples != nil {
		t.Errorf("violations: %s: %q", v.Summary(), v.Examples)
	}
	want := [outcomes]int{Acknowledged: 4, NotPersisted: 1, PossiblyPersisted: 1, Persisted: 1, Refused: 1}
	if v.Sent != 8 || v.Stored != 5 || v.Outcomes != want {
		t.Errorf("%+v", v)
	}
	// What is in doubt may be there, too; and an offset may be unknown.
	events[0].Offset = -1
	if v := judgeRun(t, ends, events, append(stored, Stored{0, 3, 0, 4})); v.Violations() != 0 {
		t.Errorf("violations: %q", v.Examples)
	}
}

// Each violation is seen, once, and nothing else with it.
func TestJudgeSees(t *testing.T) {
	tests := []struct {
		name string
		do   func(events *[]Event, stored *[]Stored)
		want Violation
	}{
		{"lost", func(e *[]Event, s *[]Stored) { *s = (*s)[1:] }, Lost},
		{"doubled", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{1, 2, 0, 1}) }, Doubled},
		{"doubled in another partition", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{0, 3, 0, 1}) }, Doubled},
		{"reordered", func(e *[]Event, s *[]Stored) {
			(*s)[0], (*s)[2] = Stored{0, 0, 0, 2}, Stored{0, 2, 0, 0}
			(*e)[0].Offset, (*e)[3].Offset = -1, -1
		}, Reordered},
		{"reordered by what is in doubt", func(e *[]Event, s *[]Stored) {
			(*e)[0] = failed(0, 0, PossiblyPersisted)
			(*s)[0], (*s)[2] = Stored{0, 0, 0, 2}, Stored{0, 2, 0, 0}
			(*e)[3].Offset = -1
		}, Reordered},
		{"not persisted, yet there", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{0, 3, 0, 3}) }, Untruthful},
		{"refused, yet there", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{0, 3, 0, 5}) }, Untruthful},
		{"persisted, yet not there", func(e *[]Event, s *[]Stored) { *s = (*s)[:4] }, Untruthful},
		{"no callback", func(e *[]Event, s *[]Stored) { *e = (*e)[1:] }, NoCallback},
		{"two callbacks", func(e *[]Event, s *[]Stored) { *e = append(*e, acked(0, 2, 0, 2)) }, ManyCallbacks},
		{"failed, then acknowledged", func(e *[]Event, s *[]Stored) { *e = append(*e, acked(0, 3, 0, 9)) }, ManyCallbacks},
		{"callbacks out of order", func(e *[]Event, s *[]Stored) { (*e)[0], (*e)[1] = (*e)[1], (*e)[0] }, CallbackDisorder},
		{"another offset", func(e *[]Event, s *[]Stored) { (*e)[3].Offset = 7 }, Misplaced},
		{"another partition", func(e *[]Event, s *[]Stored) { (*e)[2].Partition = 5 }, Misplaced},
		{"nobody's", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{0, 9, -1, -1}) }, Alien},
		{"of a number not sent", func(e *[]Event, s *[]Stored) { *s = append(*s, Stored{0, 9, 1, 2}) }, Alien},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ends, events, stored := wholeRun()
			test.do(&events, &stored)
			v := judgeRun(t, ends, events, stored)
			if v.Broken[test.want] != 1 || v.Violations() != 1 || len(v.Examples) != 1 || !strings.HasPrefix(v.Examples[0], test.want.String()) {
				t.Errorf("violations: %s: %q", v.Summary(), v.Examples)
			}
		})
	}
}

// A file that ends in the middle, or tells of a record that was not sent, is an error.
func TestJudgeBrokenFiles(t *testing.T) {
	ends, events, stored := wholeRun()
	ledger := ledgerOf(t, events)
	for name, files := range map[string][2][]byte{
		"ledger cut off":         {ledger[:len(ledger)-1], storedOf(stored)},
		"positions cut off":      {ledger, storedOf(stored)[:30]},
		"a record never sent":    {ledgerOf(t, []Event{acked(2, 0, 0, 0)}), storedOf(stored)},
		"an outcome there isn't": {ledgerOf(t, []Event{failed(0, 0, outcomes)}), storedOf(stored)},
	} {
		if v, err := Judge(ends, bytes.NewReader(files[0]), bytes.NewReader(files[1])); err == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
