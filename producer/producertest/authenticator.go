package producertest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// authState is how far a connection has come with SASL (SaslServerAuthenticator of Kafka). Sessions with a lifetime go
// from authDone back to authExchanging.
//
//	authFresh → authVersioned → authExchanging → authDone
type authState int8

const (
	authNone       authState = iota // there is nothing to authenticate
	authFresh                       // ApiVersions, or SaslHandshake at once
	authVersioned                   // ApiVersions is answered; SaslHandshake
	authExchanging                  // SaslAuthenticate, or bare frames
	authMismatched                  // a session was to be continued with another mechanism, which the next step is refused for
	authDone
)

// authenticator is the broker's side of who a client is. It is owned by the goroutine of its connection's serve.
type authenticator struct {
	state     authState
	bare      bool // SASL's messages are frames of their own, without a header: after SaslHandshake v0
	mechanism string
	exchange  SASLServer

	again   bool      // a session that there was is being continued (KIP-368)
	expires time.Time // when the session ends; zero: never
	begun   time.Time // when it was last continued; zero: never
}

// reauthenticateEvery is how long a client has to leave between two re-authentications (KIP-368).
const reauthenticateEvery = time.Second

// authRequestMax is the largest request a client may send until it is authenticated (sasl.server.max.receive.size).
const authRequestMax = 512 << 10

// stateError is a request that comes when it may not: Kafka closes the connection without an answer.
type stateError struct {
	key    protocol.Key
	wanted string
}

func (e *stateError) Error() string { return fmt.Sprintf("%s came instead of %s", e.key, e.wanted) }

// errSessionEnded is any request but SaslHandshake after the session's lifetime.
var errSessionEnded = errors.New("the session has ended and the client has not authenticated again")

// admit reports whether a request may be taken. An error closes the connection.
func (a *authenticator) admit(key protocol.Key, now time.Time) error {
	wanted := ""
	switch a.state {
	case authFresh:
		if key != protocol.ApiVersionsKey && key != protocol.SaslHandshakeKey {
			wanted = "ApiVersions or SaslHandshake"
		}
	case authVersioned:
		if key != protocol.SaslHandshakeKey {
			wanted = "SaslHandshake"
		}
	case authExchanging, authMismatched:
		if key != protocol.SaslAuthenticateKey {
			wanted = "SaslAuthenticate"
		}
	case authDone:
		if a.ended(now) && !(key == protocol.SaslHandshakeKey && a.mayBeginAgain(now)) {
			return errSessionEnded
		}
	}
	if wanted != "" {
		return &stateError{key, wanted}
	}
	return nil
}

func (a *authenticator) ended(now time.Time) bool { return !a.expires.IsZero() && now.After(a.expires) }

// mayBeginAgain reports whether a SaslHandshake continues the session; one that doesn't is out of place.
func (a *authenticator) mayBeginAgain(now time.Time) bool {
	return !a.expires.IsZero() && (a.begun.IsZero() || now.Sub(a.begun) >= reauthenticateEvery)
}

// waiting reports whether the next frame is one of SASL without a header.
func (a *authenticator) waiting() bool {
	return a.bare && (a.state == authExchanging || a.state == authMismatched)
}

// versioned takes note of an answer to ApiVersions, of which there is one before SaslHandshake.
func (a *authenticator) versioned(m *protocol.ApiVersionsResponse, p *plan) {
	if a.state == authFresh && m.ErrorCode == protocol.None && len(p.errors) == 0 {
		a.state = authVersioned
	}
}

// handshake answers SaslHandshake.
func (k *conn) handshake(m *protocol.SaslHandshakeRequest, r *Request, p *plan) *protocol.SaslHandshakeResponse {
	a := &k.auth
	if a.state == authNone || a.state == authDone && !a.mayBeginAgain(r.Time) {
		return &protocol.SaslHandshakeResponse{ErrorCode: protocol.IllegalSaslState} // KafkaApis.handleSaslHandshakeRequest
	}
	previous := a.mechanism
	if a.again = a.state == authDone; a.again {
		a.begun = r.Time
	}
	a.mechanism, a.bare = m.Mechanism, r.Header.Version == 0
	enabled := k.c.SASLMechanisms()
	answer := &protocol.SaslHandshakeResponse{Mechanisms: enabled}
	switch {
	case len(p.errors) > 0:
		k.refuse(p.errors[0].code, "", "a fault")
		p.last = true
	case !slices.Contains(enabled, m.Mechanism):
		answer.ErrorCode = protocol.UnsupportedSaslMechanism
		k.refuse(answer.ErrorCode, "", fmt.Sprintf("the broker has %q", enabled))
		p.last = true
	case a.again && m.Mechanism != previous: // Kafka finds out now and refuses later
		a.state, a.mechanism = authMismatched, previous
	default:
		a.state, a.exchange = authExchanging, k.c.newExchange(m.Mechanism)
	}
	return answer
}

