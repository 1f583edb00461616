package sasl

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseTokenAnswer reads the answer of RFC 6749 section 5.1: access_token, and id_token where there is none, as Kafka does.
// When the token is a JWT, its own exp says when it ends, else expires_in; a token of which nobody says it is kept for
// unknown. Errors don't repeat the answer, which may hold a token under another name.
func parseTokenAnswer(body []byte, now time.Time, unknown time.Duration) (*Token, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, fmt.Errorf("the answer (%d bytes) is not a JSON object", len(body))
	}
	var value string
	for _, name := range []string{"access_token", "id_token"} {
		raw, ok := fields[name]
		if !ok || value != "" {
			continue
		}
		if err := json.Unmarshal(raw, &value); err != nil {
			return nil, fmt.Errorf("%s in the answer is not a string", name)
		}
		value = strings.TrimSpace(value)
	}
	if value == "" {
		return nil, errors.New("the answer has no access_token")
	}
	t := newToken(value)
	if t.Expiry.IsZero() {
		life, ok := expiresIn(fields["expires_in"])
		if !ok {
			life = unknown
		}
		t.Expiry = now.Add(life)
		if life == unknown && life == 0 {
			t.Expiry = now.Add(time.Second) // long enough for the one exchange that it is for
		}
	}
	return t, t.check(now)
}

// newToken is a token with what it says about itself, if it is a JWT.
func newToken(value string) *Token {
	c, _ := parseClaims(value)
	return &Token{Value: value, Principal: c.subject, Expiry: c.expiry}
}

// expiresIn reads expires_in, which is a number of seconds; some endpoints send it as a string.
func expiresIn(raw json.RawMessage) (time.Duration, bool) {
	seconds, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil || !(seconds > 0) || seconds > math.MaxInt32 {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// parseTokenRefusal reads the error answer of RFC 6749 section 5.2, or the one of Okta, which Kafka knows too. Other
// bodies are not repeated: they are pages for people to read, or hold what nobody knows.
func parseTokenRefusal(body []byte, secrets ...string) (code, description string) {
	var m struct {
		Error            any    `json:"error"`
		ErrorDescription string `json:"error_description"`
		ErrorCode        string `json:"errorCode"`
		ErrorSummary     string `json:"errorSummary"`
	}
	// A field of another type leaves the others readable.
	json.Unmarshal(body, &m)
	if s, ok := m.Error.(string); ok {
		return said(s, secrets...), said(m.ErrorDescription, secrets...)
	}
	return said(m.ErrorCode, secrets...), said(m.ErrorSummary, secrets...)
}
