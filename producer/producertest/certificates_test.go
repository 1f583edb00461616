package producertest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client/tlsfiles"
)

// verify checks a certificate as a client does that trusts ca and has dialled host.
func verify(c *Certificate, ca *CA, host string) error {
	intermediates := x509.NewCertPool()
	for _, der := range c.TLS.Certificate[1:] {
		parsed, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		intermediates.AddCert(parsed)
	}
	_, err := c.TLS.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: ca.Pool(), Intermediates: intermediates})
	return err
}

// Who believes which certificate, today and where it is the year 2000.
func TestCertificates(t *testing.T) { testCertificates(t) }

func TestCertificatesInVirtualTime(t *testing.T) { synctest.Test(t, testCertificates) }

func testCertificates(t *testing.T) {
	ca, other := NewCA("ours"), NewCA("ours")
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	for _, test := range []struct {
		name string
		c    *Certificate
		host string
		want any // what the error is to be, for errors.As; nil: there is none
	}{
		{"loopback", ca.Server(), "127.0.0.1", nil},
		{"loopback by name", ca.Server(), "localhost", nil},
		{"loopback in IPv6", ca.Server(), "::1", nil},
		{"network in memory", ca.Server(), "192.0.2.254", nil},
		{"given host", ca.Server("kafka.test", "10.0.0.1"), "kafka.test", nil},
		{"given address", ca.Server("kafka.test", "10.0.0.1"), "10.0.0.1", nil},
		{"other host", ca.Server("kafka.test"), "127.0.0.1", &host},
		{"expired", ca.Expired(), "127.0.0.1", &invalid},
		{"not yet valid", ca.Issue(CertificateOptions{Hosts: []string{"h"}, NotBefore: time.Now().Add(time.Hour)}), "h", &invalid},
		{"by another authority", other.Server(), "127.0.0.1", &authority},
		{"by way of another", ca.Intermediate("below").Intermediate("further below").Server(), "127.0.0.1", nil},
		{"a client's", ca.Client("me"), "", &invalid},
	} {
		err := verify(test.c, ca, test.host)
		if test.want == nil && err != nil || test.want != nil && !errors.As(err, test.want) {
			t.Errorf("%s: verified with %v, want %T", test.name, err, test.want)
		}
	}
}

func TestPEM(t *testing.T) {
	ca := NewCA("ours").Intermediate("below")
	c := ca.Server()
	pair, err := tls.X509KeyPair([]byte(c.CertificatePEM()), []byte(c.KeyPEM()))
	if err != nil {
		t.Fatal(err)
	}
	if len(pair.Certificate) != 2 || !pair.Leaf.Equal(c.TLS.Leaf) {
		t.Errorf("%d certificates come back, of %v", len(pair.Certificate), pair.Leaf.Subject)
	}
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(ca.CertificatePEM())) {
		t.Error("the authority's certificate is not one to trust")
	}
}

// The key can be read by what reads ssl.keystore.key, with the password and without another.
func TestEncryptedKeyPEM(t *testing.T) {
	c := NewCA("ours").Client("me")
	files := tlsfiles.Files{
		KeystoreType: "PEM", KeystoreCertificateChain: c.CertificatePEM(), KeystoreKey: c.EncryptedKeyPEM("open sesame"),
		KeyPassword: "open sesame",
	}
	if _, err := files.Config(); err != nil {
		t.Error(err)
	}
	files.KeyPassword = "open barley"
	if _, err := files.Config(); err == nil {
		t.Error("the key opens with another password")
	}
}

func TestWritePEM(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "keystore.pem")
	for _, pieces := range [][]string{{"key\n", "certificate\n"}, {"other"}} {
		if err := WritePEM(file, pieces...); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); string(got) != "other" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if err := WritePEM(filepath.Join(dir, "no", "file"), "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("written where there is no folder: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("files are left: %q", left)
	}
}
