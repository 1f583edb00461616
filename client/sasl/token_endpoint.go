package sasl

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// maxAnswer bounds what is read of an endpoint's answer. Brokers take 512 KiB a message (sasl.server.max.receive.size), and
// tokens have a few KiB.
const maxAnswer = 512 << 10

// tokenEndpoint makes token requests over HTTP.
type tokenEndpoint struct {
	url                         *url.URL
	config                      *OIDCConfig // behind a pointer so that printing an endpoint can't show it
	connectTimeout, readTimeout time.Duration
	client                      *http.Client
}

const (
	adviceReach    = "look at sasl.oauthbearer.token.endpoint.url, and whether this machine can reach it"
	adviceConnect  = "it may be down or out of reach; sasl.login.connect.timeout.ms says how long to try"
	adviceRead     = "it is slow; sasl.login.read.timeout.ms says how long to wait"
	adviceTrust    = "its certificate is not trusted for this URL: its authority must be among the system's roots, or in ssl.truststore.location=\"…\" among the options of OAuthBearerLoginModule in sasl.jaas.config"
	adviceURL      = "is sasl.oauthbearer.token.endpoint.url the URL of the token endpoint itself?"
	adviceClient   = "look at the client id and secret (sasl.oauthbearer.client.credentials.client.id, ….secret); where they have characters beyond letters and digits, try sasl.oauthbearer.header.urlencode=true"
	adviceBroken   = "it is out of order or busy, and asked again: look at its own log"
	adviceScope    = "look at sasl.oauthbearer.scope"
	adviceTLSToo   = "it doesn't speak TLS on this port, as it seems: is the URL to begin with http: ?"
	adviceRedirect = "redirects are not followed, lest the secret go astray: set sasl.oauthbearer.token.endpoint.url to where it points"
)

// Causes of a request that took too long.
var (
	errConnectTimeout = errors.New("no connection in time")
	errReadTimeout    = errors.New("no whole answer in time")
)

// newClient makes the HTTP client. Connections aren't kept: the next token is due in minutes or hours.
func (e *tokenEndpoint) newClient() *http.Client {
	dial := e.config.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			// The transport goes on to dial, and to shake hands, when the request has been given up, and so needs bounds
			// of its own.
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				ctx, cancel := context.WithTimeout(ctx, e.connectTimeout)
				defer cancel()
				conn, err := dial(ctx, network, addr)
				if err != nil && ctx.Err() != nil {
					err = errConnectTimeout
				}
				return conn, err
			},
			TLSHandshakeTimeout:    e.connectTimeout,
			TLSClientConfig:        e.tls(),
			DisableKeepAlives:      true,
			DisableCompression:     true, // a small answer could unpack to a large one
			MaxResponseHeaderBytes: 64 << 10,
		},
		// A redirect is answered as it is: elsewhere the secret has no business.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// tls is the settings of TLS. What verifies by itself is told the host, which crypto/tls leaves out where it is an IP address.
func (e *tokenEndpoint) tls() *tls.Config {
	config := e.config.TLS.Clone()
	if config == nil || config.VerifyConnection == nil {
		return config
	}
	verify := config.VerifyConnection
	config.VerifyConnection = func(cs tls.ConnectionState) error {
		if cs.ServerName == "" {
			cs.ServerName = e.url.Hostname()
		}
		return verify(cs)
	}
	return config
}

func (e *tokenEndpoint) shown() string { return endpointShown(e.url.String()) }

// request asks for a token, once. Errors are a *TokenError.
func (e *tokenEndpoint) request() (*Token, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	// One timer for both phases: it is set anew when the connection is there.
	connect := time.AfterFunc(e.connectTimeout, func() { cancel(errConnectTimeout) })
	defer connect.Stop()
	var read *time.Timer
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		connect.Stop()
		read = time.AfterFunc(e.readTimeout, func() { cancel(errReadTimeout) })
	}})
	answer, err := e.client.Do(e.newRequest(ctx))
	if read != nil {
		defer read.Stop()
	}
	if err != nil {
		return nil, e.lost(ctx, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, e.lost(ctx, err)
	}
	if len(body) > maxAnswer {
		return nil, &TokenError{
			Endpoint: e.shown(), Status: answer.StatusCode, Advice: adviceURL,
			Err: fmt.Errorf("the answer has more than %d bytes", maxAnswer),
		}
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return nil, e.refused(answer, body)
	}
	token, err := parseTokenAnswer(body, time.Now().Round(0), e.config.lifeUnknown())
	if err != nil {
		return nil, &TokenError{Endpoint: e.shown(), Status: answer.StatusCode, Err: err, Advice: adviceURL}
	}
	return token, nil
}

