package client

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
)

// What becomes of nodes. All of it runs on the control goroutine.

// connect is Client.Connect.
func (s *control) connect(id int32) {
	n := s.nodes.get(id)
	switch {
	case s.closing:
	case n == nil || n.retired:
		s.meta.refresh()
		if !slices.Contains(s.asked, id) {
			s.asked = append(s.asked, id)
		}
	case n.state == nodeDown:
		n.wanted = true
	case n.state == nodeUp && !n.bootstrap() && !n.conn.dead():
		// Who asks has heard of the last connection's end after this one's beginning. Where this one has ended as well, NodeDown
		// will follow.
		s.handler.NodeUp(id, n.conn.versions)
	}
}

// strangers is called when an answer was taken over: who wanted to connect to brokers that the metadata didn't name is told
// whether they do now. Not before, for whoever is told at once may ask again at once.
func (s *control) strangers() {
	asked := s.asked
	s.asked = nil
	for _, id := range asked {
		if n := s.nodes.get(id); n != nil && !n.retired {
			s.connect(id)
		} else if !s.closing {
			s.handler.NodeDown(id, &ConnError{Op: "dial", NodeID: id, Err: ErrUnknownBroker})
		}
	}
}

// attempt begins to connect. The goroutine that does it goes on to serve the connection.
func (s *control) attempt(n *node) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	n.begin(s.now, cancel)
	d := s.dialer(n)
	s.spawn(func() {
		defer cancel(nil)
		c, err := d.connect(ctx)
		if err != nil {
			s.post(func(s *control) { s.failed(n, err) })
			return
		}
		c.finished = func() { s.post(func(s *control) { s.disconnected(n, c) }) }
		c.ready(s.cfg.MaxInFlightRequestsPerConnection)
		s.post(func(s *control) { s.connected(n, c) })
		c.serve()
	})
}

// dialer returns what an attempt to connect to n needs to know.
func (s *control) dialer(n *node) *dialer {
	d := &dialer{Client: s.Client, id: n.id, broker: n.broker, of: n.at.addr, addrs: &n.addrs, failures: n.at.setups, inquire: n.at.suspect != nil}
	known := s.snapshot()
	if s.cfg.MetadataClusterCheckEnable && s.cfg.MetadataRecoveryStrategy == Rebootstrap && !n.bootstrap() && known.ID != "" {
		d.clusterID = &known.ID
	}
	return d
}

// connected is told by an attempt that succeeded.
func (s *control) connected(n *node, c *conn) {
	n.up(c)
	switch {
	case s.closing:
		c.fail("close", ErrClosed)
		return
	case n.retired, c.of != n.at.addr: // it left, or moved, while it was being connected to
		c.retire()
		return
	}
	s.resolved = true
	s.reported = s.reported && n.bootstrap()
	s.setRefused(nil)
	if n.at.down {
		s.log.Info("connected again", "broker", n.name(), "addr", c.addr, "after", n.at.outage(s.now))
		n.at.down, n.at.refused = false, nil
	} else if n.at.suspect != nil {
		s.log.Info("connected again", "broker", n.name(), "addr", c.addr, "error", n.at.suspect)
	} else {
		s.log.Debug("connected", "broker", n.name(), "addr", c.addr)
	}
	n.at.suspect = nil
	if !n.bootstrap() {
		s.publishConns()
		s.handler.NodeUp(n.id, c.versions)
	}
}

// failed is told by an attempt that failed.
func (s *control) failed(n *node, err error) {
	at := n.lost()
	if !isAuth(err) {
		at.suspect = nil
	}
	if e, ok := errors.AsType[*ConnError](err); !ok || e.Op != "resolve" {
		s.resolved = true
	}
	if !quiet(err) {
		at.setups++
	}
	s.ended(n, at, err, slog.LevelWarn, "cannot connect")
	if e, ok := errors.AsType[*MisroutedError](err); ok && !n.retired {
		s.rebootstrap(e.Error(), true)
	}
}

// disconnected is told by a connection that has ended and answered all its calls.
func (s *control) disconnected(n *node, c *conn) {
	err := error(c.cause(false))
	at := n.lost()
	level := slog.LevelInfo
	if c.hurt {
		level = slog.LevelWarn
	}
	if !n.bootstrap() {
		s.publishConns()
	}
	at.heard = at.heard || c.heard
	if s.cfg.SASL == nil && c.hurt && !at.heard && !at.down && hungUp(err) {
		s.suspect(n, at, err)
		return
	}
	s.ended(n, at, err, level, "connection lost")
}

// suspect is told of a connection that the peer ended at its first request, as a listener does that wants a login. The next attempt
// finds out, and is what is logged.
func (s *control) suspect(n *node, at *place, err error) {
	at.suspect = err
	at.failed(s.now, s.reconnectBackoff(), s.random())
	s.log.Debug("connection lost at the first request", "broker", n.name(), "addr", at.addr, "reason", err)
	s.setTrouble(err)
	s.meta.refresh()
	if n.retired {
		s.nodes.remove(n)
	}
	if !n.bootstrap() {
		s.handler.NodeDown(n.id, err)
	}
}

