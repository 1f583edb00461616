package main

import (
	"math/bits"
	"time"
)

// precision is how many bits of a value a histogram keeps: its buckets are at most 1/32 of their values wide.
const precision = 6

// histogram counts durations in buckets whose width grows with the value, as HdrHistogram does. Values below 2^precision ns have a
// bucket each; from there on each power of two is cut into 2^(precision-1) equal buckets. The zero value is ready.
type histogram struct {
	buckets [(64 - precision + 1) << (precision - 1)]int64
	count   int64
	max     time.Duration
}

// add counts a duration n times. A negative one counts as 0.
func (h *histogram) add(d time.Duration, n int64) {
	d = max(d, 0)
	h.buckets[bucketOf(d)] += n
	h.count += n
	h.max = max(h.max, d)
}

// quantile returns the duration that a share q of all are at or below, to the precision of a bucket; 0 when there are none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int64(q * float64(h.count)) // durations that may stay below
	var seen int64
	for i, n := range h.buckets {
		if seen += n; seen > rank {
			return min(middleOf(i), h.max)
		}
	}
	return h.max
}

func bucketOf(d time.Duration) int {
	shift := max(bits.Len64(uint64(d))-precision, 0)
	return shift<<(precision-1) + int(d>>shift)
}

// middleOf returns the duration in the middle of a bucket.
func middleOf(bucket int) time.Duration {
	shift := max(bucket>>(precision-1)-1, 0)
	low := time.Duration(bucket-shift<<(precision-1)) << shift
	return low + (time.Duration(1)<<shift)/2
}
