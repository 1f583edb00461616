package producer

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"kafkaproducer/client/tlsfiles"
)

// endpointOptions are the properties of TLS that a JAAS line may have for its token endpoint.
var endpointOptions = []string{
	"ssl.truststore.type", "ssl.truststore.location", "ssl.truststore.certificates", "ssl.truststore.password",
	"ssl.keystore.type", "ssl.keystore.location", "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.keystore.password", "ssl.key.password",
	"ssl.protocol", "ssl.enabled.protocols", "ssl.cipher.suites",
}

// endpointTLS makes TLS to a token endpoint of the options of OAuthBearerLoginModule, which Kafka's client takes it from too
// (ClientCredentialsJwtRetriever and OAuthBearerUtils.maybeCreateSslResource): the properties of the same names are for brokers
// alone. Files are opened for New only.
func (r *resolver) endpointTLS(c *Config, s *settings) func(options map[string]string) (*tls.Config, error) {
	return func(options map[string]string) (*tls.Config, error) {
		for name := range options {
			if !slices.Contains(endpointOptions, name) {
				return nil, fmt.Errorf("an option that has no meaning for a token endpoint here; of TLS allowed are %s", strings.Join(endpointOptions, ", "))
			}
		}
		list := func(name string) []string {
			return strings.FieldsFunc(options[name], func(r rune) bool { return r == ',' || r == ' ' })
		}
		f := tlsfiles.Files{
			TruststoreType:           options["ssl.truststore.type"],
			TruststoreLocation:       options["ssl.truststore.location"],
			TruststoreCertificates:   options["ssl.truststore.certificates"],
			TruststorePassword:       options["ssl.truststore.password"],
			KeystoreType:             options["ssl.keystore.type"],
			KeystoreLocation:         options["ssl.keystore.location"],
			KeystoreCertificateChain: options["ssl.keystore.certificate.chain"],
			KeystoreKey:              options["ssl.keystore.key"],
			KeystorePassword:         options["ssl.keystore.password"],
			KeyPassword:              options["ssl.key.password"],
			CipherSuites:             list("ssl.cipher.suites"),
			Logger:                   s.logger.With("client_id", c.ClientID),
		}
		var wrong *ConfigError
		if f.EnabledProtocols, wrong = protocolsUpTo(options["ssl.protocol"], list("ssl.enabled.protocols")); wrong != nil {
			return nil, fmt.Errorf("ssl.protocol is none of %s, or leaves nothing of ssl.enabled.protocols", allowedProtocols)
		}
		if r.open {
			return f.Config()
		}
		if faults := f.Check(); len(faults) > 0 {
			return nil, faults[0]
		}
		return new(tls.Config), nil
	}
}
