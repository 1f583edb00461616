package client

import (
	"context"
	"crypto/tls"
	"errors"
	"time"
)

// probeTimeout is how long a probe may take: the peer was there a moment ago.
const probeTimeout = 3 * time.Second

// errHungUp is what a listener did that turned out to speak TLS where the client doesn't, or the reverse.
var errHungUp = errors.New("closed by the peer without an answer")

// diagnose finds out why a peer hung up without a word. Kafka does that when it is sent a TLS handshake on a listener
// without TLS, and some servers do when it is the other way round; but so does a broker that is going down, so the peer is
// asked once more, in the other way. Nothing but the client's id is told to whoever it is.
func (d *dialer) diagnose(ctx context.Context, t target, setup time.Duration, err error) error {
	if d.cfg.World != nil {
		return err // there is no TLS
	}
	var silent *noHandshakeError
	if isAuth(err) || !errors.As(err, &silent) || (silent.instead == StepTLS) != (d.cfg.TLS != nil) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	nc, dialErr := d.dial(ctx, "tcp", t.addr)
	if dialErr != nil {
		return err
	}
	defer nc.Close()
	h := d.handshake(nc, t, setup)
	other := false
	if d.cfg.TLS == nil {
		probe := h.guard
		probe.config = &tls.Config{InsecureSkipVerify: true} // it is looked at, not talked to
		_, entered := probe.enter(ctx, nc)
		other = entered == nil || alertIn(entered)
	} else {
		_, answered := h.negotiate(ctx)
		other = answered == nil
	}
	if !other {
		return err
	}
	return h.guard.wrongPort(errHungUp)
}

// isAuth reports whether an error is an *AuthError.
func isAuth(err error) bool {
	var e *AuthError
	return errors.As(err, &e)
}
