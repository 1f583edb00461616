package producer_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

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
