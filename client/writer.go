package client

import (
	"time"

	"kafkaproducer/protocol"
)

const (
	// gatherCalls is how many queued calls go into one write at most.
	gatherCalls = 16
	// gatherBytes is the size from which a write takes no further call.
	gatherBytes = 1 << 20
	// inlineBytes is the size up to which a caller writes: it copies the request to have it in one piece.
	inlineBytes = 64 << 10
	// burstGap is how long after a request that is in flight the next one counts as one of a burst: about the time that the writer goroutine
	// takes to wake up and write.
	burstGap = 30 * time.Microsecond
	// burstBegins is how many calls may follow upon another one so closely before the next is of a burst. Who sends at a steady rate, and
	// wakes up a little late, has two or three records to send and then none: there it costs more to wake the writer than to write.
	burstBegins = 2
	// scratchKept is the largest storage for frames in one piece that is kept.
	scratchKept = 256 << 10
)

// write is the writer goroutine: it writes what is queued, until the connection ends.
func (c *conn) write() {
	for range c.wake {
		c.writeAll()
		if c.over() {
			return
		}
	}
}

// writeAll writes what is queued and may be in flight.
func (c *conn) writeAll() {
	for c.take() {
		c.writeTaken()
	}
}

// over reports whether the connection has ended and the token is free, so that nobody writes any more.
func (c *conn) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil && !c.writing
}

// take gets the token for the writer goroutine if there is anything to write: what a caller could not finish, or
// queued calls that there is room for, which go to the batch.
func (c *conn) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.handed {
		return true
	}
	return !c.writing && c.err == nil && c.takeQueued()
}

// takeQueued takes what is queued and may be in flight, and the token if that is anything. mu is held, and nobody has the token.
func (c *conn) takeQueued() bool {
	for range min(c.window.room(), gatherCalls) {
		if !c.pending() {
			break
		}
		c.out.batch = append(c.out.batch, c.next())
	}
	c.writing = len(c.out.batch) > 0
	return c.writing
}

// writeTaken writes what take took, and gives the token back.
func (c *conn) writeTaken() {
	if len(c.out.flight) == 0 {
		c.beginBatch()
	}
	var n int64
	var err error
	if len(c.out.flight) > 0 {
		n, err = c.writeFlight()
	}
	if c.release(n, err) {
		c.wakeWriter()
	}
}

// beginBatch encodes the batch's calls and puts them into the window; those that do not go into this write go back
// to the front of the queue.
func (c *conn) beginBatch() {
	batch := c.out.batch
	for i, call := range batch {
		if c.out.size >= gatherBytes {
			break
		}
		if f, e, ok := c.encode(call); ok && !c.begin(e, f) {
			break // the connection has ended
		}
		batch[i] = nil
	}
	c.mu.Lock()
	for i := len(batch) - 1; i >= 0; i-- {
		if batch[i] != nil {
			c.queue.pushFront(batch[i])
		}
	}
	c.mu.Unlock()
	clear(batch)
	c.out.batch = batch[:0]
}

// encode prepares and encodes a call. When that fails the call has its outcome and the connection goes on.
func (c *conn) encode(call *Call) (*protocol.Frame, inflight, bool) {
	if call.Prepare != nil {
		if err := call.Prepare(call); err != nil {
			c.outbox.put(outcome{call: call, err: err})
			return nil, inflight{}, false
		}
	}
	e := inflight{call: call, key: call.Request.Key(), version: call.Version, silent: call.NoResponse, correlation: c.out.correlation}
	c.out.correlation = nextCorrelation(c.out.correlation)
	f := c.out.frame()
	header := protocol.RequestHeader{Version: e.version, CorrelationID: e.correlation, ClientID: c.clientID}
	if err := f.Encode(header, call.Request); err != nil {
		c.outbox.put(outcome{call: call, err: err})
		return nil, inflight{}, false
	}
	e.sent = c.clock.now()
	if call.Timeout > 0 {
		e.deadline = e.sent.add(call.Timeout)
	} else {
		e.deadline = e.sent.add(c.timeout)
	}
	return f, e, true
}

