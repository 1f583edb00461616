package interop

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer/producertest"
)

const (
	user     = "alice"
	password = "alice's secret"

	// Clients of the token server.
	service      = "service"
	shortLived   = "short-lived" // its tokens end soon
	forger       = "forger"      // its tokens are signed with another key
	stranger     = "stranger"    // its tokens are for another audience
	clientSecret = "service's secret"
)

// reauth is the connections.max.reauth.ms of the listener REAUTH.
const reauth = 3 * time.Second

var mechanisms = []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"}

// guarded is a cluster of one broker with a listener for each way to be guarded.
type guarded struct {
	*kafka.Cluster
	tokens    *tokenServer
	authority *producertest.CA          // of the broker's certificates, and of those that it accepts
	client    *producertest.Certificate // signed by it
}

func startGuarded(t *testing.T) *guarded {
	t.Helper()
	lifetimes := map[string]time.Duration{service: time.Hour, shortLived: 10 * time.Second, forger: time.Hour, stranger: time.Hour}
	clients := map[string]*tokenClient{}
	for id, lifetime := range lifetimes {
		clients[id] = &tokenClient{secret: clientSecret, audience: tokenAudience, lifetime: lifetime, forged: id == forger}
	}
	clients[stranger].audience = "another"
	g := &guarded{authority: newAuthority()}
	g.tokens = newTokenServer(t, clients, g.authority.ServerConfig("127.0.0.1"))
	g.client = g.authority.Client("client")

	own := show(g.authority.Server("127.0.0.1"))
	g.Cluster = kafka.Start(t, kafka.Options{
		// The system property is what Kafka 4 asks for before it fetches from a URL.
		JVM:        []string{"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=" + strings.Join([]string{g.tokens.tokenURL(), g.tokens.secureURL(), g.tokens.keysURL()}, ",")},
		ScramUsers: []kafka.ScramUser{{Name: user, Password: password}},
		Config:     map[string]string{"num.network.threads": "1"}, // of each listener
		Listeners: []kafka.Listener{
			{Name: "SSL", Protocol: "SSL", Config: own},
			{Name: "MUTUAL", Protocol: "SSL", Config: join(own, trust(g.authority), properties{"ssl.client.auth": "required"})},
			{Name: "SASL_PLAINTEXT", Protocol: "SASL_PLAINTEXT", Config: g.logins(mechanisms...)},
			{Name: "SASL_SSL", Protocol: "SASL_SSL", Config: join(own, g.logins(mechanisms...))},
			{Name: "REAUTH", Protocol: "SASL_SSL",
				Config: join(own, g.logins(mechanisms...), properties{"connections.max.reauth.ms": fmt.Sprint(reauth.Milliseconds())})},
			{Name: "FEW", Protocol: "SASL_PLAINTEXT", Config: g.logins("PLAIN", "SCRAM-SHA-256")},
			{Name: "FOREIGN", Protocol: "SSL", Config: show(g.authority.Server("other.example"))},
			{Name: "EXPIRED", Protocol: "SSL", Config: show(expired(g.authority, "127.0.0.1"))},
			{Name: "TWONAMES", Protocol: "SSL", Config: show(g.authority.Server("localhost", "127.0.0.1"))},
			{Name: "LOCALHOST", Protocol: "SSL", Config: show(g.authority.Server("localhost"))},
		},
	})
	return g
}

// logins are a listener's properties for these mechanisms.
func (g *guarded) logins(mechanisms ...string) properties {
	const security = "org.apache.kafka.common.security."
	all := properties{
		"plain.sasl.jaas.config":                         security + fmt.Sprintf(`plain.PlainLoginModule required user_%s="%s";`, user, password),
		"scram-sha-256.sasl.jaas.config":                 security + "scram.ScramLoginModule required;",
		"scram-sha-512.sasl.jaas.config":                 security + "scram.ScramLoginModule required;",
		"oauthbearer.sasl.jaas.config":                   security + "oauthbearer.OAuthBearerLoginModule required;",
		"oauthbearer.sasl.server.callback.handler.class": security + "oauthbearer.OAuthBearerValidatorCallbackHandler",
		"oauthbearer.sasl.oauthbearer.jwks.endpoint.url": g.tokens.keysURL(),
		"oauthbearer.sasl.oauthbearer.expected.issuer":   tokenIssuer,
		"oauthbearer.sasl.oauthbearer.expected.audience": tokenAudience,
	}
	maps.DeleteFunc(all, func(name, _ string) bool {
		mechanism, _, _ := strings.Cut(name, ".")
		return !slices.Contains(mechanisms, strings.ToUpper(mechanism))
	})
	all["sasl.enabled.mechanisms"] = strings.Join(mechanisms, ",")
	return all
}

// login are a client's properties for a mechanism.
func (g *guarded) login(mechanism string) properties {
	if mechanism == "OAUTHBEARER" {
		return g.bearer(service, clientSecret)
	}
	return jaas(mechanism, password)
}

func jaas(mechanism, password string) properties {
	module := "org.apache.kafka.common.security.plain.PlainLoginModule"
	if mechanism != "PLAIN" {
		module = "org.apache.kafka.common.security.scram.ScramLoginModule"
	}
	return properties{"sasl.mechanism": mechanism,
		"sasl.jaas.config": fmt.Sprintf("%s required\n  username=%q\n  password=%q;", module, user, password)}
}

