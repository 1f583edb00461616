package main

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"kafkaproducer/producer"
)

// transfer sends the lines of an input to a topic.
type transfer struct {
	producer *producer.Producer
	topic    string
	format   format
	limit    int // max.request.size
	tally    *tally

	line  int64  // number of the last line that was sent or failed, from 1; owned by run, as the rest
	block *block // that line is in; nil: none

	accepted atomic.Int64 // records that Send accepted, or is about to; written by run, read by anybody
	bytes    atomic.Int64 // of their keys and values
}

// snapshot is how far a transfer is.
type snapshot struct {
	records  int64 // acknowledged
	bytes    int64 // of keys and values that were accepted
	inFlight int64 // accepted, and without outcome
	failed   int64
}

func (t *transfer) snapshot() snapshot {
	t.tally.mu.Lock()
	s := snapshot{records: t.tally.records, failed: t.tally.failures.count}
	done := s.records + s.failed - t.tally.refused
	t.tally.mu.Unlock()
	s.bytes, s.inFlight = t.bytes.Load(), t.accepted.Load()-done
	return s
}

// run sends until the input ends (nil), can't be read or ctx ends (their errors), or Send returns an error that the
// next lines would meet, too. What was sent may be under way then.
func (t *transfer) run(ctx context.Context, in *input) error {
	for {
		select {
		case c, ok := <-in.full:
			if !ok {
				return in.err
			}
			if err := t.sendChunk(ctx, c); err != nil {
				return err
			}
			in.done(c)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *transfer) sendChunk(ctx context.Context, c chunk) error {
	if c.tooLong > 0 {
		t.beginLine()
		t.tally.refuse(t.block, &producer.RecordTooLargeError{Size: c.tooLong, Limit: t.limit, Property: "max.request.size"})
		return nil
	}
	for rest := c.lines; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		if err := t.sendLine(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// beginLine goes on to the next line.
func (t *transfer) beginLine() {
	t.line++
	if t.block == nil || t.line == t.block.first+t.block.size {
		t.block = newBlock(t.line, t.tally)
	}
}

// sendLine sends a line. An error that concerns this line only is counted.
func (t *transfer) sendLine(ctx context.Context, line []byte) error {
	t.beginLine()
	key, value, err := t.format.record(line)
	if err != nil {
		t.tally.refuse(t.block, err)
		return nil
	}
	t.accepted.Add(1)
	err = t.producer.Send(ctx, producer.Record{Topic: t.topic, Key: key, Value: value}, t.block.callback())
	if err != nil {
		t.accepted.Add(-1)
		return t.refused(err)
	}
	t.block.timing = true
	t.bytes.Add(int64(len(key) + len(value)))
	return nil
}

// refused takes an error of Send, and returns it if it would meet the next line as well.
func (t *transfer) refused(err error) error {
	if errors.Is(err, context.Canceled) {
		t.line-- // it is neither sent nor failed
		return err
	}
	t.tally.refuse(t.block, err)
	var tooLarge *producer.RecordTooLargeError
	if errors.As(err, &tooLarge) {
		return nil
	}
	return err
}
