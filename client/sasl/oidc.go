package sasl

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// OIDCConfig is what OIDC needs to know, each field under the name of its property.
type OIDCConfig struct {
	TokenEndpointURL string // sasl.oauthbearer.token.endpoint.url: http, https or file
	ClientID         string // sasl.oauthbearer.client.credentials.client.id
	ClientSecret     string // sasl.oauthbearer.client.credentials.client.secret
	Scope            string // sasl.oauthbearer.scope
	URLEncodeHeader  bool   // sasl.oauthbearer.header.urlencode

	ConnectTimeout  time.Duration // sasl.login.connect.timeout.ms
	ReadTimeout     time.Duration // sasl.login.read.timeout.ms
	RetryBackoff    time.Duration // sasl.login.retry.backoff.ms
	RetryBackoffMax time.Duration // sasl.login.retry.backoff.max.ms

	RefreshWindowFactor float64        // sasl.login.refresh.window.factor; 0: 0.8
	RefreshWindowJitter *float64       // sasl.login.refresh.window.jitter; nil: 0.05
	RefreshMinPeriod    *time.Duration // sasl.login.refresh.min.period.seconds; nil: 60 s
	RefreshBuffer       *time.Duration // sasl.login.refresh.buffer.seconds; nil: 300 s

	Extensions map[string]string // KIP-342, added to each token
	TLS        *tls.Config
	Dial       func(ctx context.Context, network, addr string) (net.Conn, error)
	Logger     *slog.Logger
}

// OIDC gets tokens from a token endpoint with the client credentials grant (KIP-768).
type OIDC struct{}

// NewOIDC checks c. It doesn't ask the endpoint.
func NewOIDC(c OIDCConfig) (*OIDC, error) { panic("yet to come") }

// Token returns a token that is valid, for OAuthBearer.
func (o *OIDC) Token(ctx context.Context) (Token, error) { panic("yet to come") }
