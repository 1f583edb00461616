package producer

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/world"
	"kafkaproducer/producer/internal/simulation"
	"kafkaproducer/producer/producertest"
)

// counted is a World in which nothing goes wrong, and that counts what a producer asks of it: what work is done and when is the same
// each time, so that tests can compare it where time would tell nothing.
type counted struct {
	*simulation.World
	p *Producer
	work
}

// work is what is counted.
type work struct {
	events     int // of the World
	set, fired int // timers of the producer and its client
}

func (w work) minus(before work) work {
	return work{w.events - before.events, w.set - before.set, w.fired - before.fired}
}

type countedTimer struct {
	world.Timer
	w *counted
}

func (w *counted) NewTimer(f func()) world.Timer {
	return &countedTimer{w.World.NewTimer(func() { w.fired++; f() }), w}
}

func (t *countedTimer) Reset(d time.Duration) bool {
	t.w.set++
	return t.Timer.Reset(d)
}

// inCounted starts a producer on a cluster with the topics.
func inCounted(t testing.TB, brokers int, topics map[string]int32, cfg Config) *counted {
	t.Helper()
	w := &counted{World: simulation.NewWorld(1, 0)}
	c, err := producertest.New(producertest.Options{World: w.World, Brokers: brokers, Topics: topics, Discard: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	cfg.BootstrapServers, cfg.Dial, cfg.Logger = c.BootstrapServers(), c.Dial, slog.New(slog.DiscardHandler)
	set, err := cfg.resolve()
	if err != nil {
		t.Fatal(err)
	}
	set.maxBlock, set.client.World, set.client.SocketConnectionSetupTimeout = 0, w, 0
	if w.p, err = start(set); err != nil {
		t.Fatal(err)
	}
	return w
}

// send sends a record. The first one to a topic waits for metadata.
func (w *counted) send(t testing.TB, r Record) {
	t.Helper()
	for {
		err := w.p.Send(context.Background(), r, nil)
		var unknown *client.TopicError
		switch {
		case err == nil:
			return
		case !errors.As(err, &unknown) || !w.step():
			t.Fatal(err)
		}
	}
}

// step lets the next event happen.
func (w *counted) step() bool {
	w.events++
	return w.Step()
}

// settle lets everything happen until all that was sent is acknowledged.
func (w *counted) settle(t testing.TB) {
	t.Helper()
	for w.p.core.Live() > 0 || w.p.completer.running {
		if !w.step() {
			t.Fatal("nothing happens any more")
		}
	}
}

// let lets time pass, and returns what was done in it.
func (w *counted) let(d time.Duration) work {
	before := w.work
	w.After(d, func() {})
	for end := w.Elapsed() + d; w.Elapsed() < end && w.step(); {
	}
	return w.work.minus(before)
}
