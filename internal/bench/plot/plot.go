// Package plot draws the two kinds of plots that measurements here need, as SVG: lines in panels side by side, and dots on a
// scale. A plot has a white ground of its own, so that it can be read on pages of any colour, and what a colour stands for is
// written beside it.
package plot

import "math"

// Series is something that is measured at several places; NaN: not measured there.
type Series struct {
	Name string
	Y    []float64
}

// colors are told apart by people who don't see all colours alike (Okabe and Ito).
var colors = []string{"#d55e00", "#0072b2", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#8a8a00"}

// fixed gives each client the same colour in all plots.
var fixed = map[string]string{"ours": colors[0], "franz-go": colors[1], "java": colors[2], "librdkafka": colors[3],
	"kafka-go": colors[4], "sarama": colors[5], "floor": "#333333", "window": "#999999"}

func color(name string, i int) string {
	if c := fixed[name]; c != "" {
		return c
	}
	return colors[i%len(colors)]
}

// dashes tells apart what is not a client from clients.
func dashes(name string) string {
	if name == "window" || name == "floor" {
		return "5 3"
	}
	return ""
}

// axis is a scale from pixels to values.
type axis struct {
	min, max float64
	log      bool
	from, to float64 // pixels of min and max
	ticks    []float64
}

// newAxis returns an axis that shows all values: from zero, or on a logarithmic scale between the digits 1, 2 and 5.
func newAxis(values []float64, log bool, from, to float64) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) && (!log || v > 0) {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	if math.IsInf(low, 0) {
		low, high = 1, 1
	}
	a := axis{log: log, from: from, to: to}
	if log {
		a.min, a.max, a.ticks = logScale(low, high)
	} else {
		a.min, a.max, a.ticks = linearScale(high)
	}
	return a
}

func (a axis) at(v float64) float64 {
	part := (v - a.min) / (a.max - a.min)
	if a.log {
		part = math.Log(v/a.min) / math.Log(a.max/a.min)
	}
	return a.from + part*(a.to-a.from)
}

// linearScale goes from zero to the first tick that is not below high, in about four steps of 1, 2 or 5 times a power of ten.
func linearScale(high float64) (lowest, highest float64, ticks []float64) {
	if high <= 0 {
		high = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(high/4)))
	for _, m := range []float64{1, 2, 5, 10} {
		if high/(m*step) <= 5 {
			step *= m
			break
		}
	}
	n := math.Ceil(high/step - 1e-9)
	for i := range int(n) + 1 {
		ticks = append(ticks, float64(i)*step)
	}
	return 0, n * step, ticks
}

// logScale goes from a tick that is not above low to one that is not below high, with ticks at 1, 2 and 5 times the powers of
// ten, or at these alone where there are many.
func logScale(low, high float64) (lowest, highest float64, ticks []float64) {
	var all []float64
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, m := range []float64{1, 2, 5} {
			all = append(all, m*math.Pow(10, e))
		}
	}
	for len(all) > 2 && all[1] <= low*(1+1e-9) {
		all = all[1:]
	}
	for len(all) > 2 && all[len(all)-2] >= high*(1-1e-9) {
		all = all[:len(all)-1]
	}
	lowest, highest = all[0], all[len(all)-1]
	for _, t := range all {
		if lead := t / math.Pow(10, math.Floor(math.Log10(t)+1e-9)); len(all) <= 7 || lead < 1.5 {
			ticks = append(ticks, t)
		}
	}
	return lowest, highest, ticks
}
