package producer

import (
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"kafkaproducer/producer/internal/simulation"
	"kafkaproducer/protocol"
)

// The promise, under everything that can go wrong: see package simulation. More schedules, and others:
//
//	go test ./producer -run TestExact$ -timeout 24h -v -args -seeds 10000000 -seed 1
func TestExact(t *testing.T) {
	met := runCounted(t, 1500, func(met simulation.Coverage, s simulation.Schedule) {
		x := newExact(s, nil)
		x.met = met
		if x.run() != nil {
			reportExact(t, s)
			return
		}
		spareExacts.Put(x)
	})
	if met != nil {
		checkCoverage(t, met)
	}
}

// reportExact makes a schedule that fails as small as can be, and prints it as what can be added to the regressions.
func reportExact(t *testing.T, s simulation.Schedule) {
	small := simulation.Shrink(s, 3000, func(s simulation.Schedule) bool { return runExact(s, nil) != nil })
	var trace strings.Builder
	x := newExact(small, &trace)
	err := x.run()
	t.Errorf("seed %d: %v\nThe smallest schedule that fails:\n\n%v\n%s\nIts run:\n%s", s.Seed, err, small, keepFlightRecord(x.p), trace.String())
}

// keepFlightRecord writes the flight record of a producer that broke its promise to a file that stays, and says where it is.
func keepFlightRecord(p *Producer) string {
	if p == nil {
		return "There is no flight record, the producer did not begin."
	}
	name, err := writeRecording(os.TempDir(), p.core.Recording())
	if err != nil {
		return fmt.Sprintf("The flight record could not be written: %v", err)
	}
	return fmt.Sprintf("Its flight record: go run ./internal/cmd/kreplay %s", name)
}

// One seed is one run: all bytes that are written and read, and when, are the same each time.
func TestExactIsExact(t *testing.T) {
	run := func(seed uint64) (bytes uint64, events int, idle bool) {
		s := simulation.Random(seed)
		wire := fnv.New64a()
		x := newExact(s, nil)
		x.wire = wire
		if err := x.run(); err != nil {
			t.Fatal(err)
		}
		return wire.Sum64(), x.w.Events, x.c.RequestCount(protocol.ProduceKey) == 0
	}
	seen := map[uint64]uint64{}
	for seed := range uint64(100) {
		bytes, events, idle := run(seed)
		if again, more, _ := run(seed); again != bytes || more != events {
			t.Errorf("seed %d: %x after %d events, then %x after %d", seed, bytes, events, again, more)
		}
		if other, ok := seen[bytes]; ok && !idle { // closed at once, many are
			t.Errorf("seeds %d and %d are the same run", other, seed)
		}
		seen[bytes] = seed
	}
}

// A panic is a failure like others: it is told with its stack, and its schedule can be run again.
func TestExactCatchesPanics(t *testing.T) {
	for _, trace := range []io.Writer{nil, io.Discard} {
		x := newExact(simulation.Random(1), trace)
		x.w.After(time.Millisecond, func() { panic("on purpose") })
		if err := x.run(); err == nil || !strings.Contains(err.Error(), "panic: on purpose") || !strings.Contains(err.Error(), "TestExactCatchesPanics") {
			t.Errorf("the run ended with: %v", err)
		}
	}
}

// FuzzExact has a fuzzer choose the schedule: what callers do, what goes wrong and when.
func FuzzExact(f *testing.F) {
	for _, b := range []string{"", "\x01\x02\x03\x04\x05\x06\x07\x08", strings.Repeat("\x11\x80\x33\x07", 30), strings.Repeat("\xfe\x05", 50)} {
		f.Add(uint64(1), []byte(b))
	}
	f.Fuzz(func(t *testing.T, seed uint64, choices []byte) {
		bytes := simulation.Bytes(choices)
		if s := simulation.Generate(seed, &bytes); runExact(s, nil) != nil {
			reportExact(t, s)
		}
	})
}
