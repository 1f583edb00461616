package sasl

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// exact settings: without jitter, so that times can be told.
func (k *endpointKit) exact() {
	k.config.RefreshWindowJitter = new(0.0)
}

// wantToken fails the test unless there is a token, of the principal: the endpoint numbers its tokens by that.
func wantToken(t *testing.T, o *OIDC, principal string) {
	t.Helper()
	token, err := o.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if token.Principal != principal {
		t.Errorf("token of %s, want that of %s", token.Principal, principal)
	}
}

func TestTokenIsKeptAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.exact()
		o := k.oidc(t)
		for range 3 {
			wantToken(t, o, "1")
		}
		k.wantRequests(t, 1)
		time.Sleep(48*time.Minute - time.Second) // 0.8 of an hour is due at 48 minutes
		wantToken(t, o, "1")
		time.Sleep(2 * time.Second)
		wantToken(t, o, "2")
		k.wantRequests(t, 2)
		time.Sleep(2 * time.Hour) // nobody asked: it has expired
		wantToken(t, o, "3")
	})
}

func TestOneRequestServesAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		give := tokens(time.Hour)
		k.answer(func(w http.ResponseWriter, r *http.Request) { time.Sleep(time.Second); give(w, r) })
		o := k.oidc(t)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if token, err := o.Token(t.Context()); err != nil || token.Principal != "1" {
					t.Error(token, err)
				}
			})
		}
		wg.Wait()
		k.wantRequests(t, 1)
	})
}

// One who gives up must not take the token from those who wait.
func TestCallerThatGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		give := tokens(time.Hour)
		k.answer(func(w http.ResponseWriter, r *http.Request) { time.Sleep(3 * time.Second); give(w, r) })
		o := k.oidc(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := o.Token(ctx)
		var e *TokenError
		if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "http://localhost/token: no answer yet") {
			t.Errorf("got %v", err)
		}
		wantToken(t, o, "1")
		k.wantRequests(t, 1)
	})
}

func TestCallerLearnsWhatWasTheTrouble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.answer(says(503, "busy"))
		o := k.oidc(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := o.Token(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "HTTP status 503") {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		time.Sleep(time.Minute) // the fetch ends by itself
	})
}

func TestRetriesWithBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		var at []time.Duration
		start := time.Now()
		give := tokens(time.Hour)
		k.answer(func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Since(start))
			if len(at) < 5 {
				w.WriteHeader(503)
				return
			}
			give(w, r)
		})
		wantToken(t, k.oidc(t), "1")
		for i, base := range []time.Duration{100, 200, 400, 800} {
			pause := at[i+1] - at[i]
			if base *= time.Millisecond; pause < base*8/10 || pause > base*12/10 {
				t.Errorf("pause %d is %v, want %v with a jitter of 20 %%", i+1, pause, base)
			}
		}
	})
}

func TestGivesUpAfterRetryBackoffMax(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.answer(says(500, "broken"))
		o := k.oidc(t)
		start := time.Now()
		_, err := o.Token(t.Context())
		var e *TokenError
		if !errors.As(err, &e) || e.Status != 500 || e.Attempts < 5 || e.Attempts > 9 {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(start); took > defaultRetryBackoffMax {
			t.Errorf("took %v", took)
		}
		k.wantRequests(t, int32(e.Attempts))
	})
}

// A refusal is final, and a client that reconnects again and again doesn't ask each time.
func TestRefusalIsNotAskedForAgainAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.answer(says(401, `{"error":"invalid_client","error_description":"no such client"}`))
		o := k.oidc(t)
		for range 100 {
			_, err := o.Token(t.Context())
			var e *TokenError
			if !errors.As(err, &e) || e.Status != 401 || e.Code != "invalid_client" || e.Attempts != 1 {
				t.Fatalf("got %v", err)
			}
		}
		k.wantRequests(t, 1)
		// Ten connection attempts a second, for a minute.
		for range 600 {
			time.Sleep(100 * time.Millisecond)
			o.Token(t.Context())
		}
		if n := k.requests.Load(); n < 8 || n > 14 { // 0.1 + 0.2 + … + 6.4 s, then every 10 s
			t.Errorf("%d requests in a minute", n)
		}
		k.answer(tokens(time.Hour))
		time.Sleep(defaultRetryBackoffMax)
		wantToken(t, o, "1")
	})
}

