package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/bench/plot"
	"kafkaproducer/internal/bench/table"
)

// maxRequest is max.request.size, which limits what is in flight, too.
const maxRequest = 1 << 20

// way is a broker that is far away, and what may be on the way to it.
type way struct {
	delay    time.Duration
	inFlight int
	batch    int
}

// window is the most that can be acknowledged in a second: each request is under way for the delay, and holds at most a batch
// for each of the 8 partitions.
func (w way) window() (bytesPerSecond float64) {
	return float64(w.inFlight*min(8*w.batch, maxRequest)) / w.delay.Seconds()
}

func (w way) row() string   { return fmt.Sprintf("%v/%d", w.delay, w.inFlight) }
func (w way) title() string { return fmt.Sprintf("%v, %d in flight", w.delay, w.inFlight) }
func (w way) x() string     { return fmt.Sprintf("%d KiB", w.batch>>10) }

func (w way) trial(client string, each time.Duration) trial {
	t := trial{place: place{row: w.row(), x: w.x(), client: client}, load: load.Default(), sink: sinkOptions{delay: w.delay}}
	t.load.Records, t.load.For, t.load.Size = unlimited, each, farSize
	t.load.InFlight, t.load.Batch = w.inFlight, w.batch
	// More than is ever in flight, and not so much that what is left of it when the time is over takes longer than the time.
	t.load.Buffer = max(4<<20, 3*w.inFlight*8*w.batch)
	return t
}

const farSize = 1000 // bytes of a value

// far varies how long answers take, and what may be in flight meanwhile.
func far(ctx context.Context, b *bench) (*section, error) {
	clients := b.clients(ctx, "ours", "franz-go", "java")
	var ways []way
	var trials []trial
	for _, delay := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
		for _, inFlight := range []int{1, 5} {
			for _, batch := range []int{16 << 10, 64 << 10, 256 << 10} {
				w := way{delay, inFlight, batch}
				if !b.wanted(w.row()) {
					continue
				}
				ways = append(ways, w)
				for _, c := range clients {
					trials = append(trials, w.trial(c, b.opts.each))
				}
			}
		}
	}
	r, err := b.run(ctx, "far", trials, b.measure)
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, "A sink that answers a request after 1, 20 or 100 ms; values of 1,000 bytes, 8 partitions. The window is "+
		"what could be sent if nothing but batch.size, max.in.flight and max.request.size (1 MiB) limited it; in brackets the part of "+
		"it that was reached. franz-go has no max.request.size.")
	s.tables = append(s.tables, farTable(r, ways))
	s.plot("rate", farLines(r, ways))
	return s, nil
}

// megabytes returns values sent a second, in MB.
func (w way) megabytes(r *results, client string) float64 {
	return r.median(place{row: w.row(), x: w.x(), client: client}, load.Rate) * 1e3 * farSize / 1e6
}

func farTable(r *results, ways []way) string {
	t := table.Table{Head: append([]string{"delay, in flight, batch.size", "window, MB/s"}, r.clients()...)}
	for _, w := range ways {
		cells := []string{w.title() + ", " + w.x(), table.Number(w.window() / 1e6)}
		for _, c := range r.clients() {
			cell := table.Number(w.megabytes(r, c))
			if part := w.megabytes(r, c) / (w.window() / 1e6); !math.IsNaN(part) {
				cell += fmt.Sprintf(" (%.2f)", part)
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, cells)
	}
	return t.String()
}

// farLines has a panel for each delay and number in flight.
func farLines(r *results, ways []way) *plot.Lines {
	l := &plot.Lines{Title: "Throughput to a broker far away", XAxis: "batch.size", YAxis: "MB/s", Log: true}
	for len(ways) > 0 {
		n := 1
		for n < len(ways) && ways[n].row() == ways[0].row() {
			n++
		}
		panel := plot.Panel{Title: ways[0].title()}
		window := plot.Series{Name: "window"}
		for _, w := range ways[:n] {
			panel.X = append(panel.X, w.x())
			window.Y = append(window.Y, w.window()/1e6)
		}
		for _, c := range r.clients() {
			s := plot.Series{Name: c}
			for _, w := range ways[:n] {
				s.Y = append(s.Y, w.megabytes(r, c))
			}
			panel.Series = append(panel.Series, s)
		}
		panel.Series = append(panel.Series, window)
		l.Panels = append(l.Panels, panel)
		ways = ways[n:]
	}
	return l
}
