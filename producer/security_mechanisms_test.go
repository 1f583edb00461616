package producer_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// overBoth runs a test on loopback, in real time, and in memory, in virtual time.
func overBoth(t *testing.T, opts producertest.Options, f func(t *testing.T, c *producertest.Cluster)) {
	t.Run("loopback", func(t *testing.T) { f(t, producertest.Start(t, opts)) })
	t.Run("memory", func(t *testing.T) { inBubble(t, opts, f) })
}

// deliver sends records and checks that all of them arrive, once and in order.
func deliver(t *testing.T, c *producertest.Cluster, cfg producer.Config, n int) {
	t.Helper()
	p := open(t, cfg)
	var o outcomes
	send(t, p, "t", 0, n, &o)
	flush(t, p)
	noErrors(t, &o)
	check(t, c, "t", c.Partitions("t"), &o)
	if got := c.Count("t"); got != int64(n) {
		t.Errorf("%d records arrived of %d", got, n)
	}
}

// The forms that a login takes, by the versions that brokers have.
var forms = []struct {
	name string
	most map[protocol.Key]int16
}{
	{"SaslAuthenticate 2", nil},
	{"SaslAuthenticate 1", map[protocol.Key]int16{protocol.SaslAuthenticateKey: 1}},
	{"SaslAuthenticate 0", map[protocol.Key]int16{protocol.SaslAuthenticateKey: 0}},
	{"bare frames", map[protocol.Key]int16{protocol.SaslHandshakeKey: 0, protocol.SaslAuthenticateKey: -1}},
}

func TestLogin(t *testing.T) {
	for _, l := range logins {
		for _, form := range forms {
			t.Run(fmt.Sprintf("%s, %s", l.mechanism, form.name), func(t *testing.T) {
				opts := guarded()
				opts.MaxVersions = form.most
				overBoth(t, opts, func(t *testing.T, c *producertest.Cluster) {
					cfg := config(t, c)
					cfg.SecurityProtocol = producer.SASLPlaintext
					l.set(&cfg)
					deliver(t, c, cfg, 5000)
					wantPrincipal(t, c, "alice")
				})
			})
		}
	}
}

func TestLoginOverTLS(t *testing.T) {
	ca := producertest.NewCA("ours")
	for _, l := range logins {
		t.Run(l.mechanism, func(t *testing.T) {
			opts := guarded()
			opts.TLS = ca.ServerConfig()
			overBoth(t, opts, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.SecurityProtocol = producer.SASLPlaintext
				l.set(&cfg)
				trust(&cfg, ca)
				deliver(t, c, cfg, 20_000)
				wantPrincipal(t, c, "alice")
			})
		})
	}
}

func TestTLS(t *testing.T) {
	ca := producertest.NewCA("ours")
	own := ca.Intermediate("below").Client("email-service")
	for name, test := range map[string]struct {
		mutual bool
		set    func(*producer.Config)
		want   string // the principal
	}{
		"authority":         {false, func(c *producer.Config) { trust(c, ca) }, producertest.Anonymous},
		"Config.TLS":        {false, func(c *producer.Config) { c.SecurityProtocol, c.TLS = producer.SSL, ca.ClientConfig() }, producertest.Anonymous},
		"mutual Config.TLS": {true, func(c *producer.Config) { c.SecurityProtocol, c.TLS = producer.SSL, ca.ClientConfig(own) }, "CN=email-service"},
		"mutual": {true, func(c *producer.Config) {
			trust(c, ca)
			c.SSLKeystoreCertificateChain = producer.NewSecret(own.CertificatePEM())
			c.SSLKeystoreKey = producer.NewSecret(own.EncryptedKeyPEM("key phrase"))
			c.SSLKeyPassword = producer.NewSecret("key phrase")
		}, "CN=email-service"},
		"TLS 1.2": {true, func(c *producer.Config) {
			trust(c, ca)
			c.SSLKeystoreCertificateChain, c.SSLKeystoreKey = producer.NewSecret(own.CertificatePEM()), producer.NewSecret(own.KeyPEM())
			c.SSLEnabledProtocols = []string{"TLSv1.2"}
			c.SSLCipherSuites = []string{"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"}
		}, "CN=email-service"},
		"no endpoint identification": {false, func(c *producer.Config) {
			trust(c, ca)
			c.SSLEndpointIdentification = producer.Off
		}, producertest.Anonymous},
	} {
		t.Run(name, func(t *testing.T) {
			opts := producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 6}, TLS: ca.ServerConfig()}
			if test.mutual {
				opts.TLS = ca.MutualConfig()
			}
			if name == "no endpoint identification" {
				opts.TLS = ca.ServerConfig("another.test")
			}
			overBoth(t, opts, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				test.set(&cfg)
				deliver(t, c, cfg, 20_000)
				wantPrincipal(t, c, test.want)
				for _, r := range c.Requests() {
					if name == "TLS 1.2" && (r.TLS.Version != 0x0303 || r.TLS.CipherSuite != 0xcca9) {
						t.Fatalf("TLS %x with cipher suite %x", r.TLS.Version, r.TLS.CipherSuite)
					}
				}
			})
		})
	}
}

// A broker proves to be the one that the metadata names, not the one that the client was told to begin with.
func TestIdentityIsOfMetadata(t *testing.T) {
	ca := producertest.NewCA("ours")
	for _, test := range []struct {
		name  string
		hosts []string // of the certificate
		ok    bool
	}{
		{"both", []string{"192.0.2.1", "broker-1.test"}, true},
		{"the bootstrap server's only", []string{"192.0.2.1"}, false},
		{"the metadata's only", []string{"broker-1.test"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := producertest.Options{Topics: map[string]int32{"t": 1}, Hosts: []string{"broker-1.test"}, TLS: ca.ServerConfig(test.hosts...)}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.BootstrapServers = []string{"192.0.2.1:9092"}
				cfg.MaxBlock, cfg.DeliveryTimeout = 5*time.Second, 40*time.Second
				trust(&cfg, ca)
				p := open(t, cfg)
				_, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Value: []byte("x")})
				if (err == nil) != test.ok {
					t.Errorf("sent with %v", err)
				}
			})
		})
	}
}

// Clients that are alike in all but their credentials don't share them.
func TestEachProducerIsItsOwn(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}, Users: map[string]string{}}
	for i := range 5 {
		opts.Users[fmt.Sprint("user-", i)] = fmt.Sprint("password-", i)
	}
	inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
		for i := range 5 {
			cfg := config(t, c)
			cfg.SecurityProtocol, cfg.SASLMechanism = producer.SASLPlaintext, "SCRAM-SHA-256"
			cfg.SASLJAASConfig = producer.NewSecret(jaas(scramModule, fmt.Sprint("user-", i), fmt.Sprint("password-", i)))
			if _, err := open(t, cfg).SendSync(t.Context(), producer.Record{Topic: "t", Value: []byte("x")}); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		for i, r := range c.Requests(protocol.ProduceKey) {
			if r.Principal != fmt.Sprint("user-", i) {
				t.Errorf("request %d is by %s", i, r.Principal)
			}
		}
	})
}
