package producertest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// dialTLS connects to a broker and does the handshake.
func dialTLS(t *testing.T, c *Cluster, broker int32, config *tls.Config) (*testClient, error) {
	t.Helper()
	k := dial(t, c, broker)
	config = config.Clone()
	config.ServerName, _, _ = net.SplitHostPort(c.Addr(broker))
	conn := tls.Client(k.conn, config)
	t.Cleanup(func() { conn.Close() })
	k.conn, k.r = conn, bufio.NewReader(conn)
	return k, conn.Handshake()
}

// mustTLS is dialTLS where the handshake has to succeed.
func mustTLS(t *testing.T, c *Cluster, broker int32, config *tls.Config) *testClient {
	t.Helper()
	k, err := dialTLS(t, c, broker, config)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTLS(t *testing.T) {
	ca := NewCA("ours")
	opts := Options{TLS: ca.ServerConfig(), Brokers: 2, Topics: map[string]int32{"t": 2}}
	bothNetworks(t, opts, func(t *testing.T, c *Cluster) {
		for broker := int32(1); broker <= 2; broker++ {
			k := mustTLS(t, c, broker, ca.ClientConfig())
			wantOffset(t, k.produce("t", broker-1, spec{n: 3}), 0)
			large := spec{value: strings.Repeat("x", 500_000), n: 2}
			wantOffset(t, k.produce("t", broker-1, large), 3)
		}
		for _, r := range c.Requests() {
			if r.TLS == nil || r.TLS.Version != tls.VersionTLS13 || r.Principal != Anonymous {
				t.Errorf("request with TLS %v by %q", r.TLS, r.Principal)
			}
		}
	})
}

// A client sees which certificate is wrong, and so does the test.
func TestTLSRefusedByClient(t *testing.T) {
	ca, other := NewCA("ours"), NewCA("theirs")
	for name, test := range map[string]struct {
		config *tls.Config
		want   string // in the client's error
	}{
		"expired":         {&tls.Config{Certificates: []tls.Certificate{ca.Expired().TLS}}, "expired"},
		"other host":      {ca.ServerConfig("kafka.test"), "not"},
		"other authority": {other.ServerConfig(), "unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			bothNetworks(t, Options{TLS: test.config}, func(t *testing.T, c *Cluster) {
				_, err := dialTLS(t, c, 1, ca.ClientConfig())
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("connected with %v", err)
				}
				waitFor(t, c, func() bool { return c.Stats().TLSFailures == 1 })
				if f := c.TLSFailures()[0]; f.Broker != 1 || f.Conn != 1 || !strings.Contains(f.Err.Error(), "remote error") {
					t.Errorf("failure %+v", f)
				}
			})
		})
	}
}

// waitFor fails the test when something doesn't come about.
func waitFor(t *testing.T, c *Cluster, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := c.Wait(ctx, cond); err != nil {
		t.Fatal(err)
	}
}

func TestMutualTLS(t *testing.T) {
	ca, other := NewCA("ours"), NewCA("theirs")
	bothNetworks(t, Options{TLS: ca.MutualConfig(), Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		k := mustTLS(t, c, 1, ca.ClientConfig(ca.Client("email-service")))
		wantOffset(t, k.produce("t", 0, spec{}), 0)
		if r := c.Requests()[0]; r.Principal != "CN=email-service" || len(r.TLS.PeerCertificates) != 1 {
			t.Errorf("request by %q", r.Principal)
		}
		for name, config := range map[string]*tls.Config{
			"no certificate":    ca.ClientConfig(),
			"other authority's": {RootCAs: ca.Pool(), GetClientCertificate: show(other.Client("email-service"))},
			"server's":          {RootCAs: ca.Pool(), GetClientCertificate: show(ca.Server())},
			"expired":           {RootCAs: ca.Pool(), GetClientCertificate: show(ca.Expired())},
		} {
			failures := c.Stats().TLSFailures
			k, err := dialTLS(t, c, 1, config)
			if err == nil { // TLS 1.3: the client is done before its certificate is looked at
				k.send(3, &protocol.ApiVersionsRequest{NodeID: -1})
				_, err = k.frame()
			}
			if alert := (tls.AlertError)(0); !errors.As(err, &alert) && !strings.Contains(err.Error(), "remote error: tls:") {
				t.Errorf("%s: the client sees %v", name, err)
			}
			waitFor(t, c, func() bool { return c.Stats().TLSFailures == failures+1 })
		}
	})
}

// show makes a client show a certificate whether it is asked for such a one or not.
func show(c *Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c.TLS, nil }
}

func TestSetTLS(t *testing.T) {
	ca := NewCA("ours")
	bothNetworks(t, Options{TLS: ca.ServerConfig(), Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		before := mustTLS(t, c, 1, ca.ClientConfig())
		second := ca.ServerConfig()
		c.SetTLS(second)
		after := mustTLS(t, c, 1, ca.ClientConfig())
		for i, k := range []*testClient{before, after} {
			wantOffset(t, k.produce("t", 0, spec{}), int64(i))
		}
		got := after.conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
		if !got.Equal(second.Certificates[0].Leaf) {
			t.Error("a new connection has the old certificate")
		}
	})
}

