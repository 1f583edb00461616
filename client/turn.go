package client

import "sync"

// turn is the right to call the Dones of one connection (or of the client's own queue, see outbox). One goroutine
// holds it at a time, so that calls are answered in order; when a Done takes too long, the right passes to a new
// goroutine and the old one has nothing left to do but to return.
type turn struct {
	resume func() // goes on with the holder's work; run on the new goroutine

	mu      sync.Mutex // guards the following
	running *Call      // whose Done is running; nil: none
	holder  uint64     // changes when the right passes on
}

// done calls call's Done and reports whether the caller still holds the right. If not it must return at once and
// touch nothing.
func (t *turn) done(call *Call, err error) bool {
	call.turn.Store(t)
	t.mu.Lock()
	t.running = call
	holder := t.holder
	t.mu.Unlock()

	call.Done(call, err)

	t.mu.Lock()
	defer t.mu.Unlock()
	if t.holder != holder {
		return false
	}
	t.running = nil
	return true
}

// handoff passes the right to a new goroutine if call's Done is running.
func (t *turn) handoff(call *Call) {
	t.mu.Lock()
	is := t.running == call
	if is {
		t.running = nil
		t.holder++
	}
	t.mu.Unlock()
	if is {
		go t.resume()
	}
}
