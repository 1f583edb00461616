package client

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
)

// Alerts that TLS has a client be told (RFC 8446 section 6.2). The type that crypto/tls has for them is its own.
const (
	alertHandshakeFailure    = 40
	alertBadCertificate      = 42
	alertAccessDenied        = 49
	alertProtocolVersion     = 70
	alertUnrecognizedName    = 112
	alertCertificateRequired = 116
)

// alertIn reports whether an error is an alert that the peer sent.
func alertIn(err error) bool {
	_, ok := alertOf(err)
	return ok
}

// alertOf returns the number of the alert that the peer sent.
func alertOf(err error) (number uint8, ok bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" || op.Err == nil {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return 0, true
	}
	return uint8(v.Uint()), true
}

// unentered makes an *AuthError of what ended the TLS handshake, unless it was the network.
func (g *guard) unentered(err error) error {
	var header tls.RecordHeaderError
	if errors.As(err, &header) {
		if f := foreignTo(header.RecordHeader[:]); f != nil {
			err = f
		}
		return g.wrongPort(err)
	}
	if rejected := g.rejected(err); isAuth(rejected) {
		return rejected
	}
	var op *net.OpError
	var timeout *TimeoutError
	switch {
	case hungUp(err):
		return &noHandshakeError{StepTLS, true, err}
	case errors.As(err, &timeout), errors.Is(err, net.ErrClosed), errors.As(err, &op) && op.Op != "local error":
		return err
	}
	return g.failed(err, g.onVerification(err))
}

// rejected makes an *AuthError of what ended a connection before the broker had said a word of Kafka's protocol, where the
// broker refused the client's TLS (with TLS 1.3 that comes when the client believes the handshake to be over), or the
// client should have spoken TLS. Any other error is returned as it is.
func (g *guard) rejected(err error) error {
	var foreign *ForeignProtocolError
	switch {
	case g.config == nil:
		if errors.As(err, &foreign) && foreign.Protocol == "TLS" {
			return g.wrongPort(err)
		}
	case alertIn(err):
		return g.failed(err, g.onAlert(err))
	case g.unshown() && hungUp(err):
		return g.failed(err, g.onCertificateAsked())
	}
	return err
}

func (g *guard) failed(err error, advice string) *AuthError {
	return &AuthError{NodeID: g.node, Addr: g.addr, Step: StepTLS, Err: err, Advice: advice}
}

// wrongPort says that one side speaks TLS and the other doesn't.
func (g *guard) wrongPort(err error) *AuthError {
	secure, plain := "SSL (or SASL_SSL, if it asks for a login)", "PLAINTEXT (or SASL_PLAINTEXT, if it asks for a login)"
	if g.login {
		secure, plain = "SASL_SSL", "SASL_PLAINTEXT"
	}
	if g.config == nil {
		return g.failed(err, "this listener speaks TLS and the client does not: set security.protocol="+secure+
			", or connect to the port of a listener without TLS")
	}
	return g.failed(err, "this listener does not speak TLS: set security.protocol="+plain+
		", or connect to the port of a listener with TLS")
}

// unshown reports whether the broker asked for a certificate and got none.
func (g *guard) unshown() bool { return g.asked != nil && g.showed == nil }

// onAlert says what to change when the broker refused this client.
func (g *guard) onAlert(err error) string {
	switch n, _ := alertOf(err); {
	case n == alertProtocolVersion:
		return "broker and client have no TLS version in common: check ssl.enabled.protocols on both sides"
	case n == alertUnrecognizedName:
		return fmt.Sprintf("the broker has no certificate for the name %q by which it was asked", g.host)
	case g.unshown() && (n == alertHandshakeFailure || n == alertCertificateRequired || alertBadCertificate <= n && n <= alertAccessDenied):
		return g.onCertificateAsked()
	case g.showed != nil && (n == alertHandshakeFailure || alertBadCertificate <= n && n <= alertAccessDenied):
		return fmt.Sprintf("the broker refuses the client certificate%s: check its dates, and that its authority is in the broker's trust store",
			subject(g.showed))
	case n == alertHandshakeFailure:
		return "broker and client have nothing in common: check ssl.enabled.protocols and ssl.cipher.suites on both sides"
	}
	return ""
}

// onCertificateAsked says what to change when the broker asked for a certificate and got none.
func (g *guard) onCertificateAsked() string {
	own := len(g.config.Certificates) > 0 || g.config.GetClientCertificate != nil
	if taken := authorities(g.asked.AcceptableCAs); own && len(taken) > 0 {
		return "the broker asks for a client certificate of an authority that it takes, and there is none of: " + strings.Join(taken, "; ") +
			" (check ssl.keystore.location or ssl.keystore.certificate.chain)"
	}
	return "the broker asks for a client certificate: set ssl.keystore.location, or ssl.keystore.certificate.chain and ssl.keystore.key"
}

// onVerification says what to change when the broker's certificate won't do.
func (g *guard) onVerification(err error) string {
	var host x509.HostnameError
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return fmt.Sprintf("the certificate is not for the host %q that the client was given: reissue it with that name among its subject "+
			"alternative names, or have bootstrap.servers and the broker's advertised.listeners use a name that it has", host.Host)
	case errors.As(err, &unknown):
		return "nobody whom the client trusts has signed the broker's certificate: put the certificate of its authority into " +
			"ssl.truststore.location (or ssl.truststore.certificates)"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		of := "the broker's certificate"
		if invalid.Cert != nil {
			of = "the certificate of " + shown(invalid.Cert.Subject.String())
		}
		return "renew " + of + ", or set this machine's clock"
	case strings.Contains(err.Error(), "unsupported protocol version"):
		return "broker and client have no TLS version in common: check ssl.enabled.protocols on both sides"
	}
	return ""
}

// subject is whom a certificate is for, for a sentence.
func subject(c *tls.Certificate) string {
	leaf := c.Leaf
	if leaf == nil {
		leaf, _ = x509.ParseCertificate(c.Certificate[0])
	}
	if leaf == nil {
		return ""
	}
	return " of " + shown(leaf.Subject.String())
}

// namedAuthorities is how many authorities are named in an error.
const namedAuthorities = 5

// authorities are the names in a broker's list of those whose certificates it takes.
func authorities(raw [][]byte) (names []string) {
	for _, r := range raw[:min(len(raw), namedAuthorities)] {
		var rdn pkix.RDNSequence
		if _, err := asn1.Unmarshal(r, &rdn); err == nil {
			names = append(names, shown(rdn.String()))
		}
	}
	return names
}
