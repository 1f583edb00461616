package main

import (
	"bytes"
	"context"
	"errors"

	"kafkaproducer/producer"
)

// transfer sends the lines of an input to a topic.
type transfer struct {
	producer *producer.Producer
	topic    string
	format   format
	limit    int // max.request.size
	tickets  tickets
	line     int64 // number of the last line that was sent or failed, from 1
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
		t.line++
		t.tickets.tally.fail(t.line, &producer.RecordTooLargeError{Size: c.tooLong, Limit: t.limit, Property: "max.request.size"})
		return nil
	}
	for rest := c.lines; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		t.line++
		if err := t.sendLine(ctx, line); err != nil {
			return err
		}
	}
	return nil
}

// sendLine sends a line. An error that concerns this line only is counted.
func (t *transfer) sendLine(ctx context.Context, line []byte) error {
	key, value, err := t.format.record(line)
	if err != nil {
		t.tickets.tally.fail(t.line, err)
		return nil
	}
	k := t.tickets.issue(t.line, len(key)+len(value))
	err = t.producer.Send(ctx, producer.Record{Topic: t.topic, Key: key, Value: value}, k.settled)
	if err == nil {
		return nil
	}
	t.tickets.cancel(k)
	if errors.Is(err, context.Canceled) {
		t.line-- // it is neither sent nor failed
		return err
	}
	t.tickets.tally.fail(t.line, err)
	var tooLarge *producer.RecordTooLargeError
	if errors.As(err, &tooLarge) {
		return nil
	}
	return err
}
