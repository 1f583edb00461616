package producer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"testing"

	"kafkaproducer/client/sasl"
)

const (
	plainJAAS = `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`
	scramJAAS = `org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";`
	oauthJAAS = `org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId="i" clientSecret="s";`
)

// pairs are properties: name and value by turns.
func pairs(texts ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(texts); i += 2 {
		m[texts[i]] = texts[i+1]
	}
	return m
}

func noToken(context.Context) (Token, error) { return Token{}, nil }

// securityContradictions are settings of TLS and SASL that don't fit each other.
var securityContradictions = []struct {
	name       string
	properties map[string]string
	then       func(*Config) // what the program sets
	late       bool          // New says it, FromProperties can't know
	want       string
}{
	{"two trust stores", overTLS("ssl.truststore.location", "ca.pem", "ssl.truststore.certificates", "PEM"), nil, false,
		`ssl.truststore.certificates = "[hidden]": it conflicts with ssl.truststore.location = "ca.pem"; allowed: one of the two`},
	{"a key without its certificates", overTLS("ssl.keystore.key", "PEM"), nil, false,
		`ssl.keystore.key = "[hidden]": it needs ssl.keystore.certificate.chain, which is not set; allowed: both or none`},
	{"certificates without their key", overTLS("ssl.keystore.certificate.chain", "PEM"), nil, false,
		`ssl.keystore.certificate.chain = "[hidden]": it needs ssl.keystore.key, which is not set; allowed: both or none`},
	{"two keys", overTLS("ssl.keystore.key", "PEM", "ssl.keystore.certificate.chain", "PEM", "ssl.keystore.location", "k.pem"), nil, false,
		`ssl.keystore.key = "[hidden]": it conflicts with ssl.keystore.location = "k.pem"; allowed: one of the two`},
	{"two chains", overTLS("ssl.keystore.certificate.chain", "PEM", "ssl.keystore.location", "k.pem"), nil, false,
		`ssl.keystore.certificate.chain = "[hidden]": it conflicts with ssl.keystore.location = "k.pem"; allowed: one of the two`},
	{"no version left", overTLS("ssl.enabled.protocols", "TLSv1.3", "ssl.protocol", "TLSv1.2"), nil, false,
		`ssl.protocol = "TLSv1.2": it conflicts with ssl.enabled.protocols = TLSv1.3; allowed: TLSv1.3`},
	{"no version left for the cipher suites", overTLS("ssl.protocol", "TLSv1.2", "ssl.cipher.suites", "TLS_AES_128_GCM_SHA256"), nil, false,
		`ssl.cipher.suites = "TLS_AES_128_GCM_SHA256": none of TLS_AES_128_GCM_SHA256 is of a protocol in ssl.enabled.protocols`},
	{"a trust store of Java's", overTLS("ssl.truststore.type", "JKS", "ssl.truststore.location", "ca.jks"), nil, true,
		`ssl.truststore.type = "JKS": type JKS is not supported, only PEM; convert it with: keytool -list -rfc -keystore ca.jks > ca.jks.pem`},
	{"a key store of Java's", overTLS("ssl.keystore.type", "PKCS12", "ssl.keystore.location", "k.p12"), nil, true,
		`ssl.keystore.type = "PKCS12": type PKCS12 is not supported, only PEM; convert it with: openssl pkcs12 -in k.p12 -aes256 -out k.p12.pem`},
	{"a trust store's password", overTLS("ssl.truststore.password", "p"), nil, true,
		`ssl.truststore.password = "[hidden]": a PEM trust store has no password; leave it out`},
	{"a key store's password", overTLS("ssl.keystore.password", "p"), nil, true,
		`ssl.keystore.password = "[hidden]": a PEM key store has no password; ssl.key.password is the one for its private key`},
	{"a file that isn't there", overTLS("ssl.truststore.location", "/none/ca.pem"), nil, true,
		`ssl.truststore.location = "/none/ca.pem": open /none/ca.pem: no such file or directory`},
	{"a text that isn't PEM", overTLS("ssl.truststore.certificates", "ca.pem"), nil, true,
		`ssl.truststore.certificates = "[hidden]": there is no PEM in it`},
	{"an address of another protocol", overTLS("bootstrap.servers", "PLAINTEXT://h:1"), nil, false,
		`bootstrap.servers = "PLAINTEXT://h:1": PLAINTEXT contradicts security.protocol = SSL; allowed: ` + allowedServers},
	{"TLS but plain text", nil, func(c *Config) { c.TLS = new(tls.Config) }, true,
		`security.protocol = "PLAINTEXT": Config.TLS is set, which it doesn't use; allowed: SSL, SASL_SSL`},
	{"TLS but SASL without it", pairs("security.protocol", "SASL_PLAINTEXT"), func(c *Config) { c.TLS, c.SASL = new(tls.Config), sasl.Plain("u", "p") }, true,
		`security.protocol = "SASL_PLAINTEXT": Config.TLS is set, which it doesn't use; allowed: SSL, SASL_SSL`},
	{"a login but plain text", nil, func(c *Config) { c.SASL = sasl.Plain("u", "p") }, true,
		`security.protocol = "PLAINTEXT": Config.SASL is set, which it doesn't use; allowed: SASL_PLAINTEXT, SASL_SSL`},
	{"tokens but TLS alone", overTLS(), func(c *Config) { c.SASLOAuthBearerToken = noToken }, true,
		`security.protocol = "SSL": Config.SASLOAuthBearerToken is set, which it doesn't use; allowed: SASL_PLAINTEXT, SASL_SSL`},

	{"no mechanism", pairs("security.protocol", "SASL_SSL"), nil, true,
		`sasl.mechanism = "": it is required beside security.protocol = SASL_SSL (Kafka's default, GSSAPI, is Kerberos, which is not part of this client); ` +
			`allowed: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`},
	{"another mechanism", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "GSSAPI"), nil, true,
		`sasl.mechanism = "GSSAPI": it is not part of this client; set Config.SASL for a mechanism of your own; allowed: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER`},
	{"no password", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"), nil, true,
		`sasl.jaas.config = "": it is required beside sasl.mechanism = PLAIN, unless Config.SASL is set`},
	{"a module of another mechanism", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", scramJAAS), nil, false,
		`sasl.jaas.config = "[hidden]": beside sasl.mechanism = PLAIN: org.apache.kafka.common.security.scram.ScramLoginModule: ` +
			`is not the login module of PLAIN, which is org.apache.kafka.common.security.plain.PlainLoginModule`},
	{"a module that isn't known", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-512", "sasl.jaas.config", "com.sun.security.auth.module.Krb5LoginModule required;"), nil, false,
		`sasl.jaas.config = "[hidden]": beside sasl.mechanism = SCRAM-SHA-512: com.sun.security.auth.module.Krb5LoginModule: this login module is not known here; ` +
			`SCRAM-SHA-512 has org.apache.kafka.common.security.scram.ScramLoginModule. For what other modules do, give a Mechanism of your own`},
	{"a line that is cut", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", plainJAAS[:len(plainJAAS)-2]), nil, false,
		`sasl.jaas.config = "[hidden]": beside sasl.mechanism = PLAIN: org.apache.kafka.common.security.plain.PlainLoginModule: a quote that is not closed (at character 88)`},
	{"no token endpoint", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", oauthJAAS), nil, true,
		`sasl.oauthbearer.token.endpoint.url = "": it is required beside sasl.mechanism = OAUTHBEARER, unless Config.SASLOAuthBearerToken is set`},
	{"an endpoint that isn't one", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", oauthJAAS, "sasl.oauthbearer.token.endpoint.url", "idp:443"), nil, false,
		`sasl.oauthbearer.token.endpoint.url = "idp:443": it must be https://host/path, http://host/path or file:///path`},
	{"an endpoint with a password", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "https://u:p@idp/token"), nil, false,
		`sasl.oauthbearer.token.endpoint.url = "[hidden]": it must not hold a user or password: they have properties of their own`},
	{"no client id", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "https://idp/token"), nil, true,
		`sasl.oauthbearer.client.credentials.client.id = "": beside sasl.mechanism = OAUTHBEARER: it must be set`},
	{"no client secret", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "https://idp/token",
		"sasl.oauthbearer.client.credentials.client.id", "i"), nil, true,
		`sasl.oauthbearer.client.credentials.client.secret = "": beside sasl.mechanism = OAUTHBEARER: it must be set`},
	{"another mechanism than the program's", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-256"), func(c *Config) { c.SASL = sasl.Plain("u", "p") }, true,
		`sasl.mechanism = "SCRAM-SHA-256": it contradicts Config.SASL, which is PLAIN; allowed: PLAIN`},
	{"another mechanism than the tokens'", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"), func(c *Config) { c.SASLOAuthBearerToken = noToken }, true,
		`sasl.mechanism = "PLAIN": it contradicts Config.SASLOAuthBearerToken; allowed: OAUTHBEARER`},
	{"two logins of the program", pairs("security.protocol", "SASL_SSL"), func(c *Config) { c.SASLOAuthBearerToken, c.SASL = noToken, sasl.Plain("u", "p") }, true,
		`sasl.mechanism = "PLAIN": Config.SASL and Config.SASLOAuthBearerToken are both set; allowed: one of the two`},
}

