package producer

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/producer/internal/simulation"
)

// The promise, under everything that can go wrong: see package simulation. One seed is one run.
func TestExact(t *testing.T) {
	seeds := *simulation.Seeds
	if seeds == 0 {
		seeds = 3000
	}
	var next atomic.Uint64
	next.Store(*simulation.FirstSeed)
	end := *simulation.FirstSeed + seeds
	begun := time.Now()
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for !t.Failed() {
				seed := next.Add(1) - 1
				if seed >= end {
					return
				}
				if s := simulation.Random(seed); runExact(s, nil) != nil {
					reportExact(t, s)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d schedules, %.0f a second", seeds, float64(seeds)/time.Since(begun).Seconds())
}

// reportExact makes a schedule that fails as small as can be, and prints it as what can be added to the regressions.
func reportExact(t *testing.T, s simulation.Schedule) {
	small := simulation.Shrink(s, 3000, func(s simulation.Schedule) bool { return runExact(s, nil) != nil })
	var trace strings.Builder
	err := runExact(small, &trace)
	t.Errorf("seed %d: %v\nThe smallest schedule that fails:\n\n%v\nIts run:\n%s", s.Seed, err, small, trace.String())
}
