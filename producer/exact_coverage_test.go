package producer

import (
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"kafkaproducer/producer/internal/simulation"
)

// What the exact simulation's runs met, so that TestExact can say of everything that is to go wrong that it did: a fault that no longer
// happens would be a fault that is withstood.

// metByCallers is what callers of the producer meet, and metByCore what its flight record calls what the core went through.
var (
	metByCallers = []string{
		"Send waited", "Send waited in vain", "Send was cancelled", "Send found no room", "Send in a callback",
		"dropped the newest", "dropped the oldest", "context ended unsent", "context ended in doubt",
		"Flush waited", "Close waited", "Close gave up",
	}
	metByCore = []string{
		"split", "sifted", "trimmed", "moved", "drop", "resume", "idfailed", "abort", "nodedown", "failed", "pressure", "evacuate",
	}
)

// metLeast is how often each of them has to happen in the runs of go test.
const metLeast = 5

// runCounted is runSweep that counts what the usual schedules met; the result is nil for others, and under the race detector,
// which runs few.
func runCounted(t *testing.T, usual uint64, run func(met simulation.Coverage, s simulation.Schedule)) simulation.Coverage {
	met := make([]simulation.Coverage, runtime.GOMAXPROCS(0)) // by worker
	for i := range met {
		if *simulation.Seeds == 0 && slowdown == 1 {
			met[i] = simulation.Coverage{}
		}
	}
	runSweep(t, usual, func(worker int, s simulation.Schedule) { run(met[worker], s) })
	for _, m := range met[1:] {
		met[0].Add(m)
	}
	return met[0]
}

// checkCoverage fails t for what did not happen. Of the error codes that brokers hardly send there are too many for the runs of a
// go test.
func checkCoverage(t *testing.T, met simulation.Coverage) {
	want := slices.Concat(simulation.EveryStep(), simulation.EveryFault(), metByCallers, metByCore)
	if few := met.Fewer(metLeast, want); len(few) > 0 {
		t.Errorf("less than %d times happened in all schedules:\n%s", metLeast, strings.Join(few, "\n"))
	}
	if n, of := met.Codes(); n < of*3/4 {
		t.Errorf("%d of %d error codes were sent", n, of)
	}
}

// under counts a step that finds the producer with something to do.
func (x *exact) under(s simulation.Step) {
	if x.met == nil || x.phase >= closing || x.p.core.Live() == 0 {
		return
	}
	x.met.Count(s.Do, 1)
	switch s.Do {
	case "flush":
		x.met.Count("Flush waited", 1)
	case "close":
		x.met.Count("Close waited", 1)
	}
}

// metInCallback counts what a callback told.
func (x *exact) metInCallback(q exactRecord, err error) {
	if x.met == nil || err == nil {
		return
	}
	var e *DeliveryError
	switch errors.As(err, &e); {
	case errors.Is(err, context.DeadlineExceeded) && e.Status == NotPersisted:
		x.met.Count("context ended unsent", 1)
	case errors.Is(err, context.DeadlineExceeded):
		x.met.Count("context ended in doubt", 1)
	case errors.Is(err, ErrAborted):
		x.met.Count("Close gave up", 1)
	case errors.Is(err, ErrDropped) && q.overflow.or(x.p.set.overflowOf(q.topic)) == OverflowDropOldest:
		x.met.Count("dropped the oldest", 1)
	case errors.Is(err, ErrDropped):
		x.met.Count("dropped the newest", 1)
	}
}

// metAtEnd counts the faults that hit, and what the core went through.
func (x *exact) metAtEnd() {
	if x.met == nil || x.p == nil {
		return
	}
	x.met.Faults(x.c)
	var record strings.Builder
	if err := x.p.WriteFlightRecord(&record); err != nil {
		x.o.Fail("the flight record: %w", err)
	}
	if err := ReplayFlightRecord(strings.NewReader(record.String()), io.Discard); err != nil {
		x.o.Fail("the flight record replays to another end: %w", err)
	}
	for line := range strings.Lines(record.String()) {
		name, values, _ := strings.Cut(strings.TrimSpace(line), " ")
		if name == "moved" && strings.HasSuffix(values, " 0") {
			continue // it stays
		}
		if slices.Contains(metByCore, name) {
			x.met.Count(name, 1)
		}
	}
}

// moved says whether batches were moved to another partition, as far as the flight record goes back.
func moved(p *Producer) bool {
	var record strings.Builder
	if err := p.WriteFlightRecord(&record); err != nil || record.Len() > wholeRecord {
		return true
	}
	for line := range strings.Lines(record.String()) {
		if name, values, _ := strings.Cut(strings.TrimSpace(line), " "); name == "moved" && !strings.HasSuffix(values, " 0") {
			return true
		}
	}
	return false
}

// wholeRecord is the length up to which a flight record has all that happened.
const wholeRecord = 32 << 10
