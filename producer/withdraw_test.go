package producer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

var errEnough = errors.New("enough")

// status returns what a DeliveryError says of a record whose context ended.
func status(t *testing.T, err error, cause error) producer.Status {
	t.Helper()
	var e *producer.DeliveryError
	if !errors.As(err, &e) || !errors.Is(e, cause) || e.Topic != "t" {
		t.Fatalf("the outcome is %v, want a DeliveryError with %v", err, cause)
	}
	return e.Status
}

// Records that were not sent when their contexts end are not sent, the others of their batches are; the callbacks run at once.
func TestWithdrawn(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger, cfg.BatchSize = 10*time.Second, 500
		cfg.MaxInFlightRequestsPerConnection = 1
		p := open(t, cfg)
		var o, withdrawn outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		c.PauseBroker(1)
		part := int32(0)
		ctx, cancel := context.WithCancelCause(t.Context())
		for i := 1; i <= 200; i++ {
			v := fmt.Sprintf("%06d", i)
			r := producer.Record{Topic: "t", Partition: &part, Value: []byte(v)}
			to := &o
			if i > 100 && i%3 == 0 || i > 190 { // whole batches of the last, too
				r.Context, to = ctx, &withdrawn
			}
			if err := p.Send(t.Context(), r, to.callback(v)); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		cancel(errEnough)
		synctest.Wait()
		if withdrawn.len() != 40 || time.Since(start) > 0 {
			t.Errorf("%d callbacks after %v", withdrawn.len(), time.Since(start))
		}
		for _, x := range withdrawn.all {
			if s := status(t, x.err, errEnough); s != producer.NotPersisted {
				t.Errorf("%s: %v", x.value, x.err)
			}
		}
		c.ResumeBroker(1)
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 1, &o)
		if n := len(c.Records("t", 0)); n != 161 {
			t.Errorf("%d records are stored, want 161", n)
		}
		check(t, c, "t", 1, &withdrawn)
	})
}

// A batch may have to wait after records were taken out of it, since the request is full; then others may be.
func TestWithdrawnTwice(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger, cfg.MaxRequestSize, cfg.MaxInFlightRequestsPerConnection = time.Millisecond, 1600, 1
		p := open(t, cfg)
		var o, withdrawn outcomes
		sendTo := func(part int32, v string, size int, ctx context.Context) {
			t.Helper()
			to := &o
			if ctx != nil {
				to = &withdrawn
			}
			r := producer.Record{Topic: "t", Partition: &part, Key: make([]byte, size), Value: []byte(v), Context: ctx}
			if err := p.Send(t.Context(), r, to.callback(v)); err != nil {
				t.Fatal(err)
			}
		}
		sendTo(0, "000000", 0, nil)
		flush(t, p)
		c.Inject(producertest.DelayAnswer(time.Second))
		sendTo(0, "000001", 0, nil)
		time.Sleep(100 * time.Millisecond) // it is unanswered now
		first, endFirst := context.WithCancelCause(t.Context())
		second, endSecond := context.WithCancelCause(t.Context())
		sendTo(0, "000002", 1000, nil)
		for i := range 10 {
			v := fmt.Sprintf("%06d", 10+i)
			switch i {
			case 0, 1, 2, 5:
				sendTo(1, v, 100, first)
			case 4, 9:
				sendTo(1, v, 100, second)
			default:
				sendTo(1, v, 100, nil)
			}
		}
		endFirst(errEnough)
		for c.Count("t") < 3 {
			time.Sleep(10 * time.Millisecond)
		}
		endSecond(errEnough) // while the next request is unanswered, which had no room for the batch
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 2, &o)
		check(t, c, "t", 2, &withdrawn)
		if n := len(c.Records("t", 1)); n != 4 {
			t.Errorf("%d records are stored, want 4", n)
		}
	})
}

// A record that was sent when its context ends may be in the log.
func TestWithdrawnInDoubt(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		c.PauseBroker(1)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		_, err := p.SendSync(ctx, producer.Record{Topic: "t", Value: []byte("000001")})
		if s := status(t, err, context.DeadlineExceeded); s != producer.PossiblyPersisted || time.Since(start) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		c.ResumeBroker(1)
		flush(t, p)
		if n := len(c.Records("t", 0)); n != 2 {
			t.Errorf("%d records are stored", n)
		}
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Error(err)
		}
	})
}

// The context also ends the wait for room, and a record whose context has ended isn't accepted.
func TestContextEndsTheWaitForRoom(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p, _, _ := fillUp(t, c, config(t, c))
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2*time.Second, func() { cancel(errEnough) })
		start := time.Now()
		r := producer.Record{Topic: "t", Context: ctx, Value: make([]byte, 500)}
		for range 2 {
			err := p.Send(t.Context(), r, func(producer.RecordMetadata, error) { t.Error("the callback of a record that was not accepted") })
			if !errors.Is(err, context.Canceled) || time.Since(start) != 2*time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		}
		late, cancelLate := context.WithTimeout(t.Context(), time.Second)
		defer cancelLate()
		r.Context = late
		if err := p.Send(t.Context(), r, nil); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Errorf("a deadline: %v", err)
		}
		c.ResumeBroker(1)
	})
}

// Whatever comes first, the outcome or the end of the context: one callback.
func TestWithdrawnOrDone(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger, cfg.BatchSize = 5*time.Millisecond, 300
		p := open(t, cfg)
		c.Inject(producertest.DelayAnswer(7 * time.Millisecond).Chance(0.5))
		c.Inject(producertest.DropAfter().Chance(0.05).Times(5))
		var o outcomes
		for i := range 3000 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%40)*time.Millisecond+1)
			defer cancel()
			v := fmt.Sprintf("%06d", i)
			if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte(v), Context: ctx}, o.callback(v)); err != nil && ctx.Err() == nil {
				t.Fatal(err)
			} else if err != nil {
				o.callback(v)(producer.RecordMetadata{}, &producer.DeliveryError{Err: err})
			}
			if i%10 == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		flush(t, p)
		synctest.Wait()
		if len(o.all) != 3000 {
			t.Errorf("%d callbacks", len(o.all))
		}
		check(t, c, "t", 3, &o)
	})
}

// listContext is a context that can't be compared with ==.
type listContext struct {
	context.Context
	_ []int
}

// Of contexts nothing is asked but what their interface says: they may be of any type.
func TestContextsOfAnyType(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		ctx := listContext{Context: t.Context()}
		if _, err := p.SendSync(ctx, producer.Record{Topic: "t"}); err != nil {
			t.Error(err)
		}
		if err := p.Send(ctx, producer.Record{Topic: "t", Context: ctx}, nil); err != nil {
			t.Error(err)
		}
		flush(t, p)
	})
}
