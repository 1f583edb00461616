package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

const loginToken = "eyJ0b2tlbiI.c2VjcmV0.c2lnbmF0dXJl"

var loginMechanisms = []sasl.Mechanism{
	sasl.Plain("alice", "secret"), sasl.ScramSHA256("alice", "secret"), sasl.ScramSHA512("alice", "secret"),
	sasl.OAuthBearer(func(context.Context) (sasl.Token, error) { return sasl.Token{Value: loginToken}, nil }),
}

// loginCluster is a cluster that user alice may enter by any mechanism.
func loginCluster(t *testing.T, change func(*producertest.Options)) *producertest.Cluster {
	t.Helper()
	opts := producertest.Options{InMemory: true, Users: map[string]string{"alice": "secret"},
		OAuthBearer: producertest.StaticToken(loginToken, "alice", time.Time{})}
	if change != nil {
		change(&opts)
	}
	return producertest.Start(t, opts)
}

// wayIn returns the handshake of a connection, by a mechanism and with TLS, where they are not nil.
func wayIn(nc net.Conn, m sasl.Mechanism, config *tls.Config) *handshake {
	const addr = "192.0.2.1:9092"
	return &handshake{
		nc: nc, inbox: inbox{limit: 1 << 20}, clock: newClock(), timeout: 30 * time.Second, nodeID: -1,
		guard:     guard{config: config, login: m != nil, host: "192.0.2.1", node: 1, addr: addr, timeout: 10 * time.Second},
		mechanism: m, broker: sasl.Broker{Host: "192.0.2.1", Port: 9092, NodeID: 1}, addr: addr,
	}
}

// enter goes in, and returns what the broker said and how it ended.
func enter(t *testing.T, c *producertest.Cluster, m sasl.Mechanism, config *tls.Config) (session, error) {
	t.Helper()
	nc, err := c.Dial(t.Context(), "tcp", c.Addr(1))
	if err != nil {
		t.Fatal(err)
	}
	h := wayIn(nc, m, config)
	h.software = "test"
	defer func() { h.nc.Close() }()
	_, s, err := h.run(t.Context())
	return s, err
}

// By every mechanism, in both forms of the exchange: SaslHandshake 1 and SaslAuthenticate, and the bare frames after SaslHandshake 0.
func TestLoginForms(t *testing.T) {
	ca := producertest.NewCA("ours")
	for _, form := range []struct {
		name                    string
		most                    map[protocol.Key]int16
		handshake, authenticate int16
		told                    bool // how long the session lasts
	}{
		{"SaslAuthenticate 2", nil, 1, 2, true},
		{"SaslAuthenticate 0", map[protocol.Key]int16{protocol.SaslAuthenticateKey: 0}, 1, 0, false},
		{"SaslHandshake 0", map[protocol.Key]int16{protocol.SaslHandshakeKey: 0}, 0, producertest.BareFrame, false},
		{"no SaslAuthenticate", map[protocol.Key]int16{protocol.SaslAuthenticateKey: -1}, 0, producertest.BareFrame, false},
	} {
		for _, m := range loginMechanisms {
			for _, config := range []*tls.Config{nil, ca.ClientConfig()} {
				t.Run(fmt.Sprintf("%s, %s, TLS %v", form.name, m.Name(), config != nil), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c := loginCluster(t, func(o *producertest.Options) {
							if o.MaxVersions, o.SessionLifetime = form.most, time.Minute; config != nil {
								o.TLS = ca.ServerConfig()
							}
						})
						s, err := enter(t, c, m, config)
						if err != nil {
							t.Fatal(err)
						}
						if s.lifetime != map[bool]time.Duration{true: time.Minute}[form.told] {
							t.Errorf("a session of %v", s.lifetime)
						}
						if a := c.Authentications(); len(a) != 1 || a[0].Principal != "alice" || a[0].Mechanism != m.Name() {
							t.Errorf("the broker saw %+v", a)
						}
						for _, r := range c.Requests(protocol.SaslHandshakeKey, protocol.SaslAuthenticateKey) {
							want := form.authenticate
							if r.Header.Key == protocol.SaslHandshakeKey {
								want = form.handshake
							}
							if r.Header.Version != want || (r.TLS != nil) != (config != nil) {
								t.Errorf("%v version %d, TLS %v", r.Header.Key, r.Header.Version, r.TLS != nil)
							}
						}
					})
				})
			}
		}
	}
}

// scripted is a mechanism that a test writes.
type scripted struct {
	start func(ctx context.Context) error
	next  func(challenge []byte) ([]byte, bool, error)
}

func (m *scripted) Name() string { return "SCRIPTED" }

