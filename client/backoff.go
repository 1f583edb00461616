package client

import (
	"math"
	"time"
)

// jitter is how far a delay strays from its computed value, both ways (KIP-144, KIP-580, KIP-601).
const jitter = 0.2

// backoff is a delay that doubles with each failure up to a maximum, as Kafka's ExponentialBackoff computes it.
type backoff struct {
	base time.Duration // after the first failure; zero: no delay ever
	max  time.Duration // never exceeded, jitter included; below base it is the delay from the beginning
}

// after returns the delay after so many failures in a row (zero: the first). r is a random number in [0, 1).
func (b backoff) after(failures int, r float64) time.Duration {
	if b.base <= 0 {
		return 0
	}
	if b.base >= b.max {
		return b.max // Kafka: then the maximum is constant, without growth and jitter
	}
	d := math.Ldexp(float64(b.base), min(failures, 62))
	d = min(d, float64(b.max)) * (1 - jitter + 2*jitter*r)
	return min(time.Duration(d), b.max)
}
