package producer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// sendPaced sends a record each 5 ms for so long.
func sendPaced(t *testing.T, p *producer.Producer, d time.Duration, o *outcomes) {
	t.Helper()
	for i := range int(d / (5 * time.Millisecond)) {
		send(t, p, "t", i, 1, o)
		time.Sleep(5 * time.Millisecond)
	}
	flush(t, p)
}

// wantContinued fails unless all records are in the log, in order, and the one connection to the broker has lived through so many
// sessions at least.
func wantContinued(t *testing.T, c *producertest.Cluster, o *outcomes, sessions int) {
	t.Helper()
	noErrors(t, o)
	check(t, c, "t", c.Partitions("t"), o)
	if got := c.Count("t"); got != int64(o.len()) {
		t.Errorf("%d records arrived of %d", got, o.len())
	}
	s := c.Stats()
	// One to the bootstrap server, and one to the broker by its id.
	if s.Connections != 2 || s.AuthenticationFailures != 0 || s.ExpiredSessions != 0 {
		t.Errorf("%d connections, %d logins refused, %d cut off after their session", s.Connections, s.AuthenticationFailures, s.ExpiredSessions)
	}
	if s.Reauthentications < sessions {
		t.Errorf("%d sessions were continued, want %d at least", s.Reauthentications, sessions)
	}
}

// oneBroker are the options of a cluster with one broker and sessions of this length.
func oneBroker(session time.Duration) producertest.Options {
	opts := guarded()
	opts.Brokers, opts.SessionLifetime = 1, session
	return opts
}

// A broker refuses to continue a session within a second of the time before (KIP-368: MIN_REAUTH_INTERVAL_ONE_SECOND_NANOS of
// KafkaChannel), and takes no request but that after the session's end. So sessions that are shorter than a second, or hardly longer, as
// tokens with little life left make them, are continued late but not too late, while no request is written.
func TestShortSessions(t *testing.T) {
	for _, session := range []time.Duration{300, 700, 1000, 1040, 1060, 1200, 1600, 1900, 2100, 3000} {
		session *= time.Millisecond
		for _, delay := range []time.Duration{0, 40 * time.Millisecond} {
			t.Run(fmt.Sprintf("%v, delay %v", session, delay), func(t *testing.T) {
				inBubble(t, oneBroker(session), func(t *testing.T, c *producertest.Cluster) {
					if delay > 0 {
						c.Inject(producertest.DelayAnswer(delay).OnRequests(protocol.SaslHandshakeKey, protocol.SaslAuthenticateKey))
						c.Inject(producertest.DelayRequest(3 * delay).OnRequests(protocol.SaslHandshakeKey).Skip(3).Times(2))
					}
					cfg := config(t, c)
					cfg.SecurityProtocol = producer.SASLPlaintext
					logins[0].set(&cfg)
					var o outcomes
					sendPaced(t, open(t, cfg), 8*time.Second, &o)
					synctest.Wait()
					wantContinued(t, c, &o, int(8*time.Second/max(session, 1300*time.Millisecond))-1)
				})
			})
		}
	}
}

// refusedRenewal is a way in which a broker refuses to continue a session, and what is said of it.
type refusedRenewal struct {
	name   string
	login  login
	refuse func(*producertest.Cluster) (repair func())
	step   string
	says   []string
}

// A broker that refuses to continue a session says why, and hangs up. The reason is what is told, once, and not that it hung up; what is
// buffered waits for better times.
func TestReauthenticationRefused(t *testing.T) {
	for _, r := range []refusedRenewal{
		{"password changed", logins[2], func(c *producertest.Cluster) func() {
			c.SetPassword("alice", "another")
			return func() { c.SetPassword("alice", password) }
		}, client.StepSaslAuthenticate, []string{"during re-authentication", "sasl.jaas.config"}},
		{"mechanism gone", logins[1], func(c *producertest.Cluster) func() {
			c.SetSASLMechanisms("PLAIN")
			return func() { c.SetSASLMechanisms("SCRAM-SHA-256") }
		}, client.StepSaslHandshake, []string{"takes: PLAIN"}},
		{"out of place", logins[0], func(c *producertest.Cluster) func() {
			return c.Inject(producertest.Fail(protocol.IllegalSaslState).OnRequests(protocol.SaslHandshakeKey)).Lift
		}, client.StepSaslHandshake, []string{"ILLEGAL_SASL_STATE", "another login on this connection"}},
		{"token revoked", logins[3], func(c *producertest.Cluster) func() {
			return c.Inject(producertest.RefuseToken("invalid_token")).Lift
		}, client.StepSaslAuthenticate, []string{"invalid_token", "what the broker wants of a token"}},
	} {
		t.Run(r.name, func(t *testing.T) { inBubble(t, oneBroker(10*time.Second), r.run) })
	}
}

