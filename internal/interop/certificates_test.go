package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string // its own certificate
}

// identity is a certificate with its key, as PEM texts: what is shown to the other end.
type identity struct{ chain, key string }

func newAuthority(t *testing.T) *authority {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority of a test"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
	}
	a := &authority{key: newKey(t)}
	var der []byte
	a.cert, der = sign(t, template, template, a.key, a.key)
	a.pem = encode("CERTIFICATE", der)
	return a
}

// issue signs a certificate that is valid until notAfter, for a host: an IP address or a name; for a client any name will do.
func (a *authority) issue(t *testing.T, host string, notAfter time.Time) identity {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   time.Now().Add(-24 * time.Hour), NotAfter: notAfter,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	key := newKey(t)
	_, der := sign(t, template, a.cert, key, a.key)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return identity{chain: encode("CERTIFICATE", der) + a.pem, key: encode("PRIVATE KEY", pkcs8)}
}

// trust are the properties, of a broker as of a client, that make it accept what the authority signed.
func (a *authority) trust() properties {
	return properties{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": a.pem}
}

// show are the properties, of a broker as of a client, that make it show this certificate.
func (i identity) show() properties {
	return properties{"ssl.keystore.type": "PEM", "ssl.keystore.certificate.chain": i.chain, "ssl.keystore.key": i.key}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func sign(t *testing.T, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (*x509.Certificate, []byte) {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, der
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
