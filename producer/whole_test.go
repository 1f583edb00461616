package producer

import (
	"strings"
	"testing"

	"kafkaproducer/producer/internal/simulation"
)

// The promise, with all goroutines there are: the schedules of TestExact in testing/synctest. More of them, and others:
//
//	go test ./producer -run TestWhole$ -timeout 24h -v -args -seeds 1000000 -seed 1
func TestWhole(t *testing.T) {
	runSweep(t, 160, func(_ int, s simulation.Schedule) {
		if err := runWhole(t, s, nil); err != nil {
			reportWhole(t, s, err)
		}
	})
}

// The promise, with brokers behind TLS and logins that fail midway. More as in TestWhole, but six times slower.
func TestWholeGuarded(t *testing.T) {
	met := runCounted(t, 40, func(met simulation.Coverage, s simulation.Schedule) {
		s = simulation.Guarded(s.Seed)
		if _, err := runWholeCounted(t, s, nil, met); err != nil {
			reportWhole(t, s, err)
		}
	})
	if few := met.Fewer(metLeast, simulation.EveryLogin()); met != nil && len(few) > 0 {
		t.Errorf("less than %d times happened in all schedules:\n%s", metLeast, strings.Join(few, "\n"))
	}
}

// reportWhole makes a schedule that fails smaller. Goroutines never run the same way twice: what doesn't fail in ten runs counts as
// not failing.
func reportWhole(t *testing.T, s simulation.Schedule, err error) {
	again := func(s simulation.Schedule) (err error) {
		for range 10 {
			if err = runWhole(t, s, nil); err != nil {
				break
			}
		}
		return err
	}
	small := simulation.Shrink(s, 300, func(s simulation.Schedule) bool { return again(s) != nil })
	var trace strings.Builder
	var p *Producer
	for range 20 {
		trace.Reset()
		var e error
		if p, e = runWholeProducer(t, small, &trace); e != nil {
			err = e
			break
		}
	}
	t.Errorf("%s\n%s\nIts run:\n%s", whatFailed(small, err), keepFlightRecord(p), trace.String())
}
