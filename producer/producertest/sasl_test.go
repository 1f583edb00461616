package producertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// guarded are options with all mechanisms.
func guarded() Options {
	return Options{
		Users:            map[string]string{"alice": "wonder,land=", "bob": "b"},
		DelegationTokens: map[string]string{"token-1": "hmac"},
		OAuthBearer:      StaticToken("good", "carol", time.Time{}),
		Topics:           map[string]int32{"t": 1},
	}
}

// credentials are what lets users in, and what doesn't, by mechanism.
var credentials = []struct {
	name       string
	good, bad  sasl.Mechanism
	user       string
	told, said string // of the bad one: to the client, in Authentication.Reason
}{
	{"PLAIN", sasl.Plain("alice", "wonder,land="), sasl.Plain("alice", "wrong"), "alice",
		"Authentication failed: Invalid username or password", "Invalid username or password"},
	{"PLAIN, no such user", sasl.Plain("bob", "b"), sasl.Plain("mallory", "b"), "bob",
		"Authentication failed: Invalid username or password", "Invalid username or password"},
	{"SCRAM-SHA-256", sasl.ScramSHA256("alice", "wonder,land="), sasl.ScramSHA256("alice", "wrong"), "alice",
		"Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256", "password of"},
	{"SCRAM-SHA-512", sasl.ScramSHA512("bob", "b"), sasl.ScramSHA512("b,o=b", "b"), "bob",
		"Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512", `nobody is named "b,o=b"`},
	{"delegation token", sasl.ScramSHA512("token-1", "hmac", sasl.TokenAuth()), sasl.ScramSHA512("alice", "wonder,land=", sasl.TokenAuth()), "token-1",
		"Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512", "nobody is named"},
	{"OAUTHBEARER", bearer("good"), bearer("evil"), "carol", `{"status":"invalid_token"}`, "invalid_token"},
}

func TestSASL(t *testing.T) {
	for _, x := range credentials {
		for _, versions := range versionsOfSASL {
			t.Run(fmt.Sprintf("%s, versions %d", x.name, versions), func(t *testing.T) {
				bothNetworks(t, guarded(), func(t *testing.T, c *Cluster) {
					k := dial(t, c, 1)
					if answer, err := k.login(x.good, versions); err != nil || answer.ErrorCode != protocol.None || answer.SessionLifetimeMs != 0 {
						t.Fatalf("answer %+v, %v", answer, err)
					}
					wantOffset(t, k.produce("t", 0, spec{}), 0)
					if r := c.Requests(protocol.ProduceKey)[0]; r.Principal != x.user {
						t.Errorf("request by %q, want %q", r.Principal, x.user)
					}
					if got := c.Authentications(); len(got) != 1 || got[0].Principal != x.user || got[0].Mechanism != x.good.Name() || got[0].Again {
						t.Errorf("seen %+v", got)
					}
				})
			})
		}
	}
}

func TestSASLRefused(t *testing.T) {
	for _, x := range credentials {
		for _, versions := range versionsOfSASL {
			t.Run(fmt.Sprintf("%s, versions %d", x.name, versions), func(t *testing.T) {
				bothNetworks(t, guarded(), func(t *testing.T, c *Cluster) {
					k := dial(t, c, 1)
					answer, err := k.login(x.bad, versions)
					switch {
					case versions[1] == BareFrame && answer != nil:
						t.Errorf("answer %+v, %v, want the end of the connection", answer, err)
					case versions[1] != BareFrame && (answer == nil || answer.ErrorCode != protocol.SaslAuthenticationFailed || *answer.ErrorMessage != x.told):
						t.Errorf("answer %+v, %v, want %q", answer, err, x.told)
					}
					k.closed()
					got := c.Authentications()
					if len(got) != 1 || got[0].Code != protocol.SaslAuthenticationFailed || got[0].Message != x.told || !strings.Contains(got[0].Reason, x.said) {
						t.Errorf("seen %+v", got)
					}
					if s := c.Stats(); s.AuthenticationFailures != 1 || s.Authentications != 0 {
						t.Errorf("counted %+v", s)
					}
				})
			})
		}
	}
}

