package sasl

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// askOnce asks a server of the test's own, without retries.
func askOnce(t *testing.T, url string, change func(*OIDCConfig)) (Token, error) {
	t.Helper()
	c := OIDCConfig{TokenEndpointURL: url, ClientID: testID, ClientSecret: testSecret, RetryBackoff: time.Nanosecond, RetryBackoffMax: time.Nanosecond}
	if change != nil {
		change(&c)
	}
	o, err := NewOIDC(c)
	if err != nil {
		t.Fatal(err)
	}
	return o.Token(t.Context())
}

func quiet(s *httptest.Server) *httptest.Server {
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	return s
}

func TestTokenRequest(t *testing.T) {
	for _, c := range []struct {
		name       string
		change     func(*OIDCConfig)
		id, secret string
		body       string
	}{
		{"as it is", nil, testID, testSecret, "grant_type=client_credentials"},
		{"with scope", func(c *OIDCConfig) { c.Scope = "a b&c" }, testID, testSecret, "grant_type=client_credentials&scope=a+b%26c"},
		{"encoded", func(c *OIDCConfig) { c.URLEncodeHeader = true }, "client+one", "tOp%3As3cret%2F%2B%25", "grant_type=client_credentials"},
		{"with space around", func(c *OIDCConfig) { c.ClientSecret, c.ClientID = testSecret+"\n", "\t"+testID }, testID, testSecret, "grant_type=client_credentials"},
	} {
		t.Run(c.name, func(t *testing.T) {
			value := jwt(map[string]any{"sub": "alice", "exp": int64(4102444800)})
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				id, secret, _ := r.BasicAuth()
				got := fmt.Sprint(r.Method, r.URL, id, "|", secret, "|", string(body), r.Header["Content-Type"], r.Header["Accept"], r.Header["Cache-Control"])
				want := fmt.Sprint("POST/oauth/token?x=1", c.id, "|", c.secret, "|", c.body, "[application/x-www-form-urlencoded][application/json][no-cache]")
				if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
					t.Errorf("got  %s\nwant %s", got, want)
				}
				fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":1}`, value)
			}))
			defer s.Close()
			token, err := askOnce(t, s.URL+"/oauth/token?x=1", c.change)
			if err != nil || token.Value != value || token.Principal != "alice" || token.Expiry.Unix() != int64(4102444800) {
				t.Errorf("got %q, %q, %v, %v", token.Value, token.Principal, token.Expiry, err)
			}
		})
	}
}

func TestTokenCarriesExtensions(t *testing.T) {
	s := httptest.NewServer(tokens(time.Hour))
	defer s.Close()
	token, err := askOnce(t, s.URL, func(c *OIDCConfig) { c.Extensions = map[string]string{"traceId": "9"} })
	if err != nil || token.Extensions["traceId"] != "9" {
		t.Errorf("got %v, %v", token.Extensions, err)
	}
}

