package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// workerEnv holds the job of a process that is a worker: one producer under load. Load.java does the same for Java's.
const workerEnv = "CHAOS_WORKER"

// ready is the line that a worker prints before its first record.
const ready = "ready"

// stallSize is from how long on a time without acknowledgement is told of.
const stallSize = 100 * time.Millisecond

// Job says what a worker sends. Durations are nanoseconds in JSON.
type Job struct {
	Client     string            `json:"client"`
	Topic      string            `json:"topic"`
	Properties map[string]string `json:"properties"`
	Goroutines int               `json:"goroutines"`
	Each       int               `json:"each"`   // records of a goroutine
	Length     time.Duration     `json:"length"` // over which they are spread; what is late is caught up with
	Close      time.Duration     `json:"close"`  // how long closing may take
	Ledger     string            `json:"journal"`
}

// WorkerReport is what a worker prints at its end.
type WorkerReport struct {
	Ends          []int          `json:"ends"`          // records that each goroutine gave to Send
	PeakPending   int64          `json:"peakPending"`   // bytes of keys and values without outcome
	LongestMillis int64          `json:"longestMillis"` // from Send to an outcome
	Stalls        [][2]int64     `json:"stalls"`        // times without acknowledgement though some were due: milliseconds since 1970
	Failures      map[string]int `json:"failures"`      // by cause
	CloseMillis   int64          `json:"closeMillis"`
	CloseError    string         `json:"closeError"`
}

// A client is a producer behind what all have in common.
type client interface {
	// send gives a record over. Key and value may be reused afterwards. A record that isn't accepted is an error, or an outcome.
	send(key, value []byte, done func(o Outcome, partition int32, offset int64, cause string)) error
	close(ctx context.Context) error
}

var clients = map[string]func(Job) (client, error){}

// worker runs a job.
type worker struct {
	job    Job
	client client
	ledger *Ledger
	ends   []int // each one its goroutine's

	pending      atomic.Int64
	pendingBytes atomic.Int64
	peak         atomic.Int64
	acknowledged atomic.Int64
	longest      atomic.Int64 // nanoseconds

	mu       sync.Mutex // guards what follows
	failures map[string]int
}

// work is the worker's main function, and returns its exit status. It ends when its standard input does, so that no worker is left
// behind.
func work(job string) (status int) {
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	if err := doJob(job); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func doJob(text string) error {
	w := &worker{failures: map[string]int{}}
	if err := json.Unmarshal([]byte(text), &w.job); err != nil {
		return err
	}
	open, ok := clients[w.job.Client]
	if !ok {
		return fmt.Errorf("no client is named %q", w.job.Client)
	}
	var err error
	if w.ledger, err = CreateLedger(w.job.Ledger); err != nil {
		return err
	}
	if w.client, err = open(w.job); err != nil {
		return err
	}
	fmt.Println(ready)
	report, err := w.run()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

func (w *worker) run() (*WorkerReport, error) {
	w.ends = make([]int, w.job.Goroutines)
	watching, stalls := make(chan struct{}), make(chan [][2]int64)
	go func() { stalls <- w.watch(watching) }()

	begin := time.Now()
	var senders sync.WaitGroup
	for g := range w.job.Goroutines {
		senders.Go(func() { w.send(g, begin) })
	}
	senders.Wait()
	closing := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), w.job.Close)
	defer cancel()
	closeErr := w.client.close(ctx)
	report := &WorkerReport{Ends: w.ends, CloseMillis: time.Since(closing).Milliseconds()}
	if closeErr != nil {
		report.CloseError = closeErr.Error()
	}
	close(watching)
	report.Stalls = <-stalls
	report.PeakPending, report.LongestMillis = w.peak.Load(), time.Duration(w.longest.Load()).Milliseconds()
	w.mu.Lock()
	report.Failures = w.failures
	w.mu.Unlock()
	return report, w.ledger.Close()
}

// send sends one goroutine's records, evenly over the job's length.
func (w *worker) send(g int, begin time.Time) {
	var key, value []byte
	for n := range w.job.Each {
		if n%16 == 0 {
			if ahead := time.Until(begin.Add(w.job.Length / time.Duration(w.job.Each) * time.Duration(n))); ahead > time.Millisecond {
				time.Sleep(ahead)
			}
		}
		var keyed bool
		key, keyed = appendKey(key[:0], g, n)
		value = appendValue(value[:0], g, n)
		if keyed {
			w.one(g, n, key, value)
		} else {
			w.one(g, n, nil, value)
		}
		w.ends[g] = n + 1
	}
}

func (w *worker) one(g, n int, key, value []byte) {
	size, sent := int64(len(key)+len(value)), time.Now()
	w.pending.Add(1)
	err := w.client.send(key, value, func(o Outcome, partition int32, offset int64, cause string) {
		w.pending.Add(-1)
		w.pendingBytes.Add(-size)
		took := time.Since(sent)
		raise(&w.longest, int64(took))
		if o == Acknowledged {
			w.acknowledged.Add(1)
		} else {
			w.fail(cause)
		}
		w.ledger.Note(Event{G: g, N: n, Outcome: o, Partition: partition, Offset: offset, After: took})
	})
	if err != nil {
		w.pending.Add(-1)
		w.fail("refused: " + err.Error())
		w.ledger.Note(Event{G: g, N: n, Outcome: Refused, Partition: -1, Offset: -1, After: time.Since(sent)})
		return
	}
	raise(&w.peak, w.pendingBytes.Add(size))
}

func (w *worker) fail(cause string) {
	cause = particular.ReplaceAllString(cause, "…")
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures[cause]++
}

// particular is what differs between failures for one reason: brokers, addresses and durations.
var particular = regexp.MustCompile(`broker \d+ \([^)]*\)|[\d.]+:\d+(->[\d.]+:\d+)?|\d[\d.]*m?s\b`)

// raise makes a at least n.
func raise(a *atomic.Int64, n int64) {
	for old := a.Load(); n > old && !a.CompareAndSwap(old, n); old = a.Load() {
	}
}

// watch looks for times without acknowledgement while there was something to acknowledge.
func (w *worker) watch(end <-chan struct{}) [][2]int64 {
	var stalls [][2]int64
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	last, since := int64(-1), time.Now()
	for open := true; open; {
		select {
		case <-end:
			open = false
		case <-tick.C:
		}
		now, count := time.Now(), w.acknowledged.Load()
		if open && count == last && w.pending.Load() > 0 {
			continue
		}
		if now.Sub(since) >= stallSize {
			stalls = append(stalls, [2]int64{since.UnixMilli(), now.UnixMilli()})
		}
		last, since = count, now
	}
	return stalls
}