func TestSASLMechanisms(t *testing.T) {
	bothNetworks(t, guarded(), func(t *testing.T, c *Cluster) {
		unsupported := func(m sasl.Mechanism, want ...string) {
			t.Helper()
			k := dial(t, c, 1)
			h := k.handshake(1, m.Name())
			if h.ErrorCode != protocol.UnsupportedSaslMechanism || !slices.Equal(h.Mechanisms, want) {
				t.Errorf("answer %+v", h)
			}
			k.closed()
		}
		unsupported(mechanism("NTLM"), "OAUTHBEARER", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
		c.SetSASLMechanisms("GSSAPI", "SCRAM-SHA-512")
		unsupported(sasl.Plain("alice", "wonder,land="), "GSSAPI", "SCRAM-SHA-512")
		mustLogin(t, dial(t, c, 1), sasl.ScramSHA512("bob", "b"))
		if answer, err := dial(t, c, 1).login(mechanism("GSSAPI"), [2]int16{1, 2}); err != nil || answer.ErrorCode != protocol.SaslAuthenticationFailed {
			t.Errorf("GSSAPI: answer %+v, %v", answer, err)
		}
	})
}

// What a broker takes at which time, and what it closes the connection for.
func TestSASLOrder(t *testing.T) {
	type step = func(k *testClient)
	versions := step(func(k *testClient) { k.ask(3, &protocol.ApiVersionsRequest{NodeID: -1}) })
	refusedVersions := step(func(k *testClient) {
		k.send(4, &protocol.ApiVersionsRequest{NodeID: -1})
		k.frame()
	})
	handshake := step(func(k *testClient) { k.handshake(1, "PLAIN") })
	bare := step(func(k *testClient) { k.handshake(0, "PLAIN") })
	login := step(func(k *testClient) {
		if answer, err := k.converse(sasl.Plain("bob", "b"), 1); err != nil || answer.ErrorCode != protocol.None {
			k.tb.Errorf("answer %+v, %v", answer, err)
		}
	})
	bareLogin := step(func(k *testClient) { k.converse(sasl.Plain("bob", "b"), BareFrame) })
	metadata := step(func(k *testClient) { k.send(9, &protocol.MetadataRequest{}) })
	sendVersions := step(func(k *testClient) { k.send(3, &protocol.ApiVersionsRequest{NodeID: -1}) })
	sendHandshake := step(func(k *testClient) { k.send(1, &protocol.SaslHandshakeRequest{Mechanism: "PLAIN"}) })
	sendAuthenticate := step(func(k *testClient) { k.send(1, &protocol.SaslAuthenticateRequest{}) })
	produce := step(func(k *testClient) { k.produce("t", 0, spec{}) })
	large := step(func(k *testClient) { k.conn.Write([]byte{0, 8, 0, 1}) })

	for name, steps := range map[string][]step{ // the last one ends the connection
		"a request at once":                       {metadata},
		"authentication without a handshake":      {sendAuthenticate},
		"a request after the versions":            {versions, metadata},
		"versions twice":                          {versions, sendVersions},
		"a request during the exchange":           {versions, handshake, metadata},
		"versions during the exchange":            {handshake, sendVersions},
		"a handshake during the exchange":         {handshake, sendHandshake},
		"a large request":                         {versions, large},
		"versions that are refused, then others":  {refusedVersions, versions, handshake, login, produce, nil},
		"versions later":                          {handshake, login, versions, versions, produce, nil},
		"bare frames":                             {versions, bare, bareLogin, produce, versions, nil},
		"requests in place of the bare frames":    {versions, bare, sendVersions},
		"what is out of place when authenticated": {versions, handshake, login, handshake, handshake, produce, nil},
	} {
		t.Run(name, func(t *testing.T) {
			opts := guarded()
			opts.MaxVersions = map[protocol.Key]int16{protocol.ApiVersionsKey: 3}
			bothNetworks(t, opts, func(t *testing.T, c *Cluster) {
				k := dial(t, c, 1)
				for _, do := range steps {
					if do == nil {
						return
					}
					do(k)
				}
				k.closed()
			})
		})
	}
}

func TestSASLOutOfPlace(t *testing.T) {
	k := dial(t, Start(t, guarded()), 1)
	mustLogin(t, k, sasl.Plain("bob", "b"))
	wantOutOfPlace(t, k)
}

// What no client of package sasl sends.
func TestSASLNonsense(t *testing.T) {
	for mechanism, messages := range map[string][]string{
		"PLAIN":       {"", "alice", "alice\x00b", "\x00\x00b", "\x00alice\x00", "bob\x00alice\x00wonder,land="},
		"OAUTHBEARER": {"", "\x01", "n,,\x01\x01", "n,,\x01auth=Bearer good\x01", "n,,\x01auth=Basic good\x01\x01", "n,a=bob,\x01auth=Bearer good\x01\x01", "n,b,\x01auth=Bearer good\x01\x01", "n,,\x01auth\x01\x01"},
		"SCRAM-SHA-256": {"", "n,,", "y,,n=alice,r=x", "p=tls-unique,,n=alice,r=x", "n,,m=1,n=alice,r=x", "n,,n=alice", "n,,n=alice,r=",
			"n,a=bob,n=alice,r=x", "n,b,n=alice,r=x"},
	} {
		for _, message := range messages {
			t.Run(fmt.Sprintf("%s %q", mechanism, message), func(t *testing.T) {
				k := dial(t, Start(t, guarded()), 1)
				k.handshake(1, mechanism)
				if answer, err := k.authenticate([]byte(message), 2); err != nil || answer.ErrorCode != protocol.SaslAuthenticationFailed {
					t.Errorf("answer %+v, %v", answer, err)
				}
				k.closed()
			})
		}
	}
}

// A proof that would be right in another exchange, or with another beginning, isn't in this one.
func TestScramFinal(t *testing.T) {
	for name, edit := range map[string]func(message string) string{
		"other nonce":     func(m string) string { return strings.Replace(m, ",r=", ",r=x", 1) },
		"other header":    func(m string) string { return strings.Replace(m, "c=biws", "c=eSws", 1) },
		"no proof":        func(m string) string { return m[:strings.Index(m, ",p=")] },
		"half a proof":    func(m string) string { return m[:len(m)-8] },
		"garbled proof":   func(m string) string { return m[:len(m)-4] + "!!!!" },
		"other proof":     func(m string) string { return m[:len(m)-8] + "AAAAAAA=" },
		"nothing":         func(m string) string { return "" },
		"the first again": func(m string) string { return "n,,n=alice,r=x" },
	} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, Start(t, guarded()), 1)
			k.handshake(1, "SCRAM-SHA-256")
			s, first, _ := sasl.ScramSHA256("alice", "wonder,land=").Start(t.Context(), sasl.Broker{})
			answer, err := k.authenticate(first, 2)
			if err != nil {
				t.Fatal(err)
			}
			final, _, err := s.Next(answer.AuthBytes)
			if err != nil {
				t.Fatal(err)
			}
			if answer, err = k.authenticate([]byte(edit(string(final))), 2); err != nil || answer.ErrorCode != protocol.SaslAuthenticationFailed {
				t.Errorf("answer %+v, %v", answer, err)
			}
			k.closed()
		})
	}
}

