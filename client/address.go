package client

import (
	"net"
	"slices"
	"strconv"
	"strings"
)

// parseServer splits one entry of bootstrap.servers into host and port. As Kafka's client does, it takes a protocol
// in front ("PLAINTEXT://host:9092") and ignores it.
func parseServer(s string) (host string, port int, err error) {
	wrong := func(allowed string) (string, int, error) {
		return "", 0, &ConfigError{Property: "bootstrap.servers", Value: s, Allowed: allowed}
	}
	rest := strings.TrimSpace(s)
	if i := strings.Index(rest, "://"); i >= 0 {
		rest = rest[i+3:]
	}
	host, text, err := net.SplitHostPort(rest)
	switch {
	case err != nil && strings.Count(rest, ":") > 1 && !strings.Contains(rest, "["):
		return wrong("host:port, an IPv6 address in brackets: [::1]:9092")
	case err != nil:
		return wrong("host:port")
	case host == "" || strings.ContainsAny(host, " \t/@?#"):
		return wrong("host:port with a host name or address")
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 1 || port > 65535 {
		return wrong("host:port with a port from 1 to 65535")
	}
	return host, port, nil
}

// target is one address to dial.
type target struct {
	name string // the host name a certificate must show; the canonical one with resolve_canonical_bootstrap_servers_only
	addr string // what is dialled, host:port
}

// rotation is the addresses of one name, tried one after the other (KIP-302). After a disconnection the next one is
// the first to be tried. Once all were used, and when a connection has ended, the name is resolved anew: it may stand for other
// addresses by then (KAFKA-12193).
type rotation struct {
	of      string // host:port that the addresses stand for
	targets []target
	used    int    // how many have been given out
	last    target // which was given out last
}

// stale reports whether the name must be resolved before next.
func (r *rotation) stale(of string) bool { return r.of != of || r.used >= len(r.targets) }

// set replaces the addresses. They begin with the one that follows upon the last to be tried, if that is among them.
func (r *rotation) set(of string, targets []target) {
	if i := slices.Index(targets, r.last); i >= 0 {
		targets = slices.Concat(targets[i+1:], targets[:i+1])
	}
	r.of, r.targets, r.used = of, targets, 0
}

// disconnected has the name resolved before the next attempt.
func (r *rotation) disconnected() { r.used = len(r.targets) }

// next gives out an address; r must not be stale.
func (r *rotation) next() target {
	r.last = r.targets[r.used]
	r.used++
	return r.last
}
