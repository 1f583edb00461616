package delivery

import (
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// Whoever runs the core sleeps until NextDeadline: it must not be later than the first thing that is due, nor passed.
func TestNextDeadline(t *testing.T) {
	cfg := defaults()
	cfg.Linger = 5 * time.Millisecond
	h, p := start(t, cfg)
	due := func(want time.Duration) {
		t.Helper()
		if got := h.core.NextDeadline(); got != Time(want) {
			t.Errorf("at %v: due at %v, want %v", time.Duration(h.now), time.Duration(got), want)
		}
	}
	if got := h.core.NextDeadline(); got != Never {
		t.Errorf("with nothing to do: due at %v", got)
	}
	h.open(p, "a", 1)
	due(5 * time.Millisecond) // linger
	h.pass(5 * time.Millisecond)
	due(2 * time.Minute) // delivery.timeout.ms
	h.pass(time.Minute - 5*time.Millisecond)
	h.open(p, "b", 1)
	due(time.Minute + 5*time.Millisecond)
	h.core.Flush(h.now)
	h.take()
	due(2 * time.Minute)
	h.core.rand = noJitterRand()
	h.answer(protocol.NotEnoughReplicas)
	due(time.Minute + 100*time.Millisecond) // backoff
	h.pass(100 * time.Millisecond)
	h.results(3*time.Second, Result{LogAppendTime: -1})
	due(time.Minute + 100*time.Millisecond + 3*time.Second) // throttle
	h.pass(3 * time.Second)
	due(3 * time.Minute) // b
	h.pass(2 * time.Minute)
	if got := h.core.NextDeadline(); got != Never || h.core.Live() > 0 {
		t.Errorf("in the end: due at %v, %d batches live", got, h.core.Live())
	}
}

// Settings may be the longest there are: no sum of times runs over.
func TestTimeHasNoEnd(t *testing.T) {
	cfg := defaults()
	cfg.DeliveryTimeout, cfg.Linger, cfg.RetryBackoff, cfg.RetryBackoffMax = 1<<63-1, 1<<63-1, 1<<62, 1<<62
	h, p := start(t, cfg)
	h.pass(time.Hour)
	h.open(p, "a", 1)
	h.want()
	h.pass(24 * time.Hour)
	h.core.Flush(h.now)
	h.take()
	h.answer(protocol.NotEnoughReplicas)
	h.pass(10000 * time.Hour)
	h.want("send node=1 a@0/0")
	if h.core.Live() != 1 {
		t.Errorf("%d batches live", h.core.Live())
	}
}

// KAFKA-19012: Java gave the buffer of a batch that had expired in flight to another batch while the request was still being
// written, and sent that one's bytes. Here it is not Freed before its request has ended.
func TestExpiredInFlightKeepsItsBytes(t *testing.T) {
	h, p := start(t, defaults())
	b := h.open(p, "a", 1)
	h.now = Time(2 * time.Minute)
	h.core.Tick(h.now)
	var acts Actions
	h.core.Take(&acts)
	if len(acts.Outcomes) != 1 || len(acts.Freed) != 0 || b.State() != Abandoned {
		t.Fatalf("expired in flight: %d outcomes, %d freed, %v", len(acts.Outcomes), len(acts.Freed), b.State())
	}
	h.core.Failed(h.now, h.pop(), true, errLost)
	h.core.Take(&acts)
	if len(acts.Outcomes) != 0 || len(acts.Freed) != 1 || b.State() != Done {
		t.Errorf("when the request has ended: %d outcomes, %d freed, %v", len(acts.Outcomes), len(acts.Freed), b.State())
	}
}