func TestUsersChange(t *testing.T) {
	bothNetworks(t, guarded(), func(t *testing.T, c *Cluster) {
		refused := func(m sasl.Mechanism) {
			t.Helper()
			if answer, err := dial(t, c, 1).login(m, [2]int16{1, 1}); err != nil || answer.ErrorCode != protocol.SaslAuthenticationFailed {
				t.Errorf("answer %+v, %v", answer, err)
			}
		}
		k := dial(t, c, 1)
		mustLogin(t, k, sasl.ScramSHA256("bob", "b"))
		c.SetPassword("bob", "new")
		refused(sasl.ScramSHA256("bob", "b"))
		refused(sasl.Plain("bob", "b"))
		mustLogin(t, dial(t, c, 1), sasl.ScramSHA256("bob", "new"))
		mustLogin(t, dial(t, c, 1), sasl.Plain("bob", "new"))
		c.RemoveUser("bob")
		refused(sasl.ScramSHA256("bob", "new"))
		refused(sasl.Plain("bob", "new"))
		c.SetPassword("dave", "d")
		mustLogin(t, dial(t, c, 1), sasl.ScramSHA512("dave", "d"))
		wantOffset(t, k.produce("t", 0, spec{}), 0) // a session that there was
	})
}

func TestSASLFaults(t *testing.T) {
	bothNetworks(t, guarded(), func(t *testing.T, c *Cluster) {
		want := func(m sasl.Mechanism, code protocol.ErrorCode, message string) {
			t.Helper()
			k := dial(t, c, 1)
			answer, err := k.login(m, [2]int16{1, 2})
			switch {
			case answer == nil || answer.ErrorCode != code:
				t.Fatalf("answer %+v, %v, want %v", answer, err, code)
			case code == protocol.None:
				return
			case !strings.Contains(*answer.ErrorMessage, message):
				t.Errorf("message %q, want %q", *answer.ErrorMessage, message)
			}
			k.closed()
		}
		plain, scram := sasl.Plain("bob", "b"), sasl.ScramSHA256("bob", "b")
		c.Inject(FailAuthentication("").Once())
		want(plain, protocol.SaslAuthenticationFailed, "invalid credentials with SASL mechanism PLAIN")
		want(plain, protocol.None, "")
		c.Inject(FailAuthentication("account locked").Times(2))
		want(scram, protocol.SaslAuthenticationFailed, "account locked")
		want(scram, protocol.SaslAuthenticationFailed, "account locked")
		want(scram, protocol.None, "")
		c.Inject(RefuseToken("insufficient_scope").Times(2))
		want(bearer("good"), protocol.SaslAuthenticationFailed, `{"status":"insufficient_scope"}`)
		want(bearer("good"), protocol.SaslAuthenticationFailed, `{"status":"insufficient_scope"}`)
		want(bearer("good"), protocol.None, "")

		c.Inject(Fail(protocol.UnsupportedSaslMechanism).OnRequests(protocol.SaslHandshakeKey).Once())
		k := dial(t, c, 1)
		if _, err := k.login(plain, [2]int16{1, 2}); !errors.Is(err, protocol.UnsupportedSaslMechanism) {
			t.Errorf("handshake: %v", err)
		}
		k.closed()
		c.Inject(FailAuthentication("x").Once())
		k = dial(t, c, 1)
		if answer, err := k.login(scram, [2]int16{0, BareFrame}); answer != nil {
			t.Errorf("answer %+v, %v", answer, err)
		}
		k.closed()
		if got, want := c.Stats().AuthenticationFailures, 7; got != want {
			t.Errorf("%d failures, want %d", got, want)
		}
	})
}

