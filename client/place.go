package client

import "time"

// place is an address, host:port, and how the client stands with whoever answers there. A bootstrap server and the broker that it
// turns out to be share one: an attempt to connect counts for both, in reconnect.backoff.ms as in the log. Owned by the control
// goroutine.
type place struct {
	addr     string     // host:port
	server   bool       // it is one of bootstrap.servers
	has      bool       // a node has it: see forgetPlaces
	failures int        // attempts in a row that failed, connections that ended at once included
	notUntil instant    // reconnect.backoff.ms: no attempt before
	setups   int        // attempts in a row that failed: socket.connection.setup.timeout.ms grows with them
	since    instant    // when the attempt under way began; zero: there is none
	down     bool       // what is wrong has been logged
	downAt   instant    // since when
	refused  *AuthError // it, or this client, doesn't let the other in; has been logged
	heard    bool       // answers have come from here
	suspect  error      // how a connection without a login ended at its first request: one may be wanted, see handshake.inquire
}

// place returns what is known of a broker's address.
func (s *control) place(b Broker) *place {
	addr := b.Addr()
	p := s.places[addr]
	if p == nil {
		p = &place{addr: addr}
		s.places[addr] = p
	}
	return p
}

// forgetPlaces drops the addresses that neither a node nor bootstrap.servers have.
func (s *control) forgetPlaces() {
	for _, p := range s.places {
		p.has = false
	}
	for _, n := range s.nodes {
		n.at.has = true
	}
	for addr, p := range s.places {
		if !p.server && !p.has {
			delete(s.places, addr)
		}
	}
}

// free reports whether an attempt to connect may begin.
func (p *place) free(now instant) bool { return p.since == 0 && p.notUntil <= now }

// failed takes note of an attempt or a connection that failed: reconnect.backoff.ms must pass before the next attempt.
func (p *place) failed(now instant, pause backoff, r float64) {
	p.notUntil = now.add(pause.after(p.failures, r))
	p.failures++
}

// outage is how long the place has been down, for the log.
func (p *place) outage(now instant) time.Duration {
	return now.sub(p.downAt).Round(time.Millisecond)
}
