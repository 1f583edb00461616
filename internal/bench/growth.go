package main

import (
	"context"
	"fmt"

	"kafkaproducer/internal/bench/load"
)

// growth is an experiment in which one thing is varied.
type growth struct {
	row string
	xs  []int
	set func(*trial, int)
}

func (b *bench) growthTrials(clients []string, all []growth) (rows []string, trials []trial) {
	for _, g := range all {
		if !b.wanted(g.row) {
			continue
		}
		rows = append(rows, g.row)
		for _, x := range g.xs {
			for _, c := range clients {
				t := trial{place: place{row: g.row, x: fmt.Sprint(x), client: c}, load: load.Default()}
				t.load.Records, t.load.For = unlimited, b.opts.each
				g.set(&t, x)
				trials = append(trials, t)
			}
		}
	}
	return rows, trials
}

// goroutines varies how many goroutines send.
func goroutines(ctx context.Context, b *bench) (*section, error) {
	counts := []int{1, 4, 16, 64}
	rows, trials := b.growthTrials(b.clients(ctx, "ours", "franz-go"), []growth{
		{"unkeyed", counts, func(t *trial, n int) { t.load.Senders = n }},
		{"keyed", counts, func(t *trial, n int) { t.load.Senders, t.load.Keys = n, 10_000 }},
		// With so little memory every sender waits for room most of the time.
		{"blocked", counts, func(t *trial, n int) { t.load.Senders, t.load.Buffer = n, 256<<10 }},
	})
	r, err := b.run(ctx, "goroutines", trials, b.measure)
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, "Goroutines that send to the same topic of 8 partitions: without keys, with 10,000 keys, and without keys but "+
		"with a buffer.memory of 256 KiB, in which they wait for room most of the time.")
	s.tables = append(s.tables, growthTable(r, rows, "goroutines", figure{"CPU ns a record", load.CPU, 0},
		figure{"thousand records/s", load.Rate, 0}, figure{"allocations a record", load.Allocs, 0}))
	s.plot("cpu",
		lines("CPU time a record by goroutines that send", "goroutines", "ns a record", r, rows, load.CPU))
	s.plot("rate",
		lines("Throughput by goroutines that send", "goroutines", "thousand records a second", r, rows, load.Rate))
	return s, nil
}

// spread varies over how much the records are spread.
func spread(ctx context.Context, b *bench) (*section, error) {
	rows, trials := b.growthTrials(b.clients(ctx, "ours", "franz-go"), []growth{
		{"partitions", []int{1, 8, 100, 1000, 10_000}, func(t *trial, n int) {
			t.load.Topic, t.load.Keys = fmt.Sprintf("wide-%d", n), 100_000
		}},
		{"topics", []int{1, 10, 100, 1000}, func(t *trial, n int) {
			t.load.Topic, t.load.Topics = "many-%d-1", n
			t.load.Mode, t.load.Rate, t.load.Records = load.Paced, 1000, int(2*t.load.For.Seconds()*1000)
		}},
		{"brokers", []int{1, 3, 30}, func(t *trial, n int) {
			t.load.Topic, t.load.Keys, t.sink.brokers = "spread-60", 10_000, n
		}},
	})
	r, err := b.run(ctx, "spread", trials, b.measure)
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, "Partitions of a topic, with 100,000 keys spread over all of them; topics, to which 1,000 records a second "+
		"are sent in turn; brokers, over which 60 partitions are spread.")
	s.tables = append(s.tables, growthTable(r, rows, "", figure{"CPU ns a record", load.CPU, 0},
		figure{"CPU µs a batch", batchCPU, 1000}, figure{"records a batch", batchRecords, 0}, figure{"peak MB", load.Peak, 0}))
	for _, p := range []struct{ name, title, axis, figure string }{
		{"cpu", "CPU time a record by what records are spread over", "ns a record", load.CPU},
		{"batch", "CPU time a batch by what records are spread over", "ns a batch", batchCPU},
		{"memory", "Peak memory by what records are spread over", "MB", load.Peak},
	} {
		l := lines(p.title, "", p.axis, r, rows, p.figure)
		l.Log = true
		s.plot(p.name, l)
	}
	return s, nil
}
