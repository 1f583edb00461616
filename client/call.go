package client

import (
	"sync/atomic"
	"time"

	"kafkaproducer/protocol"
)

// Call is one request on its way. The client owns it from Send until Done is called; from then on it is the
// caller's again, who may reuse it.
type Call struct {
	// Request is encoded when its turn to be written has come.
	Request protocol.Request
	// Response is what the answer is decoded into, reusing what it holds. nil with NoResponse.
	Response protocol.Response
	// Version of the request. The caller takes it from NodeUp's Versions; SendAny sets it, before Prepare.
	Version int16
	// NoResponse: the broker doesn't answer (Produce with acks=0). Done(nil) comes when the bytes were written.
	NoResponse bool
	// By is who writes it, when it is sent with Send.
	By Writer
	// Timeout is how long the answer is waited for, from the moment of writing. Zero: Config.RequestTimeout.
	Timeout time.Duration
	// Prepare, when not nil, runs just before the request is encoded, on the goroutine that is about to write. An
	// error fails the call and leaves the connection as it is.
	Prepare func(*Call) error
	// Done is called exactly once, never from inside Queue, Flush, Send or SendAny. err is nil when the answer is in
	// Response (or, with NoResponse, the request was written); else it is a *ConnError, what Prepare returned, or
	// why the request could not be encoded. It runs on the goroutine that reads the connection, and other answers
	// of the connection wait for it, for 60 ms at most. Then reading goes on elsewhere: see Handoff.
	Done func(call *Call, err error)

	turn atomic.Pointer[turn] // whose goroutine runs Done; set before Done
}

// Handoff is for a Done that is known to take long. Called while Done is running, it has the work of the goroutine that is
// inside Done (reading and answering other calls) continued by a new one at once; the goroutine inside Done ends when Done returns.
// It does nothing when Done is not running, so it may be called at any time and any number of times, but not for a call
// that has been sent again.
func (c *Call) Handoff() {
	if t := c.turn.Load(); t != nil {
		t.handoff(c)
	}
}
