package tlsfiles

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// verifier decides whether a connection's peer is who it must be.
type verifier struct {
	trust   *store[*x509.CertPool] // nil: the system's authorities
	anyHost bool
	ciphers []uint16 // those that may be used; nil: all that crypto/tls negotiates
}

// verify does what crypto/tls does with RootCAs and ServerName, with the trust store of this moment.
func (v *verifier) verify(cs tls.ConnectionState) error {
	if v.ciphers != nil && !slices.Contains(v.ciphers, cs.CipherSuite) {
		return fmt.Errorf("the broker chose the cipher suite %s, which is not in ssl.cipher.suites", tls.CipherSuiteName(cs.CipherSuite))
	}
	if len(cs.PeerCertificates) == 0 {
		return errors.New("the broker has shown no certificate")
	}
	options := x509.VerifyOptions{DNSName: cs.ServerName, Intermediates: x509.NewCertPool()}
	switch {
	case v.anyHost:
		options.DNSName = ""
	case cs.ServerName == "":
		return errors.New("no host name is known for which the broker's certificate should be")
	}
	if v.trust != nil {
		options.Roots = v.trust.current()
	}
	for _, c := range cs.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	if _, err := cs.PeerCertificates[0].Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: cs.PeerCertificates, Err: err}
	}
	return nil
}

// negotiable returns settings with the protocols and cipher suites that may be negotiated.
func (f *Files) negotiable() (*verifier, *tls.Config, error) {
	v := &verifier{anyHost: f.NoEndpointIdentification}
	config := &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13}
	if len(f.EnabledProtocols) > 0 {
		config.MinVersion, config.MaxVersion = tls.VersionTLS13, tls.VersionTLS12
	}
	for _, name := range f.EnabledProtocols {
		switch name {
		case "TLSv1.2":
			config.MinVersion = tls.VersionTLS12
		case "TLSv1.3":
			config.MaxVersion = tls.VersionTLS13
		default:
			return nil, nil, &Error{Property: "ssl.enabled.protocols", Err: fmt.Errorf("%q is not supported", name), Allowed: "TLSv1.2, TLSv1.3"}
		}
	}
	if len(f.CipherSuites) == 0 {
		return v, config, nil
	}
	old, new := false, false // suites up to TLS 1.2, and since 1.3
	for _, name := range f.CipherSuites {
		suite, err := suiteNamed(name)
		if err != nil {
			return nil, nil, &Error{Property: "ssl.cipher.suites", Err: err, Allowed: suiteNames()}
		}
		v.ciphers = append(v.ciphers, suite.ID)
		if slices.Contains(suite.SupportedVersions, tls.VersionTLS13) {
			new = true
		} else {
			old = true
			config.CipherSuites = append(config.CipherSuites, suite.ID)
		}
	}
	// A version without any suite can't be used. crypto/tls would go on to offer its own suites of TLS 1.3.
	if !new {
		config.MaxVersion = min(config.MaxVersion, tls.VersionTLS12)
	}
	if !old {
		config.MinVersion = max(config.MinVersion, tls.VersionTLS13)
	}
	if config.MinVersion > config.MaxVersion {
		return nil, nil, &Error{Property: "ssl.cipher.suites", Err: fmt.Errorf("none of %s is of a protocol in ssl.enabled.protocols", strings.Join(f.CipherSuites, ", "))}
	}
	return v, config, nil
}

// suiteNamed returns a cipher suite by its IANA name.
func suiteNamed(name string) (*tls.CipherSuite, error) {
	named := func(s *tls.CipherSuite) bool { return s.Name == name }
	known := tls.CipherSuites()
	if i := slices.IndexFunc(known, named); i >= 0 {
		return known[i], nil
	}
	if slices.ContainsFunc(tls.InsecureCipherSuites(), named) {
		return nil, fmt.Errorf("%s is not secure", name)
	}
	return nil, fmt.Errorf("there is no cipher suite %s here", name)
}

func suiteNames() string {
	var names []string
	for _, s := range tls.CipherSuites() {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