// ended logs, once, and tells that a node is down. at is where it was.
func (s *control) ended(n *node, at *place, err error, level slog.Level, what string) {
	if n.retired {
		s.nodes.remove(n)
	}
	if quiet(err) {
		s.log.Debug("connection closed", "broker", n.name(), "reason", err)
	} else {
		s.setTrouble(err)
		s.meta.refresh() // the reason may be that metadata is stale; Kafka's client does the same
		at.failed(s.now, s.reconnectBackoff(), s.random())
		if !at.down {
			at.downAt = s.now
		}
		auth, _ := errors.AsType[*AuthError](err)
		if auth != nil {
			level = slog.LevelWarn
		}
		if !at.down || auth != nil && at.refused == nil {
			s.log.Log(context.Background(), level, what, "broker", n.name(), "addr", at.addr, "error", err)
		}
		at.down = true
		if auth != nil {
			at.refused = auth
		}
		s.checkRefused()
		s.tellWaiting(at, err)
	}
	if !n.bootstrap() {
		s.handler.NodeDown(n.id, err)
	}
}

// tellWaiting tells who wants a connection to this address that there is none: another node's attempt was theirs, too.
func (s *control) tellWaiting(at *place, err error) {
	for _, n := range s.nodes {
		if n.at == at && n.state == nodeDown && n.wanted && !n.retired {
			n.wanted = false
			s.handler.NodeDown(n.id, err)
		}
	}
}

// checkRefused notes that there is no way to the cluster: every broker that could be asked has been tried, and at least one
// and this client don't let each other in. What needs metadata needn't wait then.
func (s *control) checkRefused() {
	var refused *AuthError
	for _, n := range s.candidates() {
		switch {
		case n.state == nodeUp, n.at.failures == 0:
			return
		case n.at.refused != nil:
			refused = n.at.refused
		}
	}
	s.setRefused(refused)
}

// disconnect ends a node's connection, or the attempt to make one.
func (s *control) disconnect(n *node, why error) {
	switch n.state {
	case nodeConnecting:
		n.cancel(ErrRetired)
	case nodeUp:
		n.conn.fail("close", why)
	}
}

// retire lets a node go that the metadata no longer names. Its connection may finish what it has begun.
func (s *control) retire(n *node) {
	if n.retired {
		return
	}
	n.retired = true
	switch n.state {
	case nodeDown:
		s.nodes.remove(n)
		if n.wanted && !n.bootstrap() {
			s.handler.NodeDown(n.id, &ConnError{Op: "dial", Addr: n.at.addr, NodeID: n.id, Err: ErrRetired})
		}
	case nodeConnecting:
		n.cancel(ErrRetired)
	case nodeUp:
		n.conn.retire()
	}
}

// arrange makes the nodes those of the snapshot.
func (s *control) arrange() {
	brokers := s.snapshot().Brokers
	for _, n := range s.nodes {
		if _, ok := brokers[n.id]; !ok && (!n.bootstrap() || !s.boot) {
			s.retire(n)
		}
	}
	s.ids = slices.AppendSeq(s.ids[:0], maps.Keys(brokers))
	slices.Sort(s.ids) // what is done to all is done in an order
	var more []*node
	for _, id := range s.ids {
		b, n := brokers[id], s.nodes.get(id)
		switch {
		case n == nil:
			more = append(more, &node{id: id, broker: b, at: s.place(b)})
		case n.retired && n.state == nodeUp && n.broker.samePlace(b):
			// came back before its connection was through, which will end all the same; then it may be connected anew
			n.retired = false
		case !n.broker.samePlace(b):
			s.move(n, b)
		default:
			n.broker, n.retired = b, false
		}
	}
	s.nodes.add(more...)
	s.forgetPlaces()
}

// move follows a broker to another address: whatever was there before is finished, and then forgotten.
func (s *control) move(n *node, b Broker) {
	s.log.Info("broker has moved", "broker", n.name(), "from", n.at.addr, "to", b.Addr())
	n.broker, n.retired, n.at = b, false, s.place(b)
	switch n.state {
	case nodeConnecting:
		n.cancel(ErrRetired)
	case nodeUp:
		n.conn.retire()
	}
}

// publishConns makes known which brokers are connected.
func (s *control) publishConns() {
	conns := make(map[int32]*conn, len(s.nodes))
	for _, n := range s.nodes {
		if n.state == nodeUp && !n.bootstrap() {
			conns[n.id] = n.conn
		}
	}
	s.conns.Store(&conns)
}

func (s *control) reconnectBackoff() backoff {
	return backoff{s.cfg.ReconnectBackoff, s.cfg.ReconnectBackoffMax}
}
