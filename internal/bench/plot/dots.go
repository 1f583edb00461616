package plot

import "math"

// Dots is a plot with a row for each thing that was measured, and in it a dot for each series, on a logarithmic scale.
type Dots struct {
	Title, Axis string
	Rows        []string
	Series      []Series // with a value for each row
}

// Sizes in pixels.
const (
	dotsLeft  = 235
	dotsWidth = 540
	dotsTop   = 56
	rowHeight = 22
)

// Name is the plot's title.
func (d *Dots) Name() string { return d.Title }

// SVG draws the plot.
func (d *Dots) SVG() []byte {
	bottom := dotsTop + float64(len(d.Rows))*rowHeight
	c := newCanvas(dotsLeft+dotsWidth+30, bottom+44, d.Title)
	c.legend(12, 40, d.Series, false)
	var values []float64
	for _, s := range d.Series {
		values = append(values, s.Y...)
	}
	x := newAxis(values, true, dotsLeft, dotsLeft+dotsWidth)
	for _, t := range x.ticks {
		c.line(x.at(t), dotsTop, x.at(t), bottom, "#e3e3e3")
		c.text(x.at(t), bottom+14, "middle", label(t))
	}
	c.text(dotsLeft+dotsWidth/2, bottom+32, "middle", d.Axis+", logarithmic: further left is cheaper")
	for i, row := range d.Rows {
		y := dotsTop + (float64(i)+0.5)*rowHeight
		c.line(dotsLeft, y, dotsLeft+dotsWidth, y, "#f0f0f0")
		c.text(dotsLeft-8, y+4, "end", row)
		for k, s := range d.Series {
			if v := s.Y[i]; !math.IsNaN(v) && v > 0 {
				c.dot(x.at(v), y, color(s.Name, k), hint(s.Name, row, v))
			}
		}
	}
	return c.done()
}
