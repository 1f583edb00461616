package producer_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// refusal is a way in which broker and producer don't let each other in, and how it is put right.
type refusal struct {
	name   string
	opts   func(*producertest.Options)
	set    func(*producer.Config)
	step   string
	says   []string // in the error
	cause  func(*client.AuthError) bool
	repair func(*producertest.Cluster) // nil: not while they run
}

var authority, stranger = producertest.NewCA("ours"), producertest.NewCA("theirs")

// with is a login over plain text, changed by f.
func with(l login, f func(*producer.Config)) func(*producer.Config) {
	return func(c *producer.Config) {
		c.SecurityProtocol = producer.SASLPlaintext
		l.set(c)
		if f != nil {
			f(c)
		}
	}
}

// overTLS is a config that trusts the authority.
func overTLS(c *producer.Config) { trust(c, authority) }

// show makes a client show a certificate.
func show(own *producertest.Certificate) func(*producer.Config) {
	return func(c *producer.Config) {
		trust(c, authority)
		c.SSLKeystoreCertificateChain, c.SSLKeystoreKey = producer.NewSecret(own.CertificatePEM()), producer.NewSecret(own.KeyPEM())
	}
}

// serve makes brokers speak TLS.
func serve(config *tls.Config) func(*producertest.Options) {
	return func(o *producertest.Options) { o.TLS = config }
}

// certified is a config with a certificate.
func certified(c *producertest.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.TLS}}
}

func isA[E error](err *client.AuthError) bool {
	var target E
	return errors.As(err, &target)
}

func code(code protocol.ErrorCode) func(*client.AuthError) bool {
	return func(err *client.AuthError) bool { return errors.Is(err, code) }
}

var repairTLS = func(c *producertest.Cluster) { c.SetTLS(authority.ServerConfig()) }

func refusals() []refusal {
	return slices.Concat(loginRefusals(), tlsRefusals(), wrongSecrets())
}

// loginRefusals are those of SASL but for wrong secrets.
func loginRefusals() []refusal {
	wanted := func(err *client.AuthError) bool { return slices.Contains(err.Mechanisms, "PLAIN") }
	return []refusal{
		{"unknown mechanism", func(o *producertest.Options) { o.SASLMechanisms = []string{"SCRAM-SHA-512", "GSSAPI"} }, with(logins[0], nil), client.StepSaslHandshake,
			[]string{"SCRAM-SHA-512", "GSSAPI", "sasl.mechanism"},
			func(err *client.AuthError) bool {
				return errors.Is(err, protocol.UnsupportedSaslMechanism) && slices.Equal(err.Mechanisms, []string{"SCRAM-SHA-512", "GSSAPI"})
			},
			func(c *producertest.Cluster) { c.SetSASLMechanisms("PLAIN") }},
		{"no login is asked for", func(o *producertest.Options) { o.Users, o.OAuthBearer = nil, nil }, with(logins[0], nil),
			client.StepSaslHandshake, []string{"security.protocol"}, code(protocol.IllegalSaslState), nil},
		{"token callback fails", nil, with(logins[3], func(c *producer.Config) {
			c.SASLOAuthBearerToken = func(context.Context) (producer.Token, error) { return producer.Token{}, errNoToken }
		}), client.StepSaslAuthenticate, []string{errNoToken.Error()}, func(err *client.AuthError) bool { return errors.Is(err, errNoToken) }, nil},
		{"token expired", nil, with(logins[3], func(c *producer.Config) {
			c.SASLOAuthBearerToken = func(context.Context) (producer.Token, error) {
				return producer.Token{Value: token, Expiry: time.Now().Add(-time.Second)}, nil
			}
		}), client.StepSaslAuthenticate, []string{"expired"}, nil, nil},
		{"unknown user", func(o *producertest.Options) { o.Users = map[string]string{"bob": "b"} }, with(logins[2], nil),
			client.StepSaslAuthenticate, []string{"knows the user"}, code(protocol.SaslAuthenticationFailed),
			func(c *producertest.Cluster) { c.SetPassword("alice", password) }},
		{"no login, over TLS", serve(authority.ServerConfig()), overTLS, client.StepSaslHandshake,
			[]string{"wants a login", "security.protocol=SASL_SSL", "SCRAM-SHA-512"}, wanted, nil},
		{"no login, in plain text", nil, func(*producer.Config) {}, client.StepSaslHandshake,
			[]string{"wants a login", "security.protocol=SASL_PLAINTEXT", "SCRAM-SHA-512"}, wanted, nil},
	}
}

