package client

import (
	"sync"

	"kafkaproducer/client/world"
)

// outbox calls Dones that no reader can call: of calls that never reached a connection, that Prepare refused, or
// that expect no answer. It calls them in order, on a goroutine that exists while there is something to do.
type outbox struct {
	turn  turn
	world world.World // nil: run is a goroutine

	mu      sync.Mutex // guards the following
	queue   ring[outcome]
	busy    bool            // a goroutine is at work
	waiters []chan struct{} // closed when the outbox is idle
}

// outcome is a call with its outcome, or a function that must run after all that was put before it.
type outcome struct {
	call *Call
	err  error
	then func()
}

func newOutbox(w world.World) *outbox {
	o := &outbox{world: w}
	o.turn.init(w, o)
	return o
}

// awaited reports whether anything waits for the goroutine that is at work.
func (o *outbox) awaited() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.len() > 0 || len(o.waiters) > 0
}

// put queues an outcome. It never blocks and never calls Done itself.
func (o *outbox) put(x outcome) {
	o.mu.Lock()
	o.queue.push(x)
	start := !o.busy
	o.busy = true
	o.mu.Unlock()
	switch {
	case !start:
		o.turn.press()
	case o.world != nil:
		o.world.Go(o.run)
	default:
		go o.run()
	}
}

// resume is run for who takes over from another goroutine.
func (o *outbox) resume() { o.run() }

func (o *outbox) run() {
	for {
		o.mu.Lock()
		if o.queue.len() == 0 {
			o.busy = false
			for _, w := range o.waiters {
				close(w)
			}
			o.waiters = nil
			o.mu.Unlock()
			return
		}
		x := o.queue.pop()
		o.mu.Unlock()
		if x.then != nil {
			x.then()
			continue
		}
		if !o.turn.done(x.call, x.err) {
			return // the goroutine that took over goes on
		}
	}
}

// idle waits until all that was put has been called.
func (o *outbox) idle() {
	o.mu.Lock()
	if !o.busy {
		o.mu.Unlock()
		return
	}
	w := make(chan struct{})
	o.waiters = append(o.waiters, w)
	o.mu.Unlock()
	o.turn.press()
	<-w
}
