package client

import (
	"fmt"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/protocol"
)

// control is the client's one goroutine for everything that is rare: which brokers there are and how they are doing, and
// what is known of the cluster. It owns all that is in this struct. Events come as functions (Client.post); step does what
// is due. No record's way leads through here.
type control struct {
	*Client
	now      instant // when the event being handled was taken up
	nodes    nodes
	places   map[string]*place // by address
	meta     schedule
	used     func(topic string) bool // meta's
	question question
	any      []*anyCall
	asked    []int32 // brokers to connect to that the metadata don't name: see strangers
	drawn    []*node // storage for candidates

	handled []func(*control) // storage for events
	ids     []int32          // storage for arrange

	// Whether the way to the cluster leads over bootstrap.servers: in the beginning, and again when no known broker
	// can be reached (KIP-899, KIP-1102).
	boot     bool
	distrust bool    // the known brokers must not be asked: the cluster said so, or they were silent for too long
	resolved bool    // any of bootstrap.servers could be resolved
	started  instant // when the client was
	reported bool    // that it began again has been logged, and no known broker was reached since
	closing  bool
	dead     bool // gave up: nothing more is attempted

	draft *Cluster // what changed since the last snapshot was published; nil: nothing
	timer world.Timer
}

// anyCall is a call that waits for any broker.
type anyCall struct {
	call     *Call
	deadline instant
}

func newControl(c *Client) *control {
	s := &control{Client: c, places: map[string]*place{}, started: c.clock.now()}
	s.now = s.started
	s.meta = schedule{
		backoff: backoff{c.cfg.RetryBackoff, c.cfg.RetryBackoffMax},
		maxAge:  max(c.cfg.MetadataMaxAge, time.Millisecond), maxIdle: c.cfg.MetadataMaxIdle,
	}
	s.used = s.meta.used
	s.question.prepare(s)
	s.bootstrap()
	return s
}

// run is the control goroutine.
func (s *control) run() {
	timer := time.NewTimer(0)
	s.timer = timer
	defer timer.Stop()
	for s.look() {
		select {
		case <-s.wake:
		case <-timer.C:
		}
	}
}

// begin has look called when there is reason to: on the control goroutine, or by the World.
func (s *control) begin() {
	w := s.cfg.World
	if w == nil {
		s.running.Go(s.run)
		return
	}
	over := false
	look := func() {
		if !over && !s.look() {
			over = true
			s.timer.Stop()
		}
	}
	s.timer = w.NewTimer(look)
	woken := func() { <-s.wake; look() }
	s.woken = func() { w.Go(woken) }
	w.Go(look)
}

// look takes the events that came and does what is due. It sets the timer for the next time, and returns false when
// there is none.
func (s *control) look() bool {
	s.now = s.clock.now()
	s.handle()
	due := s.step()
	s.publish()
	if s.closing && s.over() {
		return false
	}
	s.timer.Reset(s.wait(due))
	return true
}

// wait is the time until a moment.
func (s *control) wait(due instant) time.Duration {
	if due == never {
		return 1<<63 - 1
	}
	return max(0, due.sub(s.now))
}

// handle takes the events that came.
func (s *control) handle() {
	s.mu.Lock()
	events := s.events
	s.events = s.handled[:0]
	s.mu.Unlock()
	for _, f := range events {
		f(s)
	}
	clear(events)
	s.handled = events
}

// step does what is due and returns when it must be called again at the latest.
func (s *control) step() (due instant) {
	if s.closing || s.dead {
		return never
	}
	due = min(s.expire(), s.checkResolved(), s.checkOverdue())
	if s.dead { // by what the checks found
		return never
	}
	// Before the nodes that are wanted: a bootstrap server may be at the same address as one that isn't the broker any more.
	if s.meta.next() <= s.now {
		s.meta.due(s.now)
		due = min(due, s.useAny())
	} else if len(s.any) > 0 {
		due = min(due, s.useAny())
	}
	for _, n := range s.nodes {
		if at := n.due(); at <= s.now {
			s.attempt(n)
		} else {
			due = min(due, at)
		}
	}
	if at := s.meta.next(); at > s.now {
		due = min(due, at)
	}
	return due
}

