package sasl

import (
	"context"
	"slices"
)

// Names of the mechanisms that this package has, as in the property sasl.mechanism.
const (
	MechanismPlain       = "PLAIN"
	MechanismScramSHA256 = "SCRAM-SHA-256"
	MechanismScramSHA512 = "SCRAM-SHA-512"
	MechanismOAuthBearer = "OAUTHBEARER"
)

// Mechanism authenticates connections. One Mechanism serves all connections of a client, many of them at once. It should
// not show secrets when it is printed with %v, %+v or %#v; those of this package don't.
type Mechanism interface {
	// Name is what the broker is asked for, as in its sasl.enabled.mechanisms: "PLAIN", "SCRAM-SHA-256".
	Name() string
	// Start begins an exchange with broker b and returns the initial response, which is sent first; nil is sent as an
	// empty one. It may take its time (a token may have to be fetched) and must end when ctx does. It is called again for
	// each connection, and each time a session is authenticated anew on a live connection (KIP-368).
	Start(ctx context.Context, b Broker) (s Session, initial []byte, err error)
}

// Session is one exchange. It is used by one goroutine, and dropped without notice when its connection fails.
type Session interface {
	// Next takes what the broker answered (nil or empty where the answer was empty) and returns what to send next.
	// With done, nothing more is expected from the broker once response is sent; a nil response is not sent at all.
	// Without done, a response is sent even when it is empty, since the broker waits for it.
	//
	// An error ends the exchange and the connection. A response that comes with an error is a last word that the
	// mechanism owes the broker: it may be sent, its answer is not needed, and the error stands whatever the broker says.
	// The slice challenge is valid only until Next returns.
	Next(challenge []byte) (response []byte, done bool, err error)
}

// Broker is who is at the other end of a connection.
type Broker struct {
	Host   string // as in the metadata, or in bootstrap.servers while NodeID is negative: a name or an IP address
	Port   int32
	NodeID int32 // negative: a bootstrap server, whose id isn't known yet
}

// Names lists the mechanisms that this package has.
func Names() []string {
	return []string{MechanismPlain, MechanismScramSHA256, MechanismScramSHA512, MechanismOAuthBearer}
}

// Known says whether name is one of Names. Names of mechanisms are compared as they are written, as Kafka does.
func Known(name string) bool {
	return slices.Contains(Names(), name)
}
