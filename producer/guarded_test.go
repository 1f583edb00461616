package producer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// log is a log that several goroutines write.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Properties alone lead into a cluster with TLS and a login, with the right password and not with a wrong one, and neither an error
// nor a log line shows one of them.
func TestPropertiesIntoGuardedCluster(t *testing.T) {
	ca := producertest.NewCA("tests")
	own := ca.Client("client")
	dir := t.TempDir()
	trust, keys := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "client.pem")
	if err := errors.Join(producertest.WritePEM(trust, ca.CertificatePEM()), producertest.WritePEM(keys, own.EncryptedKeyPEM("hunter2"), own.CertificatePEM())); err != nil {
		t.Fatal(err)
	}
	const module = "org.apache.kafka.common.security."
	login := func(mechanism, class string) map[string]string {
		return map[string]string{"security.protocol": "SASL_SSL", "sasl.mechanism": mechanism, "ssl.truststore.location": trust,
			"sasl.jaas.config": module + class + ` required username="alice" password="hunter2";`}
	}
	users := producertest.Options{TLS: ca.ServerConfig(), Users: map[string]string{"alice": "hunter2"}}
	mutual := map[string]string{"security.protocol": "SSL", "ssl.truststore.certificates": ca.CertificatePEM(), "ssl.keystore.location": keys, "ssl.key.password": "hunter2"}
	for _, test := range []struct {
		name       string
		opts       producertest.Options
		properties map[string]string
		wrong      string // the property that is wrong then, and its value
		value      string
	}{
		{"TLS", producertest.Options{TLS: ca.ServerConfig()}, map[string]string{"security.protocol": "SSL", "ssl.truststore.location": trust},
			"ssl.truststore.certificates", producertest.NewCA("others").CertificatePEM()},
		{"mutual TLS", producertest.Options{TLS: ca.MutualConfig()}, mutual, "ssl.keystore.location", ""},
		{"PLAIN", users, login("PLAIN", "plain.PlainLoginModule"), "sasl.jaas.config", module + `plain.PlainLoginModule required username="alice" password="hunter3";`},
		{"SCRAM-SHA-256", users, login("SCRAM-SHA-256", "scram.ScramLoginModule"), "sasl.jaas.config", module + `scram.ScramLoginModule required username="alice" password="hunter3";`},
		{"SCRAM-SHA-512", users, login("SCRAM-SHA-512", "scram.ScramLoginModule"), "sasl.jaas.config", module + `scram.ScramLoginModule required username="bob" password="hunter2";`},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.opts.Topics = map[string]int32{"t": 1}
			c := producertest.Start(t, test.opts)
			if _, log, err := sendOnce(t, c, test.properties); err != nil {
				t.Errorf("with the right settings: %v\n%s", err, log)
			}
			wrong := map[string]string{}
			for name, value := range test.properties {
				wrong[name] = value
			}
			if test.wrong == "ssl.truststore.certificates" {
				delete(wrong, "ssl.truststore.location")
			}
			if wrong[test.wrong] = test.value; test.value == "" {
				delete(wrong, test.wrong)
			}
			took, log, err := sendOnce(t, c, wrong)
			var refused *client.AuthError
			if !errors.As(err, &refused) || took > 10*time.Second {
				t.Errorf("with wrong ones, after %v: %v\n%s", took, err, log)
			}
			if shown := fmt.Sprintf("%v %+v %#v", err, err, refused) + log; strings.Contains(shown, "hunter") {
				t.Errorf("a password is shown: %s", shown)
			}
			if n := c.Count("t"); n != 1 {
				t.Errorf("%d records", n)
			}
		})
	}
}

// Tokens come from the program, or from an endpoint that wants a secret.
func TestTokensIntoGuardedCluster(t *testing.T) {
	c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"t": 1}, OAuthBearer: func(token string) (string, time.Time, error) {
		if token != "hunter2" {
			return "", time.Time{}, errors.New("not a token of these tests")
		}
		return "alice", time.Now().Add(time.Hour), nil
	}})
	idp := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, ok := r.BasicAuth(); !ok || id != "alice" || secret != "hunter3" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error": "invalid_client", "error_description": "hunter4 is wrong"}`)
			return
		}
		fmt.Fprint(w, `{"access_token": "hunter2", "token_type": "bearer", "expires_in": 3600}`)
	}))
	defer idp.Close()
	by := func(secret string) map[string]string {
		return map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url": idp.URL,
			"sasl.oauthbearer.client.credentials.client.id": "alice", "sasl.oauthbearer.client.credentials.client.secret": secret}
	}
	if _, log, err := sendOnce(t, c, by("hunter3")); err != nil || strings.Contains(log, "hunter") {
		t.Errorf("%v\n%s", err, log)
	}
	_, log, err := sendOnce(t, c, by("hunter4"))
	var refused *client.AuthError
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), "invalid_client") || strings.Contains(err.Error()+log, "hunter") {
		t.Errorf("%v\n%s", err, log)
	}

	cfg := producer.Config{BootstrapServers: c.BootstrapServers(), Dial: c.Dial, SecurityProtocol: producer.SASLPlaintext,
		SASLOAuthBearerToken: func(context.Context) (producer.Token, error) { return producer.Token{Value: "hunter2"}, nil }}
	p, err := producer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil || c.Count("t") != 2 {
		t.Errorf("%v, %d records", err, c.Count("t"))
	}
}

// sendOnce sends a record with a producer made of properties, and returns what it logged.
func sendOnce(t *testing.T, c *producertest.Cluster, properties map[string]string) (time.Duration, string, error) {
	t.Helper()
	cfg, err := producer.FromProperties(properties)
	if err != nil {
		t.Fatal(err)
	}
	var lines log
	cfg.BootstrapServers, cfg.Dial = c.BootstrapServers(), c.Dial
	cfg.Logger = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	p, err := producer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	_, err = p.SendSync(t.Context(), producer.Record{Topic: "t"})
	took := time.Since(begin)
	p.Close(context.Background())
	return took, lines.String() + fmt.Sprintf("%+v %#v", cfg, cfg), err
}
