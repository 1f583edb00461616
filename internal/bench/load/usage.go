package load

import (
	"runtime"
	"syscall"
	"time"
)

// usage is what the process has used so far.
type usage struct {
	at     time.Time
	cpu    time.Duration
	allocs uint64
	bytes  uint64
}

func measure() usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{at: time.Now(), cpu: cpuTime(), allocs: m.Mallocs, bytes: m.TotalAlloc}
}

// cpuTime is the CPU time of the process, its own and the kernel's for it.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// figures are the costs between two moments, for so many records.
func figures(from, to usage, records int64) map[string]float64 {
	n := float64(records)
	f := map[string]float64{
		CPU:        float64(to.cpu-from.cpu) / n,
		Rate:       n / to.at.Sub(from.at).Seconds() / 1e3,
		Allocs:     float64(to.allocs-from.allocs) / n,
		AllocBytes: float64(to.bytes-from.bytes) / n,
	}
	if peak, ok := peakMemory(); ok {
		f[Peak] = peak / 1e6
	}
	return f
}
