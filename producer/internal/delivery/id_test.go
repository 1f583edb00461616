package delivery

import (
	"errors"
	"math"
	"testing"
	"time"
)

// A producer with nothing to send doesn't go on asking for a producer id that it was refused; the next batch has it asked for.
func TestProducerIDIsAskedForOnlyWhileSomethingWaitsForIt(t *testing.T) {
	cfg := defaults()
	cfg.DeliveryTimeout = time.Second
	h := newHarness(t, cfg)
	h.core.NodeUp(h.now, 1, true)
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

// A partition that was forgotten and comes back has used numbers that nobody remembers: it begins under a higher epoch, once.
func TestForgottenPartitionBeginsUnderAnotherEpoch(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.core.Forget()
	h.open(p, "b", 1) // this one is known still
	h.answer(ok)
	h.log = nil
	for i, name := range []string{"c", "d"} {
		again := h.partition("t", int32(1+i), 1)
		h.open(again, name, 1)
		h.answer(ok)
	}
	h.want("send node=1 c@1/0", "outcome c ok", "send node=1 d@1/0", "outcome d ok")
}

// Where there is no higher epoch, a new producer id is asked for.
func TestForgottenPartitionWithoutAHigherEpoch(t *testing.T) {
	h, p := start(t, defaults())
	h.core.ProducerID(h.now, 7, math.MaxInt16)
	h.open(p, "a", 1)
	h.answer(ok)
	h.core.Forget()
	again := h.partition("t", 1, 1)
	h.log = nil
	h.open(again, "b", 1)
	h.want("new producer id")
	h.core.ProducerID(h.now, 8, 0)
	h.take()
	h.want("send node=1 b@0/0")
}
