package client

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"time"
)

// guard is the TLS of one attempt to connect, and what the broker and this client said of each other in it.
type guard struct {
	config  *tls.Config // the client's; nil: no TLS
	login   bool        // SASL is wanted, for words
	host    string      // whom the broker must prove to be
	node    int32
	addr    string        // what was dialled
	timeout time.Duration // of the TLS handshake

	asked  *tls.CertificateRequestInfo // the broker asked for a certificate
	showed *tls.Certificate            // and got this one; nil: none
}

// enter does the TLS handshake.
func (g *guard) enter(ctx context.Context, raw net.Conn) (net.Conn, error) {
	config := g.config.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = strings.Cut(g.host, "%") // of an IPv6 address without its zone
	}
	choose := config.GetClientCertificate
	config.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		own, err := suitable(r, config.Certificates), error(nil)
		if choose != nil {
			own, err = choose(r)
		}
		if g.asked = r; own != nil && len(own.Certificate) > 0 {
			g.showed = own
		}
		return own, err
	}
	if verify := config.VerifyConnection; verify != nil {
		config.VerifyConnection = func(cs tls.ConnectionState) error {
			cs.ServerName = config.ServerName // which crypto/tls leaves empty where it is an IP address
			return verify(cs)
		}
	}
	nc := tls.Client(raw, config)
	if err := within(ctx, raw, TimeoutError{Step: StepTLS, After: g.timeout}, nc.Handshake); err != nil {
		return nil, err
	}
	return &tlsConn{nc, raw}, nil
}

// suitable chooses a certificate as crypto/tls does: the first that the peer can make use of, or else an empty one.
func suitable(r *tls.CertificateRequestInfo, own []tls.Certificate) *tls.Certificate {
	for i := range own {
		if r.SupportsCertificate(&own[i]) == nil {
			return &own[i]
		}
	}
	return new(tls.Certificate)
}

// tlsConn is a TLS connection whose Close doesn't wait for a peer that doesn't read: whoever closes a connection of ours
// has more to do.
type tlsConn struct {
	*tls.Conn
	raw net.Conn
}

// farewell is how long the peer has to take the alert that says goodbye. crypto/tls waits 5 s.
const farewell = 100 * time.Millisecond

// Close sends close_notify, if that doesn't take long, and closes the connection.
func (c *tlsConn) Close() error {
	stop := time.AfterFunc(farewell, func() { c.raw.Close() })
	defer stop.Stop()
	return c.Conn.Close()
}
