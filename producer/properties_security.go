package producer

import (
	"slices"
	"strings"
	"time"
)

// securityProperties are those of TLS and SASL, in the order of Config, and behind them those that have no effect here.
func securityProperties() []property {
	return slices.Concat([]property{
		choice("security.protocol", names{values: namesOf(Plaintext, SSL, SASLPlaintext, SASLSSL), fold: true},
			func(c *Config) *SecurityProtocol { return &c.SecurityProtocol }),

		text("ssl.truststore.type", func(c *Config) *string { return &c.SSLTruststoreType }),
		text("ssl.truststore.location", func(c *Config) *string { return &c.SSLTruststoreLocation }),
		secret("ssl.truststore.certificates", func(c *Config) *Secret { return &c.SSLTruststoreCertificates }),
		secret("ssl.truststore.password", func(c *Config) *Secret { return &c.SSLTruststorePassword }),
		text("ssl.keystore.type", func(c *Config) *string { return &c.SSLKeystoreType }),
		text("ssl.keystore.location", func(c *Config) *string { return &c.SSLKeystoreLocation }),
		secret("ssl.keystore.certificate.chain", func(c *Config) *Secret { return &c.SSLKeystoreCertificateChain }),
		secret("ssl.keystore.key", func(c *Config) *Secret { return &c.SSLKeystoreKey }),
		secret("ssl.keystore.password", func(c *Config) *Secret { return &c.SSLKeystorePassword }),
		secret("ssl.key.password", func(c *Config) *Secret { return &c.SSLKeyPassword }),
		{name: "ssl.endpoint.identification.algorithm", parse: parseEndpointIdentification,
			isSet: func(c *Config) bool { return c.SSLEndpointIdentification != Default }},
		words("ssl.enabled.protocols", func(c *Config) *[]string { return &c.SSLEnabledProtocols }),
		text("ssl.protocol", func(c *Config) *string { return &c.SSLProtocol }),
		words("ssl.cipher.suites", func(c *Config) *[]string { return &c.SSLCipherSuites }),

		text("sasl.mechanism", func(c *Config) *string { return &c.SASLMechanism }),
		secret("sasl.jaas.config", func(c *Config) *Secret { return &c.SASLJAASConfig }),
		text("sasl.oauthbearer.token.endpoint.url", func(c *Config) *string { return &c.SASLOAuthBearerTokenEndpointURL }),
		text("sasl.oauthbearer.client.credentials.client.id", func(c *Config) *string { return &c.SASLOAuthBearerClientCredentialsClientID }),
		secret("sasl.oauthbearer.client.credentials.client.secret",
			func(c *Config) *Secret { return &c.SASLOAuthBearerClientCredentialsClientSecret }),
		text("sasl.oauthbearer.scope", func(c *Config) *string { return &c.SASLOAuthBearerScope }),
		flag("sasl.oauthbearer.header.urlencode", func(c *Config) *bool { return &c.SASLOAuthBearerHeaderURLEncode }),

		// Kafka has no default for these two, and waits for ever.
		millis("sasl.login.connect.timeout.ms", limits{def: 10_000, low: 1, high: maxInt}, func(c *Config) *time.Duration { return &c.SASLLoginConnectTimeout }),
		millis("sasl.login.read.timeout.ms", limits{def: 10_000, low: 1, high: maxInt}, func(c *Config) *time.Duration { return &c.SASLLoginReadTimeout }),
		millis("sasl.login.retry.backoff.ms", limits{def: 100, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.SASLLoginRetryBackoff }),
		millis("sasl.login.retry.backoff.max.ms", limits{def: 10_000, low: 0, high: maxLong},
			func(c *Config) *time.Duration { return &c.SASLLoginRetryBackoffMax }),
		fraction("sasl.login.refresh.window.factor", fractions{def: 0.8, low: 0.5, high: 1},
			func(c *Config) *float64 { return &c.SASLLoginRefreshWindowFactor }),
		fraction("sasl.login.refresh.window.jitter", fractions{def: 0.05, low: 0, high: 0.25},
			func(c *Config) *float64 { return &c.SASLLoginRefreshWindowJitter }),
		seconds("sasl.login.refresh.min.period.seconds", limits{def: 60, low: 0, high: 900}, func(c *Config) *time.Duration { return &c.SASLLoginRefreshMinPeriod }),
		seconds("sasl.login.refresh.buffer.seconds", limits{def: 300, low: 0, high: 3600}, func(c *Config) *time.Duration { return &c.SASLLoginRefreshBuffer }),
	}, classProperties(), elsewhereProperties())
}

