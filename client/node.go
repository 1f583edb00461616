package client

import (
	"context"
	"fmt"
	"time"
)

// nodeState is where a node stands. The transitions are in this file.
//
//	nodeDown → nodeConnecting    an attempt to connect begins (begin)
//	nodeConnecting → nodeUp      it succeeded (up)
//	nodeConnecting → nodeDown    it failed (down)
//	nodeUp → nodeDown            the connection is over and all its calls are answered (down)
type nodeState int8

const (
	nodeDown nodeState = iota
	nodeConnecting
	nodeUp
)

// String returns the constant's name.
func (s nodeState) String() string {
	switch s {
	case nodeDown:
		return "nodeDown"
	case nodeConnecting:
		return "nodeConnecting"
	case nodeUp:
		return "nodeUp"
	}
	return fmt.Sprintf("nodeState(%d)", int8(s))
}

// node is a broker, or a bootstrap server, and how the client stands with it. Owned by the control goroutine.
type node struct {
	id     int32 // negative: a bootstrap server
	broker Broker
	addrs  rotation // owned by the attempt to connect while there is one

	state    nodeState
	wanted   bool // a connection was asked for: an attempt begins when the backoff is over
	retired  bool // no longer in the metadata: goes when its connection does
	failures int  // attempts in a row that failed, connections that ended at once included
	notUntil instant
	since    instant // when the attempt to connect began
	muted    instant // KIP-219: the client itself sends nothing until then

	conn   *conn              // while nodeUp
	cancel context.CancelFunc // while nodeConnecting

	down    bool       // what is wrong has been logged
	downAt  instant    // since when
	refused *AuthError // it, or this client, doesn't let the other in; has been logged
}

// bootstrap reports whether the node is a bootstrap server, of whose broker id nothing is known.
func (n *node) bootstrap() bool { return n.id < 0 }

// name is what the log calls the node.
func (n *node) name() string { return brokerName(n.id) }

// due is when an attempt to connect must begin.
func (n *node) due() instant {
	if n.state != nodeDown || !n.wanted || n.retired {
		return never
	}
	return n.notUntil
}

// ready reports whether an attempt to connect may begin.
func (n *node) ready(now instant) bool {
	return n.state == nodeDown && !n.retired && n.notUntil <= now
}

// begin is the transition to nodeConnecting.
func (n *node) begin(now instant, cancel context.CancelFunc) {
	n.must(nodeDown)
	n.state, n.since, n.cancel, n.wanted = nodeConnecting, now, cancel, false
}

// up is the transition to nodeUp.
func (n *node) up(c *conn) {
	n.must(nodeConnecting)
	n.state, n.conn, n.cancel, n.failures = nodeUp, c, nil, 0
}

// lost is the transition to nodeDown. reconnect.backoff.ms must pass before the next attempt.
func (n *node) lost(now instant, pause backoff, r float64) {
	n.must(nodeConnecting, nodeUp)
	n.notUntil = now.add(pause.after(n.failures, r))
	n.failures++
	n.state, n.conn, n.cancel = nodeDown, nil, nil
}

// must panics when the node is in none of the states: the control goroutine has lost track.
func (n *node) must(states ...nodeState) {
	for _, s := range states {
		if n.state == s {
			return
		}
	}
	panic(fmt.Sprintf("client: broker %d is %v, which allows no such transition", n.id, n.state))
}

// outage is how long the node has been down, for the log.
func (n *node) outage(now instant) time.Duration {
	return now.sub(n.downAt).Round(time.Millisecond)
}
