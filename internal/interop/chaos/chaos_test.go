package main

import (
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
)

// The test binary is also the worker.
func TestMain(m *testing.M) {
	if job := os.Getenv(workerEnv); job != "" {
		os.Exit(work(job))
	}
	os.Exit(m.Run())
}

// The short form: one of each fault that is over in a moment, and everything is judged as in the long one.
func TestShort(t *testing.T) {
	f, err := OpenField(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			var logs strings.Builder
			f.Cluster.Dump(&logs)
			t.Log(logs.String())
		}
		if err := f.Close(t.Failed()); err != nil {
			t.Error(err)
		}
	})
	dir, err := os.MkdirTemp("", "chaos-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the ledger, and flight records to be replayed with go run ./internal/cmd/kreplay FILE, are in %s", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	const seed = 1
	load := Load{Records: 300_000, Goroutines: 4, Partitions: 12, Length: 20 * time.Second}
	steps := Plan(Setting{Seed: seed, Length: load.Length, Brokers: brokers, Gentle: true})
	r := play(f, "kafkaproducer", load, steps, dir, slog.New(slog.NewTextHandler(t.Output(), nil)))
	t.Log(r.Line())
	if err := r.Broken(); err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	if r.Verdict == nil {
		return
	}
	for _, example := range r.Verdict.Examples {
		t.Error(example)
	}
	made := 0
	for _, fault := range r.Faults {
		if fault.Err == nil {
			made++
		} else {
			t.Logf("%v: %v", fault.Step, fault.Err) // the admin client may be refused while a broker is away
		}
	}
	if made < len(steps)-3 || r.Verdict.Sent != load.Records || r.Verdict.Stored < load.Records/2 {
		t.Errorf("%d of %d faults made, %d records sent, %d stored", made, len(steps), r.Verdict.Sent, r.Verdict.Stored)
	}
	(&Report{Options: options{load: load, seed: seed}, Kafka: f.Cluster.Brokers[0].Version(), Kernel: errors.New("the short form has none"),
		Results: []*Result{r}, Date: time.Now()}).Write(t.Output())
}