// begin puts a request into the window and the write: from now on its bytes may leave and its answer may come. It
// returns false, and does nothing, when the connection has ended meanwhile.
func (c *conn) begin(e inflight, f *protocol.Frame) bool {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return false
	}
	c.window.begin(e)
	if !c.alone() { // else it is of no use to anybody
		c.lastUsed = e.sent
	}
	c.arm(e.deadline, e.sent)
	c.out.add(e, f)
	c.mu.Unlock()
	c.turn.press()
	return true
}

// writeFlight writes the requests of the write, or what a caller has left of them, and returns how many bytes have
// left in all.
func (c *conn) writeFlight() (int64, error) {
	switch gather := c.out.gather; {
	case c.out.taken > 0:
		n, err := c.nc.Write(c.out.scratch[c.out.taken:])
		return int64(c.out.taken + n), err
	case gather != nil && gather.begun():
		return gather.finish()
	case gather != nil:
		return gather.write(c.out.piecewise())
	}
	// Any other connection would get a write for each piece. One for all is better, for TLS in particular.
	n, err := c.nc.Write(c.out.contiguous())
	return int64(n), err
}

// release gives the token back after a write of which n bytes have left: what has left may be answered now, and what
// expects no answer is done. err ends the connection. It reports whether the writer goroutine must look.
func (c *conn) release(n int64, err error) (look bool) {
	begun := len(c.out.flight)
	if err != nil {
		begun = c.out.begun(n)
	}
	c.mu.Lock()
	failed := err != nil && c.failLocked("write", err)
	if c.window.silent > 0 {
		c.answerSilent(begun, err != nil)
	}
	c.window.wrote(c.out.unsent(begun))
	c.out.reset()
	c.writing, c.handed = false, false
	signal := c.waiting
	c.waiting = false
	if c.retired && c.idle() && c.failLocked("close", ErrRetired) {
		failed = true
	}
	look = c.err != nil || (c.pending() && c.window.room() > 0)
	c.mu.Unlock()
	if signal {
		c.written <- struct{}{}
	}
	if failed {
		c.hangUp()
	}
	return look
}

// answerSilent gives the requests of a write that expect no answer their outcome. mu is held, and the token, so that the
// outcomes come in the order of writing.
func (c *conn) answerSilent(begun int, failed bool) {
	for i, e := range c.out.flight {
		switch {
		case !e.silent:
		case !failed:
			c.outbox.put(outcome{call: e.call})
		default:
			cause := *c.err
			cause.Wrote = i < begun
			c.outbox.put(outcome{call: e.call, err: &cause})
		}
	}
}

// writeInline writes a call on its caller's goroutine, which holds the token, with one attempt that does not block.
// What the socket does not take is handed, with the token, to the writer goroutine.
func (c *conn) writeInline(call *Call) {
	f, e, ok := c.encode(call)
	if ok && !c.begin(e, f) {
		c.mu.Lock()
		c.queue.pushFront(call) // the connection has ended: it is answered there
		c.mu.Unlock()
		ok = false
	}
	var err error
	if ok {
		if c.out.size <= inlineBytes {
			c.out.taken, err = c.out.inline.write(c.out.contiguous())
		}
		if err == nil && c.out.taken < c.out.size {
			c.handOver()
			return
		}
	}
	if c.release(int64(c.out.taken), err) {
		c.wakeWriter()
	}
}

// writeAtOnce is writeTaken on the goroutine of a caller of flush, which took: one attempt that doesn't block.
func (c *conn) writeAtOnce() {
	c.beginBatch()
	var n int64
	var err error
	if len(c.out.flight) > 0 {
		all := false
		if n, all, err = c.out.gather.begin(c.out.piecewise()); !all && err == nil {
			c.handOver()
			return
		}
	}
	if c.release(n, err) {
		c.wakeWriter()
	}
}

// handOver leaves the token, with a write that isn't finished, to the writer goroutine.
func (c *conn) handOver() {
	c.mu.Lock()
	c.handed = true
	c.mu.Unlock()
	c.wakeWriter()
}
