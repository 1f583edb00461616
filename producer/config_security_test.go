package producer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/client/tlsfiles"
)

// files returns what New would read for a Config.
func files(c Config) tlsfiles.Files {
	_, r := c.values(false)
	if r.files == nil {
		return tlsfiles.Files{}
	}
	return *r.files
}

func oidc(c Config) sasl.OIDCConfig { return c.oidc(&resolver{}) }

// overTLS are properties beside security.protocol=SSL.
func overTLS(more ...string) map[string]string {
	return with(pairs(more...), "security.protocol", "SSL")
}

const (
	kerberos   = ": Kerberos is not part of this client; set Config.SASL for a mechanism of your own"
	assertions = ": signed assertions are not supported; set Config.SASLOAuthBearerToken for tokens of your own"
	withLogin  = ": a Java class can't run here; set Config.SASL for a way to log in of your own; allowed: "
	withTokens = ": a Java class can't run here; set Config.SASLOAuthBearerToken for tokens of your own; allowed: "
	oauth      = "org.apache.kafka.common.security.oauthbearer."
)

func securityPropertyTests() []propertyTest {
	return slices.Concat(tlsPropertyTests, saslPropertyTests, noEffectPropertyTests(), refusedPropertyTests())
}

// What is wrong with stores needs New, which opens files, to tell: TestSecurityContradictions.
var tlsPropertyTests = []propertyTest{
	{name: "security.protocol", config: func(c Config) any { return c.SecurityProtocol }, def: Plaintext,
		valid: map[string]any{"PLAINTEXT": Plaintext, "plaintext": Plaintext, "SSL": SSL, "sasl_plaintext": SASLPlaintext, " SASL_SSL": SASLSSL},
		wrong: map[string]string{"TLS": "; allowed: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL", "": "; allowed: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"}},

	{name: "ssl.truststore.type", with: overTLS(), config: func(c Config) any { return files(c).TruststoreType }, def: "",
		valid: map[string]any{"PEM": "PEM", "pem": "pem", "": "", "JKS": "JKS"}},
	{name: "ssl.truststore.location", with: overTLS(), config: func(c Config) any { return files(c).TruststoreLocation }, def: "",
		valid: map[string]any{" /a b.pem": "/a b.pem", "": ""}},
	{name: "ssl.truststore.certificates", with: overTLS(), config: func(c Config) any { return files(c).TruststoreCertificates }, def: "",
		valid: map[string]any{"PEM": "PEM", "": ""}},
	{name: "ssl.truststore.password", with: overTLS(), config: func(c Config) any { return files(c).TruststorePassword }, def: "", valid: map[string]any{"x": "x", "": ""}},
	{name: "ssl.keystore.type", with: overTLS(), config: func(c Config) any { return files(c).KeystoreType }, def: "",
		valid: map[string]any{"PEM": "PEM", "PKCS12": "PKCS12"}},
	{name: "ssl.keystore.location", with: overTLS(), config: func(c Config) any { return files(c).KeystoreLocation }, def: "", valid: map[string]any{"k.pem": "k.pem"}},
	{name: "ssl.keystore.certificate.chain", with: overTLS("ssl.keystore.key", "k"), config: func(c Config) any { return files(c).KeystoreCertificateChain },
		valid: map[string]any{"PEM": "PEM"}, def: notAlone},
	{name: "ssl.keystore.key", with: overTLS("ssl.keystore.certificate.chain", "c"), config: func(c Config) any { return files(c).KeystoreKey },
		valid: map[string]any{"PEM": "PEM"}, def: notAlone},
	{name: "ssl.keystore.password", with: overTLS(), config: func(c Config) any { return files(c).KeystorePassword }, def: "", valid: map[string]any{"x": "x", "": ""}},
	{name: "ssl.key.password", with: overTLS("ssl.keystore.location", "k"), config: func(c Config) any { return files(c).KeyPassword }, def: "",
		valid: map[string]any{"x": "x", "": ""}},
	{name: "ssl.endpoint.identification.algorithm", with: overTLS(), config: func(c Config) any { return files(c).NoEndpointIdentification }, def: false,
		valid: map[string]any{"https": false, "HTTPS": false, "": true, " ": true},
		wrong: map[string]string{"LDAPS": "; allowed: https, or empty: certificates are not checked for the host name"}},
	{name: "ssl.enabled.protocols", with: overTLS(), config: func(c Config) any { return strings.Join(files(c).EnabledProtocols, " ") }, def: "",
		valid: map[string]any{"TLSv1.3": "TLSv1.3", "TLSv1.3, TLSv1.2": "TLSv1.3 TLSv1.2", "": ""},
		wrong: map[string]string{"TLSv1.1,TLSv1.2": `: "TLSv1.1" is not supported; allowed: TLSv1.2, TLSv1.3`,
			"TLSv1.2,": `: "" is not supported; allowed: TLSv1.2, TLSv1.3`}},
	{name: "ssl.protocol", with: overTLS("ssl.enabled.protocols", "TLSv1.3,TLSv1.2"), config: func(c Config) any { return strings.Join(files(c).EnabledProtocols, " ") },
		def: "TLSv1.3 TLSv1.2", valid: map[string]any{"TLSv1.3": "TLSv1.3 TLSv1.2", "TLS": "TLSv1.3 TLSv1.2", "SSL": "TLSv1.3 TLSv1.2", "TLSv1.2": "TLSv1.2"},
		wrong: map[string]string{"TLSv1.1": "; allowed: TLSv1.2, TLSv1.3", "SSLv3": "; allowed: TLSv1.2, TLSv1.3"}},
	{name: "ssl.cipher.suites", with: overTLS(), config: func(c Config) any { return strings.Join(files(c).CipherSuites, " ") }, def: "",
		valid: map[string]any{"TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "TLS_AES_128_GCM_SHA256 TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "": ""},
		wrong: map[string]string{
			"TLS_NEW":                      ": there is no cipher suite TLS_NEW here; allowed: " + secureSuites,
			"TLS_RSA_WITH_RC4_128_SHA":     ": TLS_RSA_WITH_RC4_128_SHA is not secure; allowed: " + secureSuites,
			"TLS_AES_128_GCM_SHA256,other": ": there is no cipher suite other here; allowed: " + secureSuites}},
	{name: "ssl.engine.factory.class", config: nothing, valid: map[string]any{"DefaultSslEngineFactory": "", "org.apache.kafka.common.security.ssl.DefaultSslEngineFactory": ""}, def: "",
		wrong: map[string]string{"a.B": ": a Java class can't run here; set Config.TLS for settings of your own; allowed: org.apache.kafka.common.security.ssl.DefaultSslEngineFactory"}},
}

