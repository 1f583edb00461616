//go:build race

package producer

// slowdown is how much longer a simulation takes with the race detector, about.
const slowdown = 8
