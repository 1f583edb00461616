package sasl

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"strings"
	"time"
)

// What is taken where OIDCConfig says nothing. Kafka waits without end where the time-outs aren't set; here a token
// endpoint that doesn't answer must not hold up a connection for longer than its set-up may take.
const (
	defaultConnectTimeout  = 10 * time.Second
	defaultReadTimeout     = 10 * time.Second
	defaultRetryBackoff    = 100 * time.Millisecond
	defaultRetryBackoffMax = 10 * time.Second
	defaultWindowFactor    = 0.8
	defaultWindowJitter    = 0.05
	defaultMinPeriod       = time.Minute
	defaultBuffer          = 5 * time.Minute
)

// OIDCConfig is what OIDC needs to know, each field under the name of its property. Printed or as JSON it shows all but
// the secret and the values of extensions.
type OIDCConfig struct {
	// TokenEndpointURL (sasl.oauthbearer.token.endpoint.url) is where tokens are: an http or https URL, or a file URL,
	// whose file holds a token and is read for each exchange, so that another process can renew it. Required.
	TokenEndpointURL string
	// ClientID and ClientSecret (sasl.oauthbearer.client.credentials.client.id, ….secret) are shown to the endpoint in a
	// basic authorization header. Space around them is dropped. Required, but for a file URL.
	ClientID, ClientSecret string
	// Scope (sasl.oauthbearer.scope) is asked for. Empty: the endpoint chooses.
	Scope string
	// URLEncodeHeader (sasl.oauthbearer.header.urlencode) encodes id and secret in the header, as RFC 6749 section 2.3.1
	// says and not all endpoints expect. Kafka's default is false.
	URLEncodeHeader bool

	// ConnectTimeout (sasl.login.connect.timeout.ms) bounds the way to the endpoint: name, TCP, proxy and TLS. Zero: 10 s.
	ConnectTimeout time.Duration
	// ReadTimeout (sasl.login.read.timeout.ms) bounds the time from then to the end of the answer. Zero: 10 s.
	ReadTimeout time.Duration
	// RetryBackoff and RetryBackoffMax (sasl.login.retry.backoff.ms, ….max.ms): a request that failed is made again after
	// RetryBackoff, doubled each time, until RetryBackoffMax has passed since the first one. A refusal is not asked for
	// twice. Zero: 100 ms and 10 s.
	RetryBackoff, RetryBackoffMax time.Duration

	// RefreshWindowFactor (sasl.login.refresh.window.factor) is the part of its life after which a token is renewed: 0.5
	// to 1. Zero: 0.8.
	RefreshWindowFactor float64
	// RefreshWindowJitter (sasl.login.refresh.window.jitter) adds up to this part, by chance: 0 to 0.25. nil: 0.05.
	RefreshWindowJitter *float64
	// RefreshMinPeriod (sasl.login.refresh.min.period.seconds) is how long a token is kept at least: 0 to 15 min. nil: 60 s.
	RefreshMinPeriod *time.Duration
	// RefreshBuffer (sasl.login.refresh.buffer.seconds) is how long before its end a token is renewed at the latest: 0 to
	// 1 h. nil: 300 s. It and RefreshMinPeriod don't count where a token lives for less than both together. It is never less
	// than 3 s, or half of the token's life.
	RefreshBuffer *time.Duration

	// Extensions (KIP-342; extension_… in a JAAS line) go with each token. Names of letters only, but "auth".
	Extensions map[string]string
	// TLS is for an https endpoint. nil: the system's roots.
	TLS *tls.Config
	// TLSOptions makes TLS of what a JAAS line has of options that begin with "ssl.", by their names: FromJAAS calls it if there are
	// any. nil: they are refused.
	TLSOptions func(options map[string]string) (*tls.Config, error) `json:"-"`
	// Dial opens connections to the endpoint, or to the proxy that the environment names. nil: net.Dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger hears, once until it is over, that a token can't be renewed while the old one is still good. Everything else
	// is in the errors of Token. nil: slog.Default().
	Logger *slog.Logger
}

// String returns the settings without what is secret.
func (c OIDCConfig) String() string {
	secret, with := "", ""
	if c.ClientSecret != "" {
		secret = hidden
	}
	if c.Scope != "" {
		with = fmt.Sprintf(", scope %q", c.Scope)
	}
	return fmt.Sprintf("OIDC(endpoint %q, client id %q, client secret %s%s)", endpointShown(c.TokenEndpointURL), c.ClientID, secret, with)
}

// Format writes String's text for every verb and flag.
func (c OIDCConfig) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// MarshalJSON returns String's text.
func (c OIDCConfig) MarshalJSON() ([]byte, error) { return json.Marshal(c.String()) }

