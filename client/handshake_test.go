package client

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// Brokers of all ages, and one that isn't Kafka's: the versions asked for, until there is an answer.
func TestNegotiationWithBrokers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		knows  int16 // the highest ApiVersions
		refuse func(r *fakeRequest) []byte
		want   []int16
	}{
		{name: "Kafka 4.4", knows: 5, want: []int16{5}},
		{name: "Kafka 4.1", knows: 4, want: []int16{5, 4}},
		{name: "Kafka 3.0", knows: 3, want: []int16{5, 3}},
		{name: "Kafka 2.1", knows: 2, want: []int16{5, 0}},
		{name: "librdkafka's mock cluster, whose refusal can't be read", knows: 0, want: []int16{5, 0},
			refuse: func(r *fakeRequest) []byte {
				return []byte{0, 0, 0, 0x11, 0, 0, 0, byte(r.header.CorrelationID), 0, 0x23, 1, 0, 0x12, 0, 0, 0, 2, 0, 0, 0, 0}
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				f.versions[protocol.ApiVersionsKey] = [2]int16{0, tt.knows}
				var asked []int16
				f.setScript(func(r *fakeRequest) bool {
					if r.header.Key != protocol.ApiVersionsKey {
						return false
					}
					f.with(func() { asked = append(asked, r.header.Version) })
					if r.request == nil && tt.refuse != nil {
						r.send(tt.refuse(r))
						return true
					}
					return false
				})
				knowing(t, f, f.config())
				f.mu.Lock()
				defer f.mu.Unlock()
				for i, version := range asked { // of one connection or more
					if want := tt.want[i%len(tt.want)]; version != want {
						t.Fatalf("asked with %v, want %v", asked, tt.want)
					}
				}
			})
		})
	}
}

// A port that isn't a Kafka broker's is named in the error.
func TestWrongPort(t *testing.T) {
	for _, tt := range []struct {
		name  string
		reply string
		want  any
		text  string
	}{
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", new(*ForeignProtocolError), "not speak Kafka's protocol but HTTP"},
		{"TLS", "\x15\x03\x01\x00\x02\x02\x16", new(*ForeignProtocolError), "security.protocol=SSL"},
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n", new(*ForeignProtocolError), `but text (it sent "SSH-2.0-")`},
		{"closes", "", new(interface{ Unwrap() error }), "closed by the peer instead of an answer to ApiVersions"},
		{"a binary protocol", "\x90\x00\x00\x00\x0a5.5.5-10", new(*FrameSizeError), "was announced"},
		{"another's answer", "\x00\x00\x00\x0a\x00\x00\x00\x63\x00\x00\x00\x00\x00\x00", new(*CorrelationError), "correlation id 99"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				f.versions[protocol.ApiVersionsKey] = [2]int16{0, 0}
				f.setScript(func(r *fakeRequest) bool {
					r.send([]byte(tt.reply))
					r.hangUp()
					return true
				})
				c := begin(t, f.config(), newEvents())
				err := topicWithin(t, c, "topic", 5*time.Second)
				var e *ConnError
				named := isAuth(err) || errors.As(err, &e) && e.Op == "handshake"
				if !errors.As(err, tt.want) || !named || !strings.Contains(err.Error(), tt.text) {
					t.Errorf("got %v", err)
				}
				if tt.reply == "" && !errors.Is(err, io.EOF) {
					t.Error("the cause is not io.EOF")
				}
			})
		})
	}
}

// What a read or write is told of a connection that the peer has closed, on any system.
func TestHungUp(t *testing.T) {
	for _, e := range []error{syscall.ECONNRESET, syscall.EPIPE, syscall.Errno(10053), syscall.Errno(10054)} {
		if err := error(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("recv", e)}); !hungUp(err) {
			t.Errorf("%v is taken for something else", err)
		}
	}
	for _, e := range []error{nil, io.ErrNoProgress, syscall.ETIMEDOUT, net.ErrClosed, &TimeoutError{}} {
		if hungUp(e) {
			t.Errorf("%v is taken for the peer's doing", e)
		}
	}
}

func TestSilentPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.setScript(func(r *fakeRequest) bool { return true })
		c := begin(t, f.config(), newEvents())
		err := topicWithin(t, c, "topic", 31*time.Second)
		var timeout *TimeoutError
		if !errors.As(err, &timeout) || timeout.Key != protocol.ApiVersionsKey || timeout.After != 30*time.Second {
			t.Errorf("got %v", err)
		}
	})
}

func TestBrokerOfNoUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.versions[protocol.ProduceKey] = [2]int16{0, 2}
		c := begin(t, f.config(), newEvents())
		err := topicWithin(t, c, "topic", time.Second)
		var version *VersionError
		if !errors.As(err, &version) || !strings.Contains(err.Error(), "Kafka 0.11 or newer") {
			t.Errorf("got %v", err)
		}
	})
}

// KIP-1242: a broker is told whom the connection is meant for, once that is known.
func TestClusterCheck(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   bool
	}{
		{"by default", func(*Config) {}, true},
		{"switched off", func(c *Config) { c.MetadataClusterCheckEnable = false }, false},
		{"without rebootstrapping", func(c *Config) { c.MetadataRecoveryStrategy = RecoverNone }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				var meant []*protocol.ApiVersionsRequest
				f.setScript(func(r *fakeRequest) bool {
					if m, ok := r.request.(*protocol.ApiVersionsRequest); ok {
						f.with(func() { meant = append(meant, m) })
					}
					return false
				})
				cfg := f.config()
				tt.change(&cfg)
				c, h := knowing(t, f, cfg)
				c.Connect(1)
				h.awaitUp(1)
				f.mu.Lock()
				defer f.mu.Unlock()
				if m := meant[0]; m.ClusterID != nil || m.NodeID != -1 || m.ClientSoftwareName != "kafkaproducer" {
					t.Errorf("a bootstrap server was told %+v", m)
				}
				m := meant[1]
				if got := m.ClusterID != nil && *m.ClusterID == f.id && m.NodeID == 1; got != tt.want {
					t.Errorf("broker 1 was told %+v", m)
				}
			})
		})
	}
}

// topicWithin asks for a topic that can't be had, and returns why.
func topicWithin(t *testing.T, c *Client, name string, d time.Duration) error {
	t.Helper()
	ctx, cancel := bounded(t.Context(), d)
	defer cancel()
	topic, err := c.Topic(ctx, name)
	if err == nil {
		t.Fatalf("there is a topic: %+v", topic)
	}
	return err
}
