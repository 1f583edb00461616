package producer

import (
	"cmp"
	"context"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/producer/internal/simulation"
)

// sweep is the schedules of many seeds, run by a worker for each processor.
type sweep struct {
	end  uint64          // the first seed that is not run
	next atomic.Uint64   // the first seed that nobody has taken
	at   []atomic.Uint64 // by worker, the seed it is at
}

// sweepGC is GOGC for a sweep: what a schedule has made is garbage when it ends, and a heap of some ten megabytes hurts nobody.
const sweepGC = 800

// runSweep runs usual schedules, or those that -seed and -seeds say, until the test has failed. What takes hours can be done in
// parts, and a part that was interrupted goes on where the last line of its progress says. A panic that nobody catches shows the
// seed, as a label of its goroutine, with GODEBUG=tracebacklabels=1.
func runSweep(t *testing.T, usual uint64, run func(worker int, s simulation.Schedule)) {
	defer debug.SetGCPercent(debug.SetGCPercent(sweepGC))
	if !simulation.Profiled() { // to sample what nobody looks at takes more than a hundredth of the time
		defer func(rate int) { runtime.MemProfileRate = rate }(runtime.MemProfileRate)
		runtime.MemProfileRate = 0
	}
	first := *simulation.FirstSeed
	w := &sweep{end: first + cmp.Or(*simulation.Seeds, usual/slowdown), at: make([]atomic.Uint64, runtime.GOMAXPROCS(0))}
	w.next.Store(first)
	var workers sync.WaitGroup
	for i := range w.at {
		w.at[i].Store(first)
		workers.Go(func() {
			for !t.Failed() && w.take(i) {
				seed := w.at[i].Load()
				pprof.Do(context.Background(), pprof.Labels("seed", strconv.FormatUint(seed, 10)), func(context.Context) {
					run(i, simulation.Random(seed))
				})
			}
		})
	}
	begun := time.Now()
	ran := func() uint64 { return min(w.next.Load(), w.end) - first }
	told := time.NewTicker(*simulation.Progress)
	defer told.Stop()
	done := make(chan struct{})
	go func() {
		workers.Wait()
		close(done)
	}()
	for {
		select {
		case <-told.C:
			t.Logf("%d schedules in %v, all below -seed %d", ran(), time.Since(begun).Round(time.Second), w.done())
		case <-done:
			t.Logf("%d schedules, %.0f a second", ran(), float64(ran())/time.Since(begun).Seconds())
			return
		}
	}
}

// take gives a worker its next seed, and returns whether there is one.
func (w *sweep) take(worker int) bool {
	seed := min(w.next.Add(1)-1, w.end)
	w.at[worker].Store(seed)
	return seed < w.end
}

// done returns a seed below which all have been run.
func (w *sweep) done() uint64 {
	least := w.end
	for i := range w.at {
		least = min(least, w.at[i].Load())
	}
	return least
}
