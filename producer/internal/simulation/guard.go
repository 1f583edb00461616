package simulation

import (
	"crypto/tls"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"syscall"
	"time"

	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// Guarded schedules: the brokers speak TLS, want a login, or both, and that fails midway. They are for the whole simulation; in a World
// there is neither (see client.World), and what this file adds to a schedule has no effect.

// Protocols are what brokers may speak, by security.protocol; "" is PLAINTEXT. Mechanisms are those of the logins.
var (
	Protocols  = []string{"", "SSL", "SASL_PLAINTEXT", "SASL_SSL"}
	Mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"}
)

// User and Password are what a producer logs in with.
const (
	User     = "alice"
	Password = "hunter2"
)

// guardSteps are the steps of guarded schedules: the password is another one for a while, the brokers' certificates are of no use for
// a while, the next connections break after so many bytes that the client reads, or garbage follows these.
var guardSteps = []string{"password", "certificate", "cut", "babble"}

// Guarded returns the schedule of a seed with guarded brokers.
func Guarded(seed uint64) Schedule {
	g := &generator{Choice: rand.New(rand.NewPCG(seed, 0x6a7e)), s: Random(seed)}
	s := &g.s
	s.Protocol = pick(g, Protocols[1:]...)
	s.Mechanism = pick(g, Mechanisms...)
	s.Session = pick(g, 0, 1500*time.Millisecond, 5*time.Second)
	for range 4 + g.IntN(4) {
		step := Step{At: g.moment(), Do: pick(g, guardSteps...), N: 2 + g.IntN(4), Size: g.IntN(pick(g, 6, 150, 600)), For: g.duration(), Partition: -1, On: "produce"}
		if g.rarely(3) {
			step.Do, step.On = "fault", "sasl"
			step.Fault = pick(g, "swallow", "drop_close", "cut_answer", "delay_answer", "garbage", "shorten", "hugelen", "fail")
			step.Code = int(pick(g, protocol.SaslAuthenticationFailed, protocol.UnsupportedSaslMechanism, protocol.IllegalSaslState, protocol.UnknownServerError))
		}
		s.Steps = append(s.Steps, step)
	}
	s.sort()
	return g.s
}

// tlsConfigs are what brokers use: a good one, and such that clients refuse.
type tlsConfigs struct {
	authority *producertest.CA
	good, bad *tls.Config
}

var tlsOnce = sync.OnceValue(func() tlsConfigs {
	ca := producertest.NewCA("simulation")
	hosts := []string{"bootstrap"}
	for i := 1; i < 100; i++ {
		hosts = append(hosts, fmt.Sprintf("192.0.2.%d", i)) // see producertest's network in memory
	}
	old := ca.Expired(hosts...)
	expired, err := tls.X509KeyPair([]byte(old.CertificatePEM()), []byte(old.KeyPEM()))
	if err != nil {
		panic(err)
	}
	return tlsConfigs{ca, ca.ServerConfig(hosts...), &tls.Config{Certificates: []tls.Certificate{expired}}}
})

// TLS returns what a client trusts.
func TLS() *tls.Config { return tlsOnce().authority.ClientConfig() }

func (s *Settings) encrypted() bool { return s.Protocol == "SSL" || s.Protocol == "SASL_SSL" }
func (s *Settings) login() bool     { return s.Protocol == "SASL_PLAINTEXT" || s.Protocol == "SASL_SSL" }

// guard sets what brokers ask for.
func (s *Settings) guard(o *producertest.Options) {
	if s.encrypted() {
		o.TLS = tlsOnce().good
	}
	if s.login() {
		o.Users, o.SessionLifetime = map[string]string{User: Password}, s.Session
	}
}

// applyToGuard has a step of a guarded schedule happen. Called with mu held.
func (c *Cluster) applyToGuard(s *Step) {
	switch s.Do {
	case "password":
		if c.settings.login() {
			c.SetPassword(User, "another")
			c.later(s.For, c.openGates)
		}
	case "certificate":
		if c.settings.encrypted() {
			c.SetTLS(tlsOnce().bad)
			c.later(s.For, c.openGates)
		}
	case "cut", "babble":
		c.breaks = append(c.breaks, broken{left: s.Size, babbles: s.Do == "babble", times: max(s.N, 1)})
	}
}

// openGates takes back what keeps a producer out. Called with mu held.
func (c *Cluster) openGates() {
	if c.settings.login() {
		c.SetPassword(User, Password)
	}
	if c.settings.encrypted() {
		c.SetTLS(tlsOnce().good)
	}
}

// broken is what happens to connections.
type broken struct {
	left    int  // bytes that the client reads before it happens
	babbles bool // then something that is no Kafka broker goes on; else the connection is reset
	times   int
}

// breakable returns the connection, as one that breaks if it is to be one.
func (c *Cluster) breakable(nc net.Conn) net.Conn {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.breaks) == 0 {
		return nc
	}
	b := c.breaks[0]
	if c.breaks[0].times--; c.breaks[0].times == 0 {
		c.breaks = c.breaks[1:]
	}
	return &brokenConn{Conn: nc, c: c, broken: b}
}

// brokenConn is the client's end of such a connection. One goroutine at a time reads.
type brokenConn struct {
	net.Conn
	broken
	c     *Cluster
	broke bool
}

func (b *brokenConn) Read(p []byte) (int, error) {
	if b.left > 0 {
		n, err := b.Conn.Read(p[:min(len(p), b.left)])
		b.left -= n
		return n, err
	}
	if !b.broke {
		b.broke = true
		b.c.mu.Lock()
		b.c.broke[b.babbles]++
		b.c.mu.Unlock()
	}
	if b.babbles {
		return copy(p, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), nil
	}
	b.Conn.Close()
	return 0, syscall.ECONNRESET
}

// Logins counts what became of TLS and logins.
func (c Coverage) Logins(x *Cluster) {
	if c == nil {
		return
	}
	stats := x.Stats()
	c.Count("TLS refused", stats.TLSFailures)
	c.Count("login", stats.Authentications)
	c.Count("login refused", stats.AuthenticationFailures)
	c.Count("login again", stats.Reauthentications)
	x.mu.Lock()
	defer x.mu.Unlock()
	c.Count("cut", x.broke[false])
	c.Count("babble", x.broke[true])
}

// EveryLogin is what Logins counts.
func EveryLogin() []string {
	return []string{"TLS refused", "login", "login refused", "login again", "cut", "babble", "on sasl"}
}
