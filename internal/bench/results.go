package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/bench/stats"
)

// results are the measurements of an experiment.
type results struct {
	experiment string
	measured   map[place]*measured
	order      []place
	versions   map[string]string   // by client
	notes      map[string][]string // by client: what it can't have as asked for
}

// measured is what all rounds gave for a place.
type measured struct {
	values  map[string][]float64 // by figure
	failure string               // of the first round that failed; empty: none did
}

func newResults(experiment string) *results {
	return &results{
		experiment: experiment, measured: map[place]*measured{}, versions: map[string]string{}, notes: map[string][]string{},
	}
}

// add adds what a trial gave, or why it gave nothing.
func (r *results) add(p place, result load.Result, err error) {
	m := r.measured[p]
	if m == nil {
		m = &measured{values: map[string][]float64{}}
		r.measured[p] = m
		r.order = append(r.order, p)
	}
	if err != nil {
		if m.failure == "" {
			m.failure = err.Error()
		}
		return
	}
	for name, v := range result.Figures {
		m.values[name] = append(m.values[name], v)
	}
	r.versions[p.client] = result.Version
	for _, n := range result.Notes {
		if !slices.Contains(r.notes[p.client], n) {
			r.notes[p.client] = append(r.notes[p.client], n)
		}
	}
}

// summary is of no values where a round failed: who falls short once doesn't have its good rounds counted.
func (r *results) summary(p place, figure string) stats.Summary {
	m := r.measured[p]
	if m == nil || m.failure != "" {
		return stats.Summarise(nil)
	}
	return stats.Summarise(m.values[figure])
}

// median is NaN where there is nothing.
func (r *results) median(p place, figure string) float64 { return r.summary(p, figure).Median }

// clients are those with results, in the order of the tables.
func (r *results) clients() []string {
	var present []string
	for _, c := range clientList {
		if slices.ContainsFunc(r.order, func(p place) bool { return p.client == c.name }) {
			present = append(present, c.name)
		}
	}
	return present
}

// xs are the values of x in a row, in the order they were measured in.
func (r *results) xs(row string) []string {
	var xs []string
	for _, p := range r.order {
		if p.row == row && !slices.Contains(xs, p.x) {
			xs = append(xs, p.x)
		}
	}
	return xs
}

// failures describes what fell short.
func (r *results) failures() []string {
	var lines []string
	for _, p := range r.order {
		if f := r.measured[p].failure; f != "" {
			lines = append(lines, fmt.Sprintf("%v: %s", p, f))
		}
	}
	return lines
}

// spread is the median over all places of how far apart the rounds' CPU times (or, where there are none, rates) are.
func (r *results) spread() float64 {
	var spreads []float64
	for _, p := range r.order {
		if s := r.summary(p, load.CPU); s.N > 1 {
			spreads = append(spreads, s.Spread())
		}
	}
	return stats.Summarise(spreads).Median
}

// tsv is all results, a line each.
func (r *results) tsv() string {
	var b strings.Builder
	b.WriteString("experiment\trow\tx\tclient\tfigure\tmedian\tmin\tmax\trounds\n")
	for _, p := range r.order {
		for _, name := range slices.Sorted(maps.Keys(r.measured[p].values)) {
			s := r.summary(p, name)
			if math.IsNaN(s.Median) {
				continue
			}
			fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\t", r.experiment, p.row, p.x, p.client, name)
			fmt.Fprintf(&b, "%.6g\t%.6g\t%.6g\t%d\n", s.Median, s.Min, s.Max, s.N)
		}
	}
	return b.String()
}
