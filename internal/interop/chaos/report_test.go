package main

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// A stall belongs to the fault that was in force for the most of it.
func TestStallsBy(t *testing.T) {
	begin := time.UnixMilli(1_700_000_000_000)
	at := func(s float64) time.Time { return begin.Add(time.Duration(s * float64(time.Second))) }
	stall := func(from, to float64) [2]int64 { return [2]int64{at(from).UnixMilli(), at(to).UnixMilli()} }
	injected := func(k Kind, from, to float64) Injected {
		return Injected{Step: Step{Kind: k}, Began: at(from), Ended: at(to)}
	}
	r := &Result{
		Faults: []Injected{injected(Kill, 10, 14), injected(Delay, 11, 12), injected(Cut, 20, 20), injected(Hold, 30, 34), injected(Elect, 32, 32)},
		Report: &WorkerReport{Stalls: [][2]int64{
			stall(10.1, 12), stall(11.5, 14), stall(20.2, 20.5), stall(30.1, 31), stall(32.1, 33), stall(50, 90),
		}},
	}
	got := r.stallsBy()
	want := map[Kind]time.Duration{Kill: 2500 * time.Millisecond, Cut: 300 * time.Millisecond, Hold: 900 * time.Millisecond}
	for _, c := range classes {
		if got[c.kind] != want[c.kind] {
			t.Errorf("%s: %v, want %v", c.kind, got[c.kind], want[c.kind])
		}
	}
	if r.longestStall() != 40*time.Second {
		t.Errorf("longest %v", r.longestStall())
	}
}

// What breaks a run: violations, too much memory, a Close that didn't end in time, no verdict at all.
func TestBroken(t *testing.T) {
	good := func() *Result { return &Result{Verdict: &Verdict{}, Report: &WorkerReport{PeakPending: bufferMemory}} }
	if err := good().Broken(); err != nil {
		t.Errorf("a good run: %v", err)
	}
	for name, spoil := range map[string]func(*Result){
		"a duplicate":   func(r *Result) { r.Verdict.Broken[Doubled] = 1 },
		"memory":        func(r *Result) { r.Report.PeakPending = 2 * bufferMemory },
		"Close":         func(r *Result) { r.Report.CloseError = "context deadline exceeded" },
		"no verdict":    func(r *Result) { r.Err = errors.New("the worker: killed") },
		"a lost record": func(r *Result) { r.Verdict.Broken[Lost] = 1 },
	} {
		r := good()
		spoil(r)
		if r.Broken() == nil {
			t.Errorf("%s: not seen", name)
		}
	}
}

func TestReport(t *testing.T) {
	ok := &Result{Client: "kafkaproducer", Verdict: &Verdict{Sent: 1234, Outcomes: [outcomes]int{Acknowledged: 1230, NotPersisted: 4}},
		Report: &WorkerReport{Failures: map[string]int{"NotPersisted: delivery.timeout.ms passed": 4}},
		Faults: []Injected{{Step: Step{Kind: Kill}}, {Step: Step{Kind: Kill}, Err: errors.New("no such broker")}}}
	dead := &Result{Client: "java", Err: errors.New("the worker: exit status 1")}
	var b strings.Builder
	(&Report{Options: options{seed: 99}, Kafka: "4.4.0", Kernel: errors.New("no root"), Results: []*Result{ok, dead}}).Write(&b)
	for _, want := range []string{"SEED=99", "| records sent | 1234 | – |", "| acknowledged | 1230 | – |", "Without faults of the kernel: no root",
		"| SIGKILL: a broker dies, and is started again | 1 / 0.0 s | 0 / 0.0 s |", "- 4 failed: NotPersisted: delivery.timeout.ms passed",
		"no such broker", "No verdict: the worker: exit status 1"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in the report:\n%s", want, b.String())
		}
	}
}
