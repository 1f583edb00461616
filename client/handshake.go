package client

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// softwareName is what brokers are told who connects (KIP-511).
const softwareName = "kafkaproducer"

// handshake is the setting up of a connection, step by step, by the goroutine that afterwards writes:
//
//	dial → (TLS) → ApiVersions → (SASL) → up
//
// TLS replaces nc before anything is sent; SASL is requests of its own, after the versions are known.
type handshake struct {
	nc          net.Conn
	inbox       inbox
	correlation int32
	clientID    *string
	software    string
	clock       clock
	timeout     time.Duration // of each exchange; 0: nothing is waited for

	guard     guard
	mechanism sasl.Mechanism // nil: no SASL
	wary      bool           // a login may be wanted all the same
	broker    sasl.Broker    // who is connected to, as the metadata or bootstrap.servers have it
	addr      string         // what was dialled

	// Who the connection is meant for (KIP-1242); nil: whoever answers.
	clusterID *string
	nodeID    int32

	// Storage for what every connection begins with.
	asked protocol.ApiVersionsRequest
	told  protocol.ApiVersionsResponse
	first [128]byte
}

// run takes all steps. The session is that of SASL. The context's end closes the connection.
func (h *handshake) run(ctx context.Context) (Versions, session, error) {
	if h.guard.config != nil {
		nc, err := h.guard.enter(ctx, h.nc)
		if err != nil {
			return Versions{}, session{}, h.guard.unentered(err)
		}
		h.nc = nc
	}
	v, err := h.negotiate(ctx)
	if err != nil {
		return Versions{}, session{}, h.guard.rejected(err)
	}
	s, err := h.login(ctx, v)
	return v, s, err
}

// negotiate asks for the broker's versions, again while the broker wants to be asked with another version.
func (h *handshake) negotiate(ctx context.Context) (Versions, error) {
	h.asked = protocol.ApiVersionsRequest{
		ClientSoftwareName: softwareName, ClientSoftwareVersion: h.software,
		ClusterID: h.clusterID, NodeID: h.nodeID,
	}
	for n := newNegotiation(); ; {
		response := &h.told
		if err := h.exchange(ctx, n.version, &h.asked, response, nil); err != nil {
			if n.rounds == 0 && hungUp(err) {
				err = &noHandshakeError{"an answer to ApiVersions", h.guard.config != nil, err}
			}
			return Versions{}, err
		}
		if response.ErrorCode == protocol.RebootstrapRequired && h.clusterID != nil {
			return Versions{}, &MisroutedError{ClusterID: *h.clusterID, NodeID: h.nodeID}
		}
		v, again, err := n.answer(response)
		if !again {
			return v, err
		}
	}
}

// login authenticates, where there is a mechanism.
func (h *handshake) login(ctx context.Context, v Versions) (session, error) {
	if h.mechanism == nil {
		return session{}, h.inquire(ctx, v)
	}
	l := &login{
		mechanism: h.mechanism, broker: h.broker, addr: h.addr, timeout: h.timeout, versions: v,
		exchange: h.exchange, exchangeRaw: h.exchangeRaw, now: h.clock.now,
	}
	if err := l.offer(ctx); err != nil {
		return session{}, err
	}
	s, token, err := l.start(ctx)
	if err != nil {
		return session{}, err
	}
	return l.converse(ctx, s, token)
}

// errLoginWanted is what a listener did that turned out to want a login.
var errLoginWanted = errors.New("the listener wants a login, and closes the connection of who sends anything else")

// inquire finds out whether the listener wants a login, where there is reason to think so: Kafka's brokers tell anybody their
// versions, and hang up without a word at the next request. Where none is wanted they answer SaslHandshake with ILLEGAL_SASL_STATE.
func (h *handshake) inquire(ctx context.Context, v Versions) error {
	version := v.Max(protocol.SaslHandshakeKey, 1)
	if !h.wary || version < 0 {
		return nil
	}
	var answer protocol.SaslHandshakeResponse
	if err := h.exchange(ctx, version, &protocol.SaslHandshakeRequest{Mechanism: "NONE"}, &answer, nil); err != nil {
		return err
	}
	if answer.ErrorCode != protocol.UnsupportedSaslMechanism && answer.ErrorCode != protocol.None {
		return nil
	}
	guarded := "SASL_PLAINTEXT"
	if h.guard.config != nil {
		guarded = "SASL_SSL"
	}
	e := &AuthError{NodeID: h.guard.node, Addr: h.addr, Step: StepSaslHandshake, Mechanisms: shownAll(answer.Mechanisms), Err: errLoginWanted}
	e.Advice = fmt.Sprintf("set security.protocol=%s and sasl.mechanism to one that it takes (%s), or connect to the port of a listener without a login",
		guarded, strings.Join(e.Mechanisms, ", "))
	return e
}

