package producer_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/sasl"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

const clientSecret = "key phrase" // among secrets

// endpoint starts a token endpoint, over TLS if there is a config.
func endpoint(t *testing.T, config *tls.Config, answer http.HandlerFunc) *httptest.Server {
	s := httptest.NewUnstartedServer(answer)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	if s.TLS = config; config != nil {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// givesToken is an endpoint that is well.
func givesToken(w http.ResponseWriter, r *http.Request) {
	if _, secret, _ := r.BasicAuth(); secret != clientSecret {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error": "invalid_client", "error_description": "not %s"}`, secret)
		return
	}
	fmt.Fprintf(w, `{"access_token": %q, "token_type": "Bearer", "expires_in": 3600}`, token)
}

// byEndpoint are the properties of a login with tokens of an endpoint, with further options of the login module.
func byEndpoint(url, options string) map[string]string {
	return map[string]string{
		"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER", "sasl.oauthbearer.token.endpoint.url": url,
		"sasl.jaas.config": fmt.Sprintf("org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientId=me clientSecret=%s %s;",
			quoted(clientSecret), options),
	}
}

// An endpoint with a certificate of an authority of one's own is trusted by the login module's options, as with Kafka's client.
func TestTokenEndpointOfPrivateAuthority(t *testing.T) {
	c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"t": 1}, OAuthBearer: producertest.StaticToken(token, "alice", time.Time{})})
	idp := endpoint(t, authority.MutualConfig("127.0.0.1"), givesToken)
	own := authority.Client("me")
	dir := t.TempDir()
	trusted, keys := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "me.pem")
	if err := errors.Join(producertest.WritePEM(trusted, authority.CertificatePEM()), producertest.WritePEM(keys, own.EncryptedKeyPEM("key phrase"), own.CertificatePEM())); err != nil {
		t.Fatal(err)
	}
	const cert = `ssl.keystore.type=PEM ssl.keystore.location="%s" ssl.key.password="key phrase" `
	for _, options := range []string{
		fmt.Sprintf(cert+`ssl.protocol=SSL ssl.truststore.type=PEM ssl.truststore.location="%s"`, keys, trusted),
		fmt.Sprintf(cert+`ssl.truststore.certificates="%s" ssl.enabled.protocols="TLSv1.2,TLSv1.3"`, keys, strings.ReplaceAll(authority.CertificatePEM(), "\n", `\n`)),
	} {
		if _, log, err := sendOnce(t, c, byEndpoint(idp.URL, options)); err != nil {
			t.Errorf("%v\n%s", err, log)
		}
	}
	_, log, err := sendOnce(t, c, byEndpoint(idp.URL, ""))
	var e *sasl.TokenError
	if !errors.As(err, &e) || !strings.Contains(e.Advice, "ssl.truststore.location") || strings.Contains(err.Error()+log, clientSecret) {
		t.Errorf("with the system's authorities: %v", err)
	}

	// Files are opened by New, and wrong ones are told of there.
	for options, want := range map[string]string{
		`ssl.truststore.location="/none/ca.pem"`: "ssl.truststore.location: open /none/ca.pem: no such file",
		`ssl.protocol=SSLv3`:                     "ssl.protocol",
		`ssl.provider=mine`:                      "of TLS allowed are ssl.truststore.type",
		fmt.Sprintf(`ssl.keystore.location="%s" ssl.key.password="wrong-password"`, keys): "can't be decrypted with ssl.key.password",
	} {
		cfg, err := producer.FromProperties(byEndpoint(idp.URL, options))
		if err == nil {
			cfg.BootstrapServers = c.BootstrapServers()
			_, err = producer.New(cfg)
		}
		var wrong *producer.ConfigError
		if !errors.As(err, &wrong) || wrong.Property != "sasl.jaas.config" || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), clientSecret) || strings.Contains(err.Error(), "wrong-password") {
			t.Errorf("%s: %v", options, err)
		}
	}
}

// badEndpoint is an endpoint that gives no token, and what is said of it: of a "this|that" one of the two.
type badEndpoint struct {
	name   string
	url    string           // "": that of a server with answer
	answer http.HandlerFunc // nil with url
	says   []string
}

// An endpoint that gives no token is told of at once by whatever needs metadata, and once by the log.
func TestTokenEndpointOutOfOrder(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	for _, e := range []badEndpoint{
		{"down", down.URL, nil, []string{"sasl.login.connect.timeout.ms|can reach it"}},
		{"slow", "", func(_ http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, []string{"no whole answer in time", "sasl.login.read.timeout.ms"}},
		{"nonsense", "", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>welcome</html>") },
			[]string{"not a JSON object", "token.endpoint.url"}},
		{"no token", "", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"expires_in": 3600}`) },
			[]string{"no access_token", "token.endpoint.url"}},
		{"endless", "", func(w http.ResponseWriter, _ *http.Request) {
			for b := make([]byte, 1<<16); ; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, []string{"more than 524288 bytes"}},
		{"busy", "", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, []string{"503", "its own log"}},
		{"refusing", "", func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Authorization")
			givesToken(w, r)
		}, []string{"invalid_client", "client.credentials.client.id"}},
	} {
		t.Run(e.name, e.run)
	}
}

// run tries to get in with it.
func (e *badEndpoint) run(t *testing.T) {
	t.Parallel()
	c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"t": 1}, OAuthBearer: producertest.StaticToken(token, "alice", time.Time{})})
	url := e.url
	if url == "" {
		url = endpoint(t, nil, e.answer).URL
	}
	cfg, err := producer.FromProperties(byEndpoint(url, ""))
	if err != nil {
		t.Fatal(err)
	}
	cfg.SASLLoginRetryBackoff, cfg.SASLLoginRetryBackoffMax = time.Millisecond, 20*time.Millisecond
	if e.name == "slow" {
		cfg.SASLLoginReadTimeout = 200 * time.Millisecond
	}
	j := newJournal(t)
	cfg.BootstrapServers, cfg.Dial, cfg.Logger = c.BootstrapServers(), c.Dial, slog.New(j)
	p := open(t, cfg)
	err = p.Send(t.Context(), producer.Record{Topic: "t"}, nil)
	var refused *client.AuthError
	var cause *sasl.TokenError
	if !errors.As(err, &refused) || !errors.As(err, &cause) || refused.Step != client.StepSaslAuthenticate || refused.Addr != c.Addr(1) {
		t.Fatalf("got %v", err)
	}
	for _, s := range e.says {
		a, b, _ := strings.Cut(s, "|")
		if !strings.Contains(err.Error(), a) && (b == "" || !strings.Contains(err.Error(), b)) {
			t.Errorf("%v, which says nothing of %s", err, s)
		}
	}
	if told := j.errors(""); len(told) != 1 {
		t.Errorf("told of %v", told)
	}
	j.tellsNoSecret(t, err)
}