// run sends before it and after it, and when it is put right.
func (r *refusedRenewal) run(t *testing.T, c *producertest.Cluster) {
	cfg := config(t, c)
	cfg.SecurityProtocol = producer.SASLPlaintext
	r.login.set(&cfg)
	j := newJournal(t)
	cfg.Logger = slog.New(j)
	p := open(t, cfg)
	var o outcomes
	send(t, p, "t", 0, 100, &o)
	flush(t, p)
	repair := r.refuse(c)
	time.Sleep(10 * time.Second) // on an idle connection, too, it is found out in time
	send(t, p, "t", 100, 100, &o)
	time.Sleep(5 * time.Second)
	lost := j.errors("connection lost")
	if told := j.errors(""); len(lost) != 1 || len(told) != 1 {
		t.Fatalf("connections lost: %v; told of: %v", lost, told)
	}
	var refused *client.AuthError
	if !errors.As(lost[0], &refused) || refused.Step != r.step {
		t.Fatalf("the reason is %v", lost[0])
	}
	for _, s := range r.says {
		if !strings.Contains(lost[0].Error(), s) {
			t.Errorf("%q says nothing of %q", lost[0], s)
		}
	}
	j.tellsNoSecret(t, lost...)
	repair()
	flush(t, p)
	noErrors(t, &o)
	check(t, c, "t", c.Partitions("t"), &o)
}

// Every broker refuses: each address is tried as reconnect.backoff.ms and its maximum have it, whether it is known as a bootstrap
// server or as a broker, and each is warned about once.
func TestAllBrokersRefuse(t *testing.T) {
	opts := guarded()
	opts.SessionLifetime = 10 * time.Second
	inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.SecurityProtocol, cfg.DeliveryTimeout = producer.SASLPlaintext, time.Hour
		logins[1].set(&cfg)
		var mu sync.Mutex
		dialled := map[string][]time.Time{}
		cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			mu.Lock()
			dialled[addr] = append(dialled[addr], time.Now())
			mu.Unlock()
			return c.Dial(ctx, network, addr)
		}
		j := newJournal(t)
		cfg.Logger = slog.New(j)
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 200, &o) // to all of them
		flush(t, p)
		c.SetPassword("alice", "another")
		time.Sleep(15 * time.Second)
		send(t, p, "t", 200, 200, &o)
		mu.Lock()
		clear(dialled)
		mu.Unlock()
		time.Sleep(time.Minute)
		mu.Lock()
		for addr, times := range dialled {
			if n := len(times); n < 55 || n > 80 { // each second, less a jitter
				t.Errorf("%s was tried %d times in a minute", addr, n)
			}
		}
		mu.Unlock()
		if told := j.errors(""); len(told) != 3 {
			t.Errorf("told of %v", told)
		}
		c.SetPassword("alice", password)
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 6, &o)
	})
}

// byShortTokens is OAUTHBEARER with tokens that end after so long, and what brokers make of them.
func byShortTokens(life time.Duration) (login, func(string) (string, time.Time, error)) {
	l := login{mechanism: "OAUTHBEARER, short tokens", set: func(c *producer.Config) {
		c.SASLOAuthBearerToken = func(context.Context) (producer.Token, error) {
			expiry := time.Now().Add(life)
			return producer.Token{Value: "t." + strconv.FormatInt(expiry.UnixMilli(), 10), Expiry: expiry}, nil
		}
	}}
	return l, func(token string) (string, time.Time, error) {
		ms, err := strconv.ParseInt(strings.TrimPrefix(token, "t."), 10, 64)
		return "alice", time.UnixMilli(ms), err
	}
}

// Sessions are continued while records are sent, by every mechanism: on the connections that there are, with nothing lost and in
// order, although brokers take their time to answer.
func TestSessionsContinueUnderLoad(t *testing.T) {
	short, accept := byShortTokens(6 * time.Second)
	for i, l := range append(slices.Clone(logins), short) {
		overTLS := i%2 == 0
		t.Run(l.mechanism, func(t *testing.T) {
			opts := guarded()
			if opts.SessionLifetime = 5 * time.Second; l.wrong == nil {
				opts.SessionLifetime, opts.OAuthBearer = 0, accept
			}
			if overTLS {
				opts.TLS = authority.ServerConfig()
			}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
				c.Inject(producertest.DelayAnswer(20 * time.Millisecond))
				cfg := config(t, c)
				cfg.SecurityProtocol = producer.SASLPlaintext
				l.set(&cfg)
				if overTLS {
					trust(&cfg, authority)
				}
				p := open(t, cfg)
				var o outcomes
				sent := 0
				load := func(d time.Duration) {
					for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
						for range 6 {
							v, partition := fmt.Sprintf("%06d", sent), int32(sent%6)
							if err := p.Send(t.Context(), producer.Record{Topic: "t", Partition: &partition, Value: []byte(v)}, o.callback(v)); err != nil {
								t.Fatal(err)
							}
							sent++
						}
					}
				}
				load(time.Second) // until all brokers are connected
				before := c.Stats()
				load(17 * time.Second)
				flush(t, p)
				noErrors(t, &o)
				check(t, c, "t", 6, &o)
				if n := c.Count("t"); n != int64(sent) {
					t.Errorf("%d records arrived of %d", n, sent)
				}
				s := c.Stats()
				if s.Connections != before.Connections || s.Open != before.Open || s.ExpiredSessions > 0 || s.AuthenticationFailures > 0 {
					t.Errorf("before: %+v; then: %+v", before, s)
				}
				// Each connection lives through three sessions at least.
				if n := s.Reauthentications - before.Reauthentications; n < 3*before.Open {
					t.Errorf("%d sessions were continued on %d connections", n, before.Open)
				}
				wantPrincipal(t, c, "alice")
			})
		})
	}
}
