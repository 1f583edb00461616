// Package sasl authenticates the connections of a Kafka client: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER, and
// whatever else implements Mechanism. It knows nothing of connections: bytes come in and go out, and the client puts
// them into SaslAuthenticate requests, or into bare frames for brokers that know no others.
//
// # The contract
//
// A Mechanism serves all connections of a client. For each one, and again before a session ends (KIP-368), Start begins
// an exchange and returns the first bytes; Session.Next takes each answer and returns what is next:
//
//	session, initial, err := mechanism.Start(ctx, broker)
//	send initial
//	loop: response, done, err := session.Next(answer)
//	      response is sent unless done and nil; the exchange ends with done or err
//
// The broker's word is needed beside: an exchange has succeeded when Next says done without an error and the broker has
// answered the last response, if there was one, without an error code. PLAIN, and OAUTHBEARER with a token that is refused,
// leave it to that answer.
//
// Errors are small structs: *Error names the mechanism and the step and wraps the cause, such as *ServerError (the broker
// says why it refuses), ErrServerSignature (it could not prove that it knows the password), *IterationsError,
// *ExpiredError or *TokenError (the token endpoint's side). *ConfigError and *JAASError are settings that can't be used.
//
// # Secrets
//
// No password, token, client secret, extension's value or part of a JAAS line is in an error, in a log line, or in what
// any value of this package looks like when it is printed or written as JSON. Where a peer repeats a secret, it is
// replaced. Passwords are kept in functions, since fmt finds its way into fields that no method guards; the exported
// fields of a Token or an OIDCConfig are as visible as any string in a struct that keeps one in a field of its own that
// isn't exported. An error of one's own token function is passed on as it is.
//
// # The mechanisms
//
// PLAIN (RFC 4616) and OAUTHBEARER (RFC 7628, KIP-255, KIP-342) send their secret to the broker, and need TLS to keep it.
//
// SCRAM (RFC 5802, RFC 7677) doesn't, and has the broker prove that it knows the password. Until then the broker is not
// trusted: its nonce must continue ours, its iterations are at least 4096, so that a false broker can't make the
// password easy to guess, and at most 1,000,000, so that it can't keep a core busy for longer than a second or two. What
// is computed from the password is kept for the last few salts, since a reconnecting client meets the same salt on every
// broker. There is no SASLprep and no channel binding, as in Kafka; delegation tokens (KIP-48) log in with TokenAuth.
//
// # Tokens from an endpoint
//
// OIDC asks a token endpoint with the client credentials grant (KIP-768), or reads a file. One token serves all
// connections. It is renewed when it is due by the rules of Kafka's login thread (sasl.login.refresh.…), and 3 s before its
// end at the latest, but by whoever needs a token then and not by a thread: a client that opens no connections asks for none.
//
//	before it is due                 the token that is there
//	due, and still good              a new one; after a second without it, the old one, while the fetch goes on
//	expired, or none yet             a new one, or an error when the caller's ctx ends
//	a fetch failed a moment ago      the old one while it is good, else the same error at once
//
// A fetch asks until it gets a token, is refused, or retry.backoff.max has passed. After one that failed the endpoint has a
// pause that doubles, so that many brokers that reconnect make no storm. An answer is read up to 512 KiB; redirects are
// not followed, lest the secret go where nobody meant it to. Tokens needn't be JWTs; of those that are, exp is believed,
// which the broker will check.
//
// # JAAS lines
//
// FromJAAS reads sasl.jaas.config as Kafka does, quotes, escapes and comments included, for the three login modules above.
// It is stricter where Kafka would go on with less than was written: see parseJAAS.
package sasl
