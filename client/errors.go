package client

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"kafkaproducer/protocol"
)

var (
	// ErrClosed is the cause of calls that a closing client could not finish, and of what is asked of a closed one.
	ErrClosed = errors.New("the client is closed")
	// ErrNotConnected is the cause of a call that was sent to a broker without a connection.
	ErrNotConnected = errors.New("not connected")
	// ErrUnknownBroker is the cause when a broker is asked for that the metadata does not name.
	ErrUnknownBroker = errors.New("no broker with this id in the metadata")
	// ErrIdle is why a connection ended that nobody used for connections.max.idle.ms.
	ErrIdle = errors.New("unused for connections.max.idle.ms")
	// ErrRetired is why a connection to a broker ended that the metadata no longer names, or names at another address.
	ErrRetired = errors.New("the broker left the metadata")
	// ErrNoBroker is the cause when no broker could be reached in the time a request had.
	ErrNoBroker = errors.New("no broker could be reached")
)

// ConnError is what became of a call, a connection attempt or a connection, with the facts that a decision about
// sending again needs.
type ConnError struct {
	Op     string // what was being done: "resolve", "dial", "handshake" (again, too, for KIP-368), "send", "read", "write" or "close"
	Addr   string // host:port; the name where it could not be resolved; empty where there was no connection
	NodeID int32  // the broker's id; negative for a bootstrap server, and where no broker was chosen yet
	Wrote  bool   // any byte of the request may have left: the broker may have acted on it
	Err    error  // the cause
}

// Error names the broker, the operation and the cause.
func (e *ConnError) Error() string {
	if a, ok := e.Err.(*AuthError); ok {
		return a.Error() // which names the broker itself
	}
	cause := "unknown"
	switch {
	case e.Err == io.EOF:
		cause = "closed by the peer"
	case e.Err != nil:
		cause = e.Err.Error()
	}
	if e.Addr == "" {
		return fmt.Sprintf("%s: %s: %s", brokerName(e.NodeID), e.Op, cause)
	}
	return fmt.Sprintf("%s (%s): %s: %s", brokerName(e.NodeID), e.Addr, e.Op, cause)
}

// Unwrap returns the cause.
func (e *ConnError) Unwrap() error { return e.Err }

// anyBroker is the node id of a call that no broker was chosen for.
const anyBroker = -1 << 31

// brokerName says who a node id is.
func brokerName(id int32) string {
	switch {
	case id == anyBroker:
		return "any broker"
	case id < 0:
		return "bootstrap server"
	}
	return "broker " + strconv.Itoa(int(id))
}

// Wrote reports whether err says that bytes of the request may have left, so that the broker may have acted on it.
func Wrote(err error) bool {
	var e *ConnError
	return errors.As(err, &e) && e.Wrote
}

// TimeoutError is the cause when a broker did not answer in time. Every call of the connection fails with it, since
// an answer that is still to come could no longer be told from the next one.
type TimeoutError struct {
	Key   protocol.Key  // the request that waited longest
	Step  string        // StepTLS, where it was no request that was waited for
	After time.Duration // how long an answer was waited for
}

// Error names the request and the time.
func (e *TimeoutError) Error() string {
	if e.Step != "" {
		return fmt.Sprintf("no end of the %s within %v (socket.connection.setup.timeout.ms)", e.Step, e.After)
	}
	return fmt.Sprintf("no answer to %v within %v (request.timeout.ms)", e.Key, e.After)
}

// Timeout is true, as for net.Error.
func (e *TimeoutError) Timeout() bool { return true }

// FrameSizeError is the cause when a peer announced an answer of an impossible length.
type FrameSizeError struct {
	Size  int64 // as announced
	Limit int   // the most that is taken
}

// Error names the size and the limit.
func (e *FrameSizeError) Error() string {
	return fmt.Sprintf("an answer of %d bytes was announced, allowed are 4 to %d", e.Size, e.Limit)
}

