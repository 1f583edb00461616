package producer_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// resender sends records in order to a gapless partition, and what fails again behind what failed before.
type resender struct {
	p       *producer.Producer
	topic   string
	mu      sync.Mutex
	failed  []string
	errs    []error
	pending int
}

func (s *resender) send(t *testing.T, value string) {
	t.Helper()
	s.mu.Lock()
	s.pending++
	s.mu.Unlock()
	err := s.p.Send(t.Context(), producer.Record{Topic: s.topic, Key: []byte("k"), Value: []byte(value)}, func(_ producer.RecordMetadata, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pending--
		if err != nil {
			s.failed, s.errs = append(s.failed, value), append(s.errs, err)
		}
	})
	if err != nil {
		t.Errorf("Send of %s: %v", value, err)
	}
}

// After a failure all that was sent behind it fails, in order, and is surely not in the log: sent again in order, all is there in order.
func TestGapless(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 3, "other": 1}}
	inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize = 200
		cfg.Topics = map[string]producer.TopicConfig{"t": {Gapless: producer.On}}
		p := open(t, cfg)
		s := &resender{p: p, topic: "t"}
		n := 0
		next := func() { n++; s.send(t, fmt.Sprintf("%06d", n)) }
		for range 20 {
			next()
		}
		flush(t, p)
		c.Inject(producertest.DelayAnswer(time.Second).Times(10)) // so that several are in flight behind the one that fails
		c.Inject(producertest.Fail(protocol.InvalidRecord).Once())
		for range 300 {
			next()
		}
		flush(t, p)
		if len(s.failed) != 300 {
			t.Fatalf("%d records failed of 300 from the one on that was refused", len(s.failed))
		}
		for i, v := range s.failed {
			var e *producer.DeliveryError
			first := i < 10 && !errors.Is(s.errs[i], producer.ErrBehindFailed) // of the batch that was refused
			if v != fmt.Sprintf("%06d", 21+i) || !errors.Is(s.errs[i], protocol.InvalidRecord) || !errors.As(s.errs[i], &e) ||
				e.Status != producer.NotPersisted || !first && !errors.Is(e, producer.ErrBehindFailed) {
				t.Fatalf("failure %d is of %s: %v", i, v, s.errs[i])
			}
		}
		again := s.failed
		s.failed, s.errs = nil, nil
		for _, v := range again {
			s.send(t, v)
		}
		next()
		flush(t, p)
		if len(s.failed) > 0 {
			t.Errorf("%d records failed again: %v", len(s.failed), s.errs[0])
		}
		wantInOrder(t, c, n)

		c.Inject(producertest.Fail(protocol.InvalidRecord).OnTopic("other").Once())
		o := &resender{p: p, topic: "other"}
		for i := range 300 {
			o.send(t, fmt.Sprint(i))
		}
		flush(t, p)
		if len(o.failed) == 0 || len(o.failed) > 20 {
			t.Errorf("%d records failed in a topic that isn't gapless", len(o.failed))
		}
	})
}

// wantInOrder fails the test unless topic t holds the records 1 to n, all of one partition, in order and once.
func wantInOrder(t *testing.T, c *producertest.Cluster, n int) {
	t.Helper()
	i := 0
	for part := range c.Partitions("t") {
		for _, r := range c.Records("t", part) {
			if i++; string(r.Value) != fmt.Sprintf("%06d", i) {
				t.Fatalf("%s stands at place %d of the log", r.Value, i)
			}
		}
	}
	if i != n {
		t.Errorf("%d records are stored, want %d", i, n)
	}
}

// The callback of a record that failed may send it again itself: what it sends goes before all that is sent later.
func TestGaplessSendAgainInCallback(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.Gapless = 100, producer.On
		p := open(t, cfg)
		c.Inject(producertest.DelayAnswer(10 * time.Millisecond)) // all is sent before the first callback
		c.Inject(producertest.Fail(protocol.InvalidRecord).Chance(0.3).Times(5))
		var again func(v string) producer.Callback
		again = func(v string) producer.Callback {
			return func(_ producer.RecordMetadata, err error) {
				if err == nil {
					return
				}
				if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte(v)}, again(v)); err != nil {
					t.Error(err)
				}
			}
		}
		const n = 500
		for i := range n {
			v := fmt.Sprintf("%06d", i+1)
			if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte(v)}, again(v)); err != nil {
				t.Fatal(err)
			}
		}
		for c.Stats().Records < n {
			time.Sleep(time.Second)
		}
		flush(t, p)
		wantInOrder(t, c, n)
	})
}

// What is dropped for want of room once it had its place leaves no gap either: what stood behind it then fails with it.
func TestGaplessDropOldest(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory, cfg.MaxInFlightRequestsPerConnection = 1000, 50_000, 1
		cfg.Gapless, cfg.Overflow = producer.On, producer.OverflowDropOldest
		p := open(t, cfg)
		var warm outcomes
		send(t, p, "t", 0, 1, &warm)
		flush(t, p)
		c.PauseBroker(1)
		var failed []int // in the order in which that was said
		var behind, acknowledged int
		for n := range 200 {
			before := len(failed)
			err := p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, 800)}, func(_ producer.RecordMetadata, err error) {
				switch {
				case err == nil:
					acknowledged++
					if i := slices.IndexFunc(failed[before:], func(other int) bool { return other < n }); i >= 0 {
						t.Errorf("record %d was acknowledged behind %d, which failed since it was sent", n, failed[before+i])
					}
					return
				case !errors.Is(err, producer.ErrDropped):
					t.Error(err)
				case errors.Is(err, producer.ErrBehindFailed):
					behind++
				}
				failed = append(failed, n)
			})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		c.ResumeBroker(1)
		flush(t, p)
		if behind < 20 || acknowledged < 20 {
			t.Errorf("%d records failed behind dropped ones, %d were acknowledged", behind, acknowledged)
		}
	})
}
