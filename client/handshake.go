package client

import (
	"context"
	"errors"
	"io"
	"net"

	"kafkaproducer/protocol"
)

// softwareName is what brokers are told who connects (KIP-511).
const softwareName = "kafkaproducer"

// handshake is the setting up of a connection, step by step, by the goroutine that afterwards writes:
//
//	dial → (TLS) → ApiVersions → (SASL) → up
//
// The steps in brackets are yet to come: TLS replaces nc before anything is sent, SASL is requests of its own, sent
// with exchange, after the versions are known.
type handshake struct {
	nc          net.Conn
	inbox       inbox
	correlation int32
	clientID    *string
	software    string

	// Who the connection is meant for (KIP-1242); nil: whoever answers.
	clusterID *string
	nodeID    int32
}

// run takes all steps. The context's end closes the connection.
func (h *handshake) run(ctx context.Context) (Versions, error) {
	stop := context.AfterFunc(ctx, func() { h.nc.Close() })
	v, err := h.negotiate()
	if !stop() { // the context ended, which is the true cause of whatever failed
		return Versions{}, context.Cause(ctx)
	}
	return v, err
}

// negotiate asks for the broker's versions, again while the broker wants to be asked with another version.
func (h *handshake) negotiate() (Versions, error) {
	request := &protocol.ApiVersionsRequest{
		ClientSoftwareName: softwareName, ClientSoftwareVersion: h.software,
		ClusterID: h.clusterID, NodeID: h.nodeID,
	}
	for n := newNegotiation(); ; {
		var response protocol.ApiVersionsResponse
		if err := h.exchange(n.version, request, &response); err != nil {
			return Versions{}, err
		}
		if response.ErrorCode == protocol.RebootstrapRequired && h.clusterID != nil {
			return Versions{}, &MisroutedError{ClusterID: *h.clusterID, NodeID: h.nodeID}
		}
		v, again, err := n.answer(&response)
		if !again {
			return v, err
		}
	}
}

// exchange sends a request and waits for its answer.
func (h *handshake) exchange(version int16, request protocol.Request, response protocol.Response) error {
	id := h.correlation
	h.correlation = nextCorrelation(id)
	header := protocol.RequestHeader{Version: version, CorrelationID: id, ClientID: h.clientID}
	frame, err := protocol.AppendRequest(nil, header, request)
	if err != nil {
		return err
	}
	if _, err := h.nc.Write(frame); err != nil {
		return err
	}
	frame, err = h.receive()
	if err != nil {
		return err
	}
	if got, err := protocol.ResponseCorrelationID(frame); err != nil || got != id {
		return &CorrelationError{Got: got, Want: id, Waiting: true}
	}
	_, err = protocol.DecodeResponse(frame, version, response)
	return err
}

// receive waits for a whole frame. Whoever doesn't speak Kafka's protocol is recognised by the first bytes.
func (h *handshake) receive() ([]byte, error) {
	for {
		if err := foreign(h.inbox.pending()); err != nil {
			return nil, err
		}
		if frame, err := h.inbox.next(); frame != nil || err != nil {
			return frame, err
		}
		n, err := h.nc.Read(h.inbox.space())
		h.inbox.filled(n)
		if err != nil && n == 0 {
			if errors.Is(err, io.EOF) {
				return nil, errNoHandshake
			}
			return nil, err
		}
	}
}

// errNoHandshake is what many servers do with bytes that they don't understand.
var errNoHandshake = noHandshakeError{}

type noHandshakeError struct{}

func (noHandshakeError) Error() string {
	return "closed by the peer instead of an answer to ApiVersions (does the listener expect TLS, or is it not Kafka's?)"
}

func (noHandshakeError) Unwrap() error { return io.EOF }
