package producertest

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// The clients of these tests are package sasl's: it has been written without looking at this one.

// versionsOfSASL are the forms of an exchange: the version of SaslHandshake, and that of SaslAuthenticate.
var versionsOfSASL = [][2]int16{{0, BareFrame}, {1, 0}, {1, 1}, {1, 2}}

// login authenticates a connection and returns the last answer. The error is what the client or its broker found.
func (k *testClient) login(m sasl.Mechanism, versions [2]int16) (*protocol.SaslAuthenticateResponse, error) {
	k.tb.Helper()
	h := k.handshake(versions[0], m.Name())
	if h.ErrorCode != protocol.None {
		return nil, fmt.Errorf("%w %q", h.ErrorCode, h.Mechanisms)
	}
	return k.converse(m, versions[1])
}

func (k *testClient) converse(m sasl.Mechanism, version int16) (*protocol.SaslAuthenticateResponse, error) {
	k.tb.Helper()
	s, response, err := m.Start(k.tb.Context(), sasl.Broker{Host: "h", Port: 1, NodeID: 1})
	if err != nil {
		return nil, err
	}
	for done := false; ; {
		answer, err := k.authenticate(response, version)
		if err != nil || answer.ErrorCode != protocol.None {
			return answer, err
		}
		if done {
			return answer, nil
		}
		var failed error
		response, done, failed = s.Next(answer.AuthBytes)
		if failed != nil && response != nil {
			if answer, err = k.authenticate(response, version); err == nil && answer.ErrorCode == protocol.None {
				k.tb.Errorf("the broker takes %x for an answer to its refusal", response)
			}
			return answer, failed
		}
		if failed != nil || done && response == nil {
			return answer, failed
		}
	}
}

// authenticate sends one of SASL's messages and reads the answer.
func (k *testClient) authenticate(b []byte, version int16) (*protocol.SaslAuthenticateResponse, error) {
	k.tb.Helper()
	var correlation int32
	if version == BareFrame {
		k.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	} else {
		correlation = k.send(version, &protocol.SaslAuthenticateRequest{AuthBytes: b})
	}
	frame, err := k.frame()
	if err != nil {
		return nil, err
	}
	answer := &protocol.SaslAuthenticateResponse{AuthBytes: frame}
	if version != BareFrame {
		answer.AuthBytes = nil
		if got, err := protocol.DecodeResponse(frame, version, answer); err != nil || got != correlation {
			k.tb.Fatalf("answer to %d, want %d: %v", got, correlation, err)
		}
	}
	return answer, nil
}

// handshake asks for a mechanism.
func (k *testClient) handshake(version int16, mechanism string) *protocol.SaslHandshakeResponse {
	k.tb.Helper()
	return k.ask(version, &protocol.SaslHandshakeRequest{Mechanism: mechanism}).(*protocol.SaslHandshakeResponse)
}

// wantOutOfPlace fails unless the broker says to a client that it can't authenticate now.
func wantOutOfPlace(t *testing.T, k *testClient) {
	t.Helper()
	if m := k.handshake(1, "PLAIN"); m.ErrorCode != protocol.IllegalSaslState {
		t.Errorf("SaslHandshake answers %v", m.ErrorCode)
	}
	if m := k.ask(2, &protocol.SaslAuthenticateRequest{}).(*protocol.SaslAuthenticateResponse); m.ErrorCode != protocol.IllegalSaslState {
		t.Errorf("SaslAuthenticate answers %v", m.ErrorCode)
	}
}

func mustLogin(t *testing.T, k *testClient, m sasl.Mechanism) *protocol.SaslAuthenticateResponse {
	t.Helper()
	answer, err := k.login(m, [2]int16{1, 2})
	if err == nil && answer.ErrorCode != protocol.None {
		err = answer.ErrorCode
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func bearer(token string) sasl.Mechanism {
	return sasl.OAuthBearer(func(context.Context) (sasl.Token, error) {
		return sasl.Token{Value: token, Extensions: map[string]string{"traceId": "123"}}, nil
	})
}

// mechanism is one of which nothing but the name matters.
type mechanism string

func (m mechanism) Name() string { return string(m) }
func (m mechanism) Start(context.Context, sasl.Broker) (sasl.Session, []byte, error) {
	return nil, []byte("x"), nil
}