// useAny finds a broker for what any broker will do for, and connects to one if need be.
func (s *control) useAny() (due instant) {
	for {
		c := pick(s.candidates(), s.now, s.cfg.MaxInFlightRequestsPerConnection, func(n *node) int { return n.conn.load() })
		switch {
		case c.send != nil:
			s.sendWaiting(c.send)
			if s.meta.next() <= s.now {
				s.askMetadata(c.send)
			}
			return never
		case c.connect != nil:
			s.attempt(c.connect)
		case !s.boot && s.cfg.MetadataRecoveryStrategy == Rebootstrap && unavailable(s.candidates(), s.now):
			s.rebootstrap("no known broker can be reached", false)
		default:
			return c.until
		}
	}
}

// candidates returns who may be asked for anything, in random order. They are valid until the next call.
func (s *control) candidates() []*node {
	nodes := s.drawn[:0]
	for _, n := range s.nodes {
		if n.state == nodeUp {
			n.muted = n.conn.mutedUntil()
		}
		switch {
		case n.bootstrap() && s.boot, !n.bootstrap() && !s.boot:
			nodes = append(nodes, n)
		case !n.bootstrap() && n.state == nodeUp && !s.distrust:
			nodes = append(nodes, n) // came up meanwhile, because a caller wanted it
		}
	}
	for i := len(nodes) - 1; i > 0; i-- {
		j := int(s.random() * float64(i+1))
		nodes[i], nodes[j] = nodes[j], nodes[i]
	}
	s.drawn = nodes
	return nodes
}

// sendAny takes a call for any broker.
func (s *control) sendAny(call *Call) {
	switch _, fatal, _ := s.state(); {
	case fatal != nil:
		s.reject(call, fatal)
	case s.closing:
		s.reject(call, ErrClosed)
	default:
		s.any = append(s.any, &anyCall{call, s.now.add(s.timeout(call))})
	}
}

// sendWaiting sends what waits for any broker to this one.
func (s *control) sendWaiting(n *node) {
	for _, a := range s.any {
		key := a.call.Request.Key()
		version := n.conn.versions.Max(key, 1<<15-1)
		if version < 0 {
			s.outbox.put(outcome{call: a.call, err: &ConnError{Op: "send", Addr: n.conn.addr, NodeID: n.id, Err: n.conn.versions.check(key, "")}})
			continue
		}
		a.call.Version = version
		if err := n.conn.enqueue(a.call); err != nil {
			s.outbox.put(outcome{call: a.call, err: err})
		}
	}
	s.any = nil
	n.conn.flush(ByWriter)
}

// expire fails calls that waited for any broker for too long, and returns when the next one will have.
func (s *control) expire() (due instant) {
	due = never
	kept := s.any[:0]
	for _, a := range s.any {
		if a.deadline > s.now {
			kept = append(kept, a)
			due = min(due, a.deadline)
			continue
		}
		err := ErrNoBroker
		if _, _, trouble := s.state(); trouble != nil {
			err = fmt.Errorf("%w: %w", ErrNoBroker, trouble)
		}
		s.reject(a.call, err)
	}
	clear(s.any[len(kept):])
	s.any = kept
	return due
}

// reject fails a call that no broker was found for.
func (s *control) reject(call *Call, err error) {
	s.outbox.put(outcome{call: call, err: &ConnError{Op: "send", NodeID: anyBroker, Err: err}})
}

// close begins to end everything.
func (s *control) close() {
	if s.closing {
		return
	}
	s.closing = true
	s.giveUp(ErrClosed)
	for _, n := range s.nodes {
		s.disconnect(n, ErrClosed)
	}
	for _, a := range s.any {
		s.reject(a.call, ErrClosed)
	}
	s.any = nil
}

// over reports whether the last connection has ended; then no more events are taken.
func (s *control) over() bool {
	for _, n := range s.nodes {
		if n.state != nodeDown {
			return false
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = len(s.events) == 0
	return s.closed
}

// hint takes over a leader that a broker named.
func (s *control) hint(topic string, partition, leader, epoch int32, endpoints []protocol.NodeEndpoint) {
	if c := s.snapshot().withLeader(topic, partition, leader, epoch, endpoints); c != nil {
		s.draft = c
		s.arrange()
	}
}

// snapshot is what is known, published or not.
func (s *control) snapshot() *Cluster {
	if s.draft != nil {
		return s.draft
	}
	return s.cluster.Load()
}

// publish makes what changed known to everybody.
func (s *control) publish() {
	if s.draft == nil {
		return
	}
	c := s.draft
	s.draft = nil
	s.cluster.Store(c)
	s.tell()
	s.handler.MetadataChanged(c)
}
