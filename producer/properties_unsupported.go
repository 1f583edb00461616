package producer

import "strings"

// What is set for transactions, Kerberos or Java classes is asked for: to go on without would be a connection without the
// identity or the guarantee that was meant. So these are errors, not properties without effect.
const (
	noTransactions = "transactions are not supported yet"
	noInterceptors = "interceptors are Java classes and can't run here"
	noProviders    = "config providers are Java classes and can't run here; put the values themselves"
	noKerberos     = "Kerberos is not part of this client; set Config.SASL for a mechanism of your own"
	noAssertions   = "signed assertions are not supported; set Config.SASLOAuthBearerToken for tokens of your own"
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
	for _, name := range strings.Fields(kerberosNames) {
		properties = append(properties, unsupported(name, noKerberos))
	}
	for _, name := range strings.Fields(assertionNames) {
		p := unsupported(name, noAssertions)
		p.secret = name == "sasl.oauthbearer.assertion.private.key.passphrase"
		properties = append(properties, p)
	}
	return properties
}

const kerberosNames = `
sasl.kerberos.kinit.cmd
sasl.kerberos.min.time.before.relogin
sasl.kerberos.service.name
sasl.kerberos.ticket.renew.jitter
sasl.kerberos.ticket.renew.window.factor
`

const assertionNames = `
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
`
