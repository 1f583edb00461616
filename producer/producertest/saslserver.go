package producertest

import (
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// SASLServer is the broker's side of one exchange of a mechanism that Options.SASLServers adds to those of this package.
type SASLServer interface {
	// Next takes what the client sent, which is valid during the call only, and returns what it is answered. With an
	// identity the exchange has succeeded. An error ends it, and the connection: a *SASLError says what the client is told,
	// any other is told in the words that Kafka has for all of them.
	Next(response []byte) (challenge []byte, who *Identity, err error)
}

// Identity is who a client has turned out to be.
type Identity struct {
	Principal string    // the user's name
	Expiry    time.Time // of the credentials: the session ends then at the latest; zero: they don't
}

// SASLError refuses a client with a message that it is told.
type SASLError struct{ Message string }

// Error is the message.
func (e *SASLError) Error() string { return e.Message }

// The mechanisms.
const (
	plain       = "PLAIN"
	scramSHA256 = "SCRAM-SHA-256"
	scramSHA512 = "SCRAM-SHA-512"
	oauthBearer = "OAUTHBEARER"
	kerberos    = "GSSAPI" // can be listed, and lets nobody in
)

// Authentication is an exchange of SASL that has ended, one way or the other.
type Authentication struct {
	Time      time.Time
	Broker    int32
	Conn      int    // as in Request
	Mechanism string // that the client asked for
	Again     bool   // a session that there was should be continued (KIP-368)

	Principal string        // who the client is; "" when it was refused
	Lifetime  time.Duration // of the session; 0: without end, unless the credentials had ended already

	Code    protocol.ErrorCode // SASL_AUTHENTICATION_FAILED or UNSUPPORTED_SASL_MECHANISM when it was refused
	Message string             // that the client was told; not where SASL's frames are bare
	Reason  string             // why it was refused
}

// Authentications returns the exchanges that have ended, in order; the newest ones, as Options.KeepRequests says.
func (c *Cluster) Authentications() []Authentication {
	c.mu.Lock()
	defer c.mu.Unlock()
	return newest(c.seen.authentications, c.seen.keep)
}

// checkMechanism names a mechanism that can't be enabled.
func (o *Options) checkMechanism(name string) error {
	known := []string{plain, scramSHA256, scramSHA512, oauthBearer, kerberos}
	if slices.Contains(known, name) || o.SASLServers[name] != nil {
		return nil
	}
	return &OptionError{Option: "SASLMechanisms", Value: name, Allowed: strings.Join(known, ", ") + ", and the names of SASLServers"}
}

// mechanisms are those that brokers have unless SetSASLMechanisms changes it; none: clients don't authenticate.
func (o *Options) mechanisms() []string {
	if len(o.SASLMechanisms) > 0 {
		return slices.Clone(o.SASLMechanisms)
	}
	var names []string
	if len(o.Users) > 0 {
		names = append(names, plain)
	}
	if len(o.Users) > 0 || len(o.DelegationTokens) > 0 {
		names = append(names, scramSHA256, scramSHA512)
	}
	if o.OAuthBearer != nil {
		names = append(names, oauthBearer)
	}
	for name := range o.SASLServers {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// SASLMechanisms returns the mechanisms that the brokers have now.
func (c *Cluster) SASLMechanisms() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.accounts.mechanisms // never changed, only replaced
}

// SetSASLMechanisms replaces the mechanisms that the brokers have, for whoever authenticates from now on. It panics for a
// name that Options.SASLMechanisms doesn't take, and where clients don't authenticate.
func (c *Cluster) SetSASLMechanisms(names ...string) {
	c.mustAuthenticate("SetSASLMechanisms")
	for _, name := range names {
		if err := c.opts.checkMechanism(name); err != nil {
			panic(err.Error())
		}
	}
	c.locked(func() { c.accounts.mechanisms = slices.Clone(names) })
}

// mustAuthenticate panics in a cluster whose clients don't authenticate.
func (c *Cluster) mustAuthenticate(method string) {
	if !c.authenticates {
		panic(fmt.Sprintf("producertest: %s: the cluster has neither Options.Users nor other options of SASL", method))
	}
}

// newExchange begins an exchange.
func (c *Cluster) newExchange(mechanism string) SASLServer {
	if begin := c.opts.SASLServers[mechanism]; begin != nil {
		return begin()
	}
	switch mechanism {
	case plain:
		return &plainServer{c: c}
	case scramSHA256:
		return &scramServer{c: c, mechanism: mechanism, hash: sha256.New}
	case scramSHA512:
		return &scramServer{c: c, mechanism: mechanism, hash: sha512.New}
	case oauthBearer:
		return &oauthServer{validate: c.opts.OAuthBearer}
	}
	return nobody{}
}

// nobody is a mechanism that is listed only.
type nobody struct{}

func (nobody) Next([]byte) ([]byte, *Identity, error) {
	return nil, nil, errors.New("the test kit doesn't have the mechanism")
}