func TestTokenAnswersThatAreWrong(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		want   string
		advice string
	}{
		{"empty", 200, "", "the answer (0 bytes) is not a JSON object", adviceURL},
		{"web page", 200, "<html>" + testSecret + "</html>", "is not a JSON object", adviceURL},
		{"list", 200, `["` + testSecret + `"]`, "is not a JSON object", adviceURL},
		{"null", 200, "null", "is not a JSON object", adviceURL},
		{"half", 200, `{"access_token":"abc`, "is not a JSON object", adviceURL},
		{"no token", 200, `{"accessToken":"` + testSecret + `"}`, "has no access_token", adviceURL},
		{"empty token", 200, `{"access_token":"  "}`, "has no access_token", adviceURL},
		{"null token", 200, `{"access_token":null}`, "has no access_token", adviceURL},
		{"numeric token", 200, `{"access_token":123}`, "access_token in the answer is not a string", adviceURL},
		{"token with a separator", 200, `{"access_token":"abc\u0001def"}`, "characters that a bearer token can't have", adviceURL},
		{"expired token", 200, `{"access_token":"` + jwt(map[string]any{"exp": 1000000000}) + `"}`, "expired at 2001-09-09T01:46:40Z", adviceURL},
		{"huge", 200, `{"access_token":"` + strings.Repeat("a", maxAnswer) + `"}`, "more than 524288 bytes", adviceURL},
		{"wrong secret", 401, `{"error":"invalid_client","error_description":"wrong secret ` + testSecret + `"}`, `HTTP status 401: invalid_client: "wrong secret [hidden]"`, adviceClient},
		{"unauthorized without a word", 401, "", "HTTP status 401", adviceClient},
		{"bad scope", 400, `{"error":"invalid_scope"}`, "HTTP status 400: invalid_scope", adviceScope},
		{"Okta", 400, `{"errorCode":"E0000021","errorSummary":"Bad request"}`, `HTTP status 400: E0000021: "Bad request"`, ""},
		{"other error", 403, `{"error":{"message":"` + testSecret + `"}}`, "HTTP status 403", ""},
		{"not found", 404, "<html>not here</html>", "HTTP status 404", adviceURL},
		{"broken", 500, testSecret, "HTTP status 500", adviceBroken},
		{"no content", 204, "", "HTTP status 204", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(says(c.status, c.body))
			defer s.Close()
			_, err := askOnce(t, s.URL, nil)
			var e *TokenError
			if !errors.As(err, &e) || e.Status != c.status || e.Advice != c.advice || e.Endpoint != s.URL {
				t.Fatalf("got %#v", err)
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), testSecret) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestTokenAnswersThatAreRight(t *testing.T) {
	now := time.Unix(1700000000, 0)
	expiring := jwt(map[string]any{"sub": "alice", "exp": 1700003600.5})
	for _, c := range []struct {
		name, body, value, principal string
		life                         time.Duration
	}{
		{"JWT", `{"access_token":"` + expiring + `","expires_in":60}`, expiring, "alice", time.Hour},
		{"id token", `{"id_token":"` + expiring + `"}`, expiring, "alice", time.Hour},
		{"both", `{"id_token":"other","access_token":"` + expiring + `"}`, expiring, "alice", time.Hour},
		{"opaque", `{"access_token":" abc.def~+/== ","expires_in":60}`, "abc.def~+/==", "", time.Minute},
		{"life as a string", `{"access_token":"abc","expires_in":"60"}`, "abc", "", time.Minute},
		{"no life", `{"access_token":"abc"}`, "abc", "", 7 * time.Second},
		{"life that is none", `{"access_token":"abc","expires_in":-1}`, "abc", "", 7 * time.Second},
		{"life beyond all time", `{"access_token":"abc","expires_in":1e300}`, "abc", "", 7 * time.Second},
		{"life of another kind", `{"access_token":"abc","expires_in":{}}`, "abc", "", 7 * time.Second},
		{"exp of another kind", `{"access_token":"` + jwt(map[string]any{"exp": "soon"}) + `","expires_in":60}`, jwt(map[string]any{"exp": "soon"}), "", time.Minute},
		{"exp beyond all time", `{"access_token":"` + jwt(map[string]any{"exp": 1e18}) + `","expires_in":60}`, jwt(map[string]any{"exp": 1e18}), "", time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			token, err := parseTokenAnswer([]byte(c.body), now, 7*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if token.Value != c.value || token.Principal != c.principal || token.Expiry.Sub(now) != c.life {
				t.Errorf("got %q, %q, %v", token.Value, token.Principal, token.Expiry.Sub(now))
			}
		})
	}
}

func TestRedirectIsNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed, with the header %q", r.Header["Authorization"])
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/login?session=1", status))
		_, err := askOnce(t, s.URL, nil)
		s.Close()
		var e *TokenError
		if !errors.As(err, &e) || e.Status != status || e.Advice != adviceRedirect || e.Description != "to "+elsewhere.URL+"/login" {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

func TestTokenEndpointOverTLS(t *testing.T) {
	s := quiet(httptest.NewUnstartedServer(tokens(time.Hour)))
	s.StartTLS()
	defer s.Close()
	plain := httptest.NewServer(tokens(time.Hour))
	defer plain.Close()
	trusting := func(c *OIDCConfig) {
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		c.TLS = &tls.Config{RootCAs: roots}
	}
	if token, err := askOnce(t, s.URL, trusting); err != nil || token.Principal != "1" {
		t.Errorf("trusted: %v, %v", token, err)
	}
	for _, c := range []struct {
		name, url, advice string
		change            func(*OIDCConfig)
	}{
		{"unknown authority", s.URL, adviceTrust, nil},
		{"another name", s.URL, adviceTrust, func(c *OIDCConfig) { trusting(c); c.TLS.ServerName = "other.test" }},
		{"TLS to a plain port", strings.Replace(plain.URL, "http:", "https:", 1), adviceTLSToo, trusting},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := askOnce(t, c.url, c.change)
			var e *TokenError
			if !errors.As(err, &e) || e.Advice != c.advice || e.Attempts != 1 || e.retriable {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("plain text to a TLS port", func(t *testing.T) {
		_, err := askOnce(t, strings.Replace(s.URL, "https:", "http:", 1), nil)
		var e *TokenError
		if !errors.As(err, &e) || e.Status != 400 {
			t.Errorf("got %v", err)
		}
	})
}

func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a token")
	c := OIDCConfig{TokenEndpointURL: "file://" + strings.ReplaceAll(path, " ", "%20"), Extensions: map[string]string{"a": "b"}}
	o, err := NewOIDC(c)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err = o.Token(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	for _, sub := range []string{"alice", "bob"} { // it is read anew for each exchange
		put(jwt(map[string]any{"sub": sub, "exp": int64(4102444800)}) + "\n")
		if token, err := o.Token(t.Context()); err != nil || token.Principal != sub || token.Extensions["a"] != "b" {
			t.Errorf("%s: %v, %v", sub, token, err)
		}
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \n", "it is empty"},
		{"something else", "pass word", "characters"},
		{"expired", jwt(map[string]any{"exp": 1000000000}), "expired at"},
		{"huge", strings.Repeat("a", maxAnswer+1), "more than 524288 bytes"},
	} {
		put(c.text)
		_, err := o.Token(t.Context())
		var e *TokenError
		if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "pass") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOIDCSettingsThatCanNotBe(t *testing.T) {
	for _, c := range []struct {
		property string
		change   func(*OIDCConfig)
	}{
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "idp.example.com/" + testSecret }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "ftp://idp.example.com/" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "https:///token" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "https://u:" + testSecret + "@idp/" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "https://u:pw@idp.example.com/" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "file://elsewhere/token" }},
		{"sasl.oauthbearer.token.endpoint.url", func(c *OIDCConfig) { c.TokenEndpointURL = "file:token" }},
		{"sasl.oauthbearer.client.credentials.client.id", func(c *OIDCConfig) { c.ClientID = " " }},
		{"sasl.oauthbearer.client.credentials.client.secret", func(c *OIDCConfig) { c.ClientSecret = "\n" }},
		{"sasl.login.connect.timeout.ms", func(c *OIDCConfig) { c.ConnectTimeout = -1 }},
		{"sasl.login.read.timeout.ms", func(c *OIDCConfig) { c.ReadTimeout = -1 }},
		{"sasl.login.retry.backoff.ms", func(c *OIDCConfig) { c.RetryBackoff = -1 }},
		{"sasl.login.retry.backoff.max.ms", func(c *OIDCConfig) { c.RetryBackoffMax = -1 }},
		{"sasl.login.refresh.window.factor", func(c *OIDCConfig) { c.RefreshWindowFactor = 0.49 }},
		{"sasl.login.refresh.window.factor", func(c *OIDCConfig) { c.RefreshWindowFactor = 1.01 }},
		{"sasl.login.refresh.window.jitter", func(c *OIDCConfig) { c.RefreshWindowJitter = new(0.26) }},
		{"sasl.login.refresh.window.jitter", func(c *OIDCConfig) { c.RefreshWindowJitter = new(-0.01) }},
		{"sasl.login.refresh.min.period.seconds", func(c *OIDCConfig) { c.RefreshMinPeriod = new(901 * time.Second) }},
		{"sasl.login.refresh.buffer.seconds", func(c *OIDCConfig) { c.RefreshBuffer = new(-time.Second) }},
		{"sasl.jaas.config", func(c *OIDCConfig) { c.Extensions = map[string]string{"auth": "x"} }},
	} {
		o := OIDCConfig{TokenEndpointURL: "https://idp.example.com/token", ClientID: testID, ClientSecret: testSecret}
		c.change(&o)
		_, err := NewOIDC(o)
		var e *ConfigError
		if !errors.As(err, &e) || e.Property != c.property || strings.Contains(err.Error(), testSecret) {
			t.Errorf("%s: got %v", c.property, err)
		}
	}
}

func TestRenewalIsDue(t *testing.T) {
	kafka := renewal{factor: 0.8, jitter: 0.05, minPeriod: time.Minute, buffer: 5 * time.Minute}
	for _, c := range []struct {
		name   string
		r      renewal
		life   time.Duration
		chance float64
		want   time.Duration
	}{
		{"an hour", kafka, time.Hour, 0, 48 * time.Minute},
		{"an hour, latest", kafka, time.Hour, 1, 51 * time.Minute},
		{"ten minutes: the buffer counts", kafka, 10 * time.Minute, 0, 5 * time.Minute},
		{"six and a half: the minimum counts", renewal{factor: 0.5, minPeriod: 4 * time.Minute, buffer: time.Minute}, 390 * time.Second, 0, 4 * time.Minute},
		{"minute: neither counts", kafka, time.Minute, 0, 48 * time.Second},
		{"whole life and more, but for the last moments", renewal{factor: 1, jitter: 0.25}, time.Hour, 1, time.Hour - 3*time.Second},
		{"ten seconds", kafka, 10 * time.Second, 0, 7 * time.Second},
		{"four seconds", kafka, 4 * time.Second, 0, 2 * time.Second},
		{"nothing", kafka, 0, 1, 0},
	} {
		now := time.Unix(1700000000, 0)
		if got := c.r.due(now, now.Add(c.life), c.chance).Sub(now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestDoubled(t *testing.T) {
	for n, want := range []time.Duration{1: 100, 2: 200, 3: 400, 4: 800, 5: 1000, 6: 1000, 1000: 1000} {
		if want != 0 && doubled(100, 1000, n) != want {
			t.Errorf("after %d failures %d, want %d", n, doubled(100, 1000, n), want)
		}
	}
	if got := doubled(time.Hour, time.Second, 1); got != time.Second {
		t.Errorf("a first pause beyond the most: %v", got)
	}
}
