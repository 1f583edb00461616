package client

import (
	"fmt"
	"strings"
	"unicode"

	"kafkaproducer/protocol"
)

// The steps of a connection's way in, as AuthError.Step names them.
const (
	StepTLS              = "TLS handshake"
	StepSaslHandshake    = "SaslHandshake"
	StepSaslAuthenticate = "SaslAuthenticate"
)

// AuthError says that a broker and this client do not let each other in: by TLS, by SASL, or since one of them speaks TLS
// and the other doesn't. Waiting alone rarely heals it, yet connecting is tried again: credentials may be put right on
// either side. No secret is in it.
type AuthError struct {
	NodeID     int32    // the broker's id; negative for a bootstrap server
	Addr       string   // host:port that was connected to
	Step       string   // StepTLS, StepSaslHandshake or StepSaslAuthenticate
	Mechanism  string   // as sasl.mechanism names it; empty where none was asked for
	Mechanisms []string // those that the broker takes, where it has named them
	Err        error    // the cause: of crypto/tls or crypto/x509, a *sasl.Error, a *RefusedError, what a token callback returned …
	Advice     string   // what to change, in words; may be empty where the cause says it
}

// Error names the broker, the step, the cause and what to change.
func (e *AuthError) Error() string {
	s := fmt.Sprintf("%s (%s): %s", brokerName(e.NodeID), e.Addr, e.Step)
	if e.Mechanism != "" {
		s += " with " + e.Mechanism
	}
	s += ": " + fmt.Sprint(e.Err)
	if e.Advice != "" {
		s += "; " + e.Advice
	}
	return s
}

// Unwrap returns the cause.
func (e *AuthError) Unwrap() error { return e.Err }

// RefusedError is a broker's refusal of a SASL request.
type RefusedError struct {
	Code    protocol.ErrorCode
	Message string // the broker's words, shortened; may be empty
}

// Error names the code and gives the broker's words.
func (e *RefusedError) Error() string {
	if e.Message == "" {
		return e.Code.Error()
	}
	return e.Code.Name() + ": " + e.Message
}

// Unwrap returns the code.
func (e *RefusedError) Unwrap() error { return e.Code }

// refused is what a broker answered, nil with code None.
func refused(code protocol.ErrorCode, message *string) error {
	if code == protocol.None {
		return nil
	}
	e := &RefusedError{Code: code}
	if message != nil {
		e.Message = shown(*message)
	}
	return e
}

// shownTexts is how many texts of a broker go into an error.
const shownTexts = 20

// shownAll makes texts from the network fit for a line of a log.
func shownAll(texts []string) (all []string) {
	for _, s := range texts[:min(len(texts), shownTexts)] {
		all = append(all, shown(s))
	}
	return all
}

// shownBytes is how much of a broker's words goes into an error.
const shownBytes = 300

// shown makes a text from the network fit for a line of a log.
func shown(s string) string {
	if len(s) > shownBytes {
		s = s[:shownBytes] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