// tlsRefusals are those of TLS.
func tlsRefusals() []refusal {
	return []refusal{
		{"certificate expired", serve(certified(authority.Expired())), overTLS, client.StepTLS,
			[]string{"expired", "renew", "CN=broker"}, isA[x509.CertificateInvalidError], repairTLS},
		{"certificate of another host", func(o *producertest.Options) {
			o.Hosts, o.TLS = []string{"broker-1.test"}, authority.ServerConfig("another.test")
		}, overTLS, client.StepTLS, []string{"another.test", "advertised.listeners"}, isA[x509.HostnameError],
			func(c *producertest.Cluster) { c.SetTLS(authority.ServerConfig("broker-1.test")) }},
		{"certificate of an unknown authority", serve(stranger.ServerConfig()), overTLS, client.StepTLS,
			[]string{"unknown authority", "ssl.truststore"}, isA[x509.UnknownAuthorityError], repairTLS},
		{"client certificate missing", serve(authority.MutualConfig()), overTLS, client.StepTLS,
			[]string{"ssl.keystore"}, nil, repairTLS},
		{"client certificate refused", serve(authority.MutualConfig()), show(stranger.Client("me")), client.StepTLS,
			[]string{"certificate"}, nil, repairTLS},
		{"client certificate expired", serve(authority.MutualConfig()), show(authority.Issue(producertest.CertificateOptions{
			Name: "me", Client: true, NotAfter: time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC)})), client.StepTLS,
			[]string{"CN=me", "refuses the client certificate"}, nil, repairTLS},
		{"no version in common", serve(&tls.Config{Certificates: authority.ServerConfig().Certificates, MinVersion: tls.VersionTLS13}),
			func(c *producer.Config) { overTLS(c); c.SSLEnabledProtocols = []string{"TLSv1.2"} }, client.StepTLS,
			[]string{"ssl.enabled.protocols"}, nil, repairTLS},
		{"plain text to TLS", serve(authority.ServerConfig()), func(*producer.Config) {}, client.StepTLS,
			[]string{"speaks TLS", "security.protocol=SSL"}, nil, nil},
		{"a login in plain text to TLS", serve(authority.ServerConfig()), with(logins[0], nil), client.StepTLS,
			[]string{"speaks TLS", "security.protocol=SASL_SSL"}, nil, nil},
		{"TLS to plain text", nil, overTLS, client.StepTLS,
			[]string{"does not speak TLS", "security.protocol=PLAINTEXT"}, nil, nil},
		{"a login over TLS to plain text", nil, with(logins[1], overTLS), client.StepTLS,
			[]string{"does not speak TLS", "security.protocol=SASL_PLAINTEXT"}, nil, nil},
	}
}

// wrongSecrets are those of each mechanism.
func wrongSecrets() (all []refusal) {
	for _, l := range logins {
		r := refusal{name: "wrong secret for " + l.mechanism, set: func(c *producer.Config) {
			c.SecurityProtocol = producer.SASLPlaintext
			l.wrong(c)
		}, step: client.StepSaslAuthenticate}
		if l.mechanism == "OAUTHBEARER" {
			r.says = []string{"invalid_token"}
		} else {
			r.says, r.cause = []string{"sasl.jaas.config"}, code(protocol.SaslAuthenticationFailed)
			r.repair = func(c *producertest.Cluster) { c.SetPassword("alice", "wrong-password") } // which is the client's
		}
		all = append(all, r)
	}
	return all
}

var errNoToken = errors.New("the vault is sealed")

