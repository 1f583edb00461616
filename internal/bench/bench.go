package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/bench/table"
)

// bench is what the experiments share.
type bench struct {
	opts     options
	progress io.Writer
	version  string              // of ours, when it was built
	dir      string              // of the binaries
	peers    map[string][]string // command of each client that could be built
	missing  map[string]error    // why a client that was asked for couldn't
	sinks    map[sinkOptions]*sink
}

func newBench(ctx context.Context, o options, progress io.Writer) (*bench, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{opts: o, progress: progress, version: ourVersion(), dir: dir, peers: map[string][]string{}, missing: map[string]error{},
		sinks: map[sinkOptions]*sink{}}
	if err := b.buildSink(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, o.profileDir()
}

func (b *bench) close() {
	for _, s := range b.sinks {
		s.close()
	}
	os.RemoveAll(b.dir)
}

// compared are the clients that are compared where none are asked for: everyone, or the usual ones.
func (b *bench) compared(ctx context.Context, usual ...string) []string {
	if b.opts.all {
		usual = names(clientList)
	}
	return b.clients(ctx, usual...)
}

// clients returns those of the clients that can be measured: those asked for, or if none are the given ones. Each is built the
// first time.
func (b *bench) clients(ctx context.Context, usual ...string) []string {
	asked := b.opts.clients
	if len(asked) == 0 {
		asked = usual
	}
	var able []string
	for _, c := range clientList {
		if !slices.Contains(asked, c.name) {
			continue
		}
		if b.peers[c.name] == nil && b.missing[c.name] == nil {
			fmt.Fprintf(b.progress, "building %s\n", c.name)
			command, err := c.build(ctx, b.dir)
			if err != nil {
				fmt.Fprintf(b.progress, "%s can't be measured here: %v\n", c.name, err)
				b.missing[c.name] = err
			} else {
				b.peers[c.name] = command
			}
		}
		if b.peers[c.name] != nil {
			able = append(able, c.name)
		}
	}
	return able
}

// runner measures a trial.
type runner func(context.Context, trial) (load.Result, error)

// run measures all trials in turn, round by round, so that a disturbance of the machine meets all of them alike.
func (b *bench) run(ctx context.Context, experiment string, trials []trial, measure runner) (*results, error) {
	if len(trials) == 0 {
		return nil, fmt.Errorf("nothing to measure is left of works %q and clients %q", b.opts.works, b.opts.clients)
	}
	r := newResults(experiment)
	begin := time.Now()
	for round := range b.opts.rounds {
		for i, t := range trials {
			result, err := measure(ctx, t)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			r.add(t.place, result, err)
			fmt.Fprintf(b.progress, "%s %d/%d %d/%d %4.0fs  %v: %s\n", experiment, round+1, b.opts.rounds, i+1, len(trials),
				time.Since(begin).Seconds(), t.place, describe(result, err))
		}
	}
	return r, nil
}

// describe is a result on one line of the progress.
func describe(r load.Result, err error) string {
	if err != nil {
		return err.Error()
	}
	s := ""
	for _, name := range slices.Sorted(maps.Keys(r.Figures)) {
		s += name + " " + table.Number(r.Figures[name]) + "  "
	}
	return s
}

// wanted tells whether a row is to be measured.
func (b *bench) wanted(row string) bool {
	return len(b.opts.works) == 0 || slices.Contains(b.opts.works, row)
}