// Who doesn't speak TLS gets an alert, as from Kafka's brokers.
func TestPlainTextToTLS(t *testing.T) {
	bothNetworks(t, Options{TLS: NewCA("ours").ServerConfig()}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		k.send(3, &protocol.ApiVersionsRequest{NodeID: -1})
		if got, err := io.ReadAll(k.r); !bytes.Equal(got, plainTextAlert) || err != nil {
			t.Errorf("read %x, %v", got, err)
		}
	})
}

// Who speaks TLS where there is none is cut off.
func TestTLSToPlainText(t *testing.T) {
	bothNetworks(t, Options{}, func(t *testing.T, c *Cluster) {
		if _, err := dialTLS(t, c, 1, NewCA("ours").ClientConfig()); err == nil {
			t.Error("connected")
		}
	})
}

// The ways a connection ends, over TLS.
func TestTLSEnds(t *testing.T) {
	ca := NewCA("ours")
	bothNetworks(t, Options{TLS: ca.ServerConfig(), Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		for name, end := range map[string]func(k *testClient){
			"fault": func(k *testClient) {
				c.Inject(DropAfter().Once())
				k.post(spec{})
			},
			"reset": func(k *testClient) {
				c.Inject(ResetAfter().Once())
				k.post(spec{})
			},
			"broker": func(k *testClient) { c.CloseConnections(1) },
			"client's mistake": func(k *testClient) {
				k.conn.Write([]byte{0xff, 0xff, 0xff, 0xff})
			},
		} {
			t.Log(name)
			k := mustTLS(t, c, 1, ca.ClientConfig())
			end(k)
			k.closed()
		}
		// One that never begins its handshake, one that is in the middle of a request, one that doesn't read.
		dial(t, c, 1)
		mustTLS(t, c, 1, ca.ClientConfig()).conn.Write([]byte{0, 0, 1})
		k := mustTLS(t, c, 1, ca.ClientConfig())
		for range 2000 {
			k.post(spec{})
		}
		c.Close()
	})
}

// A paused broker doesn't shake hands.
func TestTLSPaused(t *testing.T) {
	ca := NewCA("ours")
	inVirtualTime(t, Options{TLS: ca.ServerConfig()}, func(t *testing.T, c *Cluster) {
		c.PauseBroker(1)
		shaken := make(chan error, 1)
		k := dial(t, c, 1)
		config := ca.ClientConfig()
		config.ServerName = "192.0.2.1"
		conn := tls.Client(k.conn, config)
		go func() { shaken <- conn.Handshake() }()
		synctest.Wait()
		select {
		case err := <-shaken:
			t.Errorf("a paused broker has shaken hands: %v", err)
		default:
		}
		c.ResumeBroker(1)
		if err := <-shaken; err != nil {
			t.Error(err)
		}
	})
}

// Brokers go by names, which only Cluster.Dial knows.
func TestHosts(t *testing.T) {
	ca := NewCA("ours")
	opts := Options{Brokers: 3, Hosts: []string{"one.test", "two.test"}, TLS: ca.ServerConfig("one.test")}
	bothNetworks(t, opts, func(t *testing.T, c *Cluster) {
		for i, want := range []string{"one.test:", "two.test:", ""} {
			if got := c.BootstrapServers()[i]; !strings.HasPrefix(got, want) {
				t.Errorf("broker %d is %s", i+1, got)
			}
		}
		m := mustTLS(t, c, 1, ca.ClientConfig()).ask(9, &protocol.MetadataRequest{}).(*protocol.MetadataResponse)
		if m.Brokers[0].Host != "one.test" || m.Brokers[1].Host != "two.test" || net.ParseIP(m.Brokers[2].Host) == nil {
			t.Errorf("metadata names %+v", m.Brokers)
		}
		if _, err := dialTLS(t, c, 2, ca.ClientConfig()); err == nil {
			t.Error("the second broker passes for the first")
		}
		c.StopBroker(1)
		if _, err := c.Dial(t.Context(), "tcp", c.Addr(1)); err == nil {
			t.Error("a stopped broker is there")
		}
		old := c.Addr(1)
		c.StartBrokerElsewhere(1)
		mustTLS(t, c, 1, ca.ClientConfig())
		if _, err := c.Dial(t.Context(), "tcp", old); c.Addr(1) != old && !errors.Is(err, errConnRefused) {
			t.Errorf("a name with a port that is free: %v", err)
		}
		c.Inject(RefuseDial().OnBroker(1).Once())
		if _, err := c.Dial(t.Context(), "tcp", c.Addr(1)); err == nil {
			t.Error("a fault on a broker with a name does nothing")
		}
	})
}
