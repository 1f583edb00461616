package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"

	"kafkaproducer/internal/bench/table"
)

// canvas is an SVG being written.
type canvas struct {
	buf bytes.Buffer
}

func newCanvas(width, height float64, title string) *canvas {
	c := &canvas{}
	c.print(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" width="%[1]s" height="%[2]s"`, px(width), px(height))
	c.print(" font-family=\"Helvetica,Arial,sans-serif\" font-size=\"11\" fill=\"#333\">\n<title>%s</title>\n", escape(title))
	c.print("<rect width=\"%s\" height=\"%s\" fill=\"#fff\"/>\n", px(width), px(height))
	c.print("<text x=\"12\" y=\"20\" font-size=\"14\" font-weight=\"bold\">%s</text>\n", escape(title))
	return c
}

func (c *canvas) print(format string, args ...any) { fmt.Fprintf(&c.buf, format, args...) }

func (c *canvas) done() []byte {
	c.buf.WriteString("</svg>\n")
	return c.buf.Bytes()
}

func (c *canvas) line(x1, y1, x2, y2 float64, stroke string) {
	c.print("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\"/>\n", px(x1), px(y1), px(x2), px(y2), stroke)
}

// text writes at a point; anchor is start, middle or end of it.
func (c *canvas) text(x, y float64, anchor, s string) {
	c.print("<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n", px(x), px(y), anchor, escape(s))
}

// dot is a value; pointing at it shows what it is.
func (c *canvas) dot(x, y float64, fill, hint string) {
	c.print("<circle cx=\"%s\" cy=\"%s\" r=\"3.5\" fill=\"%s\" stroke=\"#fff\" stroke-width=\"0.8\"><title>%s</title></circle>\n",
		px(x), px(y), fill, escape(hint))
}

// path draws through points, with a gap at those that are NaN.
func (c *canvas) path(points [][2]float64, stroke, dash string) {
	c.print("<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\"", stroke)
	if dash != "" {
		c.print(" stroke-dasharray=\"%s\"", dash)
	}
	c.print(" d=\"")
	pen := "M"
	for _, p := range points {
		if math.IsNaN(p[1]) {
			pen = "M"
			continue
		}
		c.print("%s%s %s", pen, px(p[0]), px(p[1]))
		pen = "L"
	}
	c.print("\"/>\n")
}

// legend writes the names of series in a row.
func (c *canvas) legend(x, y float64, series []Series, lines bool) {
	for i, s := range series {
		if lines {
			c.path([][2]float64{{x, y - 4}, {x + 18, y - 4}}, color(s.Name, i), dashes(s.Name))
		}
		c.dot(x+9, y-4, color(s.Name, i), s.Name)
		c.text(x+23, y, "start", s.Name)
		x += 34 + 6.2*float64(len(s.Name))
	}
}

// px writes a length with at most one digit behind the point.
func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func escape(s string) string {
	var b bytes.Buffer
	xml.EscapeText(&b, []byte(s)) // to a Buffer: no error
	return b.String()
}

// label is a number at an axis: short.
func label(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'f', -1, 64) + "M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'f', -1, 64) + "k"
	default:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
}

func hint(series, at string, v float64) string { return series + ", " + at + ": " + table.Number(v) }
