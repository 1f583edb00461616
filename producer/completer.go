package producer

import (
	"reflect"
	"runtime"
	"sync/atomic"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/world"
)

// completer runs the callbacks, one at a time over the whole producer, in the order of the outcomes: that of the offsets
// within a partition, also when it has moved to another broker.
//
// They run on the goroutine that read the answer, after what the answer freed and made ready has gone out: no
// hand-over, no wake-up. Two rules keep a slow callback from holding up anything else. While one goroutine runs
// callbacks, the others only queue theirs. And when a turn lasts longer than a watch, the connection gets another reader
// (client.Call.Handoff): the slow callback has the old one to itself. All fields but gap are guarded by Producer.mu.
type completer struct {
	queue   []told // outcomes whose callbacks are due
	work    []told // those being told, by the goroutine whose turn it is
	notices int    // in queue and work
	running bool   // it is somebody's turn

	gap atomic.Pointer[partition] // one of whose callbacks, that of a first failure in a gapless partition, is running

	call  *client.Call // inside whose Done the turn runs; nil: a goroutine of its own
	turn  uint64
	seen  uint64 // the turn that was on at the last watch
	armed bool   // watch will run
	timer world.Timer
}

// told is a batch to tell of, a mark that a Flush waits for, or a notice.
type told struct {
	batch  *batch
	mark   chan struct{}
	notice *notice
}

// watchEvery is how often a turn is looked at: between one and two of these after it began, a slow callback no
// longer holds up its connection.
const watchEvery = 2 * time.Millisecond

// begin takes the turn if there is something to tell and nobody has it. Holds p.mu.
func (p *Producer) beginTurn(call *client.Call) bool {
	c := &p.completer
	if c.running || len(c.queue) == 0 {
		return false
	}
	c.running, c.call = true, call
	if !c.armed {
		c.armed = true
		c.timer.Reset(watchEvery)
	}
	p.takeWork()
	return true
}

func (p *Producer) takeWork() {
	c := &p.completer
	c.turn++
	c.queue, c.work = c.work[:0], c.queue
}

// runTurn tells everything there is to tell. The caller took the turn with beginTurn.
func (p *Producer) runTurn() {
	c := &p.completer
	for {
		for _, t := range c.work {
			tellOne(p, t)
		}
		p.mu.Lock()
		for _, t := range c.work {
			if t.batch != nil {
				p.callbacksDone(t.batch)
			}
			if t.notice != nil {
				c.notices--
			}
		}
		clear(c.work)
		if len(c.queue) == 0 {
			c.running, c.call = false, nil
			p.release(nil, true)
			return
		}
		p.takeWork()
		p.release(nil, true)
	}
}

// tellOne is what inCallback looks for on a stack.
//
//go:noinline
func tellOne(p *Producer, t told) {
	switch {
	case t.mark != nil:
		close(t.mark)
	case t.batch != nil:
		t.batch.tell(p)
	case t.notice.done != nil:
		t.notice.done(t.notice.m, t.notice.err)
	}
}

var tellOneEntry = reflect.ValueOf(tellOne).Pointer()

// inCallback says whether the calling goroutine is inside a callback, of this producer or another one.
func inCallback() bool {
	var pcs [64]uintptr
	for skip := 2; ; skip += len(pcs) {
		n := runtime.Callers(skip, pcs[:])
		for _, pc := range pcs[:n] {
			if f := runtime.FuncForPC(pc - 1); f != nil && f.Entry() == tellOneEntry {
				return true
			}
		}
		if n < len(pcs) {
			return false
		}
	}
}

// watch gives the connection whose reader runs a long turn another reader.
func (p *Producer) watch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := &p.completer
	c.armed = false
	if !c.running {
		return
	}
	if c.seen == c.turn && c.call != nil {
		c.call.Handoff()
		c.call = nil
	}
	c.seen = c.turn
	c.armed = true
	c.timer.Reset(watchEvery)
}
