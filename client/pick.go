package client

import "time"

// hedge is how long an attempt to connect may take before another broker is tried beside it. Kafka's client waits for
// the whole set-up time-out (10 s by default) of a host that swallows packets.
const hedge = time.Second

// choice is what to do for a request that any broker will do for.
type choice struct {
	send    *node // it has a connection: send it there
	connect *node // connect to it, and choose again
	until   instant
}

// pick chooses among nodes, much as Kafka's leastLoadedNode does: the connected one with the fewest unanswered calls, if
// there is room for one more; else one that is being connected to, or that may be. load tells the number of unanswered
// calls, -1 when the connection has just ended; room is how many may be in flight. Nodes come in random order. When there
// is nothing to do, until says when to look again at the latest.
func pick(nodes []*node, now instant, room int, load func(*node) int) choice {
	c := choice{until: never}
	var best, free *node
	var begun instant // when the youngest attempt to connect began; zero: there is none
	least := 0
	for _, n := range nodes {
		switch {
		case n.retired:
		case n.state == nodeUp && n.muted > now:
			c.until = min(c.until, n.muted)
		case n.state == nodeUp:
			if l := load(n); l >= 0 && (best == nil || l < least) {
				best, least = n, l
			}
		case n.at.since != 0: // by this node, or by another at the same address
			begun = max(begun, n.at.since)
		case n.ready(now):
			free = n
		case n.state == nodeConnecting: // to where the broker was before it moved: that is called off, and its end looked at
		default:
			c.until = min(c.until, n.at.notUntil)
		}
	}
	patience := begun.add(hedge)
	switch {
	case best != nil && least < room:
		c.send = best
	case begun != 0 && patience > now:
		c.until = min(c.until, patience)
	case best != nil && begun != 0: // it is busy, and may be hanging, but the other one is no better
		c.send = best
	case free != nil:
		c.connect = free
	default:
		c.send = best
	}
	return c
}

// unavailable reports whether every one of nodes is down and must not be connected to yet: KIP-899's condition for
// beginning again with bootstrap.servers.
func unavailable(nodes []*node, now instant) bool {
	for _, n := range nodes {
		if !n.retired && (n.state != nodeDown || n.at.since != 0 || n.ready(now)) {
			return false
		}
	}
	return true
}
