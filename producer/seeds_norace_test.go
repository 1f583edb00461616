//go:build !race

package producer

// slowdown is how much longer a simulation takes than without the race detector.
const slowdown = 1
