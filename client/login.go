package client

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// login authenticates one connection: when it is set up, and again while it is in use (KIP-368). What differs is how
// requests are exchanged, so that is given.
type login struct {
	mechanism sasl.Mechanism
	broker    sasl.Broker
	addr      string // what was dialled
	timeout   time.Duration
	versions  Versions
	// exchange sends a request and waits for its answer. verdict, if any, looks at the answer where it is read, before the end of
	// the connection is, which follows a refusal: its error is exchange's.
	exchange func(ctx context.Context, version int16, request protocol.Request, response protocol.Response, verdict func() error) error
	// exchangeRaw sends a token without a request around it and, with answered, waits for one that comes in the same way.
	exchangeRaw func(ctx context.Context, token []byte, answered bool) ([]byte, error)
	now         func() instant

	again bool // the connection is authenticated anew
	raw   bool // after SaslHandshake 0 tokens are bare frames; since Kafka 1.0 they are requests (KIP-152)
}

// loginRounds is how often a mechanism may send something: more than any has need of.
const loginRounds = 32

// session is what a login has led to.
type session struct {
	began    instant       // before the broker's clock began
	lifetime time.Duration // zero: without end
}

// offer asks for the mechanism.
func (l *login) offer(ctx context.Context) error {
	version := l.versions.Max(protocol.SaslHandshakeKey, 1)
	if l.versions.Max(protocol.SaslAuthenticateKey, math.MaxInt16) < 0 {
		version = min(version, 0)
	}
	if version < 0 {
		return l.failed(StepSaslHandshake, l.versions.check(protocol.SaslHandshakeKey, "0.10"), "")
	}
	l.raw = version == 0
	var answer protocol.SaslHandshakeResponse
	return l.exchange(ctx, version, &protocol.SaslHandshakeRequest{Mechanism: l.mechanism.Name()}, &answer, func() error {
		return l.offered(&answer)
	})
}

// offered says why a broker doesn't take the mechanism, if it doesn't.
func (l *login) offered(answer *protocol.SaslHandshakeResponse) error {
	err := refused(answer.ErrorCode, nil)
	if err == nil {
		return nil
	}
	e := l.failed(StepSaslHandshake, err, "")
	e.Mechanisms = shownAll(answer.Mechanisms)
	switch {
	case answer.ErrorCode == protocol.UnsupportedSaslMechanism:
		e.Advice = "set sasl.mechanism to one that the broker takes: " + strings.Join(e.Mechanisms, ", ")
	case answer.ErrorCode == protocol.IllegalSaslState && l.again: // KafkaApis.handleSaslHandshakeRequest, as for any that is out of place
		e.Advice = "the broker doesn't take another login on this connection now; the client connects anew"
	case answer.ErrorCode == protocol.IllegalSaslState:
		e.Advice = "this listener asks for no login: set security.protocol to PLAINTEXT or SSL, or connect to the port of a SASL listener"
	}
	return e
}

// start has the mechanism begin, which may take its time.
func (l *login) start(ctx context.Context) (sasl.Session, []byte, error) {
	bounded, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	s, initial, err := l.mechanism.Start(bounded, l.broker)
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil && bounded.Err() != nil:
		err = fmt.Errorf("nothing to log in with was had within %v (request.timeout.ms): %w", l.timeout, err)
	}
	if err != nil {
		return nil, nil, l.failed(StepSaslAuthenticate, err, "")
	}
	return s, initial, nil
}

// converse exchanges tokens until both sides are content.
func (l *login) converse(ctx context.Context, s sasl.Session, token []byte) (session, error) {
	last := false
	for range loginRounds {
		began := l.now()
		challenge, lifetime, err := l.send(ctx, token, !last)
		if err != nil {
			return session{}, err
		}
		if !last {
			if token, last, err = s.Next(challenge); err != nil {
				return session{}, l.giveUp(ctx, token, err)
			}
			if !last || token != nil {
				continue
			}
		}
		return session{began, lifetime}, nil
	}
	return session{}, l.failed(StepSaslAuthenticate, fmt.Errorf("no end after %d messages", loginRounds), "")
}

// giveUp ends an exchange that the mechanism doesn't go on with. What it owes the broker is sent; the error stands whatever that
// answers.
func (l *login) giveUp(ctx context.Context, token []byte, err error) error {
	advice := ""
	if e := new(sasl.ServerError); errors.As(err, &e) {
		advice = l.check()
	}
	failed := l.failed(StepSaslAuthenticate, err, advice)
	switch {
	case token == nil:
	case l.raw:
		_, _ = l.exchangeRaw(ctx, token, true)
	default:
		_ = l.authenticate(ctx, token, new(protocol.SaslAuthenticateResponse), func() error { return failed })
	}
	return failed
}

// send sends a token and waits for the broker's next one. Where tokens are bare frames none may come any more: answered.
func (l *login) send(ctx context.Context, token []byte, answered bool) (challenge []byte, lifetime time.Duration, err error) {
	if l.raw {
		challenge, err = l.exchangeRaw(ctx, token, answered)
		if hungUp(err) {
			return nil, 0, l.failed(StepSaslAuthenticate, err, l.check()+" (brokers before 1.0 only hang up)")
		}
		return challenge, 0, err
	}
	var answer protocol.SaslAuthenticateResponse
	err = l.authenticate(ctx, token, &answer, func() error {
		if err := refused(answer.ErrorCode, answer.ErrorMessage); err != nil {
			return l.failed(StepSaslAuthenticate, err, l.check())
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	ms := min(max(answer.SessionLifetimeMs, 0), math.MaxInt64/int64(time.Millisecond))
	return answer.AuthBytes, time.Duration(ms) * time.Millisecond, nil
}

// authenticate exchanges one SaslAuthenticate.
func (l *login) authenticate(ctx context.Context, token []byte, answer *protocol.SaslAuthenticateResponse, verdict func() error) error {
	version := l.versions.Max(protocol.SaslAuthenticateKey, math.MaxInt16)
	return l.exchange(ctx, version, &protocol.SaslAuthenticateRequest{AuthBytes: token}, answer, verdict)
}

// check says what to look at when a broker refuses what it was told.
func (l *login) check() string {
	if l.mechanism.Name() == sasl.MechanismOAuthBearer {
		return "check what the broker wants of a token: issuer, audience, time, scope"
	}
	return "check the user name and the password (sasl.jaas.config), and that the broker knows the user under " + l.mechanism.Name()
}

func (l *login) failed(step string, err error, advice string) *AuthError {
	return &AuthError{NodeID: l.broker.NodeID, Addr: l.addr, Step: step, Mechanism: l.mechanism.Name(), Err: err, Advice: advice}
}
