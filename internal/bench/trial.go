package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kafkaproducer/internal/bench/load"
)

// Figures that only the sink can tell.
const (
	batchRecords = "records_batch" // records a batch
	batchCPU     = "cpu_ns_batch"  // CPU time of the client a batch, ns
	wireBytes    = "wire_b"        // bytes of requests a record
	requestBytes = "request_b"     // bytes a request
)

// place is where a measurement belongs in the results of an experiment.
type place struct {
	row    string // what is done
	x      string // how much of it, where that is varied
	client string
}

func (p place) String() string { return strings.TrimSpace(p.row+" "+p.x) + ", " + p.client }

// trial is one thing to measure.
type trial struct {
	place
	load load.Settings
	sink sinkOptions // unless the experiment has a cluster of its own
}

// Some time is for what comes before and after the sending: a JVM's start, its warm-up, a full buffer.
const grace = 40 * time.Second

// runPeer runs a peer and returns what it printed.
func (b *bench) runPeer(ctx context.Context, t trial) (load.Result, error) {
	var result load.Result
	t.load.Timeout = t.load.For + grace
	if b.opts.keep != "" {
		name := strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace(t.String()) + ".prof"
		t.load.Profile = filepath.Join(b.opts.keep, name)
	}
	ctx, cancel := context.WithTimeout(ctx, t.load.Timeout+10*time.Second)
	defer cancel()
	command := append(b.peers[t.client], t.load.Args()...)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return result, fmt.Errorf("%w: %s", err, lastLine(stderr.String()))
	}
	if err := json.Unmarshal(stdout.Bytes(), &result); err != nil {
		return result, fmt.Errorf("printed %.100q: %w", stdout.String(), err)
	}
	if result.Failed > 0 {
		return result, fmt.Errorf("%d of %d records failed", result.Failed, result.Failed+result.Sent)
	}
	return result, nil
}

// measure runs a trial against its sink and adds what the sink saw to its figures.
func (b *bench) measure(ctx context.Context, t trial) (load.Result, error) {
	s, err := b.sink(ctx, t.sink)
	if err != nil {
		return load.Result{}, err
	}
	if _, err := s.take(); err != nil {
		return load.Result{}, err
	}
	t.load.Bootstrap = s.bootstrap
	result, err := b.runPeer(ctx, t)
	if err != nil {
		return result, err
	}
	saw, err := s.take()
	if err != nil {
		return result, err
	}
	if saw.Records != result.Sent {
		return result, fmt.Errorf("%d records were acknowledged, and the sink saw %d", result.Sent, saw.Records)
	}
	f := result.Figures
	f[batchRecords] = float64(saw.Records) / float64(saw.Batches)
	f[wireBytes] = float64(saw.Bytes) / float64(saw.Records)
	f[requestBytes] = float64(saw.Bytes) / float64(saw.Requests)
	if cpu, ok := f[load.CPU]; ok {
		f[batchCPU] = cpu * f[batchRecords]
	}
	for name, v := range f {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return result, fmt.Errorf("%s is %v", name, v)
		}
	}
	return result, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 2000 {
		s = s[len(s)-2000:]
	}
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// sink returns a sink with these options, which is started the first time.
func (b *bench) sink(ctx context.Context, o sinkOptions) (*sink, error) {
	if s := b.sinks[o]; s != nil {
		return s, nil
	}
	s, err := startSink(ctx, filepath.Join(b.dir, "sink"), o)
	if err == nil {
		b.sinks[o] = s
	}
	return s, err
}

func (b *bench) buildSink(ctx context.Context) error {
	return buildGo(ctx, ".", "./sink", filepath.Join(b.dir, "sink"))
}

// profileDir makes the directory for profiles.
func (o options) profileDir() error {
	if o.keep == "" {
		return nil
	}
	return os.MkdirAll(o.keep, 0o755)
}
