package plot

import "math"

// Lines is a plot of lines, in panels with a common scale of y.
type Lines struct {
	Title, XAxis, YAxis string
	Log                 bool // scale of y
	Columns             int  // panels side by side; 0: three
	Panels              []Panel
}

// Panel is one of a plot's panels.
type Panel struct {
	Title  string
	X      []string // places on the axis, at equal distances
	Series []Series // with as many values each
}

// Sizes in pixels.
const (
	panelWidth  = 235
	panelHeight = 150
	gapX, gapY  = 20, 56
	left, top   = 58, 66
)

// Name is the plot's title.
func (l *Lines) Name() string { return l.Title }

// SVG draws the plot.
func (l *Lines) SVG() []byte {
	columns := l.Columns
	if columns == 0 {
		columns = 3
	}
	columns = max(1, min(columns, len(l.Panels)))
	rows := (len(l.Panels) + columns - 1) / columns
	width := left + float64(columns)*(panelWidth+gapX)
	c := newCanvas(max(width, 400), top+float64(rows)*(panelHeight+gapY), l.Title)
	c.text(12, 52, "start", l.YAxis)
	var values []float64
	var named []Series
	for _, p := range l.Panels {
		for _, s := range p.Series {
			values = append(values, s.Y...)
		}
		if len(p.Series) > len(named) {
			named = p.Series
		}
	}
	c.legend(12, 38, named, true)
	for i, p := range l.Panels {
		x := left + float64(i%columns)*(panelWidth+gapX)
		y := top + float64(i/columns)*(panelHeight+gapY)
		p.draw(c, x, newAxis(values, l.Log, y+panelHeight, y), i%columns == 0, l.XAxis)
	}
	return c.done()
}

// draw draws the panel with its left edge at x, between the ends of the axis.
func (p Panel) draw(c *canvas, x float64, y axis, labelled bool, xAxis string) {
	for _, t := range y.ticks {
		c.line(x, y.at(t), x+panelWidth, y.at(t), "#e3e3e3")
		if labelled {
			c.text(x-6, y.at(t)+4, "end", label(t))
		}
	}
	c.line(x, y.from, x+panelWidth, y.from, "#888")
	at := func(i int) float64 { return x + panelWidth*(float64(i)+0.5)/float64(len(p.X)) }
	for i, name := range p.X {
		c.text(at(i), y.from+14, "middle", name)
	}
	title := p.Title
	if xAxis != "" {
		title += ", by " + xAxis
	}
	c.text(x+panelWidth/2, y.from+30, "middle", title)
	for i, s := range p.Series {
		var points [][2]float64
		for k, v := range s.Y {
			if y.log && v <= 0 {
				v = math.NaN()
			}
			points = append(points, [2]float64{at(k), y.at(v)})
		}
		c.path(points, color(s.Name, i), dashes(s.Name))
		for k, point := range points {
			if !math.IsNaN(point[1]) {
				c.dot(point[0], point[1], color(s.Name, i), hint(s.Name, p.X[k], s.Y[k]))
			}
		}
	}
}
