package producertest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// inSessions runs a test in virtual time with users whose sessions last ten seconds.
func inSessions(t *testing.T, change func(*Options), test func(t *testing.T, c *Cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts := guarded()
		opts.InMemory, opts.SessionLifetime = true, 10*time.Second
		if change != nil {
			change(&opts)
		}
		test(t, Start(t, opts))
	})
}

var bob = sasl.ScramSHA256("bob", "b")

// wantLifetime fails unless the client was told how long it is authenticated.
func wantLifetime(t *testing.T, answer *protocol.SaslAuthenticateResponse, ms int64) {
	t.Helper()
	if answer.SessionLifetimeMs != ms {
		t.Errorf("lifetime %d ms, want %d", answer.SessionLifetimeMs, ms)
	}
}

// A client that goes on after its session is cut off, and one that authenticates again in time, or even late, is not.
func TestSessionLifetime(t *testing.T) {
	inSessions(t, nil, func(t *testing.T, c *Cluster) {
		early, late, never := dial(t, c, 1), dial(t, c, 1), dial(t, c, 1)
		for _, k := range []*testClient{early, late, never} {
			wantLifetime(t, mustLogin(t, k, bob), 10_000)
		}
		time.Sleep(9 * time.Second)
		wantLifetime(t, mustLogin(t, early, bob), 10_000)
		time.Sleep(3 * time.Second)
		wantOffset(t, early.produce("t", 0, spec{}), 0)
		mustLogin(t, late, bob)
		wantOffset(t, late.produce("t", 0, spec{}), 1)
		never.post(spec{})
		never.closed()
		if n := c.EndOffset("t", 0); n != 2 {
			t.Errorf("%d records", n)
		}
		s := c.Stats()
		if s.Authentications != 5 || s.Reauthentications != 2 || s.ExpiredSessions != 1 {
			t.Errorf("counted %+v", s)
		}
		if a := c.Authentications()[3]; !a.Again || a.Conn != 1 || a.Lifetime != 10*time.Second || a.Principal != "bob" {
			t.Errorf("seen %+v", a)
		}
	})
}

// What makes authenticating again fail ends the connection.
func TestReauthenticationRefused(t *testing.T) {
	for name, test := range map[string]struct {
		again sasl.Mechanism
		told  string // "": the connection ends without
	}{
		"other user":      {sasl.ScramSHA256("alice", "wonder,land="), "Cannot change principals during re-authentication from User.bob: User.alice"},
		"other password":  {sasl.ScramSHA256("bob", "x"), "Authentication failed during re-authentication due to invalid credentials"},
		"other mechanism": {sasl.Plain("bob", "b"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			inSessions(t, nil, func(t *testing.T, c *Cluster) {
				k := dial(t, c, 1)
				mustLogin(t, k, bob)
				time.Sleep(5 * time.Second)
				answer, err := k.login(test.again, [2]int16{1, 2})
				switch {
				case test.told == "" && answer != nil:
					t.Errorf("answer %+v, %v, want the end of the connection", answer, err)
				case test.told != "" && (answer == nil || !strings.HasPrefix(*answer.ErrorMessage, test.told)):
					t.Errorf("answer %+v, %v", answer, err)
				}
				k.closed()
				if s := c.Stats(); s.AuthenticationFailures != 1 || s.Reauthentications != 0 {
					t.Errorf("counted %+v", s)
				}
			})
		})
	}
}

// KIP-368: not more than once a second.
func TestReauthenticationTooOften(t *testing.T) {
	inSessions(t, nil, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		mustLogin(t, k, bob)
		mustLogin(t, k, bob) // the first may come at once
		time.Sleep(999 * time.Millisecond)
		if m := k.handshake(1, bob.Name()); m.ErrorCode != protocol.IllegalSaslState {
			t.Errorf("SaslHandshake answers %v", m.ErrorCode)
		}
		time.Sleep(time.Millisecond)
		mustLogin(t, k, bob)
	})
}

// Requests before the exchange are answered before it, and others have to wait until it is over.
func TestReauthenticationInOrder(t *testing.T) {
	inSessions(t, nil, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		mustLogin(t, k, bob)
		c.Inject(DelayAnswer(time.Second).Once())
		for range 3 {
			k.post(spec{})
		}
		last := k.send(1, &protocol.SaslHandshakeRequest{Mechanism: bob.Name()})
		for i := range int32(3) {
			wantOffset(t, only(t, k.receive(lastByName, protocol.ProduceKey, last-3+i)), int64(i))
		}
		k.receive(1, protocol.SaslHandshakeKey, last)
		if answer, err := k.converse(bob, 2); err != nil || answer.ErrorCode != protocol.None {
			t.Fatalf("answer %+v, %v", answer, err)
		}
		mustLogin(t, dial(t, c, 1), bob)
		time.Sleep(2 * time.Second)
		k.send(1, &protocol.SaslHandshakeRequest{Mechanism: bob.Name()})
		k.frame()
		k.post(spec{})
		k.closed()
	})
}

// A session ends with its credentials, and older clients, who aren't told, are cut off all the same.
func TestSessionEndsWithToken(t *testing.T) {
	for name, test := range map[string]struct {
		lifetime, token time.Duration // of the session and the token; 0: without end
		versions        [2]int16
		told            int64 // ms
		end             time.Duration
	}{
		"token":              {0, 4 * time.Second, [2]int16{1, 1}, 4000, 4 * time.Second},
		"token before":       {10 * time.Second, 4 * time.Second, [2]int16{1, 2}, 4000, 4 * time.Second},
		"session before":     {3 * time.Second, 4 * time.Second, [2]int16{1, 2}, 3000, 3 * time.Second},
		"session only":       {3 * time.Second, 0, [2]int16{1, 2}, 3000, 3 * time.Second},
		"fraction":           {1500*time.Millisecond + 700*time.Microsecond, 0, [2]int16{1, 2}, 1500, 1500 * time.Millisecond},
		"SaslAuthenticate 0": {3 * time.Second, 0, [2]int16{1, 0}, 0, 3 * time.Second},
		"bare frames":        {3 * time.Second, 0, [2]int16{0, BareFrame}, 0, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			inSessions(t, func(o *Options) {
				var expiry time.Time
				if test.token > 0 {
					expiry = time.Now().Add(test.token)
				}
				o.SessionLifetime, o.OAuthBearer = test.lifetime, StaticToken("good", "carol", expiry)
			}, func(t *testing.T, c *Cluster) {
				k := dial(t, c, 1)
				answer, err := k.login(bearer("good"), test.versions)
				if err != nil {
					t.Fatal(err)
				}
				wantLifetime(t, answer, test.told)
				time.Sleep(test.end)
				wantOffset(t, k.produce("t", 0, spec{}), 0)
				time.Sleep(time.Millisecond)
				k.post(spec{})
				k.closed()
				if a := c.Authentications()[0]; a.Lifetime != test.end {
					t.Errorf("seen %+v", a)
				}
			})
		})
	}
}
