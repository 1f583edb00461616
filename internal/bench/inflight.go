package main

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/bench/plot"
	"kafkaproducer/internal/bench/table"
	"kafkaproducer/internal/interop/kafka"
)

// The experiment that the project began from: what max.in.flight.requests.per.connection and acks do to throughput and latency.
var (
	inFlights          = []int{1, 2, 3, 4, 5}
	inFlightAcks       = []string{"1", "all"}
	inFlightSizes      = []int{64, 512, 1024, 10_000}
	inFlightPartitions = []int{1, 9, 54}
)

// pacedBytes a second are sent where latency is measured below full load; small records not faster than pacedRecords.
const (
	pacedBytes   = 5_000_000
	pacedRecords = 10_000
)

// inFlightRounds bounds the rounds: one takes a quarter of an hour.
const inFlightRounds = 2

// fullBuffer is buffer.memory under full load: what 54 partitions can have in flight fits, and the wait in it is not all there
// is to see.
const fullBuffer = 8 << 20

// warmUp is how long records are sent to each topic beforehand, with each acks.
const warmUp = 5 * time.Second

// cell is a place of the experiment but for the number in flight.
type cell struct {
	size, partitions int
	acks             string
	paced            bool
}

// row names the cell in the results and for -works.
func (c cell) row() string {
	how := "full"
	if c.paced {
		how = "paced"
	}
	return fmt.Sprintf("%dB/%dp/acks=%s/%s", c.size, c.partitions, c.acks, how)
}

func (c cell) panel() string {
	if c.partitions == 1 {
		return fmt.Sprintf("%d bytes, 1 partition", c.size)
	}
	return fmt.Sprintf("%d bytes, %d partitions", c.size, c.partitions)
}

func (c cell) rate() int { return min(pacedRecords, pacedBytes/c.size) }

func (c cell) trial(inFlight int, each time.Duration) trial {
	t := trial{place: place{row: c.row(), x: fmt.Sprint(inFlight), client: "ours"}, load: load.Default()}
	t.load.Topic, t.load.Size, t.load.Acks, t.load.InFlight = inFlightTopic(c.partitions), c.size, c.acks, inFlight
	t.load.Idempotent = c.acks == "all"
	t.load.Records, t.load.For = unlimited, each
	if c.paced {
		t.load.Mode, t.load.Linger, t.load.Rate = load.Paced, 0, c.rate()
		t.load.Records = int(each.Seconds() * float64(t.load.Rate))
		return t
	}
	t.load.Buffer = fullBuffer
	t.load.Sample = max(1, 10_000/c.size)
	return t
}

func inFlightTopic(partitions int) string { return fmt.Sprintf("inflight-%d", partitions) }

func inFlightCells() []cell {
	var cells []cell
	for _, paced := range []bool{false, true} {
		for _, size := range inFlightSizes {
			for _, partitions := range inFlightPartitions {
				for _, acks := range inFlightAcks {
					cells = append(cells, cell{size, partitions, acks, paced})
				}
			}
		}
	}
	return cells
}

