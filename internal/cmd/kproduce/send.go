package main

import (
	"cmp"
	"io"
	"sync/atomic"
	"time"

	"kafkaproducer/producer"
)

// result is what became of a run.
type result struct {
	tally       *tally
	lines       int64 // that were sent, or failed
	bytes       int64 // of keys and values that were sent
	took        time.Duration
	interrupted bool  // reading ended before the input did
	stopped     error // what ended reading: an error of the input, or one of Send that the next lines would meet
	aborted     error // what Close said of records that were given up
}

// status returns the exit status for it.
func (r *result) status() int {
	if r.tally.failed() > 0 || r.stopped != nil || r.aborted != nil {
		return notAll
	}
	return allDone
}

// defaultMaxRequestSize is Kafka's default of max.request.size.
const defaultMaxRequestSize = 1 << 20

// send sends an input to a topic and returns when every record has its outcome. An error says that nothing was sent.
func (t *tool) send(o *options, cfg producer.Config, in io.Reader) (*result, error) {
	p, err := producer.New(cfg)
	if err != nil {
		return nil, err
	}
	r := &result{tally: &tally{onFail: t.showFailed(o.failures)}}
	run := transfer{
		producer: p,
		topic:    o.topic,
		format:   o.format,
		limit:    cmp.Or(cfg.MaxRequestSize, defaultMaxRequestSize),
		tally:    r.tally,
	}
	until := t.watchInterrupts()
	defer until.release()
	hideProgress := t.showProgress(run.snapshot, o.verbose)

	begin := time.Now()
	err = run.run(until.reading, readInput(until.reading, in, chunkSize, run.limit))
	switch {
	case err == nil:
	case until.reading.Err() != nil:
		r.interrupted = true
	default:
		r.stopped = err
	}
	r.lines, r.bytes = run.line, run.bytes.Load()
	p.Flush(until.draining) // Close tells of an error
	r.took = time.Since(begin)
	r.aborted = p.Close(until.draining)
	hideProgress()
	return r, nil
}

// showFailed returns what hears of failed records: it shows the first n.
func (t *tool) showFailed(n int) func(*block, error) {
	var count atomic.Int64
	return func(b *block, err error) {
		switch i := count.Add(1) - int64(n); {
		case i <= 0:
			t.screen.say("%v: %s", b, plain(err))
		case i == 1 && n > 0:
			t.screen.say("more records failed; the report counts them by reason")
		}
	}
}
