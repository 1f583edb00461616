package stats_test

import (
	"math"
	"testing"
	"time"

	"kafkaproducer/internal/bench/stats"
)

func TestQuantile(t *testing.T) {
	sorted := []time.Duration{10, 20, 30, 40}
	for q, want := range map[float64]float64{0: 10, 0.25: 10, 0.26: 20, 0.5: 20, 0.75: 30, 0.99: 40, 1: 40} {
		if got := stats.Quantile(sorted, q); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
	if got := stats.Quantile[float64](nil, 0.5); !math.IsNaN(got) {
		t.Errorf("of nothing: %v", got)
	}
}

func TestSummarise(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   stats.Summary
		spread float64
	}{
		{[]float64{5}, stats.Summary{Median: 5, Min: 5, Max: 5, N: 1}, 0},
		{[]float64{9, 1, 4}, stats.Summary{Median: 4, Min: 1, Max: 9, N: 3}, 2},
		{[]float64{4, 1, 2, 9}, stats.Summary{Median: 3, Min: 1, Max: 9, N: 4}, 8. / 3},
	} {
		given := append([]float64(nil), test.values...)
		if got := stats.Summarise(test.values); got != test.want || got.Spread() != test.spread {
			t.Errorf("%v: %+v, spread %v", test.values, got, got.Spread())
		}
		for i := range given {
			if given[i] != test.values[i] {
				t.Fatalf("%v was changed to %v", given, test.values)
			}
		}
	}
	if got := stats.Summarise(nil); !math.IsNaN(got.Median) || got.N != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}