func (m *scripted) Start(ctx context.Context, b sasl.Broker) (sasl.Session, []byte, error) {
	if b != (sasl.Broker{Host: "192.0.2.1", Port: 9092, NodeID: 1}) {
		return nil, nil, fmt.Errorf("the broker is %+v", b)
	}
	if m.start != nil {
		return m, []byte("first"), m.start(ctx)
	}
	return m, []byte("first"), nil
}

func (m *scripted) Next(challenge []byte) ([]byte, bool, error) { return m.next(challenge) }

// parrot is the broker's side of it, and never content.
type parrot struct{ heard *[]string }

func (p parrot) Next(response []byte) ([]byte, *producertest.Identity, error) {
	*p.heard = append(*p.heard, string(response))
	return response, nil, nil
}

// loginFailure is a way in which a login fails, and what is said then.
type loginFailure struct {
	name   string
	most   map[protocol.Key]int16 // see producertest.Options.MaxVersions
	m      sasl.Mechanism
	inject func(*producertest.Cluster)
	step   string // of the *AuthError; "": it isn't one
	cause  func(error) bool
	says   string
}

// Each step of a login can fail, and the error says which did, and of what.
func TestLoginFails(t *testing.T) {
	errOwn := errors.New("the card was drawn")
	on := func(f producertest.Fault, key protocol.Key) func(*producertest.Cluster) {
		return func(c *producertest.Cluster) { c.Inject(f.OnRequests(key)) }
	}
	timeout := func(key protocol.Key) func(error) bool {
		return func(err error) bool { e := new(TimeoutError); return errors.As(err, &e) && e.Key == key }
	}
	is := func(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }
	bare := map[protocol.Key]int16{protocol.SaslHandshakeKey: 0}
	for _, tt := range []loginFailure{
		{"ApiVersions is not answered", nil, loginMechanisms[0], on(producertest.Swallow(), protocol.ApiVersionsKey), "", timeout(protocol.ApiVersionsKey), "request.timeout.ms"},
		{"SaslHandshake is not offered", map[protocol.Key]int16{protocol.SaslHandshakeKey: -1}, loginMechanisms[0], nil, StepSaslHandshake,
			func(err error) bool { return errors.As(err, new(*VersionError)) }, "does not offer SaslHandshake"},
		{"SaslHandshake is not answered", nil, loginMechanisms[0], on(producertest.Swallow(), protocol.SaslHandshakeKey), "", timeout(protocol.SaslHandshakeKey), "SaslHandshake"},
		{"SaslHandshake is hung up on", nil, loginMechanisms[0], on(producertest.DropBefore(), protocol.SaslHandshakeKey), "", hungUp, "EOF"},
		{"another's answer", nil, loginMechanisms[0], on(producertest.WrongCorrelation(), protocol.SaslHandshakeKey), "",
			func(err error) bool { return errors.As(err, new(*CorrelationError)) }, "correlation"},
		{"an answer of 2 GiB", nil, loginMechanisms[0], on(producertest.HugeLength(), protocol.SaslAuthenticateKey), "",
			func(err error) bool { return errors.As(err, new(*FrameSizeError)) }, "announced"},
		{"half an answer", nil, loginMechanisms[0], on(producertest.Shorten(), protocol.SaslAuthenticateKey), "",
			func(err error) bool { return errors.As(err, new(*protocol.DecodeError)) }, "SaslAuthenticate"},
		{"SaslAuthenticate is not answered", nil, loginMechanisms[1], on(producertest.Swallow(), protocol.SaslAuthenticateKey), "", timeout(protocol.SaslAuthenticateKey), "SaslAuthenticate"},
		{"SaslAuthenticate is hung up on", nil, loginMechanisms[1], on(producertest.DropBefore(), protocol.SaslAuthenticateKey), "", hungUp, "EOF"},
		{"a bare frame is not answered", bare, loginMechanisms[0], on(producertest.Swallow(), protocol.SaslAuthenticateKey), "", timeout(protocol.SaslAuthenticateKey), "SaslAuthenticate"},
		{"a bare frame is hung up on", bare, loginMechanisms[0], on(producertest.DropBefore(), protocol.SaslAuthenticateKey), StepSaslAuthenticate, hungUp, "user name and the password"},
		{"wrong password", nil, sasl.Plain("alice", "wrong"), nil, StepSaslAuthenticate, is(protocol.SaslAuthenticationFailed), "user name and the password"},
		{"wrong password, bare", bare, sasl.Plain("alice", "wrong"), nil, StepSaslAuthenticate, hungUp, "brokers before 1.0 only hang up"},
		{"unknown mechanism", nil, &scripted{}, nil, StepSaslHandshake, is(protocol.UnsupportedSaslMechanism), "one that the broker takes: "},
		{"refused token", nil, loginMechanisms[3], func(c *producertest.Cluster) { c.Inject(producertest.RefuseToken("invalid_token")) }, StepSaslAuthenticate,
			func(err error) bool { return errors.As(err, new(*sasl.ServerError)) }, "what the broker wants of a token"},
		{"refused token, bare", bare, loginMechanisms[3], func(c *producertest.Cluster) { c.Inject(producertest.RefuseToken("invalid_token")) }, StepSaslAuthenticate,
			func(err error) bool { return errors.As(err, new(*sasl.ServerError)) }, "invalid_token"},
		{"the mechanism can't begin", nil, &scripted{start: func(context.Context) error { return errOwn }}, scriptable, StepSaslAuthenticate, is(errOwn), "drawn"},
		{"the mechanism doesn't begin", nil, &scripted{start: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}, scriptable, StepSaslAuthenticate,
			is(context.DeadlineExceeded), "nothing to log in with was had within 30s (request.timeout.ms)"},
		{"the mechanism doesn't go on", nil, &scripted{next: func([]byte) ([]byte, bool, error) { return nil, false, errOwn }}, scriptable, StepSaslAuthenticate, is(errOwn), "drawn"},
		{"and has a last word", nil, &scripted{next: func([]byte) ([]byte, bool, error) { return []byte("farewell"), true, errOwn }}, scriptable, StepSaslAuthenticate, is(errOwn), "drawn"},
		{"no end", nil, &scripted{next: func(c []byte) ([]byte, bool, error) { return c, false, nil }}, scriptable, StepSaslAuthenticate, func(error) bool { return true }, "no end after 32 messages"},
	} {
		t.Run(tt.name, func(t *testing.T) { synctest.Test(t, tt.run) })
	}
}

