package producertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// TokenError refuses a token of OAUTHBEARER. A client is told it in JSON (RFC 7628 section 3.2.2).
type TokenError struct {
	Status              string `json:"status"`                         // "" : "invalid_token"
	Scope               string `json:"scope,omitempty"`                // that a token needs
	OpenIDConfiguration string `json:"openid-configuration,omitempty"` // where one is told how to get one
}

// Error names the status.
func (e *TokenError) Error() string { return "token refused: " + e.Status }

// StaticToken returns a function for Options.OAuthBearer which takes one token, as that of a principal, until expiry; zero: for ever.
func StaticToken(token, principal string, expiry time.Time) func(string) (string, time.Time, error) {
	return func(given string) (string, time.Time, error) {
		if given != token || !expiry.IsZero() && !time.Now().Before(expiry) {
			return "", time.Time{}, &TokenError{Status: "invalid_token"}
		}
		return principal, expiry, nil
	}
}

// oauthServer is OAUTHBEARER (RFC 7628), with what Kafka's OAuthBearerSaslServer says.
type oauthServer struct {
	validate func(token string) (principal string, expiry time.Time, err error)
	refused  *TokenError // by a fault, whatever the token is
	told     string      // the client has been told that its token is refused, and owes a %x01
}

func (s *oauthServer) Next(response []byte) ([]byte, *Identity, error) {
	if s.told != "" && string(response) == "\x01" {
		return nil, nil, &SASLError{s.told}
	}
	as, token, err := parseBearer(string(response))
	if err != nil {
		return nil, nil, err
	}
	var who Identity
	switch {
	case s.refused != nil:
		err = s.refused
	case s.validate == nil:
		err = errors.New("Options.OAuthBearer is nil")
	default:
		who.Principal, who.Expiry, err = s.validate(token)
	}
	if err != nil {
		return s.refuse(err), nil, nil
	}
	if as != "" && as != who.Principal {
		return nil, nil, &SASLError{fmt.Sprintf("Authentication failed: Client requested an authorization id (%s) "+
			"that is different from the token's principal name (%s)", as, who.Principal)}
	}
	return []byte{}, &who, nil
}

// refuse tells the client why its token is no good. It will be refused when it has taken note.
func (s *oauthServer) refuse(err error) []byte {
	var why TokenError
	if e := (*TokenError)(nil); errors.As(err, &e) {
		why = *e
	}
	or(&why.Status, "invalid_token")
	text, err := json.Marshal(why)
	must("encode a refusal", err)
	s.told = string(text)
	return text
}

// parseBearer reads the client's message: gs2-header, then pairs of key and value that end with %x01 each, then a %x01
// more (RFC 7628 section 3.1). Other keys than auth are extensions (KIP-342).
func parseBearer(message string) (as, token string, err error) {
	header, rest, ok := strings.Cut(message, ",\x01")
	by, user, _ := strings.Cut(header, ",")
	if !ok || by != "n" || !strings.HasSuffix(rest, "\x01\x01") {
		return "", "", errors.New("the message has not the form of RFC 7628")
	}
	if user != "" && !strings.HasPrefix(user, "a=") {
		return "", "", errors.New("the message doesn't say who the client is to act for")
	}
	for pair := range strings.SplitSeq(strings.TrimSuffix(rest, "\x01\x01"), "\x01") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return "", "", errors.New("the message has a key without a value")
		}
		if key == "auth" {
			scheme, t, _ := strings.Cut(value, " ")
			if !strings.EqualFold(scheme, "bearer") {
				return "", "", errors.New("the scheme is not Bearer")
			}
			token = strings.TrimLeft(t, " ")
		}
	}
	if token == "" {
		return "", "", errors.New("the message has no token")
	}
	return unescape.Replace(strings.TrimPrefix(user, "a=")), token, nil
}
