package client

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2, 3)
		c, h := knowing(t, f, f.config())
		c.Connect(1)
		h.awaitUp(1)
		f.with(func() { f.refuse["broker-2:9092"] = nil }) // hangs
		c.Connect(2)
		f.setScript(func(*fakeRequest) bool { return true }) // no more answers
		done := make(chan result, 10)
		c.Send(1, produceCall(done))
		waits := make(chan error)
		go func() {
			_, err := c.Topic(t.Context(), "other")
			waits <- err
		}()
		synctest.Wait()
		c.Close()
		if e := ended(t, done); !errors.Is(e, ErrClosed) {
			t.Errorf("got %v", e)
		}
		if err := <-waits; !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		if _, err := c.Topic(t.Context(), "topic"); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v", err)
		}
		c.Send(1, produceCall(done))
		c.SendAny(produceCall(done))
		for range 2 {
			if e := ended(t, done); e.Wrote {
				t.Errorf("got %v", e)
			}
		}
		c.Connect(1)
		c.RefreshMetadata()
		c.Close()
	})
}

// What waits for a broker that never was there is answered by Close, too.
func TestCloseBeforeBootstrap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t)
		f.refuse["hangs:9092"] = nil
		c := begin(t, f.config("hangs:9092", "refuses:9092"), newEvents())
		done := make(chan result, 1)
		c.SendAny(anyCallTo(done))
		time.Sleep(time.Second)
		c.Close()
		if e := ended(t, done); !errors.Is(e, ErrClosed) {
			t.Errorf("got %v", e)
		}
	})
}

// What comes while the last connection ends is taken: a call, say, which somebody waits for.
func TestEventsAtTheEnd(t *testing.T) {
	s := &control{Client: &Client{wake: make(chan struct{}, 1)}, closing: true}
	if !s.post(func(*control) {}) || s.over() {
		t.Error("it is over, and an event is left")
	}
	if s.handle(); !s.over() || s.post(func(*control) {}) {
		t.Error("it goes on without events")
	}
}
