package tlsfiles

import (
	"crypto/tls"
	"errors"
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
	if err := f.checkFormat(); err != nil {
		return nil, err
	}
	if faults := f.Check(); len(faults) > 0 {
		return nil, faults[0]
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

// Check returns all that is wrong with the settings whatever the files hold, none of which is opened: stores that contradict
// themselves, and protocols and cipher suites that can't be. Each is an *Error. Config returns the first of them, too.
func (f *Files) Check() []error {
	var faults []error
	if f.TruststoreLocation != "" && f.TruststoreCertificates != "" {
		faults = append(faults, conflict("ssl.truststore.certificates", "ssl.truststore.location", f.TruststoreLocation))
	}
	switch chain, key, location := f.KeystoreCertificateChain != "", f.KeystoreKey != "", f.KeystoreLocation != ""; {
	case location && key:
		faults = append(faults, conflict("ssl.keystore.key", "ssl.keystore.location", f.KeystoreLocation))
	case location && chain:
		faults = append(faults, conflict("ssl.keystore.certificate.chain", "ssl.keystore.location", f.KeystoreLocation))
	case key && !chain:
		faults = append(faults, lack("ssl.keystore.key", "ssl.keystore.certificate.chain"))
	case chain && !key:
		faults = append(faults, lack("ssl.keystore.certificate.chain", "ssl.keystore.key"))
	}
	if _, _, err := f.negotiable(); err != nil {
		faults = append(faults, err)
	}
	return faults
}

func conflict(property, with, value string) error {
	return &Error{Property: property, Err: fmt.Errorf("it conflicts with %s = %q", with, value), Allowed: "one of the two"}
}

func lack(property, needs string) error {
	return &Error{Property: property, Err: fmt.Errorf("it needs %s, which is not set", needs), Allowed: "both or none"}
}

// checkFormat refuses stores that aren't PEM.
func (f *Files) checkFormat() error {
	switch {
	case !isPEM(f.TruststoreType):
		return refuseType("ssl.truststore.type", f.TruststoreType, f.TruststoreLocation, false)
	case !isPEM(f.KeystoreType):
		return refuseType("ssl.keystore.type", f.KeystoreType, f.KeystoreLocation, true)
	case f.TruststorePassword != "":
		return &Error{Property: "ssl.truststore.password", Err: errors.New("a PEM trust store has no password"), Advice: "leave it out"}
	case f.KeystorePassword != "":
		return &Error{Property: "ssl.keystore.password", Err: errors.New("a PEM key store has no password"),
			Advice: "ssl.key.password is the one for its private key"}
	}
	return nil
}

func isPEM(storeType string) bool { return storeType == "" || strings.EqualFold(storeType, "PEM") }
