package producertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/sasl"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// startWith starts a cluster and a producer that is set up for it as a program's is: with properties.
func startWith(opts producertest.Options, properties map[string]string) (*producertest.Cluster, *producer.Producer, func()) {
	cluster, err := producertest.New(opts)
	if err != nil {
		panic(err)
	}
	p, stop := startOn(cluster, properties)
	return cluster, p, stop
}

// startOn returns a producer for a cluster, with these properties, and what closes both.
func startOn(cluster *producertest.Cluster, properties map[string]string) (*producer.Producer, func()) {
	properties["bootstrap.servers"] = strings.Join(cluster.BootstrapServers(), ",")
	cfg, err := producer.FromProperties(properties)
	if err != nil {
		panic(err)
	}
	cfg.Dial, cfg.Logger = cluster.Dial, quiet
	p, err := producer.New(cfg)
	if err != nil {
		panic(err)
	}
	return p, func() {
		p.Close(context.Background())
		cluster.Close()
	}
}

// scram are the properties of a user of SCRAM.
func scram(user, password string) map[string]string {
	return map[string]string{
		"security.protocol": "SASL_PLAINTEXT",
		"sasl.mechanism":    "SCRAM-SHA-256",
		"sasl.jaas.config": fmt.Sprintf(
			`org.apache.kafka.common.security.scram.ScramLoginModule required username="%s" password="%s";`, user, password),
	}
}

// welcome is the record of the examples.
var welcome = producer.Record{Topic: "email", Value: []byte("welcome")}

// A cluster with TLS and users, as most that matter are. Its certificates are made on the spot.
func Example_guarded() {
	ca := producertest.NewCA("test authority")
	properties := scram("email-service", "secret")
	properties["security.protocol"] = "SASL_SSL"
	properties["ssl.truststore.type"] = "PEM"
	properties["ssl.truststore.certificates"] = ca.CertificatePEM()

	cluster, p, stop := startWith(producertest.Options{
		TLS:   ca.ServerConfig(),
		Users: map[string]string{"email-service": "secret"},
	}, properties)
	defer stop()

	_, err := p.SendSync(context.Background(), welcome)
	fmt.Println("error:", err)
	for _, r := range cluster.Requests(protocol.ProduceKey) {
		fmt.Println("sent by", r.Principal, "over TLS:", r.TLS != nil)
	}
	// Output:
	// error: <nil>
	// sent by email-service over TLS: true
}

// Certificates in files, as operators have them: the brokers want one of the client, and know it by its name.
func ExampleCA() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	keystore, truststore := filepath.Join(dir, "keystore.pem"), filepath.Join(dir, "truststore.pem")

	ca := producertest.NewCA("test authority")
	own := ca.Client("email-service")
	err = errors.Join(
		producertest.WritePEM(keystore, own.EncryptedKeyPEM("open sesame"), own.CertificatePEM()),
		producertest.WritePEM(truststore, ca.CertificatePEM()),
	)
	if err != nil {
		panic(err)
	}
	cluster, p, stop := startWith(producertest.Options{TLS: ca.MutualConfig()}, map[string]string{
		"security.protocol":     "SSL",
		"ssl.keystore.type":     "PEM",
		"ssl.keystore.location": keystore, "ssl.key.password": "open sesame",
		"ssl.truststore.type":     "PEM",
		"ssl.truststore.location": truststore,
	})
	defer stop()

	_, err = p.SendSync(context.Background(), welcome)
	fmt.Println("error:", err)
	fmt.Println("sent by", cluster.Requests(protocol.ProduceKey)[0].Principal)
	// Output:
	// error: <nil>
	// sent by CN=email-service
}

// The brokers' certificate has expired.
func ExampleCA_Expired() {
	ca := producertest.NewCA("test authority")
	opts := producertest.Options{TLS: ca.ServerConfig()}
	opts.TLS.Certificates[0] = ca.Expired().TLS
	_, p, stop := startWith(opts, map[string]string{
		"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca.CertificatePEM(),
	})
	defer stop()

	_, err := p.SendSync(context.Background(), welcome)
	var refused *client.AuthError
	fmt.Println(errors.As(err, &refused), refused.Step)
	// Output:
	// true TLS handshake
}

// A password is changed and the program isn't told: what was open stays open, what is opened anew is refused.
func ExampleCluster_SetPassword() {
	cluster, p, stop := startWith(producertest.Options{Users: map[string]string{"email-service": "secret"}}, scram("email-service", "secret"))
	defer stop()
	ctx := context.Background()

	_, err := p.SendSync(ctx, welcome)
	fmt.Println("at first:", err)
	cluster.SetPassword("email-service", "other")
	_, err = p.SendSync(ctx, welcome)
	fmt.Println("after the change:", err)

	_, p, stop = startWith(producertest.Options{Users: map[string]string{"email-service": "other"}}, scram("email-service", "secret"))
	defer stop()
	_, err = p.SendSync(ctx, welcome)
	fmt.Println("with the old one:", errors.Is(err, protocol.SaslAuthenticationFailed))
	// Output:
	// at first: <nil>
	// after the change: <nil>
	// with the old one: true
}

