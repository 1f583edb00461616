package client

import (
	"errors"
	"net"
	"sync"
	"time"

	"kafkaproducer/client/world"
)

// conn is an established connection: who may write, what is in flight, and how it ends.
//
// Two goroutines serve it: the writer, which also dialled it, and the reader. Who encodes and writes is decided by a
// token, the flag writing: the writer goroutine takes it to write what is queued, a caller of flush may take it to
// write one call at once. What is written belongs to the holder of the token; what is read belongs to the holder of
// the turn, which is the reader goroutine or whoever took over from it (see turn).
//
// A connection ends once, with the first error, whoever notices: fail notes it and closes the socket, which ends
// reading and writing; the holder of the turn then waits for the token and answers every call that is left, in order.
type conn struct {
	node     int32
	addr     string // what was dialled
	of       string // host:port, as the metadata have it
	versions Versions
	nc       net.Conn
	clock    clock
	outbox   *outbox
	timeout  time.Duration // request.timeout.ms
	maxIdle  time.Duration // connections.max.idle.ms; negative: none
	clientID *string
	finished func() // called, on the outbox's goroutine, when every call has been answered
	readers  *sync.WaitGroup
	renewal  *renewal // nil: the connection needn't be authenticated again

	turn  turn
	wake  chan struct{} // tells the writer goroutine to look; one slot
	woken func()        // in a World, instead of the writer goroutine

	// Owned by the holder of the turn.
	inbox  inbox
	broken bool // what was received makes no sense, or the connection is over: no more of it is looked at
	heard  bool // an answer has come
	ended  bool // all calls are answered

	out output // owned by the holder of the token

	mu        sync.Mutex // guards the following
	queue     ring[*Call]
	window    window
	writing   bool          // someone holds the token
	handed    bool          // the token is the writer goroutine's, with a write that a caller could not finish
	err       *ConnError    // why the connection ended
	hurt      bool          // it ended with calls unanswered
	followers int           // callers' calls in a row that followed at once upon the one before: see burst
	retired   bool          // ends as soon as nothing is in flight
	lastUsed  instant       // when a request was last written
	muted     instant       // KIP-219: the client's own requests wait until then
	waiting   bool          // the holder of the turn waits for written
	written   chan struct{} // the token was given back; one slot. nil until somebody waits
	timer     world.Timer
	armed     instant // when the timer fires; zero: it doesn't
}

// ready makes a connection that has been set up fit to be used. Its goroutines are yet to be started: one for serve.
func (c *conn) ready(maxInFlight int) {
	c.wake = make(chan struct{}, 1)
	c.turn.init(c.clock.world, c)
	c.woken = func() { <-c.wake; c.writeAll() }
	c.window.limit = maxInFlight
	c.out.inline, c.out.gather = newInlineWriter(c.nc), newGatherWriter(c.nc)
	now := c.clock.now()
	c.mu.Lock()
	c.lastUsed = now
	c.timer = world.NewTimer(c.clock.world, c.tick)
	if c.maxIdle >= 0 {
		c.arm(now.add(c.maxIdle), now)
	}
	c.prepareRenewal(now)
	c.mu.Unlock()
}

// serve writes, and has another goroutine read, until the connection ends. The reader may go on for longer, to answer what
// is left.
func (c *conn) serve() {
	c.readers.Add(1)
	if c.clock.world != nil {
		c.nc.(world.Arriver).Arrive(c.arrived)
		return
	}
	go c.read()
	c.write()
}

// enqueue takes a call over, or returns why the connection has ended: then the call is still the caller's. It never
// blocks and writes nothing: see flush.
func (c *conn) enqueue(call *Call) *ConnError {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return c.err
	}
	c.queue.push(call)
	return nil
}

// flush has what is queued written, by the caller if it is the one to write and nobody else does; else the writer goroutine is woken.
func (c *conn) flush(by Writer) {
	c.mu.Lock()
	if c.queue.len() == 0 || c.alone() || c.writing || c.err != nil || c.window.room() == 0 {
		c.mu.Unlock() // who holds the token, or makes room, looks at the queue when done
		return
	}
	switch {
	case by == ByCaller && c.out.inline != nil && c.queue.len() == 1 && !c.burst():
		call := c.queue.pop()
		c.writing = true
		c.mu.Unlock()
		c.writeInline(call)
	case by == ByReader && c.out.gather != nil && c.takeQueued():
		c.mu.Unlock()
		c.writeAtOnce()
	default:
		c.mu.Unlock()
		c.wakeWriter()
	}
}

