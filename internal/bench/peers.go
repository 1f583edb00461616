package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/bench/plot"
	"kafkaproducer/internal/bench/table"
)

// peers measures every work against the sink.
func peers(ctx context.Context, b *bench) (*section, error) {
	clients := b.compared(ctx, "ours", "floor", "franz-go")
	r, err := b.run(ctx, "peers", trials(clients, b.opts.each, b.wanted), b.measure)
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, "Against a sink that acknowledges at once: the cost of the client alone.")
	s.tables = append(s.tables, worksTable(r))
	s.plot("cpu", dots("CPU time a record, against the sink", "ns a record", r, load.CPU))
	return s, nil
}

// worksTable has a row for each work and figure that were measured, and in brackets the ratio of ours to each client.
func worksTable(r *results) string {
	clients := r.clients()
	t := table.Table{Head: append([]string{""}, clients...)}
	for _, b := range blocks {
		var rows [][]string
		for _, w := range b.works {
			if row := worksRow(r, clients, w, b.figure); row != nil {
				rows = append(rows, append([]string{aboutWork(w)}, row...))
			}
		}
		if len(rows) > 0 {
			t.Add("**" + b.title + "**")
			t.Rows = append(t.Rows, rows...)
		}
	}
	return t.String()
}

// worksRow is nil where nobody has the figure.
func worksRow(r *results, clients []string, work, figure string) []string {
	ours := r.median(place{row: work, client: "ours"}, figure)
	var cells []string
	found := false
	for _, c := range clients {
		p := place{row: work, client: c}
		v := r.median(p, figure)
		found = found || !math.IsNaN(v)
		switch {
		case r.measured[p] == nil:
			cells = append(cells, "")
		case r.measured[p].failure != "":
			cells = append(cells, "fell short")
		case c == "ours":
			cells = append(cells, table.Number(v))
		default:
			cells = append(cells, table.Ratio(v, ours))
		}
	}
	if !found {
		return nil
	}
	return cells
}

// dots plots a figure of all works.
func dots(title, axis string, r *results, figure string) *plot.Dots {
	d := &plot.Dots{Title: title, Axis: axis}
	i := slices.IndexFunc(blocks, func(b block) bool { return b.figure == figure })
	for _, w := range blocks[i].works {
		if worksRow(r, r.clients(), w, figure) != nil {
			d.Rows = append(d.Rows, aboutWork(w))
		}
	}
	for _, c := range r.clients() {
		s := plot.Series{Name: c}
		for _, w := range blocks[i].works {
			if worksRow(r, r.clients(), w, figure) != nil {
				s.Y = append(s.Y, r.median(place{row: w, client: c}, figure))
			}
		}
		d.Series = append(d.Series, s)
	}
	return d
}

// lines plots a figure of several rows, a panel each, over x.
func lines(title, xAxis, yAxis string, r *results, rows []string, figure string) *plot.Lines {
	l := &plot.Lines{Title: title, XAxis: xAxis, YAxis: yAxis}
	for _, row := range rows {
		panel := plot.Panel{Title: row, X: r.xs(row)}
		if len(panel.X) == 0 {
			continue
		}
		for _, c := range r.clients() {
			s := plot.Series{Name: c}
			for _, x := range panel.X {
				s.Y = append(s.Y, r.median(place{row: row, x: x, client: c}, figure))
			}
			panel.Series = append(panel.Series, s)
		}
		l.Panels = append(l.Panels, panel)
	}
	return l
}

// growthTable has a row for each x of each row of results, with several figures of each client.
func growthTable(r *results, rows []string, x string, figures ...figure) string {
	t := table.Table{Head: []string{x}}
	for _, f := range figures {
		for _, c := range r.clients() {
			t.Head = append(t.Head, c+": "+f.title)
		}
	}
	for _, row := range rows {
		for _, x := range r.xs(row) {
			cells := []string{fmt.Sprintf("%s, %s", row, x)}
			for _, f := range figures {
				for _, c := range r.clients() {
					cells = append(cells, table.Number(r.median(place{row: row, x: x, client: c}, f.name)*f.scale()))
				}
			}
			t.Rows = append(t.Rows, cells)
		}
	}
	return t.String()
}

// figure is a column of a table.
type figure struct {
	title, name string
	per         float64 // divides the value; 0: 1
}

func (f figure) scale() float64 {
	if f.per == 0 {
		return 1
	}
	return 1 / f.per
}
