package client

import "time"

// hedge is how long an attempt to connect may take before another broker is tried beside it. Kafka's client waits for
// the whole set-up time-out (10 s by default) of a host that swallows packets.
const hedge = time.Second

// choice is what to do for a request that any broker will do for.
type choice struct {
	send    *node // has a connection: send it there
	connect *node // connect to it; the request waits
	wait    bool  // an attempt to connect is under way
	until   instant
}

// pick chooses among nodes, as Kafka's leastLoadedNode does: the connected one with the fewest unanswered calls, else one
// that is being connected to, else one that may be connected to. load tells the number of unanswered calls, -1 when the
// connection has just ended; nodes come in random order. When all are in their backoff, until says when the first will be out of it.
func pick(nodes []*node, now instant, load func(*node) int) choice {
	c := choice{until: never}
	least := 0
	var slowest instant // the youngest attempt's age counts
	var free *node
	for _, n := range nodes {
		switch {
		case n.retired:
		case n.state == nodeUp && n.muted > now:
			c.until = min(c.until, n.muted)
		case n.state == nodeUp:
			if l := load(n); l >= 0 && (c.send == nil || l < least) {
				c.send, least = n, l
			}
		case n.state == nodeConnecting:
			c.wait = true
			slowest = max(slowest, n.since)
		case n.ready(now):
			if free == nil {
				free = n
			}
		default:
			c.until = min(c.until, n.notUntil)
		}
	}
	if c.send != nil {
		return choice{send: c.send, until: never}
	}
	if c.wait && free != nil {
		if at := slowest.add(hedge); at > now {
			c.until = min(c.until, at)
			return c
		}
	}
	c.connect = free
	return c
}

// unavailable reports whether every one of nodes is down and must not be connected to yet: KIP-899's condition for
// beginning again with bootstrap.servers.
func unavailable(nodes []*node, now instant) bool {
	for _, n := range nodes {
		if !n.retired && (n.state != nodeDown || n.ready(now)) {
			return false
		}
	}
	return true
}