// A clock that is set back by an hour must not make an hour of a pause of 100 ms.
func TestPauseWhileTheClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.answer(says(401, ""))
		o := k.oidc(t)
		o.Token(t.Context())
		now := time.Now()
		if _, f, err := o.claim(now); f != nil || err == nil {
			t.Fatalf("no pause after a failure: %v", err)
		}
		_, f, err := o.claim(now.Add(-time.Hour))
		if f == nil {
			t.Fatalf("the endpoint isn't asked: %v", err)
		}
		<-f.done
		k.wantRequests(t, 2)
	})
}

func TestOldTokenServesWhileRenewalFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.exact()
		o := k.oidc(t)
		wantToken(t, o, "1")
		end := time.Now().Add(time.Hour)
		k.answer(says(503, ""))
		time.Sleep(50 * time.Minute)
		for time.Now().Before(end.Add(-time.Minute)) {
			before := time.Now()
			wantToken(t, o, "1")
			if took := time.Since(before); took > renewalPatience {
				t.Fatalf("a connection waited for %v although there was a good token", took)
			}
			time.Sleep(5 * time.Second)
		}
		if lines := k.log.all(); len(lines) != 1 || !strings.Contains(lines[0], "can't renew") || !strings.Contains(lines[0], "503") {
			t.Errorf("logged %q", lines)
		}
		time.Sleep(time.Until(end) + time.Minute)
		if token, err := o.Token(t.Context()); err == nil {
			t.Errorf("an expired token was returned: %v", token)
		}
		k.answer(tokens(time.Hour))
		time.Sleep(defaultRetryBackoffMax)
		wantToken(t, o, "1")
	})
}

func TestSlowRenewalDoesNotHoldUpConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newEndpointKit(t)
		k.exact()
		o := k.oidc(t)
		wantToken(t, o, "1")
		give := tokens(time.Hour)
		k.answer(func(w http.ResponseWriter, r *http.Request) { time.Sleep(5 * time.Second); give(w, r) })
		time.Sleep(50 * time.Minute)
		before := time.Now()
		wantToken(t, o, "1")
		if took := time.Since(before); took != renewalPatience {
			t.Errorf("the old token after %v", took)
		}
		time.Sleep(5 * time.Second)
		before = time.Now()
		token, err := o.Token(t.Context())
		if err != nil || time.Since(before) != 0 || !token.Expiry.After(before.Add(50*time.Minute)) {
			t.Errorf("after the renewal: %v, %v in %v", token, err, time.Since(before))
		}
		k.wantRequests(t, 2)
	})
}

func TestEndpointThatIsSlowOrDown(t *testing.T) {
	never := func(ctx context.Context) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	for _, c := range []struct {
		name    string
		dial    func(context.Context) (net.Conn, error)
		handler http.HandlerFunc
		want    string
		timeout bool
	}{
		{name: "no connection", dial: never, want: "no connection in time (3s)", timeout: true},
		{name: "refused", dial: func(context.Context) (net.Conn, error) { return nil, errors.New("connection refused") }, want: "connection refused"},
		{name: "no answer", handler: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, want: "no whole answer in time (4s)", timeout: true},
		{name: "drop by drop", handler: func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write([]byte(" ")); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(time.Second)
			}
		}, want: "no whole answer in time (4s)", timeout: true},
		{name: "closed", handler: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: "EOF"},
		{name: "cut off", handler: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.Write([]byte(`{"access_token":`))
		}, want: "unexpected EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newEndpointKit(t)
				k.config.ConnectTimeout, k.config.ReadTimeout, k.config.RetryBackoffMax = 3*time.Second, 4*time.Second, time.Second
				if c.dial != nil {
					k.dial.Store(c.dial)
				}
				if c.handler != nil {
					k.answer(c.handler)
				}
				o := k.oidc(t)
				start := time.Now()
				_, err := o.Token(t.Context())
				var e *TokenError
				if !errors.As(err, &e) || e.Status != 0 || e.Advice == "" || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v", err)
				}
				if errors.Is(err, context.DeadlineExceeded) != c.timeout {
					t.Errorf("a time-out: %v", !c.timeout)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("took %v", took)
				}
				k.dial.Store((func(context.Context) (net.Conn, error))(nil))
				k.answer(tokens(time.Hour))
				time.Sleep(time.Second)
				wantToken(t, o, "1")
			})
		})
	}
}
