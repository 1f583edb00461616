package client

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// renewal authenticates a connection anew before the broker's session ends (KIP-368): a broker hangs up on whoever sends
// anything else after that. The mechanism prepares, which may take its time, while requests go on; then nothing but the
// exchange is written until it is over. It takes its place behind the requests in flight, and its answers come behind
// theirs, so nothing is lost and nothing changes its order. Callers only notice that the queue is longer.
//
// A broker takes one such exchange a second (MIN_REAUTH_INTERVAL_ONE_SECOND_NANOS of Kafka's KafkaChannel), the one thing it also
// takes after a session's end. So a short session, as a token with little life left makes it, is renewed late, and nothing else is
// written from shortly before its end until then.
//
// It runs on a goroutine of its own, for as long as it takes.
type renewal struct {
	login login
	pause backoff // between attempts to prepare
	log   *slog.Logger

	ctx    context.Context // ends when the connection does
	cancel context.CancelFunc

	// Guarded by the connection's mu.
	session  session
	due      instant // when to begin
	hold     instant // from when on nothing but call is written
	earliest instant // when the broker takes the next SaslHandshake; zero: at any time
	running  bool
	alone    bool  // nothing but call is written
	call     *Call // what is to be written next; nil: nothing
}

const (
	// renewalMargin is how long before a session's end it is renewed at least, where the session is long enough: what was
	// written before is then read by a broker that is a little behind.
	renewalMargin = time.Second
	// holdMargin is how long before a session's end nothing else is written, where a renewal takes that long or must wait.
	holdMargin = renewalMargin / 2
	// renewalInterval is how long after the answer to one SaslHandshake of a renewal the next one is sent at the earliest: the
	// broker's second began before that answer.
	renewalInterval = 1050 * time.Millisecond
	// preparationPause is the shortest pause between two attempts to prepare.
	preparationPause = 100 * time.Millisecond
)

// renewAfter is how long after its beginning a session is renewed: at 85 to 95 % of its life, as with Kafka's client, and a
// second before its end, but not in its first half. r is a random number in [0, 1).
func renewAfter(lifetime time.Duration, r float64) time.Duration {
	at := time.Duration(float64(lifetime) * (0.85 + 0.1*r))
	return min(at, max(lifetime-renewalMargin, lifetime/2))
}

// schedule plans the next renewal of a session; never where it has no end. It begins no earlier than the broker takes it, but for
// short sessions, which then are over for a while.
func (r *renewal) schedule(s session, random float64) {
	r.session, r.due, r.hold = s, never, never
	if s.lifetime > 0 {
		r.hold = s.began.add(max(s.lifetime-holdMargin, s.lifetime-s.lifetime/4))
		r.due = max(s.began.add(renewAfter(s.lifetime, random)), min(r.earliest, r.hold))
	}
}

// prepareRenewal makes a connection fit to be renewed. mu is held.
func (c *conn) prepareRenewal(now instant) {
	r := c.renewal
	if r == nil {
		return
	}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.login.exchange = c.exchange
	r.schedule(r.session, rand.Float64())
	c.arm(r.due, now)
}

// renewDue begins a renewal that is due, and returns when the next one will be. mu is held.
func (c *conn) renewDue(now instant) instant {
	r := c.renewal
	switch {
	case r == nil || r.running || c.err != nil:
		return never
	case r.due > now:
		return r.due
	}
	r.running = true
	c.readers.Go(c.renew) // the reader is among them until c.err is set
	return never
}

// renew is the goroutine of a renewal.
func (c *conn) renew() {
	r := c.renewal
	s, err := c.renewed(r)
	if err != nil {
		c.fail("handshake", err) // without effect where the connection's end is the reason
		return
	}
	now := c.clock.now()
	c.mu.Lock()
	r.running, r.alone = false, false
	r.schedule(s, rand.Float64())
	c.arm(r.due, now)
	c.mu.Unlock()
	c.wakeWriter()
	r.log.Debug("authenticated again", "broker", brokerName(c.node), "addr", c.addr, "session", s.lifetime)
}

func (c *conn) renewed(r *renewal) (session, error) {
	late := time.AfterFunc(r.hold.sub(c.clock.now()), c.holdQueue)
	defer late.Stop()
	s, token, err := r.prepare(c.clock)
	if err != nil {
		return session{}, err
	}
	c.holdQueue()
	if !r.sleep(r.earliest.sub(c.clock.now())) {
		return session{}, context.Cause(r.ctx)
	}
	if err := r.login.offer(r.ctx); err != nil {
		return session{}, err
	}
	earliest := c.clock.now().add(renewalInterval)
	c.mu.Lock()
	r.earliest = earliest
	c.mu.Unlock()
	return r.login.converse(r.ctx, s, token)
}

// holdQueue has nothing written but the renewal's exchange, until it is over.
func (c *conn) holdQueue() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renewal.alone = c.renewal.running
}

// sleep waits, and reports whether the connection goes on.
func (r *renewal) sleep(d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// prepare has the mechanism begin, again and again while the session lasts: where tokens come from may be out of order for
// a while.
func (r *renewal) prepare(clock clock) (sasl.Session, []byte, error) {
	end := r.session.began.add(r.session.lifetime)
	for failures := 0; ; failures++ {
		s, token, err := r.login.start(r.ctx)
		if err == nil || r.ctx.Err() != nil {
			return s, token, err
		}
		wait := max(r.pause.after(failures, rand.Float64()), preparationPause)
		if clock.now().add(wait) >= end {
			return nil, nil, err
		}
		if failures == 0 {
			r.log.Warn("cannot authenticate again yet", "broker", brokerName(r.login.broker.NodeID), "addr", r.login.addr,
				"left", end.sub(clock.now()).Round(time.Millisecond), "error", err)
		}
		r.sleep(wait)
	}
}

// exchange sends a request of the renewal and waits for its answer. A verdict ends the connection here, on the reader, before it comes
// upon the end that the broker makes: so it is the reason that is told.
func (c *conn) exchange(_ context.Context, version int16, request protocol.Request, response protocol.Response, verdict func() error) error {
	done := make(chan error, 1)
	call := &Call{Request: request, Response: response, Version: version, Done: func(_ *Call, err error) {
		if err == nil {
			if err = verdict(); err != nil {
				c.fail("handshake", err)
			}
		}
		done <- err
	}}
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return c.cause(false)
	}
	c.renewal.call = call
	c.mu.Unlock()
	c.wakeWriter()
	return <-done
}

// alone reports whether nothing of the queue may be written. mu is held.
func (c *conn) alone() bool { return c.renewal != nil && c.renewal.alone }

// pending reports whether there is anything to write. mu is held.
func (c *conn) pending() bool {
	if c.alone() {
		return c.renewal.call != nil
	}
	return c.queue.len() > 0
}

// next takes what is to be written next. There must be something, and mu is held.
func (c *conn) next() (call *Call) {
	if !c.alone() {
		return c.queue.pop()
	}
	call, c.renewal.call = c.renewal.call, nil
	return call
}