// endpointShown is a URL without what may be secret in it. What is no URL is not shown: it may be anything.
func endpointShown(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Opaque != "" {
		return hidden
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// NewOIDC checks c; a *ConfigError names what can't be. It doesn't ask the endpoint.
func NewOIDC(c OIDCConfig) (*OIDC, error) {
	c.Extensions = maps.Clone(c.Extensions)
	c.ClientID, c.ClientSecret, c.Scope = strings.TrimSpace(c.ClientID), strings.TrimSpace(c.ClientSecret), strings.TrimSpace(c.Scope)
	endpoint, err := parseEndpoint(c.TokenEndpointURL)
	if err != nil {
		return nil, err
	}
	file := endpoint.Scheme == "file"
	if !file && c.ClientID == "" {
		return nil, &ConfigError{Property: "sasl.oauthbearer.client.credentials.client.id", Allowed: "must be set"}
	}
	if !file && c.ClientSecret == "" {
		return nil, &ConfigError{Property: "sasl.oauthbearer.client.credentials.client.secret", Allowed: "must be set"}
	}
	for name, value := range c.Extensions {
		if err := checkExtension(name, value); err != nil {
			return nil, &ConfigError{Property: "sasl.jaas.config", Allowed: err.Error()}
		}
	}
	o := &OIDC{
		shown:      shown(c.String()),
		extensions: func() map[string]string { return maps.Clone(c.Extensions) }, logger: c.Logger,
		backoff: defaultRetryBackoff, backoffMax: defaultRetryBackoffMax,
	}
	if o.logger == nil {
		o.logger = slog.Default()
	}
	e := &tokenEndpoint{url: endpoint, config: &c, connectTimeout: defaultConnectTimeout, readTimeout: defaultReadTimeout}
	for _, d := range []struct {
		property string
		value    time.Duration
		to       *time.Duration
	}{
		{"sasl.login.connect.timeout.ms", c.ConnectTimeout, &e.connectTimeout},
		{"sasl.login.read.timeout.ms", c.ReadTimeout, &e.readTimeout},
		{"sasl.login.retry.backoff.ms", c.RetryBackoff, &o.backoff},
		{"sasl.login.retry.backoff.max.ms", c.RetryBackoffMax, &o.backoffMax},
	} {
		switch {
		case d.value < 0:
			return nil, &ConfigError{Property: d.property, Value: d.value.String(), Allowed: "must not be negative"}
		case d.value > 0:
			*d.to = d.value
		}
	}
	if o.renewal, err = c.renewal(); err != nil {
		return nil, err
	}
	if file {
		o.file = &tokenFile{path: endpoint.Path, shown: endpointShown(c.TokenEndpointURL)}
	} else {
		e.client = e.newClient()
		o.endpoint = e
	}
	return o, nil
}

// parseEndpoint checks sasl.oauthbearer.token.endpoint.url.
func parseEndpoint(raw string) (*url.URL, error) {
	fail := func(allowed string) (*url.URL, error) {
		return nil, &ConfigError{Property: "sasl.oauthbearer.token.endpoint.url", Allowed: allowed}
	}
	if raw == "" {
		return fail("must be set")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return fail("is not a URL")
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "":
		if u.User != nil {
			return fail("must not hold a user or password: they have properties of their own")
		}
	case u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") && u.Path != "":
	default:
		return fail("must be https://host/path, http://host/path or file:///path")
	}
	return u, nil
}

// renewal checks the properties of sasl.login.refresh and fills in Kafka's defaults.
func (c *OIDCConfig) renewal() (renewal, error) {
	r := renewal{factor: defaultWindowFactor, jitter: defaultWindowJitter, minPeriod: defaultMinPeriod, buffer: defaultBuffer}
	if c.RefreshWindowFactor != 0 {
		r.factor = c.RefreshWindowFactor
	}
	if c.RefreshWindowJitter != nil {
		r.jitter = *c.RefreshWindowJitter
	}
	if c.RefreshMinPeriod != nil {
		r.minPeriod = *c.RefreshMinPeriod
	}
	if c.RefreshBuffer != nil {
		r.buffer = *c.RefreshBuffer
	}
	for _, p := range []struct {
		property string
		value    any
		valid    bool
		allowed  string
	}{
		{"sasl.login.refresh.window.factor", r.factor, r.factor >= 0.5 && r.factor <= 1, "0.5 to 1.0"},
		{"sasl.login.refresh.window.jitter", r.jitter, r.jitter >= 0 && r.jitter <= 0.25, "0.0 to 0.25"},
		{"sasl.login.refresh.min.period.seconds", r.minPeriod, r.minPeriod >= 0 && r.minPeriod <= 15*time.Minute, "0 to 900 seconds"},
		{"sasl.login.refresh.buffer.seconds", r.buffer, r.buffer >= 0 && r.buffer <= time.Hour, "0 to 3600 seconds"},
	} {
		if !p.valid {
			return r, &ConfigError{Property: p.property, Value: fmt.Sprint(p.value), Allowed: "must be " + p.allowed}
		}
	}
	return r, nil
}
