package sasl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// renewalPatience is how long a connection waits for a new token while the old one is still good. An endpoint that is
// well answers in that time; one that isn't must not slow connections down as long as they can do without.
const renewalPatience = time.Second

// OIDC gets tokens from a token endpoint with the client credentials grant (KIP-768). One token serves all connections
// until it is due for renewal. There is no goroutine but while a token is fetched: it ends by itself, after ConnectTimeout
// + ReadTimeout + RetryBackoffMax at the latest, also when nobody waits for it any more.
type OIDC struct {
	shown
	file       *tokenFile               // nil: endpoint
	endpoint   *tokenEndpoint           // nil: file
	extensions func() map[string]string // a copy for each token; a function as secret is one
	renewal    renewal
	backoff    time.Duration
	backoffMax time.Duration
	logger     *slog.Logger

	mu       sync.Mutex // guards following
	token    *Token     // the latest; nil: none yet. Not changed once it is here
	due      time.Time  // when token is to be renewed
	fetch    *fetch     // under way; nil: none
	failures int        // fetches that failed in a row
	failure  error      // of the last of them
	resume   time.Time  // no fetch before it, after failure
}

// fetch is one attempt to get a token, with its retries. All who need a token wait for the same one.
type fetch struct {
	done    chan struct{} // closed when token or err are set
	token   *Token
	err     error
	trouble error // guarded by OIDC.mu: what went wrong so far
}

// Token returns a token that is valid, for OAuthBearer. It keeps a token until it is due for renewal, and fetches one then,
// whoever asks; while the old one is good, it is returned when the new one doesn't come within a second. After a
// failure the endpoint is left alone for retry.backoff, doubled with each failure in a row up to retry.backoff.max, and
// callers get the same error at once.
//
// Errors are a *TokenError; when ctx ended first, it wraps ctx's error.
func (o *OIDC) Token(ctx context.Context) (Token, error) {
	if o.file != nil {
		t, err := o.file.read(time.Now())
		if err != nil {
			return Token{}, err
		}
		return o.extended(t), nil
	}
	good, f, err := o.claim(time.Now())
	if f == nil {
		if err != nil {
			return Token{}, err
		}
		return o.extended(good), nil
	}
	var patience <-chan time.Time
	if good != nil {
		timer := time.NewTimer(renewalPatience)
		defer timer.Stop()
		patience = timer.C
	}
	select {
	case <-f.done:
	case <-patience:
		return o.extended(good), nil
	case <-ctx.Done():
		return Token{}, o.gaveUp(ctx, f)
	}
	switch {
	case f.err == nil:
		return o.extended(f.token), nil
	case good != nil && time.Now().Before(good.Expiry):
		return o.extended(good), nil
	}
	return Token{}, f.err
}

// claim returns what serves now: a good token, or an error of a moment ago; or a fetch to wait for, with the token that
// serves meanwhile, if any. The fetch is started if there is none.
func (o *OIDC) claim(now time.Time) (good *Token, f *fetch, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.token != nil && now.Before(o.token.Expiry) {
		good = o.token
	}
	if good != nil && now.Before(o.due) {
		return good, nil, nil
	}
	if o.fetch == nil {
		if pause := o.resume.Sub(now); pause > 0 && pause <= o.backoffMax { // a longer one: the clock was set back
			if good != nil {
				return good, nil, nil
			}
			return nil, nil, o.failure
		}
		o.fetch = &fetch{done: make(chan struct{})}
		go o.run(o.fetch)
	}
	return good, o.fetch, nil
}

// gaveUp says why a caller whose time is over has no token.
func (o *OIDC) gaveUp(ctx context.Context, f *fetch) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := &TokenError{Endpoint: o.endpoint.shown(), Err: fmt.Errorf("no answer yet: %w", context.Cause(ctx)), Advice: adviceReach}
	if f.trouble != nil {
		e.Err = fmt.Errorf("no answer yet: %w; the attempt before: %w", context.Cause(ctx), f.trouble)
	}
	return e
}

// run fetches a token for all who wait.
func (o *OIDC) run(f *fetch) {
	token, err := o.attempts(f)
	now := time.Now().Round(0) // by the wall clock, which goes on while a machine sleeps

	o.mu.Lock()
	old := o.token
	o.fetch = nil
	f.token, f.err = token, err
	if err == nil {
		o.token, o.failures, o.failure, o.resume = token, 0, nil, time.Time{}
		o.due = o.renewal.due(now, token.Expiry, rand.Float64())
	} else {
		o.failures++
		o.failure, o.resume = err, now.Add(doubled(o.backoff, o.backoffMax, o.failures))
	}
	failures := o.failures
	o.mu.Unlock()

	close(f.done)
	if failures == 1 && old != nil && now.Before(old.Expiry) {
		o.logger.Warn("can't renew the token; the old one serves until it expires", "error", err, "expires", old.Expiry)
	}
}

// attempts asks the endpoint until it gives a token, refuses, or RetryBackoffMax is over.
func (o *OIDC) attempts(f *fetch) (*Token, error) {
	end := time.Now().Add(o.backoffMax)
	for n := 1; ; n++ {
		token, err := o.endpoint.request()
		if err == nil {
			return token, nil
		}
		var e *TokenError
		retriable := errors.As(err, &e) && e.retriable
		if e != nil {
			e.Attempts = n
		}
		// A jitter of 20 %, so that clients that lost an endpoint together don't come back together.
		pause := time.Duration(float64(doubled(o.backoff, o.backoffMax, n)) * (0.8 + 0.4*rand.Float64()))
		if !retriable || time.Now().Add(pause).After(end) {
			return nil, err
		}
		o.mu.Lock()
		f.trouble = err
		o.mu.Unlock()
		time.Sleep(pause)
	}
}

// extended is a copy of t for the caller, with the extensions that go with each token.
func (o *OIDC) extended(t *Token) Token {
	c := *t
	c.Extensions = o.extensions()
	return c
}