// burst counts a caller's call, and reports whether calls come so fast that the writer goroutine, until it has woken up, finds several
// to write together. mu is held.
func (c *conn) burst() bool {
	if c.window.entries.len() == 0 || c.clock.now().sub(c.lastUsed) >= burstGap {
		c.followers = 0
		return false
	}
	c.followers++
	return c.followers > burstBegins
}

// load is how many calls have no answer yet; -1 when the connection has ended.
func (c *conn) load() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return -1
	}
	return c.queue.len() + c.window.entries.len()
}

// mute notes that the broker asks for silence. It isn't believed to want more of it than an answer may take: answers can be corrupt.
func (c *conn) mute(throttle time.Duration) {
	until := c.clock.now().add(min(throttle, c.timeout))
	c.mu.Lock()
	c.muted = max(c.muted, until)
	c.mu.Unlock()
}

// mutedUntil is when the silence is over that the broker asked for.
func (c *conn) mutedUntil() instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.muted
}

// retire ends the connection as soon as it has nothing to do.
func (c *conn) retire() {
	c.mu.Lock()
	c.retired = true
	ended := c.idle() && c.failLocked("close", ErrRetired)
	c.mu.Unlock()
	if ended {
		c.hangUp()
	}
}

// idle reports whether nothing is queued, being written or in flight. mu is held.
func (c *conn) idle() bool { return !c.writing && c.queue.len() == 0 && c.window.empty() }

// fail ends the connection. The first error is the one that counts.
func (c *conn) fail(op string, err error) {
	c.mu.Lock()
	first := c.failLocked(op, err)
	c.mu.Unlock()
	if first {
		c.hangUp()
	}
}

// failLocked notes why the connection ends and reports whether it was the first to do so; then hangUp must follow,
// without the lock.
func (c *conn) failLocked(op string, err error) bool {
	if c.err != nil {
		return false
	}
	c.hurt = !c.idle()
	c.err = &ConnError{Op: op, Addr: c.addr, NodeID: c.node, Err: err}
	c.timer.Stop()
	if c.renewal != nil {
		c.renewal.cancel()
	}
	return true
}

// hangUp ends reading and writing, and has the writer goroutine notice.
func (c *conn) hangUp() {
	c.nc.Close()
	c.wakeWriter()
	c.turn.press()
}

// awaited reports whether anything waits for the holder of the turn: answers, or the end to be told.
func (c *conn) awaited() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.window.entries.len() > 0 || c.err != nil
}

func (c *conn) wakeWriter() {
	select {
	case c.wake <- struct{}{}:
		if w := c.clock.world; w != nil {
			w.Go(c.woken)
		}
	default:
	}
}

// cause is why the connection ended, for a call of which a byte may or may not have left.
func (c *conn) cause(wrote bool) *ConnError {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := *c.err
	e.Wrote = wrote
	return &e
}

// arm has the timer fire at a moment, or earlier. A timer that fires too early finds that out and arms itself anew:
// that is cheaper than setting it for each request. mu is held.
func (c *conn) arm(at, now instant) {
	if at == never || (c.armed != 0 && c.armed <= at) || c.err != nil {
		return
	}
	c.armed = at
	c.timer.Reset(at.sub(now))
}

// tick is the timer's function: it ends a connection whose oldest request is too old, or that nobody used, and has one
// authenticated again whose session is about to end.
func (c *conn) tick() {
	now := c.clock.now()
	c.mu.Lock()
	c.armed = 0
	at, oldest := c.window.due()
	failed := false
	switch {
	case at <= now:
		failed = c.failLocked("read", timedOut(oldest, now))
	case at == never && c.maxIdle >= 0:
		if at = c.lastUsed.add(c.maxIdle); !c.idle() {
			at = now.add(c.maxIdle)
		} else if at <= now {
			failed = c.failLocked("close", ErrIdle)
		}
	}
	c.arm(min(at, c.renewDue(now)), now)
	c.mu.Unlock()
	if failed {
		c.hangUp()
	}
}

func timedOut(e inflight, now instant) error {
	return &TimeoutError{Key: e.key, After: now.sub(e.sent).Round(time.Millisecond)}
}

// quiet reports whether a connection ended in a way that needs nobody's attention.
func quiet(err error) bool {
	return errors.Is(err, ErrIdle) || errors.Is(err, ErrRetired) || errors.Is(err, ErrClosed)
}

// dead reports whether the connection has ended; some of its calls may not be answered yet.
func (c *conn) dead() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}