// authenticate answers a step of an exchange. A connection whose client is refused ends: with an answer that says so or, where
// frames are bare, without.
func (k *conn) authenticate(m *protocol.SaslAuthenticateRequest, p *plan) (*protocol.SaslAuthenticateResponse, error) {
	a := &k.auth
	switch a.state {
	case authNone, authDone:
		return illegalState(), nil // KafkaApis.handleSaslAuthenticateRequest
	case authMismatched:
		return nil, k.refuse(protocol.SaslAuthenticationFailed, "", "the mechanism of a session can't be changed")
	}
	if len(p.errors) > 0 {
		told := p.errors[0].message
		if told == "" {
			told = k.credentialsRefused()
		}
		return k.refusal(p.errors[0].code, told, errors.New("a fault"), p)
	}
	if token, ok := a.exchange.(*oauthServer); ok && p.refuseToken != nil {
		token.refused = p.refuseToken
	}
	challenge, who, err := a.exchange.Next(m.AuthBytes)
	if err == nil && who != nil && a.again && who.Principal != k.principal {
		err = &SASLError{fmt.Sprintf("Cannot change principals during re-authentication from User.%s: User.%s", k.principal, who.Principal)}
	}
	if err != nil {
		told := k.credentialsRefused()
		if e := (*SASLError)(nil); errors.As(err, &e) {
			told = e.Message
		}
		return k.refusal(protocol.SaslAuthenticationFailed, told, err, p)
	}
	answer := &protocol.SaslAuthenticateResponse{AuthBytes: append([]byte{}, challenge...)} // empty, never null
	if who != nil {
		answer.SessionLifetimeMs = k.accept(who)
	}
	return answer, nil
}

func illegalState() *protocol.SaslAuthenticateResponse {
	text := "SaslAuthenticate request received after successful authentication"
	return &protocol.SaslAuthenticateResponse{ErrorCode: protocol.IllegalSaslState, ErrorMessage: &text}
}

// credentialsRefused is what Kafka tells a client where it tells nothing.
func (k *conn) credentialsRefused() string {
	during := "authentication"
	if k.auth.again {
		during = "re-authentication"
	}
	return "Authentication failed during " + during + " due to invalid credentials with SASL mechanism " + k.auth.mechanism
}

// accept takes note of who the client is and returns for how many milliseconds, as
// SaslServerAuthenticator.calcCompletionTimesAndReturnSessionLifetimeMs does it; 0: for ever.
func (k *conn) accept(who *Identity) int64 {
	a, now := &k.auth, k.c.now()
	lifetime := k.c.opts.SessionLifetime
	if !who.Expiry.IsZero() {
		left := max(0, who.Expiry.Sub(now))
		if lifetime <= 0 || left < lifetime {
			lifetime = left
		}
	}
	lifetime = lifetime.Truncate(time.Millisecond)
	a.state, a.exchange, a.expires = authDone, nil, time.Time{}
	if lifetime > 0 || !who.Expiry.IsZero() {
		a.expires = now.Add(lifetime)
	}
	k.principal = who.Principal
	k.authenticated(Authentication{Principal: who.Principal, Lifetime: lifetime})
	return lifetime.Milliseconds()
}

// refusal is the answer to a client that is refused. told is what it hears.
func (k *conn) refusal(code protocol.ErrorCode, told string, why error, p *plan) (*protocol.SaslAuthenticateResponse, error) {
	err := k.refuse(code, told, why.Error())
	if k.auth.bare {
		return nil, err
	}
	p.last = true
	return &protocol.SaslAuthenticateResponse{ErrorCode: code, ErrorMessage: &told}, nil
}

// refuse takes note of a client that is refused.
func (k *conn) refuse(code protocol.ErrorCode, told, why string) error {
	k.authenticated(Authentication{Code: code, Message: told, Reason: why})
	return fmt.Errorf("%s: %s", k.auth.mechanism, why)
}

func (k *conn) authenticated(done Authentication) {
	done.Time, done.Broker, done.Conn = k.c.now(), k.b.id, k.number
	done.Mechanism, done.Again = k.auth.mechanism, k.auth.again
	if done.Code != protocol.None {
		k.log("a client is refused", "mechanism", done.Mechanism, "reason", done.Reason)
	}
	k.c.locked(func() { k.c.seen.authenticated(done) })
}
