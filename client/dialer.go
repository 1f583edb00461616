package client

import (
	"context"
	"errors"
	"net"
	"time"

	"kafkaproducer/client/sasl"
)

// dialer is one attempt to connect to a node. It runs on the goroutine that afterwards writes.
type dialer struct {
	*Client
	id        int32
	broker    Broker
	of        string // host:port of broker
	addrs     *rotation
	failures  int     // attempts in a row that failed before
	clusterID *string // KIP-1242: whom the connection is meant for; nil: whoever answers
	inquire   bool    // whether a login is wanted that this client doesn't know of
}

// connect tries the node's addresses, one after the other, until a connection is set up. The error is a *ConnError, of
// the last address.
func (d *dialer) connect(ctx context.Context) (*conn, error) {
	setup := backoff{d.cfg.SocketConnectionSetupTimeout, d.cfg.SocketConnectionSetupTimeoutMax}.after(d.failures, d.random())
	if d.addrs.stale(d.of) {
		targets, err := d.resolve(ctx, setup)
		if err != nil {
			return nil, d.failed(ctx, "resolve", d.of, err)
		}
		d.addrs.set(d.of, targets)
	}
	for {
		t := d.addrs.next()
		c, err := d.open(ctx, t, setup)
		if err == nil || ctx.Err() != nil || d.addrs.stale(d.of) || refusedLogin(err) {
			return c, err
		}
	}
}

// refusedLogin reports whether SASL is what failed: then it would at the other addresses, too, and brokers, or what is
// behind them, may lock out whoever tries too often.
func refusedLogin(err error) bool {
	e, ok := errors.AsType[*AuthError](err)
	return ok && e.Step != StepTLS
}

// failed says what went wrong; when the attempt was called off, that is why.
func (d *dialer) failed(ctx context.Context, op, addr string, err error) error {
	if ctx.Err() != nil {
		op, err = "close", context.Cause(ctx)
	}
	return &ConnError{Op: op, Addr: addr, NodeID: d.id, Err: err}
}

func (d *dialer) resolve(ctx context.Context, setup time.Duration) ([]target, error) {
	canonical := d.id < 0 && d.cfg.ClientDNSLookup == ResolveCanonicalBootstrapServersOnly
	if !canonical && isIP(d.broker.Host) {
		return []target{{name: d.broker.Host, addr: d.of}}, nil
	}
	ctx, cancel := bounded(ctx, setup)
	defer cancel()
	return resolve(ctx, d.lookup, d.broker, canonical)
}

// open connects to one address and takes the steps of the handshake.
func (d *dialer) open(ctx context.Context, t target, setup time.Duration) (*conn, error) {
	dialing, cancel := bounded(ctx, setup)
	nc, err := d.dial(dialing, "tcp", t.addr)
	cancel()
	if err != nil {
		return nil, d.failed(ctx, "dial", t.addr, err)
	}
	d.setBuffers(nc)
	h := d.handshake(nc, t, setup)
	versions, s, err := h.run(ctx)
	if err != nil {
		h.nc.Close()
		return nil, d.failed(ctx, "handshake", t.addr, d.diagnose(ctx, t, setup, err))
	}
	c := &conn{
		node: d.id, addr: t.addr, of: d.of, versions: versions, nc: h.nc, clock: d.clock, outbox: d.outbox,
		timeout: d.cfg.RequestTimeout, maxIdle: d.cfg.ConnectionsMaxIdle, clientID: h.clientID,
		readers: &d.running, inbox: h.inbox,
	}
	c.out.correlation = h.correlation
	if s.lifetime > 0 {
		c.renewal = &renewal{
			login: login{mechanism: h.mechanism, broker: h.broker, addr: t.addr, timeout: h.timeout, versions: versions, now: d.clock.now, again: true},
			pause: backoff{d.cfg.ReconnectBackoff, d.cfg.ReconnectBackoffMax}, log: d.log, session: s,
		}
	}
	return c, nil
}

// handshake returns what sets up a connection to t.
func (d *dialer) handshake(nc net.Conn, t target, setup time.Duration) *handshake {
	h := &handshake{
		nc: nc, inbox: inbox{limit: d.cfg.MaxResponseBytes}, software: d.cfg.SoftwareVersion, clock: d.clock, timeout: d.cfg.RequestTimeout,
		guard:     guard{config: d.cfg.TLS, login: d.cfg.SASL != nil, host: t.name, node: d.id, addr: t.addr, timeout: setup},
		mechanism: d.cfg.SASL, broker: sasl.Broker{Host: t.name, Port: d.broker.Port, NodeID: d.id}, addr: t.addr,
		clusterID: d.clusterID, nodeID: -1, wary: d.inquire,
	}
	if d.cfg.World != nil {
		h.timeout = 0 // an answer comes at once or never
	}
	if setup <= 0 {
		h.guard.timeout = d.cfg.RequestTimeout
	}
	if d.cfg.ClientID != "" {
		h.clientID = &d.cfg.ClientID
	}
	if d.clusterID != nil {
		h.nodeID = d.id
	}
	return h
}

// setBuffers sets the socket's buffers, where there is a socket.
func (d *dialer) setBuffers(nc net.Conn) {
	s, ok := nc.(interface {
		SetReadBuffer(int) error
		SetWriteBuffer(int) error
	})
	if !ok {
		return
	}
	// What the operating system doesn't grant is no reason not to connect.
	if d.cfg.SendBufferBytes > 0 {
		_ = s.SetWriteBuffer(d.cfg.SendBufferBytes)
	}
	if d.cfg.ReceiveBufferBytes > 0 {
		_ = s.SetReadBuffer(d.cfg.ReceiveBufferBytes)
	}
}

// bounded is context.WithTimeout, without a bound when d is zero.
func bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}