// start starts a producer of a cluster with one broker that it can't get into.
func (r *refusal) start(t *testing.T, c *producertest.Cluster) (*producer.Producer, *journal) {
	cfg := config(t, c)
	r.set(&cfg)
	j := newJournal(t)
	cfg.Logger = slog.New(j)
	return open(t, cfg), j
}

// options are those of the cluster.
func (r *refusal) options() producertest.Options {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}}
	if strings.HasPrefix(r.step, "Sasl") {
		opts = guarded()
		opts.Brokers = 1
	}
	if r.opts != nil {
		r.opts(&opts)
	}
	return opts
}

// On a real network connections end in other ways, yet the same is said.
func TestRefusalsOnLoopback(t *testing.T) {
	for _, r := range refusals() {
		t.Run(r.name, func(t *testing.T) {
			c := producertest.Start(t, r.options())
			p, j := r.start(t, c)
			j.tellsNoSecret(t, r.refusesAll(t, c, p)...)
		})
	}
}

// Each is said at once by whatever needs metadata, with what to change; logged once; tried again, in measure; and over when it is put
// right.
func TestRefusals(t *testing.T) {
	for _, r := range refusals() {
		t.Run(r.name, func(t *testing.T) {
			inBubble(t, r.options(), func(t *testing.T, c *producertest.Cluster) {
				p, j := r.start(t, c)
				errs := r.refusesAll(t, c, p)
				r.triesAgain(t, c)
				if told := j.errors(""); len(told) != 1 {
					t.Errorf("told of %v", told)
				}
				j.tellsNoSecret(t, errs...)
				if r.repair == nil {
					return
				}
				r.repair(c)
				time.Sleep(1500 * time.Millisecond) // reconnect.backoff.max.ms, and its jitter
				if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Value: []byte("x")}); err != nil {
					t.Errorf("put right, but: %v", err)
				}
				if n := j.count(slog.LevelInfo, "connected again"); n > 1 {
					t.Errorf("told %d times that all is well", n)
				}
			})
		})
	}
}

// refusesAll checks what calls return that need metadata.
func (r *refusal) refusesAll(t *testing.T, c *producertest.Cluster, p *producer.Producer) (errs []error) {
	t.Helper()
	start := time.Now()
	err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte("x")}, func(producer.RecordMetadata, error) { t.Error("accepted") })
	if n := c.Stats().Connections; n > 2 { // the second is to find out what the port speaks
		t.Errorf("known after %d connections", n)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("known after %v", d)
	}
	_, other := p.PartitionsFor(t.Context(), "other")
	_, sync := p.SendSync(t.Context(), producer.Record{Topic: "other", Value: []byte("x")})
	for call, err := range map[string]error{"Send": err, "PartitionsFor": other, "SendSync": sync} {
		var refused *client.AuthError
		if !errors.As(err, &refused) {
			t.Fatalf("%s: %v", call, err)
		}
		if refused.Step != r.step || refused.Addr != c.Addr(1) {
			t.Errorf("%s: step %q at %s: %v", call, refused.Step, refused.Addr, err)
		}
		for _, s := range r.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %v, which says nothing of %q", call, err, s)
			}
		}
		if r.cause != nil && !r.cause(refused) {
			t.Errorf("%s: the cause is %v", call, refused.Err)
		}
	}
	return []error{err, other, sync}
}

// triesAgain checks what happens in half a minute of which nobody asks for anything.
func (r *refusal) triesAgain(t *testing.T, c *producertest.Cluster) {
	t.Helper()
	before := c.Stats().Connections
	time.Sleep(30 * time.Second)
	synctest.Wait()
	n := c.Stats().Connections - before
	if strings.HasPrefix(r.name, "token ") { // they end before they cost the broker more than a connection
		n /= 2
	}
	// Each try is one connection, or two: every second at most, after 50 ms, 100 ms … at first (reconnect.backoff).
	if n < 5 || n > 80 {
		t.Errorf("%d connections in 30 seconds", n)
	}
}
