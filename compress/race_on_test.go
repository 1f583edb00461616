//go:build race

package compress_test

// raceEnabled: under the race detector sync.Pool forgets at random, so that counts of allocations mean nothing.
const raceEnabled = true
