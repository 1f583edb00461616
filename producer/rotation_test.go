package producer_test

import (
	"crypto/tls"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// rotation is a change of certificates.
type rotation struct {
	name   string
	change func()
	shown  string // the client's certificate in handshakes from now on
}

// Certificates are replaced on both sides while records are sent: the client's key and whom it trusts in its files, the brokers' by
// their config, and all connections are cut each time. Nothing is lost, nothing changes its order, and each handshake goes by what the
// files hold then; what is half-written leaves the one before.
func TestCertificatesRotateUnderLoad(t *testing.T) {
	old, next := producertest.NewCA("old"), producertest.NewCA("next")
	first, second := old.Client("first"), next.Client("second")
	dir := t.TempDir()
	trusted, keys := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "me.pem")
	write := func(t *testing.T, path string, pieces ...string) {
		t.Helper()
		if err := producertest.WritePEM(path, pieces...); err != nil {
			t.Fatal(err)
		}
	}
	own := func(c *producertest.Certificate) []string { return []string{c.KeyPEM(), c.CertificatePEM()} }
	// brokers show a certificate of one authority and want a client's of another.
	brokers := func(shown, wanted *producertest.CA) *tls.Config {
		c := shown.ServerConfig()
		c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, wanted.Pool()
		return c
	}
	write(t, trusted, old.CertificatePEM())
	write(t, keys, own(first)...)
	opts := producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 6}, TLS: brokers(old, old)}
	inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.SecurityProtocol, cfg.SSLTruststoreLocation, cfg.SSLKeystoreLocation = producer.SSL, trusted, keys
		j := newJournal(t)
		cfg.Logger = slog.New(j)
		rotateUnderLoad(t, c, open(t, cfg), []rotation{
			{"as it was", func() {}, "first"},
			{"the client trusts both", func() { write(t, trusted, old.CertificatePEM(), next.CertificatePEM()) }, "first"},
			{"the brokers have new ones", func() { c.SetTLS(brokers(next, old)) }, "first"},
			{"the client's is half-written", func() { write(t, keys, second.KeyPEM(), second.CertificatePEM()[:300]) }, "first"},
			{"the client has a new one, the only one that is taken", func() {
				write(t, keys, own(second)...)
				c.SetTLS(brokers(next, next))
			}, "second"},
			{"the client trusts the new authority alone", func() { write(t, trusted, next.CertificatePEM()) }, "second"},
		})
		if n := c.Stats().TLSFailures; n != 0 {
			t.Errorf("%d handshakes failed: %v", n, c.TLSFailures())
		}
		if n := j.count(slog.LevelWarn, "of no use"); n != 1 {
			t.Errorf("told %d times of a half-written file", n)
		}
	})
}

// rotateUnderLoad sends records through changes of certificates, each of which cuts all connections.
func rotateUnderLoad(t *testing.T, c *producertest.Cluster, p *producer.Producer, steps []rotation) {
	t.Helper()
	var o outcomes
	sent := 0
	for _, step := range steps {
		synctest.Wait() // a handshake that is cut would count as failed
		step.change()
		c.CloseConnections(0)
		changed := time.Now()
		for range 100 {
			send(t, p, "t", sent, 5, &o)
			sent += 5
			time.Sleep(10 * time.Millisecond)
		}
		seen := 0
		for _, r := range c.Requests(protocol.ProduceKey) {
			if !r.Time.After(changed) {
				continue
			}
			seen++
			if r.Principal != "CN="+step.shown {
				t.Fatalf("%s: a request by %s", step.name, r.Principal)
			}
		}
		if seen == 0 {
			t.Errorf("%s: nothing was sent", step.name)
		}
	}
	flush(t, p)
	noErrors(t, &o)
	check(t, c, "t", 6, &o)
	if n := c.Count("t"); n != int64(sent) {
		t.Errorf("%d records arrived of %d", n, sent)
	}
}
