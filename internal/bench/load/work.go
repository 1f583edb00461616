package load

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kafkaproducer/internal/bench/pause"
	"kafkaproducer/internal/bench/stats"
)

// So many records, or so much time of them, are acknowledged one by one before the clock starts.
const (
	startRecords = 100
	startTime    = 2 * time.Second
)

// idleTime is how long an idle client is looked at. It begins after settleTime, when what the start left to do is done.
const (
	idleTime   = 3 * time.Second
	settleTime = time.Second
)

// work is one run of a client.
type work struct {
	Settings
	client Client
	topics int
	keys   [][]byte
	values [][]byte
	others int // goroutines that aren't the client's

	acked, failed atomic.Int64
	sent          atomic.Int64    // throughput: added to by each sender at its end
	latencies     []time.Duration // a place is written by its record's callback, before the outcome is counted
}

func newWork(s Settings, c Client, others int) *work {
	return &work{Settings: s, client: c, others: others, topics: max(1, s.Topics), keys: Keys(s.Keys), values: Values(s.Values, s.Size)}
}

func (w *work) send(i int, callback any) {
	w.client.Send(i%w.topics, w.keys[i%len(w.keys)], w.values[i%len(w.values)], callback)
}

// count is the callback of most records.
func (w *work) count(err error) {
	if err != nil {
		w.failed.Add(1)
	} else {
		w.acked.Add(1)
	}
}

func (w *work) run() (Result, error) {
	start, err := w.warmUp()
	if err != nil {
		return Result{}, fmt.Errorf("before the clock started: %w", err)
	}
	var f map[string]float64
	if w.Mode == Idle {
		f = w.idle()
	} else {
		runtime.GC()
		from := measure()
		w.modes()[w.Mode]()
		to := measure()
		f = figures(from, to, w.acked.Load())
	}
	if len(w.latencies) > 0 {
		slices.Sort(w.latencies)
		for name, q := range map[string]float64{P50: .50, P95: .95, P99: .99} {
			f[name] = stats.Quantile(w.latencies, q) / 1e3
		}
	}
	return Result{Sent: int64(start) + w.acked.Load(), Failed: w.failed.Load(), Figures: f}, nil
}

func (w *work) modes() map[Mode]func() {
	return map[Mode]func(){Throughput: w.throughput, OneByOne: w.oneByOne, Paced: w.paced}
}

// warmUp sends records one by one, at least one to each topic, and returns how many.
func (w *work) warmUp() (n int, err error) {
	begin := time.Now()
	outcome := make(chan error, 1)
	callback := w.client.Callback(func(err error) { outcome <- err })
	for n < w.topics || n < startRecords && time.Since(begin) < startTime {
		w.send(n, callback)
		if err := <-outcome; err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// throughput sends with all senders until the records or the time are used up.
func (w *work) throughput() {
	begin := time.Now()
	var senders sync.WaitGroup
	sampled := make([]samples, w.Senders)
	for g := range w.Senders {
		senders.Go(func() { sampled[g] = w.sendMany(g, begin) })
	}
	senders.Wait()
	w.client.Flush()
	// With some clients the last callbacks still run when Flush returns.
	for w.acked.Load()+w.failed.Load() < w.sent.Load() {
		time.Sleep(100 * time.Microsecond)
	}
	for _, s := range sampled {
		w.latencies = append(w.latencies, slices.Concat(s...)...)
	}
}

// sendMany is what sender number g does. It returns the latencies of its samples, which are there when all records have outcomes.
func (w *work) sendMany(g int, begin time.Time) samples {
	const clockEvery = 64
	callback := w.client.Callback(w.count)
	var latencies samples
	sent := 0
	defer func() { w.sent.Add(int64(sent)) }()
	for i := g; i < w.Records; i += w.Senders {
		if w.For > 0 && sent%clockEvery == 0 && time.Since(begin) >= w.For {
			break
		}
		sent++
		if w.Sample > 0 && sent%w.Sample == 0 {
			w.send(i, w.timed(latencies.place(), time.Now()))
			continue
		}
		w.send(i, callback)
	}
	return latencies
}

// samples are latencies that come in later, in chunks, since a place must not move.
type samples [][]time.Duration

func (s *samples) place() *time.Duration {
	const chunk = 4096
	last := len(*s) - 1
	if last < 0 || len((*s)[last]) == chunk {
		*s = append(*s, make([]time.Duration, 0, chunk))
		last++
	}
	(*s)[last] = append((*s)[last], 0)
	return &(*s)[last][len((*s)[last])-1]
}

// timed returns a callback that notes how long ago begin was.
func (w *work) timed(place *time.Duration, begin time.Time) any {
	return w.client.Callback(func(err error) {
		*place = time.Since(begin)
		w.count(err)
	})
}

func (w *work) oneByOne() {
	outcome := make(chan error, 1)
	callback := w.client.Callback(func(err error) { outcome <- err })
	w.latencies = make([]time.Duration, w.Records)
	for i := range w.Records {
		begin := time.Now()
		w.send(i, callback)
		w.count(<-outcome)
		w.latencies[i] = time.Since(begin)
	}
}

// paced sends at a fixed rate. The latency of a record counts from when it was due, so that a client which takes records late
// doesn't look quick.
func (w *work) paced() {
	w.latencies = make([]time.Duration, w.Records)
	var outcomes sync.WaitGroup
	outcomes.Add(w.Records)
	gap := time.Second / time.Duration(w.Rate)
	begin := time.Now()
	for i := range w.Records {
		due := begin.Add(time.Duration(i) * gap)
		pause.Until(due)
		w.send(i, w.client.Callback(func(err error) {
			w.latencies[i] = time.Since(due)
			w.count(err)
			outcomes.Done()
		}))
	}
	outcomes.Wait()
}

func (w *work) idle() map[string]float64 {
	time.Sleep(settleTime)
	before := cpuTime()
	time.Sleep(idleTime)
	return map[string]float64{
		IdleCPU:    float64(cpuTime()-before) / 1e3 / idleTime.Seconds(),
		Goroutines: float64(runtime.NumGoroutine() - w.others),
	}
}
