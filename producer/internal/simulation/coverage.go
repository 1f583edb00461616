package simulation

import (
	"fmt"
	"maps"
	"slices"

	"kafkaproducer/protocol"
)

// Coverage counts what happened in runs: how often each step was taken while the producer had something to do, how often each fault hit,
// and what callers met. A nil one counts nothing.
type Coverage map[string]int

// Count counts something.
func (c Coverage) Count(what string, times int) {
	if c != nil && times > 0 {
		c[what] += times
	}
}

// Add adds what another one counted.
func (c Coverage) Add(other Coverage) {
	for what, times := range other {
		c[what] += times
	}
}

// Faults counts the faults that hit, by name, by API where it isn't Produce, and by error code.
func (c Coverage) Faults(x *Cluster) {
	if c == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, f := range x.faults {
		hits := f.in.Hits()
		c.Count(f.step.Fault, hits)
		if f.step.On != "produce" {
			c.Count("on "+f.step.On, hits)
		}
		if codeFaults[f.step.Fault] != nil {
			c.Count(protocol.ErrorCode(f.step.Code).Name(), hits)
		}
	}
}

// EveryFault is what Faults counts when everything has gone wrong, of error codes those that are likely.
func EveryFault() []string {
	all := slices.Concat(faultNames, slices.Sorted(maps.Keys(codeFaults)), []string{"on metadata", "on init", "on versions", "on any"})
	for _, code := range likely {
		all = append(all, code.Name())
	}
	return all
}

// Codes returns how many of the error codes there are were counted.
func (c Coverage) Codes() (counted, of int) {
	for _, code := range codes {
		if c[code.Name()] > 0 {
			counted++
		}
	}
	return counted, len(codes)
}

// EveryStep are the steps of which a Coverage counts those that had an effect.
func EveryStep() []string { return slices.Concat(callerSteps, clusterSteps[1:]) }

// Fewer returns what was counted less than so many times.
func (c Coverage) Fewer(times int, of []string) (missing []string) {
	for _, what := range of {
		if c[what] < times {
			missing = append(missing, fmt.Sprintf("%s: %d", what, c[what]))
		}
	}
	return missing
}
