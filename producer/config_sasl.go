package producer

import (
	"errors"
	"fmt"
	"strings"

	"kafkaproducer/client/sasl"
)

// settleSASL finds the way to log in. What a program may still set after FromProperties goes to r.missing.
func (r *resolver) settleSASL(c *Config, s *settings, oidc sasl.OIDCConfig) {
	if !c.SecurityProtocol.sasl() {
		if field := c.ownLogin(); field != "" {
			r.clash("security.protocol", c.SecurityProtocol.String(), field+" is set, which it doesn't use", "SASL_PLAINTEXT, SASL_SSL")
		}
		r.unused(c, "sasl.", "security.protocol = "+c.SecurityProtocol.String())
		return
	}
	before := len(r.errs)
	switch {
	case c.SASL != nil:
		s.client.SASL = r.own(c)
	case c.SASLOAuthBearerToken != nil:
		s.client.SASL = r.tokens(c)
	case c.SASLMechanism == "":
		r.lack("sasl.mechanism", "", fmt.Sprintf("it is required beside security.protocol = %v (Kafka's default, GSSAPI, is Kerberos, which is not part of this client)",
			c.SecurityProtocol), allowedMechanisms)
	case !sasl.Known(c.SASLMechanism):
		r.lack("sasl.mechanism", c.SASLMechanism, "it is not part of this client; set Config.SASL for a mechanism of your own", allowedMechanisms)
	case c.SASLMechanism == sasl.MechanismOAuthBearer:
		s.client.SASL = r.oauthBearer(c, oidc)
	default:
		s.client.SASL = r.password(c)
	}
	if m := s.client.SASL; m != nil && c.SecurityProtocol == SASLPlaintext && len(r.errs) == before {
		if secret := openSecrets[m.Name()]; secret != "" {
			r.note("sasl.mechanism = %s beside security.protocol = SASL_PLAINTEXT: the %s can be read by everyone on the way", m.Name(), secret)
		}
	}
}

// openSecrets is what mechanisms send as it is.
var openSecrets = map[string]string{sasl.MechanismPlain: "password", sasl.MechanismOAuthBearer: "token"}

var allowedMechanisms = strings.Join(sasl.Names(), ", ")

// ownLogin returns the field with a program's own way to log in, if any.
func (c *Config) ownLogin() string {
	switch {
	case c.SASL != nil:
		return "Config.SASL"
	case c.SASLOAuthBearerToken != nil:
		return "Config.SASLOAuthBearerToken"
	}
	return ""
}

// own returns Config.SASL, which goes before the properties but must not contradict them.
func (r *resolver) own(c *Config) Mechanism {
	name := c.SASL.Name()
	if c.SASLOAuthBearerToken != nil {
		r.clash("sasl.mechanism", name, "Config.SASL and Config.SASLOAuthBearerToken are both set", "one of the two")
	}
	if c.SASLMechanism != "" && c.SASLMechanism != name {
		r.clash("sasl.mechanism", c.SASLMechanism, fmt.Sprintf("it contradicts Config.SASL, which is %s", name), name)
	}
	r.unusedBut(c, "Config.SASL, which replaces them")
	return c.SASL
}

// tokens returns the mechanism of Config.SASLOAuthBearerToken.
func (r *resolver) tokens(c *Config) Mechanism {
	if c.SASLMechanism != "" && c.SASLMechanism != sasl.MechanismOAuthBearer {
		r.clash("sasl.mechanism", c.SASLMechanism, "it contradicts Config.SASLOAuthBearerToken", sasl.MechanismOAuthBearer)
	}
	r.unusedBut(c, "Config.SASLOAuthBearerToken, which replaces them")
	return sasl.OAuthBearer(c.SASLOAuthBearerToken)
}

// unusedBut notes the sasl properties other than sasl.mechanism.
func (r *resolver) unusedBut(c *Config, beside string) {
	rest := *c
	rest.SASLMechanism = ""
	r.unused(&rest, "sasl.", beside)
}

