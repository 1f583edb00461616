package main

import (
	"fmt"
	"io"
	"strings"
)

const examples = 20

// Violation is a way in which a producer can break its promise.
type Violation int

const (
	Lost             Violation = iota // acknowledged, and not there
	Doubled                           // there more than once
	Reordered                         // behind a record that the same goroutine sent later
	Untruthful                        // failed with a status, or refused, which the log contradicts
	NoCallback                        // accepted, and its callback never ran
	ManyCallbacks                     // called back twice, or called back and refused
	CallbackDisorder                  // called back after one with a higher offset of its partition
	Misplaced                         // not where the callback said
	Alien                             // nobody sent it
	violations
)

// String is the violation as it stands in reports.
func (v Violation) String() string {
	return [...]string{"lost", "duplicates", "reordered", "untruthful", "no callback", "several callbacks", "callbacks out of order",
		"not where the callback said", "never sent"}[v]
}

// Verdict is what comes out when what the callbacks said is compared with what is stored.
type Verdict struct {
	Sent     int             // records that were given to Send
	Outcomes [outcomes]int   // of them
	Stored   int             // records that are there
	Broken   [violations]int // how often
	Examples []string        // of it, the first few
}

// Violations is how often the promise was broken.
func (v *Verdict) Violations() int {
	sum := 0
	for _, n := range v.Broken {
		sum += n
	}
	return sum
}

// Summary names each violation that there was, with its number.
func (v *Verdict) Summary() string {
	var parts []string
	for kind, n := range v.Broken {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %v", n, Violation(kind)))
		}
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

func (v *Verdict) broken(kind Violation, format string, args ...any) {
	v.Broken[kind]++
	if len(v.Examples) < examples {
		v.Examples = append(v.Examples, fmt.Sprintf("%v: ", kind)+fmt.Sprintf(format, args...))
	}
}

// fate is what is known of one record.
type fate struct {
	offset    int64
	partition int32
	outcome   Outcome
	stored    bool
}

// judge compares; Judge fills it.
type judge struct {
	Verdict
	fates [][]fate // by G and N
}

// Judge compares a ledger with what is stored. ends says how many records each goroutine gave to Send.
func Judge(ends []int, ledger, stored io.Reader) (*Verdict, error) {
	j := &judge{}
	for _, n := range ends {
		j.fates = append(j.fates, make([]fate, n))
		j.Sent += n
	}
	if err := j.hear(ledger); err != nil {
		return nil, fmt.Errorf("the ledger: %w", err)
	}
	if err := j.look(stored); err != nil {
		return nil, fmt.Errorf("what is stored: %w", err)
	}
	j.compare()
	return &j.Verdict, nil
}

// find returns what is known of a record; nil: it was not sent.
func (j *judge) find(g, n int) *fate {
	if g < 0 || g >= len(j.fates) || n < 0 || n >= len(j.fates[g]) {
		return nil
	}
	return &j.fates[g][n]
}

// hear takes what the callbacks said.
func (j *judge) hear(ledger io.Reader) error {
	last := map[int32]int64{} // offset, by partition
	return ReadLedger(ledger, func(e Event) error {
		f := j.find(e.G, e.N)
		if f == nil {
			return fmt.Errorf("record %d of goroutine %d was never sent", e.N, e.G)
		}
		if f.outcome != Silent {
			j.broken(ManyCallbacks, "record %d of goroutine %d: %v, then %v", e.N, e.G, f.outcome, e.Outcome)
			return nil
		}
		*f = fate{offset: e.Offset, partition: e.Partition, outcome: e.Outcome}
		if e.Outcome != Acknowledged || e.Offset < 0 {
			return nil
		}
		if before, ok := last[e.Partition]; ok && e.Offset <= before {
			j.broken(CallbackDisorder, "record %d of goroutine %d at offset %d of partition %d, after offset %d", e.N, e.G, e.Offset, e.Partition, before)
		}
		last[e.Partition] = e.Offset
		return nil
	})
}

// look takes what is in the partitions, each in order.
func (j *judge) look(stored io.Reader) error {
	type line struct {
		partition int32
		g         int
	}
	last := map[line]int{} // the highest N so far
	return ReadStored(stored, func(s Stored) error {
		j.Stored++
		f := j.find(s.G, s.N)
		if f == nil {
			j.broken(Alien, "record %d of goroutine %d at offset %d of partition %d", s.N, s.G, s.Offset, s.Partition)
			return nil
		}
		if f.stored {
			j.broken(Doubled, "record %d of goroutine %d (%v) again at offset %d of partition %d", s.N, s.G, f.outcome, s.Offset, s.Partition)
			return nil
		}
		f.stored = true
		at := line{s.Partition, s.G}
		if before, ok := last[at]; ok && s.N < before {
			j.broken(Reordered, "record %d of goroutine %d (%v) at offset %d of partition %d, behind its record %d", s.N, s.G, f.outcome, s.Offset, s.Partition, before)
		}
		last[at] = max(last[at], s.N)
		if f.outcome == Acknowledged && (f.partition != s.Partition || f.offset >= 0 && f.offset != s.Offset) {
			j.broken(Misplaced, "record %d of goroutine %d is at offset %d of partition %d, its callback said offset %d of partition %d",
				s.N, s.G, s.Offset, s.Partition, f.offset, f.partition)
		}
		return nil
	})
}

// compare looks at each record that was sent.
func (j *judge) compare() {
	for g, fates := range j.fates {
		for n, f := range fates {
			j.Outcomes[f.outcome]++
			switch {
			case f.outcome == Silent:
				j.broken(NoCallback, "record %d of goroutine %d, which is stored: %t", n, g, f.stored)
			case f.outcome == Acknowledged && !f.stored:
				j.broken(Lost, "record %d of goroutine %d, acknowledged at offset %d of partition %d", n, g, f.offset, f.partition)
			case (f.outcome == NotPersisted || f.outcome == Refused) && f.stored, f.outcome == Persisted && !f.stored:
				j.broken(Untruthful, "record %d of goroutine %d is said to be %v, which is stored: %t", n, g, f.outcome, f.stored)
			}
		}
	}
}