// The first attempts to log in are refused, as while a new user makes its way to all brokers. A program that waits gets in.
func ExampleFailAuthentication() {
	cluster, err := producertest.New(producertest.Options{Users: map[string]string{"email-service": "secret"}})
	if err != nil {
		panic(err)
	}
	cluster.Inject(producertest.FailAuthentication("not yet").Times(2))
	p, stop := startOn(cluster, scram("email-service", "secret"))
	defer stop()

	for refused := 0; ; refused++ {
		if _, err = p.SendSync(context.Background(), welcome); !errors.Is(err, protocol.SaslAuthenticationFailed) {
			break
		}
	}
	fmt.Println("error:", err)
	s := cluster.Stats()
	fmt.Println("refused:", s.AuthenticationFailures)
	// Output:
	// error: <nil>
	// refused: 2
}

// Tokens: one is taken, another is not.
func ExampleStaticToken() {
	for _, value := range []string{"good", "bad"} {
		cluster, err := producertest.New(producertest.Options{
			OAuthBearer: producertest.StaticToken("good", "email-service", time.Time{}),
		})
		if err != nil {
			panic(err)
		}
		p, err := producer.New(producer.Config{
			BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: quiet,
			SecurityProtocol: producer.SASLPlaintext,
			SASLOAuthBearerToken: func(context.Context) (producer.Token, error) {
				return producer.Token{Value: value}, nil
			},
		})
		if err != nil {
			panic(err)
		}
		_, err = p.SendSync(context.Background(), welcome)
		fmt.Println(value, "token:", err == nil)
		p.Close(context.Background())
		cluster.Close()
	}
	// Output:
	// good token: true
	// bad token: false
}

// What the brokers have seen of logins, in order. These brokers don't take the client's mechanism.
func ExampleCluster_Authentications() {
	cluster, err := producertest.New(producertest.Options{Users: map[string]string{"email-service": "secret"}})
	if err != nil {
		panic(err)
	}
	cluster.SetSASLMechanisms("SCRAM-SHA-512", "GSSAPI")
	p, stop := startOn(cluster, scram("email-service", "secret"))
	defer stop()

	p.SendSync(context.Background(), welcome)
	for _, a := range cluster.Authentications()[:1] {
		fmt.Println(a.Mechanism, a.Code.Name(), a.Reason)
	}
	// Output:
	// SCRAM-SHA-256 UNSUPPORTED_SASL_MECHANISM the broker has ["SCRAM-SHA-512" "GSSAPI"]
}

// ticketServer is the broker's side of a mechanism that both sides make up: the client sends its ticket, and that is all.
type ticketServer struct{}

func (ticketServer) Next(response []byte) ([]byte, *producertest.Identity, error) {
	user, ok := strings.CutPrefix(string(response), "ticket of ")
	if !ok {
		return nil, nil, &producertest.SASLError{Message: "that is no ticket"}
	}
	return nil, &producertest.Identity{Principal: user}, nil
}

// ticket is the client's side.
type ticket string

func (t ticket) Name() string { return "X-TICKET" }

func (t ticket) Start(context.Context, sasl.Broker) (sasl.Session, []byte, error) {
	return t, []byte(t), nil
}

func (t ticket) Next([]byte) (response []byte, done bool, err error) { return nil, true, nil }

// A mechanism of one's own, on both sides.
func ExampleSASLServer() {
	cluster, err := producertest.New(producertest.Options{
		SASLServers: map[string]func() producertest.SASLServer{
			"X-TICKET": func() producertest.SASLServer { return ticketServer{} },
		},
	})
	if err != nil {
		panic(err)
	}
	defer cluster.Close()
	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: quiet,
		SecurityProtocol: producer.SASLPlaintext, SASL: ticket("ticket of email-service"),
	})
	if err != nil {
		panic(err)
	}
	defer p.Close(context.Background())

	_, err = p.SendSync(context.Background(), welcome)
	fmt.Println("error:", err, "by:", cluster.Requests(protocol.ProduceKey)[0].Principal)
	// Output:
	// error: <nil> by: email-service
}

// TestSessionsInVirtualTime is how to test sessions that end: an hour of them takes no time.
func TestSessionsInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ca := producertest.NewCA("test authority")
		cluster := producertest.Start(t, producertest.Options{
			InMemory: true, TLS: ca.ServerConfig(), Users: map[string]string{"email-service": "secret"},
			SessionLifetime: 5 * time.Minute,
		})
		p, err := producer.New(producer.Config{
			BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: quiet,
			SecurityProtocol: producer.SASLSSL, TLS: ca.ClientConfig(), SASL: sasl.ScramSHA512("email-service", "secret"),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(t.Context())
		for range 60 {
			if _, err := p.SendSync(t.Context(), welcome); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		s := cluster.Stats()
		if s.ExpiredSessions != 0 || s.Reauthentications < 11 {
			t.Errorf("%d sessions expired, %d were continued", s.ExpiredSessions, s.Reauthentications)
		}
	})
}
