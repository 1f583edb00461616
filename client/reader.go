package client

import (
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/protocol"
)

// read is the reader goroutine: it reads answers and calls their Dones, and in the end answers all calls that are
// left. Whoever runs it holds the turn.
func (c *conn) read() {
	for !c.broken {
		call, err := c.answer()
		if err != nil {
			c.broken = true
			c.fail("read", err)
			if call != nil {
				err = c.cause(true)
			}
		}
		switch {
		case call != nil:
			if !c.turn.done(call, err) {
				return // somebody else reads now
			}
		case err == nil && !c.receive():
			return // there will be more
		}
	}
	c.finish()
}

// resume is read for who takes over from another goroutine.
func (c *conn) resume() { c.read() }

// arrived is read's turn in a World: there may be something to read.
func (c *conn) arrived() {
	if !c.ended {
		c.read()
	}
}

// receive takes what the peer has sent. It returns false when there is nothing in a World; otherwise it waits.
func (c *conn) receive() bool {
	n, err := c.nc.Read(c.inbox.space())
	c.inbox.filled(n)
	if err != nil && n == 0 {
		if c.clock.world != nil && err == world.ErrNothing {
			return false
		}
		c.broken = true
		c.fail("read", err)
	}
	return true
}

// answer returns the call that the next whole answer is for, taken out of the window, with the answer decoded. nil:
// there is none. An error says what the peer did wrong; with it comes the call whose answer it was, if one was found.
func (c *conn) answer() (*Call, error) {
	frame, err := c.inbox.next()
	if frame == nil {
		return nil, err
	}
	id, err := protocol.ResponseCorrelationID(frame)
	if err != nil {
		return nil, err
	}
	e, err := c.match(id)
	if err != nil {
		return nil, err
	}
	c.heard = true
	_, err = protocol.DecodeResponse(frame, e.version, e.call.Response)
	if ms := throttleTime(e.call.Response); ms > 0 && err == nil && c.versions.ClientThrottles(e.key, e.version) {
		c.mute(time.Duration(ms) * time.Millisecond)
	}
	return e.call, err
}

// throttleTime is for how many milliseconds an answer asks for silence.
func throttleTime(m protocol.Response) int32 {
	switch m := m.(type) {
	case *protocol.ProduceResponse:
		return m.ThrottleTimeMs
	case *protocol.MetadataResponse:
		return m.ThrottleTimeMs
	case *protocol.InitProducerIDResponse:
		return m.ThrottleTimeMs
	}
	return 0
}

// match takes the request that an answer is for out of the window.
func (c *conn) match(id int32) (inflight, error) {
	c.mu.Lock()
	for {
		wait, err := c.window.answered(id)
		if err != nil {
			c.mu.Unlock()
			return inflight{}, err
		}
		if !wait {
			break
		}
		c.awaitWrite()
	}
	e := c.window.pop()
	look := c.pending() && !c.writing
	leave := c.retired && c.idle() && c.failLocked("close", ErrRetired)
	c.mu.Unlock()
	if leave {
		c.hangUp()
	} else if look {
		c.wakeWriter()
	}
	return e, nil
}

// awaitWrite waits until the token is given back. mu is held, and released meanwhile.
func (c *conn) awaitWrite() {
	c.waiting = true
	if c.written == nil {
		c.written = make(chan struct{}, 1)
	}
	written := c.written
	c.mu.Unlock()
	<-written
	c.mu.Lock()
}

// finish answers the calls that are left when the connection has ended, in the order in which they were sent, and then
// says so.
func (c *conn) finish() {
	for {
		c.mu.Lock()
		for c.writing {
			c.awaitWrite()
		}
		var call *Call
		wrote := false
		switch {
		case c.window.entries.len() > 0:
			call, wrote = c.window.fail()
		case c.alone() && c.pending():
			call = c.next()
		case c.queue.len() > 0:
			call = c.queue.pop()
		}
		c.mu.Unlock()
		if call == nil {
			break
		}
		if !c.turn.done(call, c.cause(wrote)) {
			return // somebody else goes on
		}
	}
	c.ended = true
	c.outbox.put(outcome{then: c.finished}) // after the Dones that the outbox still has to call
	c.readers.Done()
}