// lifeUnknown is how long a token is kept of which nobody says when it ends.
func (c *OIDCConfig) lifeUnknown() time.Duration {
	if c.RefreshMinPeriod != nil {
		return *c.RefreshMinPeriod
	}
	return defaultMinPeriod
}

// newRequest makes the request of RFC 6749 section 4.4.2, with the headers that Kafka sends.
func (e *tokenEndpoint) newRequest(ctx context.Context) *http.Request {
	form := url.Values{"grant_type": {"client_credentials"}}
	if e.config.Scope != "" {
		form.Set("scope", e.config.Scope)
	}
	// The URL was checked, and the method is one: there can be no error.
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, e.url.String(), strings.NewReader(form.Encode()))
	id, secret := e.config.ClientID, e.config.ClientSecret
	if e.config.URLEncodeHeader {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	r.SetBasicAuth(id, secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Cache-Control", "no-cache")
	return r
}

// secrets is what must not be in an error, if the endpoint should repeat it: a header of ours, too.
func (e *tokenEndpoint) secrets() []string {
	c := e.config
	return []string{c.ClientSecret, c.ClientID + ":" + c.ClientSecret, url.QueryEscape(c.ClientID) + ":" + url.QueryEscape(c.ClientSecret)}
}

// lost says why there was no answer.
func (e *tokenEndpoint) lost(ctx context.Context, err error) *TokenError {
	// http's own wrapper would repeat the URL.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	t := &TokenError{Endpoint: e.shown(), Err: scrubbed(err, e.secrets()...), Advice: adviceReach, retriable: true}
	var untrusted *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch cause := context.Cause(ctx); {
	case cause == errConnectTimeout, errors.Is(err, errConnectTimeout):
		t.Err, t.Advice = fmt.Errorf("%w (%v): %w", errConnectTimeout, e.connectTimeout, context.DeadlineExceeded), adviceConnect
	case cause == errReadTimeout:
		t.Err, t.Advice = fmt.Errorf("%w (%v): %w", errReadTimeout, e.readTimeout, context.DeadlineExceeded), adviceRead
	case errors.As(err, &untrusted):
		t.Advice, t.retriable = adviceTrust, false
	case errors.Is(err, http.ErrSchemeMismatch), errors.As(err, &record):
		t.Advice, t.retriable = adviceTLSToo, false
	}
	return t
}

// refused says what an answer without a token means.
func (e *tokenEndpoint) refused(answer *http.Response, body []byte) *TokenError {
	t := &TokenError{Endpoint: e.shown(), Status: answer.StatusCode, retriable: !final(answer.StatusCode)}
	t.Code, t.Description = parseTokenRefusal(body, e.secrets()...)
	switch {
	case answer.StatusCode/100 == 3:
		if to, err := answer.Location(); err == nil {
			t.Description = said("to "+endpointShown(to.String()), e.secrets()...)
		}
		t.Advice, t.retriable = adviceRedirect, false
	case t.Code == "invalid_scope":
		t.Advice = adviceScope
	case t.Code == "invalid_client", t.Code == "unauthorized_client", answer.StatusCode == http.StatusUnauthorized:
		t.Advice = adviceClient
	case answer.StatusCode == http.StatusNotFound, answer.StatusCode == http.StatusMethodNotAllowed:
		t.Advice = adviceURL
	case answer.StatusCode >= 500 && t.retriable:
		t.Advice = adviceBroken
	}
	return t
}

// final says whether asking again won't help. The list is Kafka's (JwtHttpClient).
func final(status int) bool {
	switch status {
	case 400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 411, 412, 413, 414, 415, 501, 505:
		return true
	}
	return false
}
