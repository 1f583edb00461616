package producer

import (
	"fmt"

	"kafkaproducer/client/sasl"
)

// SecurityProtocol is how a connection is guarded (Kafka's security.protocol): a listener of a broker speaks one of them.
type SecurityProtocol int8

const (
	// Plaintext has neither encryption nor login; Kafka's PLAINTEXT.
	Plaintext SecurityProtocol = iota
	// SSL is TLS, and with a certificate of the client's a login by it.
	SSL
	// SASLPlaintext is a login over a connection that everyone on the way can read: only for networks of one's own. Kafka's
	// SASL_PLAINTEXT.
	SASLPlaintext
	// SASLSSL is a login over TLS; Kafka's SASL_SSL.
	SASLSSL
)

// String returns Kafka's value of security.protocol.
func (p SecurityProtocol) String() string {
	switch p {
	case Plaintext:
		return "PLAINTEXT"
	case SSL:
		return "SSL"
	case SASLPlaintext:
		return "SASL_PLAINTEXT"
	case SASLSSL:
		return "SASL_SSL"
	}
	return fmt.Sprintf("SecurityProtocol(%d)", int8(p))
}

func (p SecurityProtocol) tls() bool  { return p == SSL || p == SASLSSL }
func (p SecurityProtocol) sasl() bool { return p == SASLPlaintext || p == SASLSSL }

// Mechanism is a way to log in, for Config.SASL. Package client/sasl has PLAIN, SCRAM and OAUTHBEARER, and an example of
// one of a program's own.
type Mechanism = sasl.Mechanism

// Token is what Config.SASLOAuthBearerToken returns.
type Token = sasl.Token
