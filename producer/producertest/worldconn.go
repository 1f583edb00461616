package producertest

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"kafkaproducer/client/world"
)

// worldBegins is when a World's time begins for the brokers, as in testing/synctest.
var worldBegins = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// worldConn is the client's end of a connection in a World, and has the broker's end served: what a goroutine does elsewhere
// (conn.serve) is done here in the functions that the World calls. Until the client calls Arrive no time passes on it:
// the broker takes what is written at once, and what it would answer later it never does.
type worldConn struct {
	k      *conn // served
	w      world.World
	served conn

	arrived func() // the client's; nil: no time passes yet
	closed  bool   // by the client
	silent  bool   // nothing more comes from the client
	dead    bool   // nor does it know: LoseRequest
	up      []byte // written by the client; not taken by the broker yet from taken on
	taken   int    // the request that the broker is at lies before it
	down    []byte // written by the broker, not read by the client yet from read on
	read    int
	ended   error // what the client reads after down; nil: there may be more
	busy    bool  // the broker is at a request

	pumping, telling bool // that the World calls pumped, or told, is due already
	inPump           bool
	pumped, told     func()
}

// connect is Dial in a World.
func (c *Cluster) connect(ctx context.Context, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, dialError("tcp", addr, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.brokers {
		if b.ln == nil || b.addr != addr {
			continue
		}
		w := &worldConn{w: c.opts.World}
		w.pumped = func() {
			w.pumping = false
			w.pump()
		}
		w.told = func() {
			w.telling = false
			w.arrived()
		}
		c.seen.counts.Connections++
		w.k = &w.served
		w.k.init(c, b, farEnd{w}, c.seen.counts.Connections)
		w.k.world = w
		b.conns = append(b.conns, w.k)
		return w, nil
	}
	return nil, dialError("tcp", addr, errConnRefused)
}

// Arrive implements world.Arriver.
func (w *worldConn) Arrive(arrived func()) {
	w.arrived = arrived
	w.tell()
	w.look()
}

// tell has the client read.
func (w *worldConn) tell() {
	if w.arrived != nil && !w.telling {
		w.telling = true
		w.w.Go(w.told)
	}
}

// look has the broker look for requests.
func (w *worldConn) look() {
	switch {
	case w.arrived == nil:
		w.pump()
	case !w.pumping:
		w.pumping = true
		w.w.Go(w.pumped)
	}
}

// resumed is called when the broker goes on after PauseBroker, with the cluster's mu held.
func (w *worldConn) resumed() {
	if w.arrived != nil {
		w.look()
	}
}

// after calls f in a while, if the connection is still there. Steps between which there is nothing to wait for call each other: that
// needs no memory.
func (w *worldConn) after(d time.Duration, f func()) {
	if w.arrived == nil {
		return // no time passes
	}
	w.w.NewTimer(func() {
		if !w.k.ended() {
			f()
		}
	}).Reset(d)
}

// pump has the broker take the requests that have come, one after the other, as conn.serve does.
func (w *worldConn) pump() {
	w.inPump = true
	defer func() { w.inPump = false }()
	for !w.busy && !w.k.ended() && !w.paused() {
		frame, err := w.frame()
		switch {
		case err != nil:
			w.fail(err)
			return
		case frame != nil:
			w.serve(frame)
		case w.silent:
			w.k.close()
			return
		default:
			return
		}
	}
}

func (w *worldConn) paused() bool {
	w.k.c.mu.Lock()
	defer w.k.c.mu.Unlock()
	return w.k.b.paused != nil
}

// frame takes a whole request off what has come; nil: there is none. The one before must have been answered.
func (w *worldConn) frame() ([]byte, error) {
	w.up, w.taken = append(w.up[:0], w.up[w.taken:]...), 0
	if len(w.up) < 4 {
		return nil, nil
	}
	n, err := w.k.frameSize([4]byte(w.up))
	if err != nil {
		return nil, err
	}
	if len(w.up) < 4+n {
		return nil, nil
	}
	w.taken = 4 + n
	if w.k.c.opts.KeepRequests >= 0 { // see conn.read
		return bytes.Clone(w.up[4:w.taken]), nil
	}
	return w.up[4:w.taken], nil
}

// serve takes a request to its answer, with the waits that are between the steps.
func (w *worldConn) serve(frame []byte) {
	w.busy = true
	arrived := w.k.c.now()
	if throttled := arrived.Before(w.k.muted); throttled {
		w.after(w.k.muted.Sub(arrived), func() { w.begin(frame, arrived, true) })
		return
	}
	w.begin(frame, arrived, false)
}

// begin is the first step of a request; see exchange.
func (w *worldConn) begin(frame []byte, arrived time.Time, throttled bool) {
	x, err := w.k.begin(frame, arrived, throttled)
	switch {
	case err != nil:
		w.fail(err)
	case x.plan.orphan > 0:
		w.k.orphan(x)
	case x.plan.hold > 0 && w.arrived != nil:
		w.k.c.hold(1)
		w.w.NewTimer(func() {
			w.k.c.hold(-1)
			if !w.k.ended() {
				w.effect(x)
			}
		}).Reset(x.plan.hold)
	case x.plan.hold > 0: // no time passes
	default:
		w.effect(x)
	}
}

// effect is the second one.
func (w *worldConn) effect(x *exchange) {
	delay, err := w.k.effect(x)
	switch {
	case err != nil:
		w.fail(err)
	case delay > 0:
		w.after(delay, func() { w.send(x) })
	default:
		w.send(x)
	}
}

// send is the third one: it lets the answer go once the broker isn't paused.
func (w *worldConn) send(x *exchange) {
	if w.paused() {
		w.after(pausedFor, func() { w.send(x) })
		return
	}
	switch err := w.k.send(&x.plan); err {
	case nil:
		w.busy = false
		if !w.inPump {
			w.look()
		}
	case errStalled:
	default:
		w.fail(err)
	}
}

// pausedFor is how often an answer that is ready looks whether its broker goes on.
const pausedFor = 10 * time.Millisecond

// fail ends the connection, as serve does.
func (w *worldConn) fail(err error) {
	if err != errEnded {
		w.k.log("the broker closes the connection", "err", err)
	}
	w.k.close()
}

func (w *worldConn) Read(b []byte) (int, error) {
	switch {
	case w.closed:
		return 0, net.ErrClosed
	case len(w.down) > w.read:
		n := copy(b, w.down[w.read:])
		if w.read += n; w.read == len(w.down) {
			w.down, w.read = w.down[:0], 0
		}
		return n, nil
	case w.ended != nil:
		return 0, w.ended
	case w.arrived == nil:
		return 0, os.ErrDeadlineExceeded
	}
	return 0, world.ErrNothing
}

func (w *worldConn) Write(b []byte) (int, error) {
	switch {
	case w.closed:
		return 0, net.ErrClosed
	case w.ended != nil, w.silent:
		return 0, syscall.EPIPE
	}
	if w.dead {
		return len(b), nil
	}
	n, then := w.k.c.cutWrite(w.k.b.id, len(b))
	w.up = appendFirst(w.up, b[:n])
	switch then {
	case wireDead:
		w.dead = true
		n = len(b)
	case wireCut:
		w.reset() // the broker may still take the whole requests that came
		w.tell()
		w.hungUp()
		if n < len(b) {
			return n, syscall.ECONNRESET
		}
		return n, nil
	}
	w.look()
	return n, nil
}

// Close is the client's. What it wrote before still comes to the broker.
func (w *worldConn) Close() error {
	if w.closed {
		return net.ErrClosed
	}
	w.closed = true
	w.tell()
	w.hungUp()
	return nil
}

// hungUp has the broker find out that nothing more comes.
func (w *worldConn) hungUp() {
	w.silent = true
	w.look()
}

func (w *worldConn) LocalAddr() net.Addr              { return memAddr("client") }
func (w *worldConn) RemoteAddr() net.Addr             { return memAddr(w.k.b.addr) }
func (w *worldConn) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (w *worldConn) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (w *worldConn) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }

// farEnd is the broker's end of a worldConn.
type farEnd struct{ *worldConn }

func (f farEnd) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded } // pump reads

func (f farEnd) Write(b []byte) (int, error) {
	w := f.worldConn
	if w.closed || w.ended != nil {
		return 0, syscall.EPIPE
	}
	w.down = appendFirst(w.down, b)
	w.tell()
	return len(b), nil
}

// Close lets the client read what was written before, and then io.EOF.
func (f farEnd) Close() error {
	w := f.worldConn
	if w.ended == nil {
		w.ended = io.EOF
		w.tell()
	}
	w.w.Go(func() { w.k.c.locked(func() { w.k.b.forget(w.k) }) })
	return nil
}

// Reset loses what the client hasn't read.
func (f farEnd) Reset() {
	f.reset()
	f.tell()
}

// appendFirst is append, with room for most of what is to come.
func appendFirst(to, b []byte) []byte {
	if to == nil {
		to = make([]byte, 0, max(256, len(b)))
	}
	return append(to, b...)
}

func (w *worldConn) reset() { w.ended, w.down, w.read = syscall.ECONNRESET, nil, 0 }
