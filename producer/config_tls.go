package producer

import (
	"errors"
	"slices"
	"strings"

	"kafkaproducer/client/tlsfiles"
)

// What TLS needs. Files are not opened here: New does, FromProperties doesn't.

const (
	tls12, tls13     = "TLSv1.2", "TLSv1.3"
	allowedProtocols = tls12 + ", " + tls13
)

// settleTLS leaves in r.files what TLS is made from, unless there is none or the program has its own.
func (r *resolver) settleTLS(c *Config, s *settings) {
	if !c.SecurityProtocol.tls() {
		if c.TLS != nil {
			r.clash("security.protocol", c.SecurityProtocol.String(), "Config.TLS is set, which it doesn't use", "SSL, SASL_SSL")
		}
		r.unused(c, "ssl.", "security.protocol = "+c.SecurityProtocol.String())
		return
	}
	if c.TLS != nil {
		s.client.TLS = c.TLS.Clone()
		r.unused(c, "ssl.", "Config.TLS, which replaces them")
		return
	}
	before := len(r.errs)
	files := &tlsfiles.Files{
		TruststoreType:           c.SSLTruststoreType,
		TruststoreLocation:       c.SSLTruststoreLocation,
		TruststoreCertificates:   c.SSLTruststoreCertificates.reveal(),
		TruststorePassword:       c.SSLTruststorePassword.reveal(),
		KeystoreType:             c.SSLKeystoreType,
		KeystoreLocation:         c.SSLKeystoreLocation,
		KeystoreCertificateChain: c.SSLKeystoreCertificateChain.reveal(),
		KeystoreKey:              c.SSLKeystoreKey.reveal(),
		KeystorePassword:         c.SSLKeystorePassword.reveal(),
		KeyPassword:              c.SSLKeyPassword.reveal(),
		CipherSuites:             c.SSLCipherSuites,
		NoEndpointIdentification: !r.toggle("ssl.endpoint.identification.algorithm", c.SSLEndpointIdentification, true),
		Logger:                   s.logger.With("client_id", c.ClientID),
	}
	var wrong *ConfigError
	if files.EnabledProtocols, wrong = protocolsUpTo(c.SSLProtocol, c.SSLEnabledProtocols); wrong != nil {
		r.errs = append(r.errs, wrong)
	}
	for _, err := range files.Check() {
		r.errs = append(r.errs, tlsError(c, err))
	}
	if c.SSLKeyPassword.IsSet() && !c.SSLKeystoreKey.IsSet() && c.SSLKeystoreLocation == "" {
		r.note("ssl.key.password has no effect without ssl.keystore.location or ssl.keystore.key")
	}
	if files.NoEndpointIdentification {
		r.note("ssl.endpoint.identification.algorithm is off: certificates of brokers are not checked for the host name, " +
			"so that whoever has any certificate of a trusted authority can pose as a broker")
	}
	if len(r.errs) == before {
		r.files = files
	}
}

// readFiles makes what TLS needs of the files and texts that settleTLS found. Stores that aren't PEM are refused here, not by
// FromProperties: a program may read one by itself and set Config.TLS.
func (r *resolver) readFiles(c *Config, s *settings) {
	config, err := r.files.Config()
	if err != nil {
		r.errs = append(r.errs, tlsError(c, err))
		return
	}
	s.client.TLS = config
}

// tlsError names the property that an error of package tlsfiles is about, and its value.
func tlsError(c *Config, err error) *ConfigError {
	e := &ConfigError{Reason: err.Error(), Err: err}
	var file *tlsfiles.Error
	if errors.As(err, &file) {
		e.Property, e.Reason, e.Allowed = file.Property, file.Err.Error(), file.Allowed
		if file.Advice != "" {
			e.Reason += "; " + file.Advice
		}
		e.Value = propertyNamed[e.Property].show(map[string]string{
			"ssl.truststore.type":     c.SSLTruststoreType,
			"ssl.truststore.location": c.SSLTruststoreLocation,
			"ssl.keystore.type":       c.SSLKeystoreType,
			"ssl.keystore.location":   c.SSLKeystoreLocation,
			"ssl.enabled.protocols":   strings.Join(c.SSLEnabledProtocols, ","),
			"ssl.cipher.suites":       strings.Join(c.SSLCipherSuites, ","),
		}[e.Property])
	}
	return e
}

// protocolsUpTo returns what ssl.protocol, the highest, leaves of ssl.enabled.protocols; none are all.
func protocolsUpTo(highest string, enabled []string) ([]string, *ConfigError) {
	switch highest {
	case "", "SSL", "TLS", tls13: // Java's SSL and TLS are whatever the JVM has
		return enabled, nil
	case tls12:
		left := slices.DeleteFunc(slices.Clone(enabled), func(p string) bool { return p == tls13 })
		if len(left) == 0 && len(enabled) > 0 {
			return nil, &ConfigError{Property: "ssl.protocol", Value: tls12, Allowed: tls13,
				Reason: "it conflicts with ssl.enabled.protocols = " + strings.Join(enabled, ",")}
		}
		if len(left) == 0 {
			left = []string{tls12}
		}
		return left, nil
	}
	return enabled, &ConfigError{Property: "ssl.protocol", Value: highest, Allowed: allowedProtocols}
}

// unused notes the properties that are set although they have no effect beside another one.
func (r *resolver) unused(c *Config, prefix, beside string) {
	var names []string
	for _, p := range propertiesOf[prefix] {
		if p.isSet != nil && p.isSet(c) {
			names = append(names, p.name)
		}
	}
	if len(names) > 0 {
		r.note("without effect beside %s: %s", beside, strings.Join(names, ", "))
	}
}
