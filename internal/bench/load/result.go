package load

// Figures of a Result.
const (
	CPU        = "cpu_ns"     // CPU time of the process, ns a record
	Rate       = "krec_s"     // thousand records acknowledged a second
	Allocs     = "allocs"     // allocations a record
	AllocBytes = "alloc_b"    // bytes allocated a record
	Peak       = "peak_mb"    // most memory that was resident, MB
	P50        = "p50_us"     // latency, µs
	P95        = "p95_us"     //
	P99        = "p99_us"     //
	IdleCPU    = "idle_us_s"  // CPU time while nothing is sent, µs a second
	Goroutines = "goroutines" // while nothing is sent, without the peer's own
)

// Result is what a peer prints, as one line of JSON.
type Result struct {
	Version string             `json:"version"` // the client's, and that of what it stands on
	Notes   []string           `json:"notes,omitempty"`
	Sent    int64              `json:"sent"`   // records acknowledged, those of the start too
	Failed  int64              `json:"failed"` // records that were not
	Figures map[string]float64 `json:"figures"`
}