// exchange sends a request and waits for its answer, of which verdict may be nil: see login.
func (h *handshake) exchange(ctx context.Context, version int16, request protocol.Request, response protocol.Response, verdict func() error) error {
	id := h.correlation
	h.correlation = nextCorrelation(id)
	header := protocol.RequestHeader{Version: version, CorrelationID: id, ClientID: h.clientID}
	frame, err := protocol.AppendRequest(h.first[:0], header, request)
	if err != nil {
		return err
	}
	return within(ctx, h.nc, TimeoutError{Key: request.Key(), After: h.timeout}, func() error {
		answer, err := h.trade(frame, minFrame)
		if err != nil {
			return err
		}
		if got, err := protocol.ResponseCorrelationID(answer); err != nil || got != id {
			return &CorrelationError{Got: got, Want: id, Waiting: true}
		}
		if _, err = protocol.DecodeResponse(answer, version, response); err != nil || verdict == nil {
			return err
		}
		return verdict()
	})
}

// exchangeRaw is login's.
func (h *handshake) exchangeRaw(ctx context.Context, token []byte, answered bool) (answer []byte, err error) {
	frame := append(binary.BigEndian.AppendUint32(nil, uint32(len(token))), token...)
	err = within(ctx, h.nc, TimeoutError{Key: protocol.SaslAuthenticateKey, After: h.timeout}, func() error {
		if !answered {
			_, err := h.nc.Write(frame)
			return err
		}
		answer, err = h.trade(frame, 0)
		return err
	})
	return answer, err
}

// trade sends a frame and waits for the one that answers it, of at least so many bytes.
func (h *handshake) trade(frame []byte, least int) ([]byte, error) {
	if _, err := h.nc.Write(frame); err != nil {
		// The peer may have said why it takes nothing: a server of TLS 1.3 refuses a client's certificate like that.
		if _, said := h.receive(least); alertIn(said) {
			return nil, said
		}
		return nil, err
	}
	return h.receive(least)
}

// receive waits for a whole frame. Whoever doesn't speak Kafka's protocol is recognised by the first bytes.
func (h *handshake) receive(least int) ([]byte, error) {
	for {
		if err := foreign(h.inbox.pending()); err != nil {
			return nil, err
		}
		if frame, err := h.inbox.frame(least); frame != nil || err != nil {
			return frame, err
		}
		n, err := h.nc.Read(h.inbox.space())
		h.inbox.filled(n)
		if err != nil && n == 0 {
			return nil, err
		}
	}
}

// within takes a step that must be over in time: else the connection is closed, which ends the step, and late is why. It
// is closed as well when the context ends. Zero: the step doesn't wait for anything.
func within(ctx context.Context, nc net.Conn, late TimeoutError, step func() error) error {
	if late.After == 0 {
		return step()
	}
	cause := late // which takes memory, as late doesn't
	ctx, cancel := context.WithTimeoutCause(ctx, late.After, &cause)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	err := step()
	if !stop() { // the context ended, which is the true cause of whatever failed
		return context.Cause(ctx)
	}
	return err
}

// hungUp reports whether an error says that the peer closed the connection.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, wsaConnAborted) || errors.Is(err, wsaConnReset)
}

// What Windows has for ECONNRESET, which there is a number that package syscall has made up. No other system has errors of these numbers.
const (
	wsaConnAborted = syscall.Errno(10053)
	wsaConnReset   = syscall.Errno(10054)
)

// noHandshakeError is what many servers do with bytes that they don't understand.
type noHandshakeError struct {
	instead string // of what: StepTLS, or else
	tls     bool   // was spoken, or would have been
	err     error
}

func (e *noHandshakeError) Error() string {
	if e.instead == StepTLS {
		return "closed by the peer in the TLS handshake (does the listener speak TLS?)"
	}
	if e.tls {
		return "closed by the peer instead of " + e.instead + " (is the listener Kafka's?)"
	}
	return "closed by the peer instead of " + e.instead + " (does the listener expect TLS, or is it not Kafka's?)"
}

func (e *noHandshakeError) Unwrap() error { return e.err }