// classProperties name Java classes: those that do what is done here anyway are taken.
func classProperties() []property {
	const (
		oauth     = "org.apache.kafka.common.security.oauthbearer."
		loginless = "a Java class can't run here; set Config.SASL for a way to log in of your own"
		tokens    = "a Java class can't run here; set Config.SASLOAuthBearerToken for tokens of your own"
	)
	return []property{
		class("ssl.engine.factory.class", "a Java class can't run here; set Config.TLS for settings of your own",
			"org.apache.kafka.common.security.ssl.DefaultSslEngineFactory"),
		class("sasl.client.callback.handler.class", loginless,
			oauth+"internals.OAuthBearerSaslClientCallbackHandler"),
		class("sasl.login.class", loginless,
			oauth+"internals.OAuthBearerRefreshingLogin"),
		// The second one is its name until Kafka 3.4.
		class("sasl.login.callback.handler.class", tokens,
			oauth+"OAuthBearerLoginCallbackHandler", oauth+"secured.OAuthBearerLoginCallbackHandler"),
		class("sasl.oauthbearer.jwt.retriever.class", tokens,
			oauth+"DefaultJwtRetriever", oauth+"ClientCredentialsJwtRetriever", oauth+"FileJwtRetriever"),
		class("sasl.oauthbearer.jwt.validator.class", tokens,
			oauth+"DefaultJwtValidator", oauth+"ClientJwtValidator"),
	}
}

// elsewhereProperties mean something inside a JVM or a broker only.
func elsewhereProperties() []property {
	checks := map[string]func(string) *ConfigError{
		"sasl.oauthbearer.allow.unverified.audience":          valid(parseBoolean),
		"sasl.oauthbearer.allow.unverified.issuer":            valid(parseBoolean),
		"sasl.oauthbearer.clock.skew.seconds":                 valid(limits{low: -1 << 31, high: maxInt}.parse),
		"sasl.oauthbearer.jwks.endpoint.refresh.ms":           valid(limits{low: -1 << 63, high: maxLong}.parse),
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": valid(limits{low: -1 << 63, high: maxLong}.parse),
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms":     valid(limits{low: -1 << 63, high: maxLong}.parse),
	}
	var properties []property
	for _, name := range strings.Fields(elsewhereNames) {
		properties = append(properties, ineffective(name, checks[name]))
	}
	return properties
}

const elsewhereNames = `
ssl.keymanager.algorithm
ssl.provider
ssl.secure.random.implementation
ssl.trustmanager.algorithm
sasl.oauthbearer.allow.unverified.audience
sasl.oauthbearer.allow.unverified.issuer
sasl.oauthbearer.clock.skew.seconds
sasl.oauthbearer.expected.audience
sasl.oauthbearer.expected.issuer
sasl.oauthbearer.jwks.endpoint.refresh.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms
sasl.oauthbearer.jwks.endpoint.url
sasl.oauthbearer.scope.claim.name
sasl.oauthbearer.sub.claim.name
`

// parseEndpointIdentification: Java's other algorithm, LDAPS, differs from HTTPS in its wildcards.
func parseEndpointIdentification(c *Config, value string) *ConfigError {
	switch {
	case strings.EqualFold(value, "https"):
		c.SSLEndpointIdentification = On
	case value == "":
		c.SSLEndpointIdentification = Off
	default:
		return &ConfigError{Allowed: "https, or empty: certificates are not checked for the host name"}
	}
	return nil
}
