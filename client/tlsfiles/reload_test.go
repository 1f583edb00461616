package tlsfiles

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"kafkaproducer/producer/producertest"
)

// shake has a client and a server shake hands, and returns whom the server saw ("": nobody) and how it ended for the client.
func shake(t *testing.T, client, server *tls.Config) (peer string, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var served sync.WaitGroup
	served.Go(func() {
		theirs, err := l.Accept()
		if err != nil {
			return
		}
		defer theirs.Close()
		s := tls.Server(theirs, server)
		if s.Handshake() != nil {
			return
		}
		if shown := s.ConnectionState().PeerCertificates; len(shown) > 0 {
			peer = shown[0].Subject.CommonName
		}
		s.Write([]byte{1}) // the client of TLS 1.3 hears of a refusal when it reads
	})
	ours, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	config := client.Clone()
	config.ServerName = "broker.test"
	c := tls.Client(ours, config)
	if err = c.Handshake(); err == nil {
		_, err = c.Read(make([]byte, 1))
	}
	ours.Close()
	served.Wait()
	return peer, err
}

// changing is files that a test changes, and what the settings made of them do.
type changing struct {
	t          *testing.T
	trust, own string // paths
	config     *tls.Config
	log        bytes.Buffer
}

// write puts a text in a file's place, as those do who care.
func (c *changing) write(path string, text string) {
	c.t.Helper()
	if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path)); err != nil {
		c.t.Fatal(err)
	}
}

// said returns the lines logged since the last time.
func (c *changing) said() (lines []string) {
	defer c.log.Reset()
	return strings.FieldsFunc(c.log.String(), func(r rune) bool { return r == '\n' })
}

func newChanging(t *testing.T, trust, own string) *changing {
	dir := t.TempDir()
	c := &changing{t: t, trust: filepath.Join(dir, "ca.pem"), own: filepath.Join(dir, "own.pem")}
	c.write(c.trust, trust)
	c.write(c.own, own)
	var err error
	c.config, err = Files{TruststoreLocation: c.trust, KeystoreLocation: c.own, KeyPassword: "key phrase",
		Logger: slog.New(slog.NewTextHandler(&c.log, nil))}.Config()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// both is a key store's text.
func both(c *producertest.Certificate) string {
	return c.EncryptedKeyPEM("key phrase") + c.CertificatePEM()
}

// A certificate that is replaced serves the next handshake; what is of no use leaves the one before, which the log says once.
func TestKeyStoreChanges(t *testing.T) {
	ca := producertest.NewCA("ours")
	server := ca.MutualConfig("broker.test")
	one, two, three := ca.Client("one"), ca.Client("two"), ca.Client("three")
	first := both(one) // which differs each time: the key is encrypted with another salt
	c := newChanging(t, ca.CertificatePEM(), first)
	for _, step := range []struct {
		name, text string // "": no file
		shown      string
		log        []string // "" is no line
	}{
		{"as it was", first, "one", nil},
		{"replaced", both(two), "two", []string{"has changed"}},
		{"half-written", both(three)[:len(both(three))/2], "two", []string{"of no use", "cut off"}},
		{"written", both(three), "three", []string{"has changed"}},
		{"the key of another", two.EncryptedKeyPEM("key phrase") + one.CertificatePEM(), "three", []string{"of no use", "own.pem"}},
		{"encrypted with another password", two.EncryptedKeyPEM("another") + two.CertificatePEM(), "three", []string{"of no use", "ssl.key.password"}},
		{"empty", "\n", "three", []string{"of no use", "no PEM"}},
		{"gone", "", "three", []string{"of no use", "no such file"}},
		{"back", both(one), "one", []string{"has changed"}},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			if step.text == "" {
				os.Remove(c.own)
			} else {
				c.write(c.own, step.text)
			}
			for range 3 { // told once
				if peer, err := shake(t, c.config, server); err != nil || peer != step.shown {
					t.Errorf("shown is %q, %v", peer, err)
				}
			}
			lines := c.said()
			if len(lines) != min(len(step.log), 1) {
				t.Fatalf("logged %q", lines)
			}
			for _, s := range step.log {
				if !strings.Contains(lines[0], s) {
					t.Errorf("logged %s, which says nothing of %q", lines[0], s)
				}
			}
			if strings.Contains(strings.Join(lines, ""), "key phrase") {
				t.Errorf("logged %q", lines)
			}
		})
	}
}

// Whom to trust changes as well, from one handshake to the next.
func TestTrustStoreChanges(t *testing.T) {
	old, new := producertest.NewCA("old"), producertest.NewCA("new")
	before, after := old.ServerConfig("broker.test"), new.ServerConfig("broker.test")
	c := newChanging(t, old.CertificatePEM(), both(old.Client("me")))
	all := old.CertificatePEM() + new.CertificatePEM()
	for _, step := range []struct {
		name, text    string
		before, after bool // whom is trusted
		lines         int
	}{
		{"the old authority", old.CertificatePEM(), true, false, 0},
		{"both", all, true, true, 1},
		{"half-written", new.CertificatePEM()[:200], true, true, 1},
		{"a key among them", all + new.Client("me").KeyPEM(), true, true, 1},
		{"the new authority", new.CertificatePEM(), false, true, 1},
	} {
		t.Run(step.name, func(t *testing.T) {
			c.t = t
			c.write(c.trust, step.text)
			for server, trusted := range map[*tls.Config]bool{before: step.before, after: step.after} {
				_, err := shake(t, c.config, server)
				var unknown x509.UnknownAuthorityError
				if trusted && err != nil || !trusted && !errors.As(err, &unknown) {
					t.Errorf("trusted is %v: %v", trusted, err)
				}
			}
			if lines := c.said(); len(lines) != step.lines {
				t.Errorf("logged %q", lines)
			}
		})
	}
}
