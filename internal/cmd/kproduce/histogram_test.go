package main

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Every duration lies in the bucket that it is counted in, and the middle of the bucket is at most 1/64 off.
func TestBuckets(t *testing.T) {
	check := func(d time.Duration) {
		middle := middleOf(bucketOf(d))
		if off := math.Abs(float64(middle - d)); off > float64(d)/64 {
			t.Errorf("%d is counted as %d", d, middle)
		}
		if bucketOf(middle) != bucketOf(d) {
			t.Errorf("%d is in bucket %d, its middle %d in %d", d, bucketOf(d), middle, bucketOf(middle))
		}
	}
	last := -1
	for d := range time.Duration(10_000) {
		check(d)
		if b := bucketOf(d); b != last && b != last+1 {
			t.Errorf("bucket %d follows %d", b, last)
		} else {
			last = b
		}
	}
	for bit := range 63 {
		d := time.Duration(1) << bit
		check(d - 1)
		check(d)
		check(d + d/3)
	}
	check(math.MaxInt64)
	if b := bucketOf(math.MaxInt64); b != len(histogram{}.buckets)-1 {
		t.Errorf("the last bucket in use is %d of %d", b, len(histogram{}.buckets))
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("a quantile of nothing")
	}
	random := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(random.ExpFloat64() * float64(5*time.Millisecond))
		n := int64(1 + random.IntN(3))
		h.add(d, n)
		all = append(all, slices.Repeat([]time.Duration{d}, int(n))...)
	}
	slices.Sort(all)
	for _, q := range []float64{0, 0.01, 0.5, 0.9, 0.99, 0.999} {
		got, want := h.quantile(q), all[int(q*float64(len(all)))]
		if math.Abs(float64(got-want)) > float64(want)/64+1 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if h.count != int64(len(all)) || h.max != all[len(all)-1] || h.quantile(1) != h.max {
		t.Errorf("count %d, max %v, quantile 1 %v", h.count, h.max, h.quantile(1))
	}
	h = histogram{}
	h.add(-time.Second, 1) // a clock that was set back
	if h.quantile(0.5) != 0 || h.max != 0 {
		t.Errorf("%v, %v", h.quantile(0.5), h.max)
	}
	h.add(1<<26, 1) // the least of its bucket
	if h.quantile(0.99) != h.max {
		t.Errorf("quantile %v is above the largest, %v", h.quantile(0.99), h.max)
	}
}
