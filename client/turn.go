package client

import (
	"sync"
	"time"

	"kafkaproducer/client/world"
)

const (
	// lookAfter is when a Done for whose goroutine something waits is first looked at. In a process that sleeps and wakes up all the
	// time, as one does that waits for answers, a timer that is due before the kernel's next tick (4 ms as a rule) makes each
	// sleep dearer. So it is long enough for that to be seldom the case.
	lookAfter = 50 * time.Millisecond
	// lookAgain is the time to the next look, if another Done is running then than at the look before.
	lookAgain = 2 * time.Millisecond
)

// turn is the right to call the Dones of one connection (or of the client's own queue, see outbox). One goroutine
// holds it at a time, so that calls are answered in order; when a Done takes too long, the right passes to a new
// goroutine and the old one has nothing left to do but to return.
//
// A Done that is running at two looks keeps its goroutine to itself. Dones are looked at only while something waits for the holder,
// which is found out in two places: when a Done begins, and by whoever makes something wait (press). So a quick Done with nothing
// behind it needs no timer.
type turn struct {
	work  work
	timer world.Timer // calls look; nil in a World, where no Done takes any time

	mu      sync.Mutex // guards the following; awaited may take locks inside it
	running *Call      // whose Done is running; nil: none
	holder  uint64     // changes when the right passes on
	dones   uint64     // how many were begun
	watched bool       // the timer runs
	seen    uint64     // dones at the last look
}

// work is what the holder of a turn does.
type work interface {
	// resume goes on with it. It is run on the new goroutine.
	resume()
	// awaited reports whether anything waits for the holder.
	awaited() bool
}

func (t *turn) init(w world.World, of work) {
	t.work = of
	if w == nil {
		t.timer = world.NewTimer(nil, t.look)
	}
}

// done calls call's Done and reports whether the caller still holds the right. If not it must return at once and
// touch nothing.
func (t *turn) done(call *Call, err error) bool {
	call.turn.Store(t)
	t.mu.Lock()
	t.running = call
	t.dones++
	holder := t.holder
	t.watch(lookAfter)
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

// press says that something has begun to wait for the holder. It must not be called with a lock that awaited takes.
func (t *turn) press() {
	t.mu.Lock()
	if t.running != nil {
		t.watch(lookAfter)
	}
	t.mu.Unlock()
}

// watch has the Done that is running looked at, if anything waits for its end. The timer is never stopped: to set it once in a while
// is cheaper, since that interrupts a thread that sleeps for longer. mu is held.
func (t *turn) watch(after time.Duration) {
	if t.watched || t.timer == nil || !t.work.awaited() {
		return
	}
	t.watched, t.seen = true, t.dones
	t.timer.Reset(after)
}

// look is the timer's function.
func (t *turn) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.watched = false
	switch {
	case t.running == nil:
	case t.seen == t.dones:
		t.pass()
	default:
		t.watch(lookAgain)
	}
}

// handoff passes the right on if call's Done is running.
func (t *turn) handoff(call *Call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == call && t.timer != nil {
		t.pass()
	}
}

// pass passes the right to a new goroutine. mu is held.
func (t *turn) pass() {
	t.running = nil
	t.holder++
	go t.work.resume()
}
