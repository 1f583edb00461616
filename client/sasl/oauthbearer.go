package sasl

import (
	"context"
	"time"
)

// Token is an access token, as a token callback returns it.
type Token struct {
	Value      string
	Principal  string            // who it is for; only shown
	Expiry     time.Time         // zero: not known
	Extensions map[string]string // KIP-342
}

// OAuthBearer is the mechanism OAUTHBEARER of RFC 7628.
func OAuthBearer(token func(context.Context) (Token, error)) Mechanism { panic("yet to come") }
