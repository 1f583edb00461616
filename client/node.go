package client

import (
	"context"
	"fmt"
)

// nodeState is where a node stands. The transitions are in this file.
//
//	nodeDown → nodeConnecting    an attempt to connect begins (begin)
//	nodeConnecting → nodeUp      it succeeded (up)
//	nodeConnecting → nodeDown    it failed (lost)
//	nodeUp → nodeDown            the connection is over and all its calls are answered (lost)
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
	at     *place   // broker's address
	addrs  rotation // owned by the attempt to connect while there is one

	state   nodeState
	wanted  bool    // a connection was asked for: an attempt begins when the backoff is over
	retired bool    // no longer in the metadata: goes when its connection does
	muted   instant // while nodeUp, KIP-219: the client itself sends nothing until then

	conn   *conn                   // while nodeUp
	cancel context.CancelCauseFunc // while nodeConnecting
	via    *place                  // while either: where, which may no longer be at
}

// bootstrap reports whether the node is a bootstrap server, of whose broker id nothing is known.
func (n *node) bootstrap() bool { return n.id < 0 }

// name is what the log calls the node.
func (n *node) name() string { return brokerName(n.id) }

// due is when an attempt to connect must begin.
func (n *node) due() instant {
	if n.state != nodeDown || !n.wanted || n.retired || n.at.since != 0 {
		return never
	}
	return n.at.notUntil
}

// ready reports whether an attempt to connect may begin.
func (n *node) ready(now instant) bool {
	return n.state == nodeDown && !n.retired && n.at.free(now)
}

// begin is the transition to nodeConnecting.
func (n *node) begin(now instant, cancel context.CancelCauseFunc) {
	n.must(nodeDown)
	n.state, n.cancel, n.wanted, n.via = nodeConnecting, cancel, false, n.at
	n.via.since = now
}

// up is the transition to nodeUp.
func (n *node) up(c *conn) {
	n.must(nodeConnecting)
	n.state, n.conn, n.cancel = nodeUp, c, nil
	n.via.since, n.via.failures, n.via.setups = 0, 0, 0
}

// lost is the transition to nodeDown. It returns where that was.
func (n *node) lost() (at *place) {
	n.must(nodeConnecting, nodeUp)
	if n.state == nodeConnecting {
		n.via.since = 0
	} else {
		n.addrs.disconnected()
	}
	at = n.via
	n.state, n.conn, n.cancel, n.via = nodeDown, nil, nil, nil
	return at
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
