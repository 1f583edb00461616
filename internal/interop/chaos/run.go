package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// What the producers have in common; Kafka's defaults for the rest.
const (
	deliveryTimeout = 20 * time.Second
	requestTimeout  = 5 * time.Second
	bufferMemory    = 32 << 20
	linger          = 5 * time.Millisecond
)

// closeTimeout is how long a producer may take to end: whatever is left is delivered or has failed before.
const closeTimeout = deliveryTimeout + 20*time.Second

// properties are the settings by Kafka's names. Both time-outs are shorter than Kafka's, so that faults can be longer than they are.
func properties(bootstrap []string, client string) map[string]string {
	return map[string]string{
		"bootstrap.servers":   strings.Join(bootstrap, ","),
		"client.id":           "chaos-" + client,
		"acks":                "all",
		"enable.idempotence":  "true",
		"delivery.timeout.ms": fmt.Sprint(deliveryTimeout.Milliseconds()),
		"request.timeout.ms":  fmt.Sprint(requestTimeout.Milliseconds()),
		"linger.ms":           fmt.Sprint(linger.Milliseconds()),
		"batch.size":          "16384",
		"buffer.memory":       fmt.Sprint(bufferMemory),
		"max.block.ms":        "600000", // who sends waits for room through every fault
	}
}

// Load is what every producer sends.
type Load struct {
	Records    int
	Goroutines int
	Partitions int
	Length     time.Duration
}

// Result is what came of one producer's run.
type Result struct {
	Client   string
	Verdict  *Verdict
	Report   *WorkerReport
	Faults   []Injected
	Began    time.Time
	Took     time.Duration // from the first record to the end of Close
	Resident int64         // bytes, peak
	Err      error         // why there is no verdict
}

// Broken tells what a producer must not do: break its promise, exceed its memory, not end in time, not end at all.
func (r *Result) Broken() error {
	if r.Err != nil {
		return r.Err
	}
	var errs []error
	if r.Verdict.Violations() > 0 {
		errs = append(errs, fmt.Errorf("violations: %s", r.Verdict.Summary()))
	}
	// A batch's memory is free before its callbacks have run, by which records are counted here.
	if r.Report.PeakPending > bufferMemory+bufferMemory/8 {
		errs = append(errs, fmt.Errorf("%d bytes were buffered, buffer.memory is %d", r.Report.PeakPending, bufferMemory))
	}
	if r.Report.CloseError != "" {
		errs = append(errs, fmt.Errorf("Close: %s", r.Report.CloseError))
	}
	return errors.Join(errs...)
}

// play runs a schedule against one producer, and judges.
func play(f *Field, client string, load Load, steps []Step, dir string, log *slog.Logger) *Result {
	r := &Result{Client: client}
	r.Err = r.play(f, load, steps, dir, log)
	return r
}

func (r *Result) play(f *Field, load Load, steps []Step, dir string, log *slog.Logger) error {
	topic := "chaos-" + r.Client
	if err := f.createTopic(topic, load.Partitions); err != nil {
		return err
	}
	ledger := filepath.Join(dir, r.Client+".ledger")
	worker, err := f.startWorker(Job{
		Client: r.Client, Topic: topic, Properties: properties(f.Bootstrap(), r.Client), Goroutines: load.Goroutines,
		Each: load.Records / load.Goroutines, Length: load.Length, Close: closeTimeout, Ledger: ledger,
	}, filepath.Join(dir, r.Client+".log"))
	if err != nil {
		return err
	}
	r.Began = time.Now()
	// Blocked senders catch up when they can. What takes longer than this hangs.
	ctx, cancel := context.WithTimeout(context.Background(), 2*load.Length+closeTimeout+2*time.Minute)
	defer cancel()
	faults := make(chan []Injected, 1)
	storm := &storm{field: f, topic: topic, partitions: load.Partitions, log: log}
	go func() { faults <- storm.run(ctx, steps) }()
	report, err := worker.result(ctx)
	r.Took = time.Since(r.Began)
	cancel()
	r.Faults, r.Resident = <-faults, <-worker.memory
	if err != nil {
		return err
	}
	r.Report = report
	if err := f.Settle(topic); err != nil {
		return err
	}
	r.Verdict, err = f.judge(topic, report.Ends, ledger, filepath.Join(dir, r.Client+".stored"))
	return err
}

// judge reads a topic with Kafka's consumer and compares.
func (f *Field) judge(topic string, ends []int, ledger, stored string) (*Verdict, error) {
	if _, err := f.Cluster.Java.Positions(topic, stored); err != nil {
		return nil, err
	}
	files := make([]io.Reader, 2)
	for i, name := range []string{ledger, stored} {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		files[i] = file
	}
	return Judge(ends, files[0], files[1])
}
