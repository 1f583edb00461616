// Package stats has the little statistics that measurements here need.
package stats

import (
	"math"
	"slices"
)

// Quantile returns the value below which the part q (0 to 1) of sorted values lies: the nearest rank. Of no values it is NaN.
func Quantile[T ~int64 | ~float64](sorted []T, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	rank := int(math.Ceil(q * float64(len(sorted))))
	return float64(sorted[min(max(rank, 1), len(sorted))-1])
}

// Summary is several measurements of the same thing.
type Summary struct {
	Median, Min, Max float64
	N                int
}

// Summarise returns the summary of values. The median of an even number is the mean of the two in the middle.
func Summarise(values []float64) Summary {
	n := len(values)
	if n == 0 {
		return Summary{Median: math.NaN(), Min: math.NaN(), Max: math.NaN()}
	}
	s := slices.Sorted(slices.Values(values))
	return Summary{Median: (s[(n-1)/2] + s[n/2]) / 2, Min: s[0], Max: s[n-1], N: n}
}

// Spread is how far apart the measurements are: (max-min)/median.
func (s Summary) Spread() float64 { return (s.Max - s.Min) / s.Median }
