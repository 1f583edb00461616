package producertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// CA is a certificate authority in memory, for tests with TLS. Its keys and certificates are made up when asked for (ECDSA on
// P-256), so that there is nothing to keep, and nothing that expires, in a repository.
type CA struct {
	*Certificate     // its own
	parent       *CA // nil: its certificate is signed by itself
}

// Certificate is a certificate with its private key. Its methods give the PEM forms that Kafka's properties take.
type Certificate struct {
	// TLS is what a tls.Config takes. Leaf is set; the chain ends before the root.
	TLS tls.Certificate
}

// CertificateOptions say what certificate CA.Issue makes.
type CertificateOptions struct {
	// Name is the common name of the subject; empty: "kafka".
	Name string
	// Hosts are the DNS names and IP addresses that the certificate is for.
	Hosts []string
	// Client makes it one that clients show, not servers.
	Client bool
	// NotBefore and NotAfter are when it is valid; zero: from 1999 to the end of 2099, so that it is valid both now and in the
	// bubble of testing/synctest, where it is the year 2000.
	NotBefore, NotAfter time.Time
}

// When certificates are valid.
var (
	validFrom   = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	validUntil  = time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)
	expiredFrom = time.Date(1998, 1, 1, 0, 0, 0, 0, time.UTC)
	expiredAt   = time.Date(1999, 12, 1, 0, 0, 0, 0, time.UTC) // before testing/synctest's time begins
)

// NewCA makes an authority. Two of them don't know each other, whatever their names.
func NewCA(name string) *CA { return newCA(name, nil) }

// Intermediate makes an authority whose certificate this one has signed. Those that it issues come with its own behind them.
func (ca *CA) Intermediate(name string) *CA { return newCA(name, ca) }

func newCA(name string, parent *CA) *CA {
	ca := &CA{parent: parent}
	ca.Certificate = sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotBefore: validFrom, NotAfter: validUntil,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, parent)
	return ca
}

// Server makes a certificate for a broker at these hosts. Without any it is for everything that the brokers of this
// package listen at: localhost, 127.0.0.1, ::1, and the addresses of the network in memory.
func (ca *CA) Server(hosts ...string) *Certificate {
	return ca.Issue(CertificateOptions{Name: "broker", Hosts: orAnywhere(hosts)})
}

// Expired is Server with a certificate whose time is over.
func (ca *CA) Expired(hosts ...string) *Certificate {
	return ca.Issue(CertificateOptions{
		Name: "broker", Hosts: orAnywhere(hosts), NotBefore: expiredFrom, NotAfter: expiredAt,
	})
}

// Client makes a certificate for a client, which brokers know as CN=name.
func (ca *CA) Client(name string) *Certificate {
	return ca.Issue(CertificateOptions{Name: name, Client: true})
}

// Issue makes a certificate.
func (ca *CA) Issue(o CertificateOptions) *Certificate {
	or(&o.Name, "kafka")
	or(&o.NotBefore, validFrom)
	or(&o.NotAfter, validUntil)
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: o.Name}, NotBefore: o.NotBefore, NotAfter: o.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if o.Client {
		t.ExtKeyUsage[0] = x509.ExtKeyUsageClientAuth
	}
	for _, host := range o.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return sign(t, ca)
}

// sign makes a key and a certificate for it as the template says, signed by ca, or by itself with nil.
func sign(template *x509.Certificate, ca *CA) *Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must("make a key", err)
	template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	must("make a serial number", err)
	issuer, issuerKey := template, any(key)
	if ca != nil {
		issuer, issuerKey = ca.TLS.Leaf, ca.TLS.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), issuerKey)
	must("make a certificate", err)
	leaf, err := x509.ParseCertificate(der)
	must("read a certificate back", err)
	c := &Certificate{TLS: tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}}
	for ; ca != nil && ca.parent != nil; ca = ca.parent {
		c.TLS.Certificate = append(c.TLS.Certificate, ca.TLS.Certificate[0])
	}
	return c
}

// Pool returns what those trust who trust the authority.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.TLS.Leaf)
	return pool
}

// ServerConfig returns a config for Options.TLS whose certificate is that of Server.
func (ca *CA) ServerConfig(hosts ...string) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{ca.Server(hosts...).TLS}}
}

// MutualConfig is ServerConfig for brokers that want a client certificate of the authority (ssl.client.auth=required).
func (ca *CA) MutualConfig(hosts ...string) *tls.Config {
	config := ca.ServerConfig(hosts...)
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, ca.Pool()
	return config
}

// ClientConfig returns a client's config which trusts the authority, and shows the certificates, if any.
func (ca *CA) ClientConfig(own ...*Certificate) *tls.Config {
	config := &tls.Config{RootCAs: ca.Pool()}
	for _, c := range own {
		config.Certificates = append(config.Certificates, c.TLS)
	}
	return config
}

// CertificatePEM returns the certificate and those behind it, as in ssl.keystore.certificate.chain. That of an
// authority is what ssl.truststore.certificates takes.
func (c *Certificate) CertificatePEM() string {
	var s strings.Builder
	for _, der := range c.TLS.Certificate {
		pem.Encode(&s, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return s.String()
}

// KeyPEM returns the private key in PKCS #8 form, as in ssl.keystore.key.
func (c *Certificate) KeyPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: c.pkcs8()}))
}

// EncryptedKeyPEM is KeyPEM with the key encrypted (PBES2: PBKDF2 with SHA-256, AES-256-CBC), as ssl.key.password is for.
func (c *Certificate) EncryptedKeyPEM(password string) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: encryptPKCS8(c.pkcs8(), password)}))
}

func (c *Certificate) pkcs8() []byte {
	der, err := x509.MarshalPKCS8PrivateKey(c.TLS.PrivateKey)
	must("encode a key", err)
	return der
}

// WritePEM makes a file of the pieces, as for ssl.keystore.location (key and certificates) and ssl.truststore.location
// (certificates). A file that is there is replaced at once: readers find the old one or the new one, whole.
func WritePEM(file string, pieces ...string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(strings.Join(pieces, ""))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// orAnywhere returns the hosts, or all that brokers listen at when there are none.
func orAnywhere(hosts []string) []string {
	if len(hosts) > 0 {
		return hosts
	}
	hosts = []string{"localhost", "127.0.0.1", "::1"}
	for i := range memoryHosts {
		hosts = append(hosts, memoryHost(i).String())
	}
	return hosts
}

// must is for what fails only when the process is out of randomness, or the code is wrong.
func must(what string, err error) {
	if err != nil {
		panic(fmt.Sprintf("producertest: can't %s: %v", what, err))
	}
}
