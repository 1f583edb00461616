package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLinearScale(t *testing.T) {
	for high, want := range map[float64][]float64{
		95: {0, 20, 40, 60, 80, 100}, 100: {0, 20, 40, 60, 80, 100}, 4: {0, 1, 2, 3, 4}, 1001: {0, 500, 1000, 1500},
		0: {0, 0.2, 0.4, 0.6, 0.8, 1},
	} {
		_, highest, ticks := linearScale(high)
		if !slices.EqualFunc(ticks, want, near) || highest < high {
			t.Errorf("%v: up to %v, %v", high, highest, ticks)
		}
	}
}

func TestLogScale(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      []float64
	}{
		{60, 900, []float64{50, 100, 200, 500, 1000}},
		{50, 100, []float64{50, 100}},
		{3, 40_000, []float64{10, 100, 1000, 10_000}}, // from 2 to 50,000
		{7, 7, []float64{5, 10}},
	} {
		lowest, highest, ticks := logScale(test.low, test.high)
		if !slices.EqualFunc(ticks, test.want, near) || lowest > test.low || highest < test.high {
			t.Errorf("%v to %v: %v to %v, %v", test.low, test.high, lowest, highest, ticks)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Abs(b) }

// parse returns the numbers that an attribute of an element has in a plot, which must be XML.
func parse(t *testing.T, svg []byte, element, attribute string) []float64 {
	t.Helper()
	var values []float64
	for d := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == element {
			for _, a := range e.Attr {
				if a.Name.Local == attribute {
					v, err := strconv.ParseFloat(a.Value, 64)
					if err != nil {
						t.Errorf("%s of a %s: %v", attribute, element, err)
					}
					values = append(values, v)
				}
			}
		}
	}
}

// A higher value is drawn higher, a missing one not at all, and a name that looks like XML stays a name.
func TestLines(t *testing.T) {
	l := &Lines{Title: "a < b", XAxis: "goroutines", YAxis: "ns", Panels: []Panel{{
		Title: "keyed", X: []string{"1", "4", "16"},
		Series: []Series{{Name: "ours", Y: []float64{10, math.NaN(), 30}}, {Name: "<x>", Y: []float64{20, 20, 20}}},
	}}}
	for _, log := range []bool{false, true} {
		l.Log = log
		svg := l.SVG()
		y := parse(t, svg, "circle", "cy")
		y = y[2:] // those of the legend
		if len(y) != 5 {
			t.Fatalf("%d dots for 5 values:\n%s", len(y), svg)
		}
		if ours, other := y[:2], y[2:]; !(ours[0] > other[0] && other[0] > ours[1]) || other[0] != other[2] {
			t.Errorf("log %v: 10 and 30 are at %v, 20 at %v", log, ours, other)
		}
		if n := strings.Count(string(svg), "NaN"); n > 0 {
			t.Errorf("NaN is in it:\n%s", svg)
		}
	}
}

func TestDots(t *testing.T) {
	d := &Dots{Title: "CPU", Axis: "ns", Rows: []string{"plain", "keyed"}, Series: []Series{
		{Name: "ours", Y: []float64{100, 200}}, {Name: "floor", Y: []float64{50, math.NaN()}}, {Name: "java", Y: []float64{2000, 0}},
	}}
	svg := d.SVG()
	x, y := parse(t, svg, "circle", "cx")[3:], parse(t, svg, "circle", "cy")[3:]
	if len(x) != 4 {
		t.Fatalf("%d dots for 4 values that are there:\n%s", len(x), svg)
	}
	// Drawn row by row: 100, 50 and 2000, then 200.
	if !(x[1] < x[0] && x[0] < x[3] && x[3] < x[2]) {
		t.Errorf("100, 50, 2000 and 200 are at %v", x)
	}
	if y[0] != y[1] || y[0] != y[2] || y[0] >= y[3] {
		t.Errorf("rows at %v", y)
	}
	if x[2] > dotsLeft+dotsWidth {
		t.Errorf("2000 is outside, at %v", x[2])
	}
}

// An empty plot is a plot.
func TestNothing(t *testing.T) {
	for _, svg := range [][]byte{(&Lines{}).SVG(), (&Dots{}).SVG(), (&Lines{Panels: []Panel{{}}}).SVG()} {
		parse(t, svg, "line", "x1")
		if strings.Contains(string(svg), "NaN") || strings.Contains(string(svg), "Inf") {
			t.Errorf("\n%s", svg)
		}
	}
}
