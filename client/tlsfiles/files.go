package tlsfiles

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
)

// Files is what the ssl.* properties of a Kafka client say. The zero value trusts the system's authorities and shows no
// certificate of its own. It is printed without its secrets.
type Files struct {
	TruststoreType         string // ssl.truststore.type: PEM; empty is PEM
	TruststoreLocation     string // ssl.truststore.location: a file of certificates
	TruststoreCertificates string // ssl.truststore.certificates: certificates themselves
	TruststorePassword     string // ssl.truststore.password: must be empty, a PEM trust store has none

	KeystoreType             string // ssl.keystore.type: PEM; empty is PEM
	KeystoreLocation         string // ssl.keystore.location: a file of a private key and its certificate chain
	KeystoreCertificateChain string // ssl.keystore.certificate.chain: the chain itself, own certificate first
	KeystoreKey              string // ssl.keystore.key: the private key itself
	KeystorePassword         string // ssl.keystore.password: must be empty, a PEM key store has none
	KeyPassword              string // ssl.key.password: what the private key is encrypted with; without effect where it is not

	EnabledProtocols []string // ssl.enabled.protocols: TLSv1.2 and TLSv1.3; empty: both
	// CipherSuites is ssl.cipher.suites, by IANA name; empty: those that crypto/tls prefers. Suites of TLS 1.3 are all offered
	// where one of them is named; a broker that chooses one that isn't is refused.
	CipherSuites []string

	// NoEndpointIdentification doesn't check that a certificate is for the host it comes from: an empty
	// ssl.endpoint.identification.algorithm. Whoever has any certificate of the authority can then pose as a broker.
	NoEndpointIdentification bool
	// Logger hears of files that changed, and of those that are of no use. nil: slog.Default().
	Logger *slog.Logger `json:"-"`
}

// Config returns the settings of connections: files are read now, and again at each handshake. The error is an *Error.
//
// InsecureSkipVerify is set in it since VerifyConnection verifies all that crypto/tls would, with the trust store as it is
// then. It goes by the ServerName of the state it is given; crypto/tls leaves that empty where the host is an IP address, and
// then everything is refused: whoever uses the settings without package client must fill it in.
func (f Files) Config() (*tls.Config, error) {
	if f.Logger == nil {
		f.Logger = slog.Default()
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	v, config, err := f.negotiable()
	if err != nil {
		return nil, err
	}
	if v.trust, err = f.truststore(); err != nil {
		return nil, err
	}
	config.InsecureSkipVerify, config.VerifyConnection = true, v.verify
	own, err := f.keystore()
	if err != nil {
		return nil, err
	}
	if own != nil {
		config.GetClientCertificate = func(r *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if c := own.current(); r.SupportsCertificate(c) == nil {
				return c, nil
			}
			return new(tls.Certificate), nil // none that the broker takes
		}
	}
	return config, nil
}

// check returns what contradicts itself, or isn't PEM (DefaultSslEngineFactory of Kafka).
func (f *Files) check() error {
	both := func(property, other string) error {
		return &Error{Property: property, Err: fmt.Errorf("it is set together with %s", other), Advice: "set one of the two"}
	}
	switch {
	case !isPEM(f.TruststoreType):
		return refuseType("ssl.truststore.type", f.TruststoreType, f.TruststoreLocation, false)
	case !isPEM(f.KeystoreType):
		return refuseType("ssl.keystore.type", f.KeystoreType, f.KeystoreLocation, true)
	case f.TruststoreLocation != "" && f.TruststoreCertificates != "":
		return both("ssl.truststore.certificates", "ssl.truststore.location")
	case f.KeystoreLocation != "" && f.KeystoreKey != "":
		return both("ssl.keystore.key", "ssl.keystore.location")
	case f.KeystoreLocation != "" && f.KeystoreCertificateChain != "":
		return both("ssl.keystore.certificate.chain", "ssl.keystore.location")
	case f.KeystoreKey != "" && f.KeystoreCertificateChain == "":
		return &Error{Property: "ssl.keystore.key", Err: fmt.Errorf("ssl.keystore.certificate.chain is missing")}
	case f.KeystoreKey == "" && f.KeystoreCertificateChain != "":
		return &Error{Property: "ssl.keystore.certificate.chain", Err: fmt.Errorf("ssl.keystore.key is missing")}
	case f.TruststorePassword != "":
		return &Error{Property: "ssl.truststore.password", Err: fmt.Errorf("a PEM trust store has no password"), Advice: "leave it out"}
	case f.KeystorePassword != "":
		return &Error{Property: "ssl.keystore.password", Err: fmt.Errorf("a PEM key store has no password"),
			Advice: "ssl.key.password is the one for its private key"}
	}
	return nil
}

func isPEM(storeType string) bool { return storeType == "" || strings.EqualFold(storeType, "PEM") }