// secureSuites are crypto/tls's, as of Go 1.26.
const secureSuites = "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256, " +
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, " +
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, " +
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"

func nothing(Config) any { return "" }

var saslPropertyTests = []propertyTest{
	// What is wrong with the next two needs others to tell: TestSecurityContradictions.
	{name: "sasl.mechanism", config: func(c Config) any { return c.SASLMechanism }, def: "", valid: map[string]any{" PLAIN": "PLAIN", "AWS_MSK_IAM": "AWS_MSK_IAM"}},
	{name: "sasl.jaas.config", config: func(c Config) any { return c.SASLJAASConfig.reveal() }, def: "", valid: map[string]any{" a.B required; ": "a.B required;", "": ""}},

	{name: "sasl.oauthbearer.token.endpoint.url", config: func(c Config) any { return oidc(c).TokenEndpointURL }, def: "", valid: map[string]any{"https://i/t": "https://i/t"}},
	{name: "sasl.oauthbearer.client.credentials.client.id", config: func(c Config) any { return oidc(c).ClientID }, def: "", valid: map[string]any{"me": "me"}},
	{name: "sasl.oauthbearer.client.credentials.client.secret", config: func(c Config) any { return oidc(c).ClientSecret }, def: "", valid: map[string]any{"s": "s"}},
	{name: "sasl.oauthbearer.scope", config: func(c Config) any { return oidc(c).Scope }, def: "", valid: map[string]any{"a b": "a b"}},
	{name: "sasl.oauthbearer.header.urlencode", config: func(c Config) any { return oidc(c).URLEncodeHeader }, def: false,
		valid: map[string]any{"true": true, "false": false}, wrong: map[string]string{"1": boolean}},

	{name: "sasl.login.connect.timeout.ms", config: func(c Config) any { return oidc(c).ConnectTimeout }, def: 10_000 * ms,
		valid: map[string]any{"1": ms}, wrong: map[string]string{"0": onlyPositive, "-1": onlyPositive}},
	{name: "sasl.login.read.timeout.ms", config: func(c Config) any { return oidc(c).ReadTimeout }, def: 10_000 * ms,
		valid: map[string]any{"1": ms}, wrong: map[string]string{"0": onlyPositive, "x": notWhole + onlyPositive}},
	{name: "sasl.login.retry.backoff.ms", config: func(c Config) any { return oidc(c).RetryBackoff }, def: 100 * ms,
		valid: map[string]any{"0": time.Duration(1), "7": 7 * ms, "20000": 10_000 * ms}, wrong: map[string]string{"-1": fromZero}},
	{name: "sasl.login.retry.backoff.max.ms", config: func(c Config) any { return oidc(c).RetryBackoffMax }, def: 10_000 * ms,
		valid: map[string]any{"0": time.Duration(1), "9223372036854775807": forever}, wrong: map[string]string{"-1": fromZero}},
	{name: "sasl.login.refresh.window.factor", config: func(c Config) any { return oidc(c).RefreshWindowFactor }, def: 0.8,
		valid: map[string]any{"0.5": 0.5, "1": 1.0, "9e-1": 0.9}, wrong: map[string]string{"0.49": "; allowed: 0.5 to 1", "1.1": "; allowed: 0.5 to 1",
			"0": "; allowed: 0.5 to 1", "NaN": "; allowed: 0.5 to 1", "1e999": "; allowed: 0.5 to 1", "80%": ": not a number; allowed: 0.5 to 1"}},
	{name: "sasl.login.refresh.window.jitter", config: func(c Config) any { return *oidc(c).RefreshWindowJitter }, def: 0.05,
		valid: map[string]any{"0": 0.0, "0.25": 0.25}, wrong: map[string]string{"-0.1": "; allowed: 0 to 0.25", "0.3": "; allowed: 0 to 0.25"}},
	{name: "sasl.login.refresh.min.period.seconds", config: func(c Config) any { return *oidc(c).RefreshMinPeriod }, def: time.Minute,
		valid: map[string]any{"0": 0 * ms, "900": 15 * time.Minute}, wrong: map[string]string{"901": "; allowed: 0 to 900", "-1": "; allowed: 0 to 900"}},
	{name: "sasl.login.refresh.buffer.seconds", config: func(c Config) any { return *oidc(c).RefreshBuffer }, def: 5 * time.Minute,
		valid: map[string]any{"0": 0 * ms, "3600": time.Hour}, wrong: map[string]string{"3601": "; allowed: 0 to 3600"}},

	{name: "sasl.client.callback.handler.class", config: nothing, def: "",
		valid: map[string]any{"OAuthBearerSaslClientCallbackHandler": ""},
		wrong: map[string]string{"a.B": withLogin + oauth + "internals.OAuthBearerSaslClientCallbackHandler"}},
	{name: "sasl.login.class", config: nothing, def: "", wrong: map[string]string{"a.B": withLogin + oauth + "internals.OAuthBearerRefreshingLogin"}},
	{name: "sasl.login.callback.handler.class", config: nothing, def: "",
		valid: map[string]any{oauth + "OAuthBearerLoginCallbackHandler": "", oauth + "secured.OAuthBearerLoginCallbackHandler": "", "OAuthBearerLoginCallbackHandler": ""},
		wrong: map[string]string{
			"software.amazon.msk.auth.iam.IAMClientCallbackHandler": withTokens + oauth + "OAuthBearerLoginCallbackHandler, " + oauth + "secured.OAuthBearerLoginCallbackHandler",
			"": withTokens + oauth + "OAuthBearerLoginCallbackHandler, " + oauth + "secured.OAuthBearerLoginCallbackHandler"}},
	{name: "sasl.oauthbearer.jwt.retriever.class", config: nothing, def: "", valid: map[string]any{oauth + "ClientCredentialsJwtRetriever": "", "FileJwtRetriever": ""},
		wrong: map[string]string{"JwtBearerJwtRetriever": withTokens + oauth + "DefaultJwtRetriever, " + oauth + "ClientCredentialsJwtRetriever, " + oauth + "FileJwtRetriever"}},
	{name: "sasl.oauthbearer.jwt.validator.class", config: nothing, def: "", valid: map[string]any{"ClientJwtValidator": ""},
		wrong: map[string]string{"BrokerJwtValidator": withTokens + oauth + "DefaultJwtValidator, " + oauth + "ClientJwtValidator"}},
}

