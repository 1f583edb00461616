//go:build !race

// Package race tells tests whether they run under the race detector, where all takes longer and sync.Pool forgets at random, so
// that counts of allocations mean nothing.
package race

// Enabled reports whether the race detector is on.
const Enabled = false
