package sasl

import (
	"errors"
	"fmt"
	"strings"
)

// Error is an exchange that failed on this side: whose, where, and why. No secret is in it, unless a token callback of
// one's own puts one into the error it returns.
type Error struct {
	Mechanism string // as Mechanism.Name
	Step      string // "credentials", "token", "server first message", "server final message" or "server answer"
	Err       error  // the cause
}

// Error names the mechanism, the step and the cause.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s: %v", e.Mechanism, e.Step, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ServerError is the cause when the broker said, in the mechanism's own words, why it refuses.
type ServerError struct {
	Reason              string // SCRAM: the value of e=; OAUTHBEARER: status, as "invalid_token". Shortened, and the token replaced
	Scope               string // OAUTHBEARER: the scope that the broker wants; may be empty
	OpenIDConfiguration string // OAUTHBEARER: where to learn how to get a token; may be empty
}

// Error repeats what the broker said.
func (e *ServerError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the broker refuses: %q", e.Reason)
	if e.Scope != "" {
		fmt.Fprintf(&b, " (scope %q)", e.Scope)
	}
	if e.OpenIDConfiguration != "" {
		fmt.Fprintf(&b, " (see %q)", e.OpenIDConfiguration)
	}
	return b.String()
}

// ErrServerSignature is the cause when the broker could not prove that it knows the password: it may be another one
// than it says.
var ErrServerSignature = errors.New("the broker's signature is wrong: it doesn't know the password, and may not be who it says it is")

// IterationsError is the cause when a broker asks for fewer or more iterations than SCRAM goes along with.
type IterationsError struct {
	Iterations, Min, Max int
}

// Error names the number and what is allowed.
func (e *IterationsError) Error() string {
	return fmt.Sprintf("the broker asks for %d iterations; allowed are %d to %d", e.Iterations, e.Min, e.Max)
}

// TokenError says why there is no token.
type TokenError struct {
	Endpoint    string // the endpoint's URL without user, query and fragment
	Attempts    int    // how many requests were made
	Status      int    // the HTTP status of the last one; 0: there was no answer, or the URL is a file
	Code        string // error of RFC 6749 section 5.2, as "invalid_client"; may be empty
	Description string // error_description of the answer, shortened, secrets replaced; may be empty
	Err         error  // what else went wrong; nil where Status and Code say it all
	Advice      string // what to look at; may be empty

	retriable bool // another request may help
}

// Error names the endpoint, what went wrong, and what to look at.
func (e *TokenError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no token from %s", e.Endpoint)
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " in %d attempts", e.Attempts)
	}
	if e.Status != 0 && (e.Status/100 != 2 || e.Err == nil) {
		fmt.Fprintf(&b, ": HTTP status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	}
	if e.Description != "" {
		fmt.Fprintf(&b, ": %q", e.Description)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Advice != "" {
		fmt.Fprintf(&b, "; %s", e.Advice)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// ConfigError is a setting that can't be used. The value is left out where it may be secret.
type ConfigError struct {
	Property string // Kafka's name, as sasl.oauthbearer.token.endpoint.url
	Value    string // as far as it may be shown; empty: not shown, or not set
	Allowed  string // what is allowed
}

// Error names the property, the value and what is allowed.
func (e *ConfigError) Error() string {
	if e.Value == "" {
		return fmt.Sprintf("%s: %s", e.Property, e.Allowed)
	}
	return fmt.Sprintf("%s: %s: %s", e.Property, e.Value, e.Allowed)
}

// JAASError is a line of sasl.jaas.config that can't be used. It shows names and places, and nothing that could be part
// of a secret.
type JAASError struct {
	Module string // the login module as the line names it; empty where the line doesn't get so far
	Option string // the option that it is about, if it is a known one; else empty
	Offset int    // where in the line, in bytes from 0; -1: nowhere in particular
	Reason string // what is wrong, and what to do
}

// Error names what is known of the place, and the reason.
func (e *JAASError) Error() string {
	var b strings.Builder
	b.WriteString("sasl.jaas.config: ")
	if e.Module != "" {
		fmt.Fprintf(&b, "%s: ", e.Module)
	}
	if e.Option != "" {
		fmt.Fprintf(&b, "option %s: ", e.Option)
	}
	b.WriteString(e.Reason)
	if e.Offset >= 0 {
		fmt.Fprintf(&b, " (at character %d)", e.Offset+1)
	}
	return b.String()
}
