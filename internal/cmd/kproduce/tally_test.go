package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/protocol"
)

// A record costs no allocation, and one in so many has its latency measured.
func TestTicketsAreUsedAgain(t *testing.T) {
	counts := &tally{onFail: func(int64, error) { t.Error("a failed record") }}
	s := tickets{tally: counts}
	var out []*ticket
	round := func() {
		out = out[:0]
		for i := range 50 {
			out = append(out, s.issue(int64(i), 10))
		}
		s.cancel(out[49])
		for _, k := range out[:49] {
			k.settled(producer.RecordMetadata{Partition: 3, Offset: counts.records}, nil)
		}
	}
	if allocs := testing.AllocsPerRun(100, round); allocs > 0 {
		t.Errorf("%v allocations in a round", allocs)
	}
	const rounds = 101 // AllocsPerRun has one to warm up
	if want := (partitionTally{49 * rounds, 0, 49*rounds - 1}); counts.partition(3) != want || counts.partition(2).records != 0 {
		t.Errorf("%+v", counts.partitions)
	}
	seen := counts.snapshot()
	if want := (snapshot{records: 49 * rounds, bytes: 490 * rounds}); seen != want {
		t.Errorf("%+v, want %+v", seen, want)
	}
	// 50 tickets a round: the first 1,000 one by one but each cancelled one, then one in 16 for 16.
	if n := counts.latency.count; n < 49*rounds*9/10 || n > 49*rounds*11/10 {
		t.Errorf("latencies stand for %d records of %d", n, 49*rounds)
	}
}

func TestReasons(t *testing.T) {
	delivery := func(line int) error {
		return &producer.DeliveryError{Topic: "t", Partition: int32(line), Attempts: line, Status: producer.PossiblyPersisted, Err: protocol.NotEnoughReplicas}
	}
	var f failures
	for i := range 5 {
		f.add(delivery(i))
		f.add(fmt.Errorf("wrapped: %w", &producer.RecordTooLargeError{Size: 100 + i, Limit: 10, Property: "max.request.size"}))
	}
	f.add(delivery(6))
	f.add(errors.New("kafkaproducer: something else"))
	want := []string{"6  NOT_ENOUGH_REPLICAS", "5  larger than max.request.size = 10", "1  something else"}
	if got := f.lines(); !slices.EqualFunc(got, want, strings.Contains) || !strings.HasSuffix(got[0], "(PossiblyPersisted)") {
		t.Errorf("%q, want %q", got, want)
	}
}

// Texts that all differ are counted together at some point.
func TestReasonsAreBounded(t *testing.T) {
	var f failures
	for i := range 3 * maxReasons {
		f.add(fmt.Errorf("reason %d", i))
	}
	lines := f.lines()
	if len(lines) != maxReasons+1 || !strings.Contains(lines[0], "200  other reasons") || f.count != 3*maxReasons {
		t.Errorf("%d lines, the first %q", len(lines), lines[0])
	}
}
