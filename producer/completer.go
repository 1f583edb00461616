package producer

import (
	"reflect"
	"runtime"
	"sync/atomic"

	"kafkaproducer/client"
)

// completer runs the callbacks, one at a time over the whole producer, in the order of the outcomes: that of the offsets
// within a partition, also when it has moved to another broker.
//
// They run on the goroutine that read the answer, after what the answer freed and made ready has gone out: no
// hand-over, no wake-up. Two rules keep a slow callback from holding up anything else. While one goroutine runs
// callbacks, the others only queue theirs. And a connection for which a turn lasts too long gets another reader, after a while
// or, when a Send in a callback begins to wait, at once (client.Call.Handoff): the slow callback has the old one to itself. All
// fields but gap are guarded by Producer.mu.
type completer struct {
	queue   []told // outcomes whose callbacks are due
	work    []told // those being told, by the goroutine whose turn it is
	notices int    // in queue and work
	running bool   // it is somebody's turn

	gap atomic.Pointer[partition] // one of whose callbacks, that of a first failure in a gapless partition, is running

	call *client.Call // inside whose Done the turn runs; nil: a goroutine of its own
}

// told is a batch to tell of, a mark that a Flush waits for, or a notice.
type told struct {
	batch  *batch
	mark   chan struct{}
	notice *notice
}

// beginTurn takes the turn if there is something to tell and nobody has it. Holds p.mu.
func (p *Producer) beginTurn(call *client.Call) bool {
	c := &p.completer
	if c.running || len(c.queue) == 0 {
		return false
	}
	c.running, c.call = true, call
	p.takeWork()
	return true
}

func (p *Producer) takeWork() {
	c := &p.completer
	c.queue, c.work = c.work[:0], c.queue
}

// runTurn tells everything there is to tell. The caller took the turn with beginTurn.
func (p *Producer) runTurn() {
	c := &p.completer
	returned := false
	defer func() {
		if !returned && exits() {
			panic("kafkaproducer: a callback ended its goroutine (runtime.Goexit); those behind it could never be called")
		}
	}()
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
			p.release(nil, aCall)
			returned = true
			return
		}
		p.takeWork()
		p.release(nil, aCall)
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

// exits says, in a deferred function, that it runs because of runtime.Goexit and not of a panic.
func exits() bool {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for f, more := frames.Next(); more; f, more = frames.Next() {
		if f.Function == "runtime.Goexit" {
			return true
		}
	}
	return false
}

// waitsInCallback says that a Send inside a callback begins to wait: nobody waits for its goroutine any more. Holds p.mu.
func (p *Producer) waitsInCallback() {
	if c := &p.completer; c.call != nil {
		c.call.Handoff()
		c.call = nil
	}
}
