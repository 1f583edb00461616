package delivery

import (
	"errors"
	"testing"
	"time"
)

// A producer with nothing to send doesn't go on asking for a producer id that it was refused; the next batch has it asked for.
func TestProducerIDIsAskedForOnlyWhileSomethingWaitsForIt(t *testing.T) {
	cfg := defaults()
	cfg.DeliveryTimeout = time.Second
	h := newHarness(t, cfg)
	h.core.NodeUp(h.now, 1)
	p := h.partition("t", 0, 1)
	asked := func() bool {
		h.core.Take(&h.acts)
		return h.acts.NewProducerID
	}
	open := func() {
		h.core.Opened(h.now, &Batch{Partition: p, Count: 1})
		if !asked() {
			t.Fatal("a batch was opened, and no producer id asked for")
		}
	}

	open()
	for due := h.core.NextDeadline(); h.core.Live() > 0 || due != Never; due = h.core.NextDeadline() {
		if h.now > Time(time.Minute) {
			t.Fatalf("with %d batches live, Tick is due at %v", h.core.Live(), time.Duration(due))
		}
		h.core.ProducerIDFailed(h.now, errors.New("no broker"))
		h.now = h.core.NextDeadline()
		h.core.Tick(h.now)
		if !asked() && h.core.Live() > 0 {
			t.Fatal("a batch waits, and no producer id is asked for")
		}
	}
	open()
}