// bearer are the properties for tokens of a client of the token server.
func (g *guarded) bearer(id, secret string) properties {
	const oauthbearer = "org.apache.kafka.common.security.oauthbearer."
	return properties{
		"sasl.mechanism":                                    "OAUTHBEARER",
		"sasl.jaas.config":                                  oauthbearer + "OAuthBearerLoginModule required;",
		"sasl.login.callback.handler.class":                 oauthbearer + "OAuthBearerLoginCallbackHandler",
		"sasl.oauthbearer.token.endpoint.url":               g.tokens.tokenURL(),
		"sasl.oauthbearer.client.credentials.client.id":     id,
		"sasl.oauthbearer.client.credentials.client.secret": secret,
		"sasl.oauthbearer.scope":                            "produce",
	}
}

// secureBearer are those for tokens from the endpoint that speaks TLS: whom to trust there is for the login module to say.
func (g *guarded) secureBearer() properties {
	const module = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
	ca := strings.ReplaceAll(g.authority.CertificatePEM(), "\n", `\n`)
	return join(g.bearer(service, clientSecret), properties{
		"sasl.oauthbearer.token.endpoint.url": g.tokens.secureURL(),
		"sasl.jaas.config":                    fmt.Sprintf(`%s required ssl.truststore.type="PEM" ssl.truststore.certificates="%s";`, module, ca),
	})
}

// by is a listener's addresses under another host name.
func (g *guarded) by(host, listener string) properties {
	addrs := strings.Join(g.ListenerAddrs(listener), ",")
	return properties{"bootstrap.servers": strings.ReplaceAll(addrs, "127.0.0.1", host)}
}

// at are a client's properties for a listener: its addresses, and its protocol with what else is given.
func (g *guarded) at(listener, protocol string, more ...properties) properties {
	return join(append(more, properties{"security.protocol": protocol, "bootstrap.servers": strings.Join(g.ListenerAddrs(listener), ",")})...)
}

func join(sets ...properties) properties {
	all := properties{}
	for _, set := range sets {
		maps.Copy(all, set)
	}
	return all
}

var tls12 = properties{"ssl.enabled.protocols": "TLSv1.2", "ssl.protocol": "TLSv1.2"} // at most

// way is a client's properties that get it in.
type way struct {
	name       string
	properties properties
}

func (g *guarded) ways() []way {
	trust := trust(g.authority)
	ways := []way{
		{"SSL", g.at("SSL", "SSL", trust)},
		{"SSL with a client certificate", g.at("MUTUAL", "SSL", trust, show(g.client))},
		{"SSL with a client certificate and TLS 1.2", g.at("MUTUAL", "SSL", trust, show(g.client), tls12)},
		{"SSL by another name than that of the metadata", join(g.at("TWONAMES", "SSL", trust), g.by("localhost", "TWONAMES"))},
		{"SASL_PLAINTEXT with OAUTHBEARER from an endpoint with TLS", g.at("SASL_PLAINTEXT", "SASL_PLAINTEXT", g.secureBearer())},
	}
	for _, mechanism := range mechanisms {
		ways = append(ways,
			way{"SASL_PLAINTEXT with " + mechanism, g.at("SASL_PLAINTEXT", "SASL_PLAINTEXT", g.login(mechanism))},
			way{"SASL_SSL with " + mechanism, g.at("SASL_SSL", "SASL_SSL", trust, g.login(mechanism))})
	}
	return ways
}

// Each way into a cluster, with Kafka's own properties. Kafka's own clients go first: where they don't get in, it is the broker that is
// set up wrongly.
func TestSecurity(t *testing.T) {
	g := startGuarded(t)
	for _, w := range g.ways() {
		t.Run(w.name, func(t *testing.T) {
			t.Run("Java", func(t *testing.T) { g.testJava(t, w.properties) })
			t.Run("producer", func(t *testing.T) { g.testProducer(t, w.properties) })
		})
	}
	// Without Java: on JDK 17 its client fails to construct a producer with this key.
	t.Run("SSL with an encrypted key", func(t *testing.T) {
		g.testProducer(t, g.at("MUTUAL", "SSL", trust(g.authority), showEncrypted(g.client)))
	})
	t.Run("sessions that end", func(t *testing.T) { testReauth(t, g) })
	t.Run("refused", func(t *testing.T) { testRefused(t, g) })
	t.Run("refused by the name in the metadata", func(t *testing.T) { testMetadataName(t, g) })
}

func (g *guarded) testJava(t *testing.T, p properties) {
	const n = 500
	topic := newTopic(t, g.Cluster, kafka.Topic{Partitions: 2})
	java := g.Java.Through(strings.Split(p["bootstrap.servers"], ","), p)
	if failed, err := java.WriteNumbered(topic, nil, n, 10); err != nil || failed > 0 {
		t.Fatalf("%d of %d records failed, %v", failed, n, err)
	}
	v, err := java.Verify(topic, n)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Err(); err != nil {
		t.Error(err)
	}
}

// What comes in through a listener with a login is read through the plain one.
func (g *guarded) testProducer(t *testing.T, p properties) {
	const n = 100_000
	topic := newTopic(t, g.Cluster, kafka.Topic{Partitions: 6})
	begin := time.Now()
	run := sendPaced(t, newProducer(t, g.Cluster, join(p, properties{"linger.ms": "5"})), topic, n, func(int) {})
	run.finish(t)
	t.Logf("%d records sent in %v", n, time.Since(begin).Round(time.Millisecond))
	verify(t, g.Cluster, topic, n)
}
