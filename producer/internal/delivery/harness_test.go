package delivery

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// harness runs a Core by hand: batches without bytes, a clock that stands until it is moved, and a transcript of what
// the core asks for, a line each.
type harness struct {
	t        *testing.T
	core     *Core
	now      Time
	acts     Actions
	requests []*Request // sent and not answered, in order
	names    map[*Batch]string
	log      []string
}

func (h *harness) Close(b *Batch) { b.Size = 100 * int(b.Count) }

// Split makes two halves; a batch of one record it can't split.
func (h *harness) Split(b *Batch) []*Batch {
	half := b.Count / 2
	parts := []*Batch{{Count: half, Size: 100 * int(half)}, {Count: b.Count - half, Size: 100 * int(b.Count-half)}}
	for i, p := range parts {
		p.Partition = b.Partition
		h.names[p] = fmt.Sprintf("%s%d", h.names[b], i+1)
	}
	return parts
}

// Trim takes a record out.
func (h *harness) Trim(b *Batch) bool {
	b.Trim = false
	b.Count--
	return b.Count > 0
}

// Sift leaves a batch with as many records as there are errors, if it has more.
func (h *harness) Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	guilty := int32(len(errors))
	if guilty >= b.Count {
		return nil, errors
	}
	rest := &Batch{Partition: b.Partition, Count: b.Count - guilty, Size: 100 * int(b.Count-guilty)}
	h.names[rest] = h.names[b] + "'"
	b.Count = guilty
	return rest, errors
}

// defaults are the settings of a test that doesn't say otherwise.
func defaults() Config {
	return Config{
		Idempotent: true, Retries: 1 << 30, MaxInFlight: 5, MaxRequestSize: 1 << 20, RequestOverhead: 100,
		DeliveryTimeout: 2 * time.Minute, RetryBackoff: 100 * time.Millisecond, RetryBackoffMax: time.Second,
		MaxThrottle: 30 * time.Second, ResendHealthy: true, Seed: 1,
	}
}

func newHarness(t *testing.T, cfg Config) *harness {
	h := &harness{t: t, names: map[*Batch]string{}}
	h.core = New(cfg, h)
	return h
}

// start returns a harness with node 1 up, a producer id (7, epoch 0) and a partition t-0 led by node 1.
func start(t *testing.T, cfg Config) (*harness, *Partition) {
	h := newHarness(t, cfg)
	h.core.NodeUp(h.now, 1, true)
	h.core.ProducerID(h.now, 7, 0)
	p := h.partition("t", 0, 1)
	h.take()
	h.log = nil
	return h, p
}

func (h *harness) partition(topic string, index, leader int32) *Partition {
	p := NewPartition(topic, index)
	h.core.SetLeader(h.now, &p, leader, 0, protocol.UUID{})
	return &p
}

// open opens a batch of n records.
func (h *harness) open(p *Partition, name string, n int32) *Batch {
	b := &Batch{Partition: p, Count: n}
	h.names[b] = name
	h.core.Opened(h.now, b)
	h.take()
	return b
}

// take adds what the core asks for to the transcript.
func (h *harness) take() {
	h.core.Take(&h.acts)
	for _, b := range h.acts.Outcomes {
		h.logf("outcome %s", h.outcome(b))
	}
	for _, b := range h.acts.Freed {
		if b.state != Done {
			h.t.Errorf("%s was freed, but is %v", h.names[b], b.state)
		}
	}
	for _, r := range h.acts.Send {
		h.requests = append(h.requests, r)
		h.logf("send %s", h.request(r))
	}
	for _, id := range h.acts.Connect {
		h.logf("connect %d", id)
	}
	if h.acts.RefreshMetadata {
		h.logf("refresh metadata")
	}
	if h.acts.NewProducerID {
		h.logf("new producer id")
	}
	for _, n := range h.acts.Notes {
		if n.Event == Renumbered {
			h.logf("renumbered %s-%d epoch=%d", n.Partition.Topic, n.Partition.Index, n.Epoch)
		}
	}
}

func (h *harness) outcome(b *Batch) string {
	if b.Outcome.Err == nil {
		return fmt.Sprintf("%s ok", h.names[b])
	}
	code, text := protocol.None, b.Outcome.Err.Error()
	if c, ok := b.Outcome.Err.(protocol.ErrorCode); ok {
		code = c
		text = code.Name()
	} else if errors.Is(b.Outcome.Err, ErrDeliveryTimeout) {
		text = ErrDeliveryTimeout.Error() // the trouble beside it has tests of its own
	}
	return fmt.Sprintf("%s %s %s", h.names[b], text, [...]string{"NotPersisted", "PossiblyPersisted", "Persisted"}[b.Outcome.Certainty])
}

func (h *harness) request(r *Request) string {
	var s strings.Builder
	fmt.Fprintf(&s, "node=%d", r.Node)
	for _, b := range r.Batches {
		fmt.Fprintf(&s, " %s", h.names[b])
		if b.numbered {
			fmt.Fprintf(&s, "@%d/%d", b.ProducerEpoch, b.BaseSequence)
		}
	}
	return s.String()
}

func (h *harness) logf(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

// answer answers the oldest request with a code for each of its batches.
func (h *harness) answer(codes ...protocol.ErrorCode) {
	h.t.Helper()
	results := make([]Result, len(codes))
	for i, c := range codes {
		results[i] = Result{Code: c, LogAppendTime: -1, LogStartOffset: -1}
	}
	h.results(0, results...)
}

func (h *harness) results(throttle time.Duration, results ...Result) {
	h.t.Helper()
	r := h.pop()
	if len(r.Batches) != len(results) {
		h.t.Fatalf("%d results for %s", len(results), h.request(r))
	}
	h.core.Answered(h.now, r, results, throttle)
	h.take()
}

var errLost = fmt.Errorf("connection lost")

// lose ends the connection to a node: its requests get no answer.
func (h *harness) lose(node int32, wrote bool) {
	left := h.requests[:0]
	for _, r := range h.requests {
		if r.Node != node {
			left = append(left, r)
			continue
		}
		h.core.Failed(h.now, r, wrote, errLost)
	}
	h.requests = left
	h.core.NodeDown(h.now, node)
	h.take()
}

func (h *harness) up(node int32) {
	h.core.NodeUp(h.now, node, true)
	h.take()
}

func (h *harness) pop() *Request {
	h.t.Helper()
	if len(h.requests) == 0 {
		h.t.Fatal("no request is unanswered")
	}
	r := h.requests[0]
	h.requests = h.requests[1:]
	return r
}

// pass moves the clock, running what is due on the way when it is due.
func (h *harness) pass(d time.Duration) {
	end := h.now.after(Time(d))
	for due := h.core.NextDeadline(); due <= end; due = h.core.NextDeadline() {
		h.now = max(h.now, due)
		h.core.Tick(h.now)
		h.take()
		if next := h.core.NextDeadline(); next <= h.now {
			h.t.Fatalf("at %v the core is due at %v again", h.now, next)
		}
	}
	h.now = end
}

// want compares the transcript since the last want.
func (h *harness) want(lines ...string) {
	h.t.Helper()
	got, want := strings.Join(h.log, "\n"), strings.Join(lines, "\n")
	if got != want {
		h.t.Fatalf("the core asked for\n%s\nwant\n%s", got, want)
	}
	h.log = nil
}