// inFlight measures all cells with three brokers. -works picks cells by parts of their rows: 64B, 9p, acks=all, full.
func inFlight(ctx context.Context, b *bench) (*section, error) {
	b.clients(ctx, "ours")
	if b.peers["ours"] == nil {
		return nil, fmt.Errorf("it is about ours, which is not measured here")
	}
	var cells []cell
	var trials []trial
	for _, c := range inFlightCells() {
		if !c.picked(b.opts.works) {
			continue
		}
		cells = append(cells, c)
		for _, n := range inFlights {
			trials = append(trials, c.trial(n, b.opts.each))
		}
	}
	var topics []kafka.Topic
	for _, n := range inFlightPartitions {
		topics = append(topics, kafka.Topic{Name: inFlightTopic(n), Partitions: n, Replication: 3,
			Config: map[string]string{"min.insync.replicas": "2", "retention.bytes": fmt.Sprint(256 << 20 / n)}})
	}
	c, err := b.startCluster(3, topics...)
	if err != nil {
		return nil, err
	}
	defer c.Close(false)
	b.opts.rounds = min(b.opts.rounds, inFlightRounds)
	measure := b.runnerFor(c)
	for _, n := range inFlightPartitions { // who writes to a partition first waits for the brokers to make its files, and for their compilers
		for _, acks := range inFlightAcks {
			if _, err := measure(ctx, cell{size: 512, partitions: n, acks: acks}.trial(5, warmUp)); err != nil {
				return nil, fmt.Errorf("warming up %s: %w", inFlightTopic(n), err)
			}
		}
	}
	r, err := b.run(ctx, "inflight", trials, measure)
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, fmt.Sprintf("Three brokers of Apache Kafka %s on the same machine, replication 3, min.insync.replicas 2. "+
		"Under full load a record's latency is mostly its wait in the buffer, here of %d MiB; paced, at %d records/s and at most %d MB/s with "+
		"linger.ms=0, it is the way to the brokers and back. With acks=1 there is no idempotence.",
		c.Brokers[0].Version(), fullBuffer>>20, pacedRecords, pacedBytes/1_000_000))
	s.tables = append(s.tables, inFlightTable(r, cells))
	s.plot("throughput", inFlightLines(r, cells, "Throughput by requests in flight", "MB/s", megabytesFull))
	s.plot("latency-full", inFlightLines(r, cells, "p95 latency under full load, by requests in flight", "ms", p95(false)))
	s.plot("latency-paced", inFlightLines(r, cells, "p95 latency of paced records, by requests in flight", "ms", p95(true)))
	return s, nil
}

// picked tells whether every part of the cell's name is wanted, where parts of its kind are asked for.
func (c cell) picked(works []string) bool {
	if len(works) == 0 {
		return true
	}
	kinds := map[int]bool{} // by the place in the row: asked for, and whether it fits
	for _, w := range works {
		for _, other := range inFlightCells() {
			for i, part := range strings.Split(other.row(), "/") {
				if part == w {
					kinds[i] = kinds[i] || strings.Split(c.row(), "/")[i] == w
				}
			}
		}
	}
	for _, fits := range kinds {
		if !fits {
			return false
		}
	}
	return len(kinds) > 0
}

// value is a figure of a cell with so many in flight; NaN: of another kind of cell.
type value func(r *results, c cell, inFlight string) float64

func megabytesFull(r *results, c cell, x string) float64 {
	if c.paced {
		return math.NaN()
	}
	return r.median(place{c.row(), x, "ours"}, load.Rate) * float64(c.size) / 1e3
}

func p95(paced bool) value {
	return func(r *results, c cell, x string) float64 {
		if c.paced != paced {
			return math.NaN()
		}
		return r.median(place{c.row(), x, "ours"}, load.P95) / 1e3
	}
}

// inFlightLines has a panel for each size and number of partitions, and a line for each acks.
func inFlightLines(r *results, cells []cell, title, axis string, v value) *plot.Lines {
	l := &plot.Lines{Title: title, YAxis: axis, Log: true}
	at := map[string]int{}
	for _, c := range cells {
		s := plot.Series{Name: "acks=" + c.acks}
		for _, x := range r.xs(c.row()) {
			s.Y = append(s.Y, v(r, c, x))
		}
		if len(s.Y) == 0 || math.IsNaN(s.Y[0]) {
			continue
		}
		i, known := at[c.panel()]
		if !known {
			i = len(l.Panels)
			at[c.panel()] = i
			l.Panels = append(l.Panels, plot.Panel{Title: c.panel(), X: r.xs(c.row())})
		}
		l.Panels[i].Series = append(l.Panels[i].Series, s)
	}
	return l
}

// inFlightTable has a row for each cell, with what one, two and five in flight make of it.
func inFlightTable(r *results, cells []cell) string {
	shown := []string{"1", "2", "5"}
	t := table.Table{Head: []string{"size, partitions, acks, load"}}
	for _, what := range []string{"MB/s", "p50 ms", "p95 ms", "p99 ms"} {
		for _, x := range shown {
			t.Head = append(t.Head, what+" with "+x)
		}
	}
	for _, c := range cells {
		row := []string{strings.ReplaceAll(c.row(), "/", ", ")}
		for _, f := range []figure{{name: load.Rate, per: 1e3 / float64(c.size)}, {name: load.P50, per: 1e3}, {name: load.P95, per: 1e3},
			{name: load.P99, per: 1e3}} {
			for _, x := range shown {
				row = append(row, table.Number(r.median(place{c.row(), x, "ours"}, f.name)*f.scale()))
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t.String()
}