// password returns PLAIN or SCRAM from sasl.jaas.config.
func (r *resolver) password(c *Config) Mechanism {
	if !c.SASLJAASConfig.IsSet() {
		r.lack("sasl.jaas.config", "", fmt.Sprintf("it is required beside sasl.mechanism = %s, unless Config.SASL is set", c.SASLMechanism), "")
		return nil
	}
	return r.fromJAAS(c, sasl.OIDCConfig{})
}

// oauthBearer returns OAUTHBEARER with tokens of the token endpoint.
func (r *resolver) oauthBearer(c *Config, oidc sasl.OIDCConfig) Mechanism {
	if oidc.TokenEndpointURL == "" {
		r.lack(endpointURL, "", "it is required beside sasl.mechanism = OAUTHBEARER, unless Config.SASLOAuthBearerToken is set", "")
		return nil
	}
	return r.fromJAAS(c, oidc)
}

const endpointURL = "sasl.oauthbearer.token.endpoint.url"

// fromJAAS returns the mechanism of sasl.mechanism.
func (r *resolver) fromJAAS(c *Config, oidc sasl.OIDCConfig) Mechanism {
	m, err := sasl.FromJAAS(c.SASLMechanism, c.SASLJAASConfig.reveal(), oidc)
	var config *sasl.ConfigError
	beside := "beside sasl.mechanism = " + c.SASLMechanism + ": "
	switch {
	case err == nil:
		return m
	case !errors.As(err, &config):
		r.clash("sasl.jaas.config", hidden, beside+strings.TrimPrefix(err.Error(), "sasl.jaas.config: "), "")
	case config.Property == endpointURL:
		address := c.SASLOAuthBearerTokenEndpointURL
		if strings.Contains(address, "@") {
			address = hidden // there may be a password before it
		}
		r.clash(endpointURL, address, "it "+config.Allowed, "")
	case strings.HasPrefix(config.Property, "sasl.oauthbearer.client.credentials."):
		r.lack(config.Property, "", beside+"it "+config.Allowed, "")
	default:
		r.clash(config.Property, propertyNamed[config.Property].show(config.Value), beside+"it "+config.Allowed, "")
	}
	return nil
}

// oidc returns the settings of tokens from a token endpoint.
func (c *Config) oidc(r *resolver) sasl.OIDCConfig {
	jitter := r.fraction("sasl.login.refresh.window.jitter", c.SASLLoginRefreshWindowJitter)
	minPeriod := r.duration("sasl.login.refresh.min.period.seconds", c.SASLLoginRefreshMinPeriod)
	buffer := r.duration("sasl.login.refresh.buffer.seconds", c.SASLLoginRefreshBuffer)
	most := max(r.duration("sasl.login.retry.backoff.max.ms", c.SASLLoginRetryBackoffMax), 1) // 0 is a default there
	return sasl.OIDCConfig{
		TokenEndpointURL: c.SASLOAuthBearerTokenEndpointURL,
		ClientID:         c.SASLOAuthBearerClientCredentialsClientID,
		ClientSecret:     c.SASLOAuthBearerClientCredentialsClientSecret.reveal(),
		Scope:            c.SASLOAuthBearerScope,
		URLEncodeHeader:  c.SASLOAuthBearerHeaderURLEncode,

		ConnectTimeout:      r.duration("sasl.login.connect.timeout.ms", c.SASLLoginConnectTimeout),
		ReadTimeout:         r.duration("sasl.login.read.timeout.ms", c.SASLLoginReadTimeout),
		RetryBackoff:        min(max(r.duration("sasl.login.retry.backoff.ms", c.SASLLoginRetryBackoff), 1), most),
		RetryBackoffMax:     most,
		RefreshWindowFactor: r.fraction("sasl.login.refresh.window.factor", c.SASLLoginRefreshWindowFactor),
		RefreshWindowJitter: &jitter,
		RefreshMinPeriod:    &minPeriod,
		RefreshBuffer:       &buffer,
	}
}
