package producertest

import (
	"crypto/tls"
	"errors"
	"io"
	"time"
)

// plainTextAlert is what a Kafka broker answers to those who don't speak TLS: a fatal alert, internal_error. A client that takes it
// for a frame reads a size of 0x15030300, 352518912 bytes.
var plainTextAlert = []byte{21, 3, 3, 0, 2, 2, 80}

// lingerFor bounds how long a broker reads on after a handshake has failed. With what the client has sent unread, TCP
// would reset the connection and the alert that says why be lost.
const lingerFor = time.Second

// goodbyeFor bounds how long telling a client of the end may take.
const goodbyeFor = time.Second

// SetTLS makes the brokers use another config for connections that come from now on, such as one with a new certificate.
// Those that are open stay as they are. It panics without Options.TLS.
func (c *Cluster) SetTLS(config *tls.Config) {
	if c.opts.TLS == nil {
		panic("producertest: SetTLS: the cluster has no Options.TLS")
	}
	if !servable(config) {
		panic("producertest: SetTLS: the config has no certificate")
	}
	c.locked(func() { c.tls = config })
}

// servable reports whether a server can use a config.
func servable(config *tls.Config) bool {
	return config != nil && (len(config.Certificates) > 0 || config.GetCertificate != nil || config.GetConfigForClient != nil)
}

// secure does the TLS handshake where there is one to do, and reports whether the connection can be served.
func (k *conn) secure() bool {
	k.c.mu.Lock()
	config := k.c.tls
	k.c.mu.Unlock()
	if config == nil {
		return true
	}
	if !k.running() {
		return false
	}
	t := tls.Server(k.raw, config)
	if err := t.Handshake(); err != nil {
		k.refuseTLS(err)
		return false
	}
	state := t.ConnectionState()
	k.nc, k.tls, k.tlsState = t, t, &state
	k.r.Reset(t)
	if len(state.PeerCertificates) > 0 {
		k.principal = state.PeerCertificates[0].Subject.String()
	}
	return true
}

// refuseTLS ends a connection whose handshake failed.
func (k *conn) refuseTLS(err error) {
	if k.ended() {
		return
	}
	k.log("the TLS handshake failed", "err", err)
	k.c.locked(func() {
		k.c.seen.refuseTLS(TLSFailure{Time: time.Now(), Broker: k.b.id, Conn: k.number, Err: err})
	})
	var plain tls.RecordHeaderError
	if errors.As(err, &plain) && plain.Conn != nil {
		k.raw.SetWriteDeadline(time.Now().Add(goodbyeFor))
		k.raw.Write(plainTextAlert)
	}
	k.linger()
}

// linger closes the connection once the client has, or a while has passed.
func (k *conn) linger() {
	if half, ok := k.raw.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
	k.raw.SetReadDeadline(time.Now().Add(lingerFor))
	io.Copy(io.Discard, k.raw)
}

// sayGoodbye tells a client of TLS that what it has got is all there is.
func (k *conn) sayGoodbye() {
	if k.tls == nil || k.ended() {
		return
	}
	select {
	case <-k.turn:
		k.tls.SetWriteDeadline(time.Now().Add(goodbyeFor))
		k.tls.CloseWrite()
		k.turn <- struct{}{}
	default: // somebody is writing still, and won't any more
	}
}

// TLSFailure is a handshake that failed.
type TLSFailure struct {
	Time   time.Time
	Broker int32
	Conn   int   // as in Request
	Err    error // as crypto/tls has it
}

// TLSFailures returns the handshakes that have failed, in order; the newest ones, as Options.KeepRequests says.
func (c *Cluster) TLSFailures() []TLSFailure {
	c.mu.Lock()
	defer c.mu.Unlock()
	return newest(c.seen.tlsFailures, c.seen.keep)
}
