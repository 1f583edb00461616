package delivery

import (
	"testing"
	"time"
)

// late is a harness in which a record that may go nowhere else is added at the last moment before a batch is closed.
type late struct{ *harness }

func (l late) Close(b *Batch) {
	b.Pinned = true
	l.harness.Close(b)
}

// What a batch holds is settled when it is closed, not before: a Send may add a record to an open one until then.
func TestBatchIsClosedBeforeItIsMoved(t *testing.T) {
	cfg := defaults()
	h := newHarness(t, cfg)
	h.core = New(cfg, late{h})
	from, to := h.partition("t", 0, NoLeader), h.partition("t", 1, 1)
	b := h.open(from, "a", 1)
	h.core.Evacuate(h.now, from, func(*Batch) *Partition { return to })
	if b.Partition != from {
		t.Error("a record that chose its partition was moved to another one")
	}
}

// A batch that stays is closed all the same, before its linger is over. From then on it waits for a leader, and metadata are asked for.
func TestClosedBatchThatStaysIsWaitingForALeader(t *testing.T) {
	cfg := defaults()
	cfg.Linger = time.Second
	h, _ := start(t, cfg)
	p := h.partition("t", 1, NoLeader)
	h.open(p, "a", 1)
	h.log = nil
	h.core.Evacuate(h.now, p, func(*Batch) *Partition { return nil })
	h.take()
	h.want("refresh metadata")
}
