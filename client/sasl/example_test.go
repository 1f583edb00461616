package sasl_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"kafkaproducer/client/sasl"
)

// signer is a mechanism of one's own: the broker sends a challenge, and the client signs it with a key. Kerberos and the
// signers of clouds fit in the same way.
type signer struct {
	user string
	key  func() []byte // a function, so that nothing that prints a signer shows the key
}

func (s *signer) Name() string { return "EXAMPLE-HMAC" }

// String keeps the mechanism readable where settings are printed.
func (s *signer) String() string { return "EXAMPLE-HMAC of " + s.user }

// Start tells the broker who comes. What a mechanism needs from elsewhere (a ticket, credentials) it fetches here, and
// gives up when ctx ends. b names the broker, for mechanisms that bind what they sign to its host name.
func (s *signer) Start(ctx context.Context, b sasl.Broker) (sasl.Session, []byte, error) {
	return &signing{s}, []byte(s.user), nil
}

// signing is one exchange.
type signing struct{ *signer }

// Next signs the broker's challenge, after which the broker has nothing more to say.
func (s *signing) Next(challenge []byte) (response []byte, done bool, err error) {
	if len(challenge) < 16 {
		return nil, false, errors.New("the challenge is too short to be worth a signature")
	}
	mac := hmac.New(sha256.New, s.key())
	mac.Write(challenge)
	return mac.Sum(nil), true, nil
}

// A Mechanism of one's own, and what the client does with it on each connection.
func ExampleMechanism() {
	var m sasl.Mechanism = &signer{user: "alice", key: func() []byte { return []byte("wonderland") }}

	session, initial, err := m.Start(context.Background(), sasl.Broker{Host: "broker-1.example.com", Port: 9094, NodeID: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s sends %q\n", m.Name(), initial)
	response, done, err := session.Next([]byte("sixteen bytes or"))
	fmt.Printf("and then %d bytes; done: %v, error: %v\n", len(response), done, err)
	// Output:
	// EXAMPLE-HMAC sends "alice"
	// and then 32 bytes; done: true, error: <nil>
}

// Tokens from wherever they are. The function is called for each connection, and again before a session ends.
func ExampleOAuthBearer() {
	m := sasl.OAuthBearer(func(ctx context.Context) (sasl.Token, error) {
		// Ask a vault, a metadata service, … and keep the answer until shortly before it expires.
		return sasl.Token{
			Value:      "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl",
			Principal:  "alice",
			Expiry:     time.Now().Add(time.Hour),
			Extensions: map[string]string{"logicalCluster": "lkc-123"},
		}, nil
	})
	_, initial, err := m.Start(context.Background(), sasl.Broker{})
	fmt.Printf("%q %v\n", initial, err)
	// Output:
	// "n,,\x01auth=Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl\x01logicalCluster=lkc-123\x01\x01" <nil>
}

// Tokens from a token endpoint. The secret is in nothing that is printed.
func ExampleNewOIDC() {
	oidc, err := sasl.NewOIDC(sasl.OIDCConfig{
		TokenEndpointURL: "https://idp.example.com/oauth2/token",
		ClientID:         "orders",
		ClientSecret:     "a secret",
		Scope:            "kafka",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	m := sasl.OAuthBearer(oidc.Token)
	fmt.Println(m.Name())
	fmt.Printf("%+v\n", oidc)
	// Output:
	// OAUTHBEARER
	// OIDC(endpoint "https://idp.example.com/oauth2/token", client id "orders", client secret [hidden], scope "kafka")
}

// A line as Java's producers have it.
func ExampleFromJAAS() {
	m, err := sasl.FromJAAS("SCRAM-SHA-512",
		`org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="a \"secret\"";`,
		sasl.OIDCConfig{})
	fmt.Println(m, err)

	_, err = sasl.FromJAAS("SCRAM-SHA-512", `com.sun.security.auth.module.Krb5LoginModule required useKeyTab="true";`, sasl.OIDCConfig{})
	fmt.Println(err)
	// Output:
	// SCRAM-SHA-512(username "alice", password [hidden]) <nil>
	// sasl.jaas.config: com.sun.security.auth.module.Krb5LoginModule: this login module is not known here; SCRAM-SHA-512 has org.apache.kafka.common.security.scram.ScramLoginModule. For what other modules do, give a Mechanism of your own
}
