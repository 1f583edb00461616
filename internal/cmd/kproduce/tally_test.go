package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/protocol"
)

// The first lines are blocks by themselves, the others share blocks, and the latency of one record stands for a block's.
func TestBlocks(t *testing.T) {
	run := transfer{tally: &tally{}}
	var blocks []*block
	timed := 0
	const lines = singles + 3*blockSize
	for range lines {
		run.beginLine()
		b := run.block
		if len(blocks) == 0 || blocks[len(blocks)-1] != b {
			blocks = append(blocks, b)
		}
		if !b.timing {
			timed++
		}
		b.callback()(producer.RecordMetadata{}, nil)
		b.timing = true
	}
	if len(blocks) != singles+3 || timed != len(blocks) || run.tally.records != lines || run.tally.latency.count != lines {
		t.Errorf("%d blocks, %d timed, %d records, latencies for %d", len(blocks), timed, run.tally.records, run.tally.latency.count)
	}
	for i, want := range map[int]string{0: "line 1", singles - 1: "line 1000", singles: "line 1001 or one of the 63 after it", singles + 1: "line 1065 or one of the 63 after it"} {
		if got := blocks[i].String(); got != want {
			t.Errorf("block %d is %q, want %q", i, got, want)
		}
	}
}

// A record that Send refuses is not the one that is timed.
func TestBlockTimesWhatIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		b := newBlock(2*singles, &tally{})
		for i, sent := range []bool{false, true, false, true} {
			b.callback()
			b.timing = b.timing || sent
			if want := min(i, 1); b.sent.Sub(begin) != time.Duration(want)*time.Second {
				t.Errorf("after %d callbacks the time is that of %v", i+1, b.sent.Sub(begin))
			}
			time.Sleep(time.Second)
		}
	})
}

// An acknowledgement costs no allocation.
func TestSettleAllocates(t *testing.T) {
	counts := &tally{}
	b := newBlock(1, counts)
	round := func() {
		for range 50 {
			b.settled(producer.RecordMetadata{Partition: 3, Offset: counts.records}, nil)
		}
		b.timed(producer.RecordMetadata{Partition: 3, Offset: counts.records}, nil)
	}
	if allocs := testing.AllocsPerRun(100, round); allocs > 0 {
		t.Errorf("%v allocations in a round", allocs)
	}
	const rounds = 101 // AllocsPerRun has one to warm up
	if want := (partitionTally{51 * rounds, 0, 51*rounds - 1}); counts.partition(3) != want || counts.partition(2).records != 0 {
		t.Errorf("%+v", counts.partitions)
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
