package sasl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// oauthBearer is the mechanism OAUTHBEARER.
type oauthBearer struct {
	shown
	token func(context.Context) (Token, error)
}

// OAuthBearer is the mechanism OAUTHBEARER of RFC 7628 in Kafka's form (KIP-255), with extensions (KIP-342). For each
// exchange, also for each new one on a live connection, it calls token, many at once maybe: whoever gets tokens from
// afar keeps them, as OIDC does. The token goes to the broker as it is, so that only TLS keeps it secret.
//
// Start fails when token does, and when the token is empty, expired or of other characters than RFC 6750 allows.
func OAuthBearer(token func(context.Context) (Token, error)) Mechanism {
	return &oauthBearer{shown: MechanismOAuthBearer, token: token}
}

func (m *oauthBearer) Name() string { return MechanismOAuthBearer }

func (m *oauthBearer) Start(ctx context.Context, _ Broker) (Session, []byte, error) {
	if m.token == nil {
		return nil, nil, &Error{Mechanism: MechanismOAuthBearer, Step: "token", Err: errors.New("there is no function to get one from")}
	}
	t, err := m.token(ctx)
	if err == nil {
		err = t.check(time.Now())
	}
	if err != nil {
		return nil, nil, &Error{Mechanism: MechanismOAuthBearer, Step: "token", Err: err}
	}
	return &bearerSession{shown: m.shown, token: hide(t.Value)}, initialResponse(t), nil
}

// initialResponse is the client's first message, RFC 7628 section 3.1. Kafka puts the token before the extensions.
func initialResponse(t Token) []byte {
	b := []byte("n,,\x01auth=Bearer " + t.Value)
	for _, name := range slices.Sorted(maps.Keys(t.Extensions)) {
		b = append(b, "\x01"+name+"="+t.Extensions[name]...)
	}
	return append(b, "\x01\x01"...)
}

// bearerSession is one exchange of OAUTHBEARER. A broker that takes the token answers with nothing.
type bearerSession struct {
	shown
	token secret // to be found in what a broker says
}

// Next takes an empty answer as success. Anything else is an error message, which the client answers with a single
// 0x01, upon which the broker ends the exchange (RFC 7628 section 3.2.3).
func (s *bearerSession) Next(challenge []byte) (response []byte, done bool, err error) {
	if len(challenge) == 0 {
		return nil, true, nil
	}
	return []byte{1}, true, &Error{Mechanism: MechanismOAuthBearer, Step: "server answer", Err: parseRefusal(challenge, s.token())}
}

// parseRefusal reads the error message of RFC 7628 section 3.2.2; what isn't one is repeated as it is, shortened.
func parseRefusal(answer []byte, token string) *ServerError {
	var m struct {
		Status              string `json:"status"`
		Scope               string `json:"scope"`
		OpenIDConfiguration string `json:"openid-configuration"`
	}
	if err := json.Unmarshal(answer, &m); err != nil || m.Status == "" {
		return &ServerError{Reason: said(string(answer), token)}
	}
	return &ServerError{Reason: said(m.Status, token), Scope: said(m.Scope, token), OpenIDConfiguration: said(m.OpenIDConfiguration, token)}
}

// check names what a broker would refuse or, worse, read as something else.
func (t Token) check(now time.Time) error {
	if t.Value == "" {
		return errors.New("it is empty")
	}
	if !bearerToken(t.Value) {
		return errors.New("it has characters that a bearer token can't have (RFC 6750 section 2.1)")
	}
	if !t.Expiry.IsZero() && !now.Before(t.Expiry) {
		return &ExpiredError{Expiry: t.Expiry, Now: now}
	}
	for name, value := range t.Extensions {
		if err := checkExtension(name, value); err != nil {
			return err
		}
	}
	return nil
}

// bearerToken says whether s is b64token of RFC 6750 section 2.1.
func bearerToken(s string) bool {
	s = strings.TrimRight(s, "=")
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~+/", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}

// checkExtension has Kafka's rules (OAuthBearerClientInitialResponse). The value isn't repeated: it may be secret.
func checkExtension(name, value string) error {
	switch {
	case name == "auth":
		return errors.New("an extension can't be named auth, which is the token's own name")
	case !letters(name):
		return fmt.Errorf("extension %q: a name is of letters only", said(name))
	case value == "" || strings.ContainsFunc(value, func(r rune) bool {
		return (r < ' ' || r > '~') && r != '\t' && r != '\r' && r != '\n'
	}):
		return fmt.Errorf("extension %s: a value is of one or more ASCII characters", name)
	}
	return nil
}

// ExpiredError is the cause when a token has expired before it could be used.
type ExpiredError struct {
	Expiry, Now time.Time
}

// Error names both times: where they are close, a clock may be wrong.
func (e *ExpiredError) Error() string {
	return fmt.Sprintf("it expired at %s, and it is %s now: get a new one, or look at the clocks",
		e.Expiry.UTC().Format(time.RFC3339), e.Now.UTC().Format(time.RFC3339))
}