// noEffectPropertyTests are of properties that mean something in a JVM or a broker only.
func noEffectPropertyTests() []propertyTest {
	var tests []propertyTest
	for name, values := range map[string][2]string{ // a right one, a wrong one if there is any
		"ssl.keymanager.algorithm":                            {"SunX509"},
		"ssl.provider":                                        {"BC"},
		"ssl.secure.random.implementation":                    {"SHA1PRNG"},
		"ssl.trustmanager.algorithm":                          {"PKIX"},
		"sasl.oauthbearer.allow.unverified.audience":          {"true", "maybe"},
		"sasl.oauthbearer.allow.unverified.issuer":            {"FALSE", "maybe"},
		"sasl.oauthbearer.clock.skew.seconds":                 {"-5", "2147483648"},
		"sasl.oauthbearer.expected.audience":                  {"a,b"},
		"sasl.oauthbearer.expected.issuer":                    {"i"},
		"sasl.oauthbearer.jwks.endpoint.refresh.ms":           {"-9223372036854775808", "9223372036854775808"},
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": {"0", "9223372036854775808"},
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms":     {"5", "9223372036854775808"},
		"sasl.oauthbearer.jwks.endpoint.url":                  {"https://i/keys"},
		"sasl.oauthbearer.scope.claim.name":                   {"scp"},
		"sasl.oauthbearer.sub.claim.name":                     {"client_id"},
	} {
		test := propertyTest{name: name, setting: notes, def: "", valid: map[string]any{values[0]: name + " has no effect in this client"}}
		if values[1] != "" {
			test.wrong = map[string]string{values[1]: map[string]string{
				"maybe":               boolean,
				"2147483648":          "; allowed: -2147483648 to 2147483647",
				"9223372036854775808": "; allowed: at least -9223372036854775808",
			}[values[1]]}
		}
		tests = append(tests, test)
	}
	return tests
}

// refusedPropertyTests are of properties that stand for what isn't here.
func refusedPropertyTests() []propertyTest {
	var tests []propertyTest
	for _, name := range strings.Fields(`kinit.cmd min.time.before.relogin service.name ticket.renew.jitter ticket.renew.window.factor`) {
		tests = append(tests, propertyTest{name: "sasl.kerberos." + name, wrong: map[string]string{"1": kerberos}})
	}
	for _, name := range strings.Fields(`algorithm claim.aud claim.exp.seconds claim.iss claim.jti.include claim.nbf.seconds claim.sub
		file private.key.file private.key.passphrase template.file`) {
		tests = append(tests, propertyTest{name: fmt.Sprintf("sasl.oauthbearer.assertion.%s", name), wrong: map[string]string{"1": assertions}})
	}
	return tests
}
