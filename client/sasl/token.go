package sasl

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// Token is an access token, as a token callback returns it. Printed or as JSON it shows all but the token itself and
// the values of extensions.
type Token struct {
	Value      string            // secret: what goes to the broker
	Principal  string            // who it is for, as far as is known; only shown. The broker reads the token
	Expiry     time.Time         // when it ends; zero: not known
	Extensions map[string]string // KIP-342: sent with the token. Names of letters only, but "auth"
}

// String returns the token without what is secret.
func (t Token) String() string {
	text := "token " + hidden
	if t.Principal != "" {
		text += fmt.Sprintf(" of %q", t.Principal)
	}
	if !t.Expiry.IsZero() {
		text += " until " + t.Expiry.UTC().Format(time.RFC3339)
	}
	return text
}

// Format writes String's text for every verb and flag.
func (t Token) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// MarshalJSON returns the token without what is secret.
func (t Token) MarshalJSON() ([]byte, error) {
	extensions := make(map[string]string, len(t.Extensions))
	for name := range t.Extensions {
		extensions[name] = hidden
	}
	return json.Marshal(map[string]any{"Value": hidden, "Principal": t.Principal, "Expiry": t.Expiry, "Extensions": extensions})
}

// claims is what a client wants to know of a JWT. It doesn't verify it: that is the broker's part.
type claims struct {
	subject string
	expiry  time.Time // zero: none
}

// latestExpiry is the end of the year 9999: a later one is a mistake, and can't be written as JSON.
const latestExpiry = 253402300799

// parseClaims reads the payload of a JWT (RFC 7519, in the compact form of RFC 7515). A token may be opaque: ok is false
// then.
func parseClaims(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return c, false
	}
	var m struct {
		Subject any `json:"sub"`
		Expiry  any `json:"exp"`
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		return c, false
	}
	c.subject, _ = m.Subject.(string)
	// NumericDate (RFC 7519 section 2) may have a fraction.
	if s, isNumber := m.Expiry.(float64); isNumber && s > 0 && s <= latestExpiry {
		c.expiry = time.Unix(int64(s), 0)
	}
	return c, true
}