// The faults of all requests befall those of SASL, with and without a header.
func TestFaultsOnSASL(t *testing.T) {
	for _, versions := range versionsOfSASL {
		inVirtualTime(t, guarded(), func(t *testing.T, c *Cluster) {
			c.Inject(DelayAnswer(time.Minute).OnRequests(protocol.SaslAuthenticateKey).Skip(1).Once())
			start, m := time.Now(), sasl.ScramSHA256("bob", "b")
			if answer, err := dial(t, c, 1).login(m, versions); err != nil || answer.ErrorCode != protocol.None {
				t.Errorf("answer %+v, %v", answer, err)
			}
			if d := time.Since(start); d != time.Minute {
				t.Errorf("took %v", d)
			}
			c.Inject(DropAfter().OnRequests(protocol.SaslAuthenticateKey).Once())
			k := dial(t, c, 1)
			if answer, err := k.login(m, versions); err == nil {
				t.Errorf("answer %+v", answer)
			}
			c.Inject(EditAnswer(func(m protocol.Response) {
				a := m.(*protocol.SaslAuthenticateResponse)
				if v, ok := strings.CutPrefix(string(a.AuthBytes), "v="); ok {
					a.AuthBytes = []byte("v=" + strings.ToUpper(v))
				}
			}).OnRequests(protocol.SaslAuthenticateKey))
			if answer, err := dial(t, c, 1).login(m, versions); err == nil {
				t.Errorf("answer %+v is taken for the broker's signature", answer)
			}
		})
	}
}

// tickets is a mechanism of a test's own: the client sends its name, then each ticket it is asked for.
type tickets struct{ name string }

func (s *tickets) Next(response []byte) ([]byte, *Identity, error) {
	switch {
	case s.name == "":
		s.name = string(response)
		return []byte("ticket?"), nil, nil
	case string(response) == "ticket of "+s.name:
		return nil, &Identity{Principal: s.name}, nil
	case string(response) == "forged":
		return nil, nil, &SASLError{"that is no ticket"}
	}
	return nil, nil, errors.New("no ticket")
}

func TestSASLServers(t *testing.T) {
	opts := Options{SASLServers: map[string]func() SASLServer{"X-TICKET": func() SASLServer { return &tickets{} }}}
	for last, told := range map[string]string{
		"ticket of erin": "", "forged": "that is no ticket", "x": "Authentication failed during authentication due to invalid credentials with SASL mechanism X-TICKET",
	} {
		c := Start(t, opts)
		k := dial(t, c, 1)
		k.handshake(1, "X-TICKET")
		if answer, err := k.authenticate([]byte("erin"), 0); err != nil || string(answer.AuthBytes) != "ticket?" {
			t.Fatalf("answer %+v, %v", answer, err)
		}
		answer, err := k.authenticate([]byte(last), 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.ErrorMessage; told == "" && answer.ErrorCode != protocol.None || told != "" && *got != told {
			t.Errorf("%q is answered %+v", last, answer)
		}
	}
}