// run makes a login fail.
func (f *loginFailure) run(t *testing.T) {
	var heard []string
	c := loginCluster(t, func(o *producertest.Options) {
		o.MaxVersions = f.most
		o.SASLServers = map[string]func() producertest.SASLServer{"SCRIPTED": func() producertest.SASLServer { return parrot{&heard} }}
	})
	c.SetSASLMechanisms("PLAIN", "SCRAM-SHA-256", "OAUTHBEARER")
	if f.inject != nil {
		f.inject(c)
	}
	_, err := enter(t, c, f.m, nil)
	var refused *AuthError
	if errors.As(err, &refused) != (f.step != "") || refused != nil && (refused.Step != f.step || refused.Addr != "192.0.2.1:9092" || refused.Mechanism != f.m.Name()) {
		t.Fatalf("got %#v", err)
	}
	if err == nil || !f.cause(err) || !strings.Contains(err.Error(), f.says) {
		t.Errorf("got %v", err)
	}
	if last := "farewell"; strings.HasPrefix(f.name, "and has") && (len(heard) != 2 || heard[1] != last) {
		t.Errorf("the broker heard %q", heard)
	}
}

// scriptable has the brokers take the mechanism SCRIPTED.
func scriptable(c *producertest.Cluster) { c.SetSASLMechanisms("SCRIPTED") }

// Whoever is at the other end of a TLS handshake may do anything.
func TestTLSHandshakeFails(t *testing.T) {
	for _, tt := range []struct {
		name  string
		peer  func(net.Conn)
		cause func(error) bool
		says  string
	}{
		{"says nothing", func(nc net.Conn) { io.Copy(io.Discard, nc) },
			func(err error) bool {
				e := new(TimeoutError)
				return errors.As(err, &e) && e.Step == StepTLS && e.After == 10*time.Second
			}, "socket.connection.setup.timeout.ms"},
		{"hangs up", func(nc net.Conn) { nc.Read(make([]byte, 1<<16)) }, hungUp, "does the listener speak TLS?"},
		{"speaks HTTP", func(nc net.Conn) {
			nc.Read(make([]byte, 1<<16))
			io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, func(err error) bool { e := new(AuthError); return errors.As(err, &e) && e.Step == StepTLS }, "HTTP"},
		{"speaks Kafka's protocol", func(nc net.Conn) {
			nc.Read(make([]byte, 1<<16))
			nc.Write([]byte{0, 0, 0, 10, 0, 0, 0, 0, 0, 35, 0, 0, 0, 0})
		}, func(err error) bool { e := new(AuthError); return errors.As(err, &e) && e.Step == StepTLS }, "does not speak TLS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				go func() {
					defer theirs.Close()
					tt.peer(theirs)
				}()
				h := wayIn(ours, nil, producertest.NewCA("ours").ClientConfig())
				_, _, err := h.run(t.Context())
				ours.Close()
				if err == nil || !tt.cause(err) || !strings.Contains(err.Error(), tt.says) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}
