// Package client moves requests to the brokers of a Kafka cluster and knows where the partitions of topics are. It says
// facts about failures (what went wrong, and whether bytes had left) and decides nothing about sending records again.
//
// # The contract
//
// New begins to look for the cluster. Topic brings a topic into use and waits until its partitions are known; Handler
// hears of every later change. Connect asks for a connection to a broker, NodeUp says that it is there, also where it was
// before. Send (or Queue and Flush) passes a Call over, whose Done is called exactly once:
//
//   - with nil, when the answer is in Call.Response, or the request is written where none is expected;
//   - with a *ConnError, when the connection ended or never was: errors.Is and errors.As see the cause, and Wrote tells
//     whether the broker may have acted on the request;
//   - with any other error, when the request could not be made: nothing has left, the connection goes on.
//
// Calls of a broker are written and answered in the order in which they were queued. What is in flight when a
// connection ends is answered in that order, too, before NodeDown. A call is never sent a second time.
//
// # The way of a call
//
//	Queue   the call goes behind those before it                              caller
//	Flush   who has an answer (a Done), or finds a TCP connection without a   caller, or
//	        burst of calls, goes on to write, without blocking; else the      writer
//	        writer is woken, who may find several to write together
//	        Prepare, encode, into the window of requests in flight, write     the same
//	answer  one read takes many answers; each must be the oldest request's;   reader
//	        decoded into Response; Done
//
// Who writes is decided by a token, who answers by a turn: conn's comment tells what belongs to whom. A request is in the
// window before its bytes leave, so that an answer always finds it, and is not answered before its write has returned,
// so that nobody reuses bytes that are being written. A record set is not copied on its way, but for small requests (below
// 64 KiB) of callers that write themselves. In steady state nothing is allocated.
//
// Done runs on the reader: no hand-over, no wake-up. One that takes long holds up the answers behind it for 60 ms at most; then
// the connection is given another reader (turn).
//
// # Goroutines
//
// One for control, which owns nodes and metadata, and two for a connected broker: the one that dialled it and then
// writes, and the one that reads. A third kind, the outbox, exists while there are Dones to call that no reader can call.
// Close ends them all. Nothing ticks: each connection has a timer that is set to when its oldest request is too old and
// otherwise to when it has been idle for too long, one for Dones that take long while something waits for them, and where sessions end
// (KIP-368) a goroutine with one that renews them; control has one for the next thing due.
//
// # Pure parts
//
// What can be decided without a network is code without one, which is given the moment instead of reading a clock:
// inbox (what a half-read frame means), window (what is in flight, whose an answer is, what is overdue), negotiation
// (ApiVersions), schedule (when to ask for metadata), merger (what an answer means for a snapshot), pick (which broker to
// ask), backoff, node. A conn over a net.Conn that does as it is told runs in one goroutine: see FuzzSession.
//
// # A connection
//
// All addresses of a name are tried in turn; after a disconnection the name is resolved anew, and the next one is first. Then
//
//	dial → (TLS) → ApiVersions → (SASL) → up
//
// all by the goroutine that afterwards writes; the steps in brackets where Config.TLS and Config.SASL are set. ApiVersions is
// asked with the newest version; a broker that doesn't know it names its own, or is asked with version 0 (KIP-511). Before
// another attempt at the same address reconnect.backoff.ms passes, doubled with each failure, whether it is a broker's or a
// bootstrap server's, or both. A connection ends
//
//   - when a request is unanswered for request.timeout.ms, answered out of turn, or with what can't be decoded. All calls
//     fail then, since what comes later could not be told apart; the cause is a *TimeoutError, *CorrelationError,
//     *FrameSizeError or *protocol.DecodeError;
//   - when the peer closes it, or was never a Kafka broker (*ForeignProtocolError names HTTP and TLS);
//   - when nobody used it for connections.max.idle.ms (ErrIdle), or its broker is no longer in the metadata and nothing
//     is in flight (ErrRetired). Then nothing is wrong, and nothing is logged;
//   - when its session can't be renewed (an *AuthError, see below).
//
// # Guarded clusters
//
// TLS (guard.go) is that of crypto/tls with the user's *tls.Config; package tlsfiles makes one of Kafka's properties. A broker must
// prove to be the host that the metadata name, or bootstrap.servers while there are none.
//
// SASL (login.go) is a sasl.Mechanism's exchange of tokens. SaslHandshake 1 names the mechanism, and tokens go in SaslAuthenticate; with
// brokers that have only SaslHandshake 0 they are bare frames (KIP-152).
//
// Where the broker limits the session, it is renewed on the live connection (KIP-368, renewal.go): at 85 to 95 % of its life, as Kafka's
// client does, and a second before its end at least, if it is long enough. The mechanism begins while requests go on, since a token
// may have to be fetched. Then nothing but the exchange is written. It has its place behind the requests in flight, so that no call is
// lost, sent again or answered out of order. Shortly before the session's end calls are held back in any case: a broker hangs up on
// what comes after it, but still takes a SaslHandshake, once a second. A mechanism that can't begin is asked again until the session
// ends.
//
// Who isn't let in gets an *AuthError. It names the broker, the step, the cause and what to change, and is the cause in the *ConnError
// of calls, in NodeDown, and of Topic at once when no broker lets the client in. It is logged once an address. The client keeps trying,
// as reconnect.backoff.ms has it: credentials may be put right on either side. Much of a refusal must be guessed, since the peer only
// hangs up:
//
//   - in the TLS handshake, or instead of an answer to ApiVersions: one side speaks TLS and the other doesn't. The next connection asks
//     in the other way (probe.go);
//   - at the first request after ApiVersions: a login is wanted. The next connection asks for a mechanism that doesn't exist
//     (handshake.inquire);
//   - after a TLS handshake in which a certificate was asked for and none shown: that is what is missing.
//
// # The cluster
//
// Metadata is asked for topics in use only, one request at a time, from the connected broker with the fewest calls
// unanswered. Each answer makes a new immutable Cluster. What is known better stays: a leader of an older epoch does not
// replace one of a newer epoch, and a topic that keeps its id keeps its partitions. Leaders that brokers name in answers
// to Produce (KIP-951) are passed on with UpdateLeader.
//
// bootstrap.servers lead to the cluster at first, and again when no known broker can be reached (KIP-899), when none of
// them gave metadata for metadata.recovery.rebootstrap.trigger.ms, or when a broker says so (KIP-1102, KIP-1242). What was
// known of topics is kept until there is an answer. A host that swallows packets holds nothing up: after a second another
// one is tried beside it. Connections to bootstrap servers end when the brokers are known.
//
// The client keeps its own requests from a broker that asks for silence (KIP-219), whosever answer says so; the requests of callers
// are theirs to hold back.
package client
