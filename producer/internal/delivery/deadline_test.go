package delivery

import (
	"errors"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// A batch whose time passes says what stood in its way in the end.
func TestTimeoutNamesTheTrouble(t *testing.T) {
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		trouble func(h *harness, p *Partition)
		want    error // nil: none
	}{
		"no answer":            {func(*harness, *Partition) {}, nil},
		"retriable answers":    {func(h *harness, _ *Partition) { h.answer(protocol.NotEnoughReplicas) }, protocol.NotEnoughReplicas},
		"a lost connection":    {func(h *harness, _ *Partition) { h.lose(1, true) }, errLost},
		"its leader, refusing": {func(h *harness, _ *Partition) { h.core.NodeTrouble(1, refused); h.lose(1, true) }, refused},
		"its leader was refusing": {func(h *harness, _ *Partition) {
			h.core.NodeTrouble(1, refused)
			h.lose(1, false)
			h.up(1)
		}, errLost},
		"no leader": {func(h *harness, p *Partition) {
			h.answer(protocol.NotLeaderOrFollower)
			h.core.SetLeader(h.now, p, NoLeader, 1, protocol.UUID{})
		}, ErrNoLeader},
		"all is well since": {func(h *harness, p *Partition) {
			h.answer(protocol.NotLeaderOrFollower)
			h.pass(time.Second)
			h.answer(ok)
			h.open(p, "b", 1)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			h, p := start(t, defaults())
			b := h.open(p, "a", 1)
			test.trouble(h, p)
			if b.state == Done {
				b = p.flight.head
			}
			h.pass(3 * time.Minute)
			if err := b.Outcome.Err; !errors.Is(err, ErrDeliveryTimeout) || test.want != nil && !errors.Is(err, test.want) || test.want == nil && err != ErrDeliveryTimeout {
				t.Errorf("outcome %v", err)
			}
		})
	}
}

// Who has no producer id says why.
func TestTimeoutNamesTheMissingID(t *testing.T) {
	h := newHarness(t, defaults())
	h.core.NodeUp(h.now, 1, true)
	b := h.open(h.partition("t", 0, 1), "a", 1)
	h.core.ProducerIDFailed(h.now, protocol.CoordinatorNotAvailable)
	h.pass(3 * time.Minute)
	if err := b.Outcome.Err; !errors.Is(err, ErrDeliveryTimeout) || !errors.Is(err, protocol.CoordinatorNotAvailable) {
		t.Errorf("outcome %v", err)
	}
}

// A batch whose outcome is told already, since its time passed while it was unanswered, stays as it is when its request turns out not to have
// left: callbacks are being told how often it was sent.
func TestOutcomeStaysAsItWas(t *testing.T) {
	cfg := defaults()
	cfg.DeliveryTimeout = time.Second
	h, p := start(t, cfg)
	b := h.open(p, "a", 1)
	h.pass(2 * time.Second)
	if b.state != Abandoned || b.Attempts != 1 {
		t.Fatalf("after its time the batch is %v, of %d attempts", b.state, b.Attempts)
	}
	h.lose(1, false)
	if b.Attempts != 1 {
		t.Errorf("once told, %d attempts", b.Attempts)
	}
}
