package producer

import "strings"

// What is set for TLS, SASL, transactions or Java classes is asked for: to go on without would be a connection without
// the encryption, the identity or the guarantee that was meant. So these are errors, not properties without effect.
const (
	noSecurity     = "TLS and SASL are not supported yet, only security.protocol=PLAINTEXT is"
	noTransactions = "transactions are not supported yet"
	noInterceptors = "interceptors are Java classes and can't run here"
	noProviders    = "config providers are Java classes and can't run here; put the values themselves"
)

// unsupportedProperties are those that may not be set; a list of classes may be empty.
func unsupportedProperties() []property {
	properties := []property{
		emptyList("interceptor.classes", noInterceptors),
		emptyList("config.providers", noProviders),
		unsupported("transactional.id", noTransactions),
		unsupported("transaction.timeout.ms", noTransactions),
		unsupported("transaction.two.phase.commit.enable", noTransactions),
	}
	for _, name := range strings.Fields(tlsNames + saslNames) {
		properties = append(properties, unsupported(name, noSecurity))
	}
	for i := range properties {
		properties[i].secret = secretNames[properties[i].name]
	}
	return properties
}

// secretNames are the properties of Kafka's type PASSWORD.
var secretNames = map[string]bool{
	"sasl.jaas.config": true,
	"sasl.oauthbearer.assertion.private.key.passphrase": true,
	"sasl.oauthbearer.client.credentials.client.secret": true,
	"ssl.key.password":               true,
	"ssl.keystore.certificate.chain": true,
	"ssl.keystore.key":               true,
	"ssl.keystore.password":          true,
	"ssl.truststore.certificates":    true,
	"ssl.truststore.password":        true,
}

const tlsNames = `
ssl.cipher.suites
ssl.enabled.protocols
ssl.endpoint.identification.algorithm
ssl.engine.factory.class
ssl.key.password
ssl.keymanager.algorithm
ssl.keystore.certificate.chain
ssl.keystore.key
ssl.keystore.location
ssl.keystore.password
ssl.keystore.type
ssl.protocol
ssl.provider
ssl.secure.random.implementation
ssl.trustmanager.algorithm
ssl.truststore.certificates
ssl.truststore.location
ssl.truststore.password
ssl.truststore.type
`

const saslNames = `
sasl.client.callback.handler.class
sasl.jaas.config
sasl.kerberos.kinit.cmd
sasl.kerberos.min.time.before.relogin
sasl.kerberos.service.name
sasl.kerberos.ticket.renew.jitter
sasl.kerberos.ticket.renew.window.factor
sasl.login.callback.handler.class
sasl.login.class
sasl.login.connect.timeout.ms
sasl.login.read.timeout.ms
sasl.login.refresh.buffer.seconds
sasl.login.refresh.min.period.seconds
sasl.login.refresh.window.factor
sasl.login.refresh.window.jitter
sasl.login.retry.backoff.max.ms
sasl.login.retry.backoff.ms
sasl.mechanism
sasl.oauthbearer.allow.unverified.audience
sasl.oauthbearer.allow.unverified.issuer
sasl.oauthbearer.assertion.algorithm
sasl.oauthbearer.assertion.claim.aud
sasl.oauthbearer.assertion.claim.exp.seconds
sasl.oauthbearer.assertion.claim.iss
sasl.oauthbearer.assertion.claim.jti.include
sasl.oauthbearer.assertion.claim.nbf.seconds
sasl.oauthbearer.assertion.claim.sub
sasl.oauthbearer.assertion.file
sasl.oauthbearer.assertion.private.key.file
sasl.oauthbearer.assertion.private.key.passphrase
sasl.oauthbearer.assertion.template.file
sasl.oauthbearer.client.credentials.client.id
sasl.oauthbearer.client.credentials.client.secret
sasl.oauthbearer.clock.skew.seconds
sasl.oauthbearer.expected.audience
sasl.oauthbearer.expected.issuer
sasl.oauthbearer.header.urlencode
sasl.oauthbearer.jwks.endpoint.refresh.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms
sasl.oauthbearer.jwks.endpoint.url
sasl.oauthbearer.jwt.retriever.class
sasl.oauthbearer.jwt.validator.class
sasl.oauthbearer.scope
sasl.oauthbearer.scope.claim.name
sasl.oauthbearer.sub.claim.name
sasl.oauthbearer.token.endpoint.url
`
