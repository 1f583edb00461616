package producer

import (
	"crypto/tls"
	"errors"
	"fmt"
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
	r.stores(c)
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
		EnabledProtocols:         r.tlsVersions(c),
		CipherSuites:             r.cipherSuites(c.SSLCipherSuites),
		NoEndpointIdentification: !r.toggle("ssl.endpoint.identification.algorithm", c.SSLEndpointIdentification, true),
		Logger:                   s.logger.With("client_id", c.ClientID),
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
	if err == nil {
		s.client.TLS = config
		return
	}
	e := &ConfigError{Reason: err.Error(), Err: err}
	var file *tlsfiles.Error
	if errors.As(err, &file) {
		e.Property, e.Reason = file.Property, file.Err.Error()
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
	r.errs = append(r.errs, e)
}

// stores checks the properties of ssl.truststore and ssl.keystore against each other (DefaultSslEngineFactory.createTruststore
// and createKeystore).
func (r *resolver) stores(c *Config) {
	if c.SSLTruststoreCertificates.IsSet() && c.SSLTruststoreLocation != "" {
		r.clash("ssl.truststore.certificates", hidden, fmt.Sprintf("it conflicts with ssl.truststore.location = %q", c.SSLTruststoreLocation), "one of the two")
	}
	chain, key, location := c.SSLKeystoreCertificateChain.IsSet(), c.SSLKeystoreKey.IsSet(), c.SSLKeystoreLocation != ""
	also := fmt.Sprintf("it conflicts with ssl.keystore.location = %q", c.SSLKeystoreLocation)
	switch {
	case location && key:
		r.clash("ssl.keystore.key", hidden, also, "one of the two")
	case location && chain:
		r.clash("ssl.keystore.certificate.chain", hidden, also, "one of the two")
	case key && !chain:
		r.clash("ssl.keystore.key", hidden, "it needs ssl.keystore.certificate.chain, which is not set", "both or none")
	case chain && !key:
		r.clash("ssl.keystore.certificate.chain", hidden, "it needs ssl.keystore.key, which is not set", "both or none")
	}
	if c.SSLKeyPassword.IsSet() && !key && !location {
		r.note("ssl.key.password has no effect without ssl.keystore.location or ssl.keystore.key")
	}
}

// tlsVersions returns the protocols of ssl.enabled.protocols that ssl.protocol leaves.
func (r *resolver) tlsVersions(c *Config) []string {
	enabled := c.SSLEnabledProtocols
	for _, p := range enabled {
		if p != tls12 && p != tls13 {
			r.fail("ssl.enabled.protocols", strings.Join(enabled, ","), allowedProtocols)
			return nil
		}
	}
	if len(enabled) == 0 {
		enabled = []string{tls12, tls13}
	}
	switch c.SSLProtocol {
	case "", tls13, "TLS": // Java's TLS is whatever the JVM has
	case tls12:
		if !slices.Contains(enabled, tls12) {
			r.clash("ssl.protocol", tls12, "it conflicts with ssl.enabled.protocols = "+strings.Join(enabled, ","), tls13)
			return nil
		}
		return []string{tls12}
	default:
		r.fail("ssl.protocol", c.SSLProtocol, allowedProtocols)
	}
	return enabled
}

// cipherSuites checks names as IANA has them.
func (r *resolver) cipherSuites(suites []string) []string {
	known := tls.CipherSuites()
	var names []string
	for _, s := range known {
		names = append(names, s.Name)
	}
	for _, name := range suites {
		if slices.Contains(names, name) {
			continue
		}
		reason := fmt.Sprintf("there is no cipher suite %s here", name)
		if slices.ContainsFunc(tls.InsecureCipherSuites(), func(s *tls.CipherSuite) bool { return s.Name == name }) {
			reason = name + " is not secure"
		}
		r.clash("ssl.cipher.suites", strings.Join(suites, ","), reason, strings.Join(names, ", "))
		return nil
	}
	return suites
}

// unused notes the properties that are set although they have no effect beside another one.
func (r *resolver) unused(c *Config, prefix, beside string) {
	var names []string
	for _, p := range properties {
		if strings.HasPrefix(p.name, prefix) && p.isSet != nil && p.isSet(c) {
			names = append(names, p.name)
		}
	}
	if len(names) > 0 {
		r.note("without effect beside %s: %s", beside, strings.Join(names, ", "))
	}
}