// CorrelationError is the cause when an answer belongs to no request, or not to the oldest one: a broker answers
// the requests of a connection in order.
type CorrelationError struct {
	Got     int32 // correlation id of the answer
	Want    int32 // that of the oldest unanswered request, when Waiting
	Waiting bool  // whether any answer was due
}

// Error names both ids.
func (e *CorrelationError) Error() string {
	if !e.Waiting {
		return fmt.Sprintf("an answer with correlation id %d came, but none was due", e.Got)
	}
	return fmt.Sprintf("an answer with correlation id %d came, the next one due is %d", e.Got, e.Want)
}

// ForeignProtocolError is the cause when the peer does not speak Kafka's protocol.
type ForeignProtocolError struct {
	Protocol string // "HTTP", "TLS" or "text"
	First    []byte // what the peer sent first, a few bytes
}

// Error names the protocol that was recognised.
func (e *ForeignProtocolError) Error() string {
	return fmt.Sprintf("the port does not speak Kafka's protocol but %s (it sent %q)", e.Protocol, e.First)
}

// VersionError is the cause when a broker and this client have no version of a request in common.
type VersionError struct {
	Key                protocol.Key
	Offered            bool  // whether the broker knows the request at all
	BrokerMin          int16 // what the broker offers, when Offered
	BrokerMax          int16
	ClientMin          int16 // what this client speaks
	ClientMax          int16
	NeedsNewerBrokerOf string // the first Kafka release that would do, where known
}

// Error names both ranges.
func (e *VersionError) Error() string {
	s := fmt.Sprintf("the broker does not offer %v", e.Key)
	if e.Offered {
		s = fmt.Sprintf("the broker speaks %v versions %d to %d", e.Key, e.BrokerMin, e.BrokerMax)
	}
	s += fmt.Sprintf(", this client %d to %d", e.ClientMin, e.ClientMax)
	if e.NeedsNewerBrokerOf != "" {
		s += "; Kafka " + e.NeedsNewerBrokerOf + " or newer is needed"
	}
	return s
}

// MisroutedError is the cause when a broker refused a connection because it is not the broker, or not in the
// cluster, that the connection was meant for (KIP-1242).
type MisroutedError struct {
	ClusterID string // who was looked for
	NodeID    int32
}

// Error names whom the connection was meant for.
func (e *MisroutedError) Error() string {
	return fmt.Sprintf("the address no longer leads to broker %d of cluster %s (REBOOTSTRAP_REQUIRED)", e.NodeID, e.ClusterID)
}

// Unwrap returns the broker's error code.
func (e *MisroutedError) Unwrap() error { return protocol.RebootstrapRequired }

// TopicError is why Topic gave no topic.
type TopicError struct {
	Topic string
	Err   error // a protocol.ErrorCode that waiting doesn't heal, or why the wait ended: ctx.Err(), ErrClosed, a *BootstrapError
	Cause error // the last trouble on the way, if there was any: a *ConnError, a protocol.ErrorCode …
}

// Error names the topic, why the wait ended and the last trouble.
func (e *TopicError) Error() string {
	s := fmt.Sprintf("no metadata for topic %.250q: %v", e.Topic, e.Err) // Kafka's names have 249 characters at most
	if e.Cause != nil {
		s += fmt.Sprintf("; the last trouble was: %v", e.Cause)
	}
	return s
}

// Unwrap returns Err and Cause.
func (e *TopicError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.Cause}
}

// BootstrapError says that none of bootstrap.servers could be resolved, in New, or within
// bootstrap.resolve.timeout.ms. In the second case it is the lasting answer to all that is asked of the client.
type BootstrapError struct {
	Servers []string
	Err     error // the resolver's last word
}

// Error names the servers and the resolver's last word.
func (e *BootstrapError) Error() string {
	return fmt.Sprintf("none of bootstrap.servers %q could be resolved: %v", e.Servers, e.Err)
}

// Unwrap returns the resolver's last word.
func (e *BootstrapError) Unwrap() error { return e.Err }