// Settings that don't fit each other are told of, by both names.
func TestSecurityContradictions(t *testing.T) {
	for _, test := range securityContradictions {
		t.Run(test.name, func(t *testing.T) {
			c, err := FromProperties(test.properties)
			if err != nil && test.late {
				t.Fatalf("FromProperties: %v", err)
			}
			if err == nil {
				if !test.late {
					t.Errorf("FromProperties took it")
				}
				if c.BootstrapServers = []string{"seed:9092"}; test.then != nil {
					test.then(&c)
				}
				_, err = c.resolve()
			}
			if want := "kafkaproducer: " + test.want; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// everySetting is what Java's programs leave in files of properties for other protocols.
var everySetting = pairs("ssl.truststore.location", "ca.jks", "ssl.truststore.type", "JKS", "ssl.keystore.password", "p", "ssl.enabled.protocols", "TLSv1.3",
	"ssl.endpoint.identification.algorithm", "", "sasl.mechanism", "GSSAPI", "sasl.jaas.config", "any", "sasl.login.refresh.window.factor", "0.9")

// openToken is noted where a token goes over a connection that anybody can read.
const openToken = "sasl.mechanism = OAUTHBEARER beside security.protocol = SASL_PLAINTEXT: the token can be read by everyone on the way"

// securitySettings are settings that work, what they come to, and what New notes of them.
var securitySettings = []struct {
	name       string
	properties map[string]string
	then       func(*Config)
	tls        bool
	mechanism  string
	notes      []string
}{
	{"nothing", nil, nil, false, "", nil},
	{"properties without effect", everySetting, nil, false, "", []string{
		"without effect beside security.protocol = PLAINTEXT: ssl.truststore.type, ssl.truststore.location, ssl.keystore.password, " +
			"ssl.endpoint.identification.algorithm, ssl.enabled.protocols",
		"without effect beside security.protocol = PLAINTEXT: sasl.mechanism, sasl.jaas.config, sasl.login.refresh.window.factor"}},
	{"the program's TLS", with(everySetting, "security.protocol", "SSL"), func(c *Config) { c.TLS = new(tls.Config) }, true, "", []string{
		"without effect beside Config.TLS, which replaces them: ssl.truststore.type, ssl.truststore.location, ssl.keystore.password, " +
			"ssl.endpoint.identification.algorithm, ssl.enabled.protocols",
		"without effect beside security.protocol = SSL: sasl.mechanism, sasl.jaas.config, sasl.login.refresh.window.factor"}},
	{"PLAIN", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "PLAIN", "sasl.jaas.config", plainJAAS), nil, false, "PLAIN",
		[]string{"sasl.mechanism = PLAIN beside security.protocol = SASL_PLAINTEXT: the password can be read by everyone on the way"}},
	{"SCRAM", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "SCRAM-SHA-512", "sasl.jaas.config", scramJAAS), nil, false, "SCRAM-SHA-512", nil},
	{"tokens of an endpoint", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "https://idp/token",
		"sasl.oauthbearer.client.credentials.client.id", "i", "sasl.oauthbearer.client.credentials.client.secret", "s"), nil, false, "OAUTHBEARER", []string{openToken}},
	{"tokens of an endpoint, by a JAAS line", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "https://idp/token",
		"sasl.jaas.config", oauthJAAS, "sasl.login.callback.handler.class", oauth+"OAuthBearerLoginCallbackHandler"), nil, false, "OAUTHBEARER",
		[]string{openToken}},
	{"a token in a file", pairs("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url", "file:///token"), nil, true, "OAUTHBEARER", nil},
	{"the program's tokens", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.jaas.config", oauthJAAS), func(c *Config) { c.SASLOAuthBearerToken = noToken }, false, "OAUTHBEARER",
		[]string{"without effect beside Config.SASLOAuthBearerToken, which replaces them: sasl.jaas.config", openToken}},
	{"the program's PLAIN", pairs("security.protocol", "SASL_PLAINTEXT"), func(c *Config) { c.SASL = sasl.Plain("u", "p") }, false, "PLAIN",
		[]string{"sasl.mechanism = PLAIN beside security.protocol = SASL_PLAINTEXT: the password can be read by everyone on the way"}},
	{"the program's mechanism", pairs("security.protocol", "SASL_PLAINTEXT", "sasl.mechanism", "MINE", "sasl.oauthbearer.scope", "s"), func(c *Config) { c.SASL = mine{} }, false, "MINE",
		[]string{"without effect beside Config.SASL, which replaces them: sasl.oauthbearer.scope"}},
	{"all of it", pairs("security.protocol", "SASL_SSL", "bootstrap.servers", "SASL_SSL://h:1", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", scramJAAS),
		func(c *Config) { c.TLS = new(tls.Config) }, true, "SCRAM-SHA-256", nil},
}

// What a program has by itself, and what Java's programs leave in files of properties for other protocols.
func TestSecuritySettings(t *testing.T) {
	for _, test := range securitySettings {
		t.Run(test.name, func(t *testing.T) {
			c, err := FromProperties(test.properties)
			if err != nil {
				t.Fatal(err)
			}
			if c.BootstrapServers == nil {
				c.BootstrapServers = []string{"seed:9092"}
			}
			if test.then != nil {
				test.then(&c)
			}
			s, err := c.resolve()
			if err != nil {
				t.Fatal(err)
			}
			if (s.client.TLS != nil) != test.tls || s.client.TLS != nil && s.client.TLS == c.TLS {
				t.Errorf("TLS is %v", s.client.TLS)
			}
			name := ""
			if s.client.SASL != nil {
				name = s.client.SASL.Name()
			}
			if name != test.mechanism || !slices.Equal(s.notes, test.notes) {
				t.Errorf("mechanism %q, notes %q", name, s.notes)
			}
		})
	}
}

// mine is a mechanism of a program's own.
type mine struct{}

func (mine) Name() string { return "MINE" }
func (mine) Start(context.Context, sasl.Broker) (sasl.Session, []byte, error) {
	return nil, nil, errors.New("not to be used")
}

func TestWrongSecurityConfig(t *testing.T) {
	for want, c := range map[string]Config{
		`security.protocol = "SecurityProtocol(9)"; allowed: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL`: {SecurityProtocol: 9},
		`ssl.endpoint.identification.algorithm = "Toggle(5)"; allowed: true, false`:                    {SecurityProtocol: SSL, SSLEndpointIdentification: 5},
		`sasl.login.refresh.buffer.seconds = "3600.5"; allowed: 0 to 3600`:                             {SASLLoginRefreshBuffer: 3600*1000*ms + 500*ms},
		`sasl.login.refresh.window.factor = "-1"; allowed: 0.5 to 1`:                                   {SASLLoginRefreshWindowFactor: -1},
		`sasl.login.refresh.window.jitter = "0.5"; allowed: 0 to 0.25`:                                 {SASLLoginRefreshWindowJitter: 0.5},
		`sasl.login.connect.timeout.ms = "-1"; allowed: 1 to 2147483647`:                               {SASLLoginConnectTimeout: -ms},
	} {
		c.BootstrapServers = []string{"seed:9092"}
		if _, err := c.resolve(); fmt.Sprint(err) != "kafkaproducer: "+want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
	c := Config{SASLLoginRefreshWindowJitter: -1, SASLLoginRefreshMinPeriod: -1, SASLLoginRefreshBuffer: -1, SASLLoginRetryBackoff: -1}
	if o := oidc(c); *o.RefreshWindowJitter != 0 || *o.RefreshMinPeriod != 0 || *o.RefreshBuffer != 0 || o.RetryBackoff != 1 {
		t.Errorf("negative numbers mean %+v", o)
	}
}
