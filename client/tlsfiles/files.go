package tlsfiles

import (
	"crypto/tls"
	"errors"
	"log/slog"
)

// Files is what the ssl.* properties of a Kafka client say. The zero value trusts the system's authorities and shows no
// certificate of its own.
type Files struct {
	TruststoreType         string // ssl.truststore.type: PEM; empty is PEM
	TruststoreLocation     string // ssl.truststore.location: a file of certificates
	TruststoreCertificates string // ssl.truststore.certificates: certificates themselves
	TruststorePassword     string // ssl.truststore.password: a PEM trust store has none

	KeystoreType             string // ssl.keystore.type: PEM; empty is PEM
	KeystoreLocation         string // ssl.keystore.location: a file of a private key and its certificate chain
	KeystoreCertificateChain string // ssl.keystore.certificate.chain: the chain itself, own certificate first
	KeystoreKey              string // ssl.keystore.key: the private key itself
	KeystorePassword         string // ssl.keystore.password: a PEM key store has none
	KeyPassword              string // ssl.key.password: what the private key is encrypted with; empty: it is not

	EnabledProtocols []string // ssl.enabled.protocols: TLSv1.2 and TLSv1.3; empty: both
	CipherSuites     []string // ssl.cipher.suites, by IANA name; empty: those that crypto/tls prefers

	// NoEndpointIdentification doesn't check that a certificate is for the host it comes from: an empty
	// ssl.endpoint.identification.algorithm. Whoever has any certificate of the authority can then pose as a broker.
	NoEndpointIdentification bool
	// Logger hears of files that changed, and of those that are of no use. nil: slog.Default().
	Logger *slog.Logger
}

// Config returns the settings of connections. Files are read now, and again at a handshake when they have changed.
func (f Files) Config() (*tls.Config, error) { return nil, errors.New("yet to come") }
