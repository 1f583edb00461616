package producertest

import (
	"time"

	"kafkaproducer/protocol"
)

// plan is what faults do to one request and its answer. The zero value, with cut -1, is nothing.
type plan struct {
	c *Cluster // whose faults they are

	// Before the request takes effect.
	hold   time.Duration
	refuse hangup        // it never takes effect: the connection ends
	orphan time.Duration // the connection ends, and it takes effect after so long
	errors []errorAnswer

	refuseToken *TokenError // of OAUTHBEARER; nil: what the token deserves

	// The answer.
	throttle time.Duration
	edits    []func(protocol.Response)
	frames   []func(frame []byte) []byte // frame with its size, changed in place or replaced

	// How it goes out.
	hangup   hangup // instead of it
	silent   bool   // not at all
	stall    bool   // not at all, nor anything after it
	delay    time.Duration
	late     time.Duration
	behind   bool // after the next answer
	bytewise bool
	cut      int  // the connection ends after so many bytes; -1: it doesn't
	half     bool // the connection ends after half of it
	last     bool // the connection ends after it: not a fault, but what becomes of a client that is refused
}

// hangup is how a connection ends.
type hangup int8

const (
	hangupNone  hangup = iota
	hangupClose        // FIN
	hangupReset        // RST
)

// errorAnswer is an error code for what a request other than Produce asked.
type errorAnswer struct {
	code      protocol.ErrorCode
	topic     string // "": all
	partition int32  // -1: the topic as a whole
	message   string // of SaslAuthenticate; "": Kafka's
}

// fate is what a fault does to one batch. The zero value is nothing.
type fate struct {
	code    protocol.ErrorCode
	append  bool // it is appended first, if it is valid
	message string
	records []recordRefusal
}

// edited says that apply changes more of an answer than a field here and there, so that all of it must be its own.
func (p *plan) edited() bool { return len(p.errors) > 0 || len(p.edits) > 0 }

// apply changes the decoded answer. version is that of the request.
func (p *plan) apply(m protocol.Response, version int16) {
	for _, e := range p.errors {
		e.apply(m, version)
	}
	if p.throttle > 0 {
		setThrottle(m, int32(p.throttle.Milliseconds()))
	}
	for _, edit := range p.edits {
		edit(m)
	}
}

func (e *errorAnswer) apply(m protocol.Response, version int16) {
	switch m := m.(type) {
	case *protocol.MetadataResponse:
		e.applyMetadata(m, version)
	case *protocol.InitProducerIDResponse:
		m.ErrorCode, m.ProducerID, m.ProducerEpoch = e.code, -1, -1
	case *protocol.ApiVersionsResponse:
		m.ErrorCode, m.ApiKeys = e.code, nil
	case *protocol.SaslHandshakeResponse:
		m.ErrorCode = e.code
	case *protocol.SaslAuthenticateResponse:
		m.ErrorCode = e.code
		if e.message != "" {
			m.ErrorMessage = &e.message
		}
	}
}

// rebootstrapSince is the first Metadata version with an error code for the answer as a whole (KIP-1102).
const rebootstrapSince = 13

func (e *errorAnswer) applyMetadata(m *protocol.MetadataResponse, version int16) {
	if e.topic == "" && e.code == protocol.RebootstrapRequired && version >= rebootstrapSince {
		m.ErrorCode = e.code
		return
	}
	for i := range m.Topics {
		t := &m.Topics[i]
		if e.topic != "" && (t.Name == nil || *t.Name != e.topic) {
			continue
		}
		if e.partition < 0 {
			t.ErrorCode, t.Partitions = e.code, nil
			continue
		}
		for j := range t.Partitions {
			if p := &t.Partitions[j]; p.PartitionIndex == e.partition {
				p.ErrorCode = e.code
				if e.code == protocol.LeaderNotAvailable {
					p.LeaderID = -1
				}
			}
		}
	}
}

func setThrottle(m protocol.Response, ms int32) {
	switch m := m.(type) {
	case *protocol.ProduceResponse:
		m.ThrottleTimeMs = ms
	case *protocol.MetadataResponse:
		m.ThrottleTimeMs = ms
	case *protocol.InitProducerIDResponse:
		m.ThrottleTimeMs = ms
	case *protocol.ApiVersionsResponse:
		m.ThrottleTimeMs = ms
	}
}

// clientThrottles reports whether the answer goes out at once and the client is expected to be silent for the throttle
// time (KIP-219). In earlier versions the broker holds the answer back instead.
func clientThrottles(key protocol.Key, version int16) bool {
	switch key {
	case protocol.ProduceKey, protocol.MetadataKey:
		return version >= 6
	case protocol.InitProducerIDKey:
		return version >= 1
	case protocol.ApiVersionsKey:
		return version >= 2
	}
	return false
}
