package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// fake is a client that acknowledges after a while, and is silent for some time.
type fake struct {
	silent [2]time.Time
	mu     sync.Mutex // guards what follows
	offset int64
	wg     sync.WaitGroup
}

func (f *fake) send(key, value []byte, done func(Outcome, int32, int64, string)) error {
	switch {
	case bytes.HasPrefix(value, []byte("1 7 ")):
		return errors.New("not this one")
	case bytes.HasPrefix(value, []byte("0 9 ")):
		done(PossiblyPersisted, -1, -1, "broker 2 (198.18.0.254:35459): no answer within 5.001s")
		return nil
	}
	f.wg.Go(func() {
		time.Sleep(20 * time.Millisecond)
		if now := time.Now(); now.After(f.silent[0]) && now.Before(f.silent[1]) {
			time.Sleep(f.silent[1].Sub(now))
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		done(Acknowledged, 0, f.offset, "")
		f.offset++
	})
	return nil
}

func (f *fake) close(context.Context) error {
	f.wg.Wait()
	return nil
}

func TestWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		job := Job{Goroutines: 2, Each: 320, Length: 10 * time.Second, Close: time.Minute, Ledger: filepath.Join(t.TempDir(), "ledger")}
		ledger, err := CreateLedger(job.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		silent := [2]time.Time{begin.Add(3 * time.Second), begin.Add(5 * time.Second)}
		w := &worker{job: job, client: &fake{silent: silent}, ledger: ledger, failures: map[string]int{}}
		report, err := w.run()
		if err != nil {
			t.Fatal(err)
		}
		checkReport(t, report, silent)

		events := map[Outcome]int{}
		file, err := os.Open(job.Ledger)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := ReadLedger(file, func(e Event) error { events[e.Outcome]++; return nil }); err != nil {
			t.Fatal(err)
		}
		if events[Acknowledged] != 638 || events[Refused] != 1 || events[PossiblyPersisted] != 1 {
			t.Errorf("the ledger has %v", events)
		}
	})
}

func checkReport(t *testing.T, r *WorkerReport, silent [2]time.Time) {
	t.Helper()
	if len(r.Ends) != 2 || r.Ends[0] != 320 || r.Ends[1] != 320 {
		t.Errorf("ends %v", r.Ends)
	}
	if r.Failures["…: no answer within …"] != 1 || r.Failures["refused: not this one"] != 1 || len(r.Failures) != 2 {
		t.Errorf("failures %v", r.Failures)
	}
	if r.LongestMillis < 1900 || r.LongestMillis > 2020 {
		t.Errorf("the longest outcome took %d ms", r.LongestMillis)
	}
	// Between bursts of 16 records nothing is due; the stall begins with the first record that was due in the silence.
	found := false
	for _, s := range r.Stalls {
		from, to := time.UnixMilli(s[0]), time.UnixMilli(s[1])
		found = found || !from.Before(silent[0].Add(-time.Second)) && from.Before(silent[0].Add(time.Second)) &&
			!to.Before(silent[1]) && to.Before(silent[1].Add(100*time.Millisecond))
	}
	if !found {
		t.Errorf("stalls %v, silence %v", r.Stalls, silent)
	}
	if r.PeakPending < 1000 || r.CloseError != "" {
		t.Errorf("%+v", r)
	}
}
