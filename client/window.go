package client

import "kafkaproducer/protocol"

// inflight is one request that is being written or whose answer is due.
type inflight struct {
	call        *Call
	key         protocol.Key
	correlation int32
	version     int16
	silent      bool // expects no answer
	sent        instant
	deadline    instant
}

// window is the requests of a connection that are on their way, oldest first. The broker answers in that order.
//
// A request enters the window before its first byte leaves, so that an answer always finds it, and may be answered
// only once its write has returned: until then the write still reads the caller's bytes.
type window struct {
	entries ring[inflight]
	limit   int // how many may be in flight

	writing int // how many at the back are being written
	unsent  int // how many at the back surely did not leave: the connection broke before their first byte

	// A write that does not end, since the peer does not read, must be found out even if nothing in it expects an
	// answer. So the request of it that must be over first is remembered.
	pending inflight // its call is nil when nothing is being written
	silent  int      // how many requests of the write expect no answer; they take up room until it is over
}

// nextCorrelation is the correlation id after id; it is never negative.
func nextCorrelation(id int32) int32 { return (id + 1) & (1<<31 - 1) }

// room is how many requests may still be sent.
func (w *window) room() int { return w.limit - w.entries.len() - w.silent }

// begin says that a request is about to be written.
func (w *window) begin(e inflight) {
	if w.pending.call == nil || e.deadline < w.pending.deadline {
		w.pending = e
	}
	if e.silent {
		w.silent++
		return
	}
	w.entries.push(e)
	w.writing++
}

// wrote says that the write has returned. All that was begun has left but the last unsent entries of the window.
func (w *window) wrote(unsent int) {
	w.writing, w.silent, w.unsent, w.pending = 0, 0, unsent, inflight{}
}

// answered checks that an answer is the one that is due. wait: its request's write has not returned yet.
func (w *window) answered(correlation int32) (wait bool, err error) {
	if w.entries.len() == 0 {
		return false, &CorrelationError{Got: correlation}
	}
	if want := w.entries.at(0).correlation; want != correlation {
		return false, &CorrelationError{Got: correlation, Want: want, Waiting: true}
	}
	return w.writing == w.entries.len(), nil
}

// pop takes the oldest request out.
func (w *window) pop() inflight { return w.entries.pop() }

// fail takes the oldest request out of a connection that is no more, and says whether a byte of it may have left.
// No write may be going on.
func (w *window) fail() (call *Call, wrote bool) {
	wrote = w.entries.len() > w.unsent
	return w.entries.pop().call, wrote
}

// empty reports whether nothing is in flight and nothing is being written.
func (w *window) empty() bool { return w.entries.len() == 0 && w.pending.call == nil }

// due is the first moment at which a request could be too old; never when there is none. Deadlines mostly grow from
// front to back, but calls may have time-outs of their own, so all are looked at: this runs when a timer fires, not
// once a request.
func (w *window) due() (at instant, e inflight) {
	at = never
	if w.pending.call != nil {
		at, e = w.pending.deadline, w.pending
	}
	for i := range w.entries.len() {
		if x := w.entries.at(i); x.deadline < at {
			at, e = x.deadline, *x
		}
	}
	return at, e
}
