package protocol

import "encoding/binary"

// RequestHeader goes before a request's body. What it looks like depends on the API and the version that it names.
type RequestHeader struct {
	Key           Key
	Version       int16
	CorrelationID int32   // comes back in the response's header
	ClientID      *string // nil is null
}

func (h *RequestHeader) walk(c *Coder) {
	c.key(&h.Key)
	c.int16(&h.Version)
	c.int32(&h.CorrelationID)
	// The client id stays in the old form where the rest is flexible, so that a broker can read the header of an
	// ApiVersions request that is newer than the broker (KIP-511).
	c.flexible = false
	c.nullableString(&h.ClientID)
	c.flexible = h.Key.Flexible(h.Version)
	c.noTags()
}

// responseHeader goes before a response's body. Which response it is, its receiver has to know.
type responseHeader struct {
	correlationID int32
}

func (h *responseHeader) walk(c *Coder, k Key) {
	c.int32(&h.correlationID)
	// A client that asks with too high a version must be able to read the answer, so that ApiVersions responses have
	// the first header in every version (KIP-511).
	if k != ApiVersionsKey {
		c.noTags()
	}
}

// DecodeRequestHeader decodes the header at the start of a request's frame, which is given without its size, and
// returns the rest. The version may be one that this package does not have. So may the key, but whether body then
// begins with tagged fields of the header can't be known. The error is a *DecodeError.
func DecodeRequestHeader(frame []byte) (h RequestHeader, body []byte, err error) {
	s := scratches.Get().(*scratch)
	defer s.release()
	c := &s.coder
	c.decode(frame, 0, false)
	s.request.walk(c)
	if c.err != nil {
		return RequestHeader{}, nil, &DecodeError{
			Key: s.request.Key, Version: s.request.Version,
			Field: "header " + fieldPath(&s.request, c.field), Offset: c.offset, Err: c.err,
		}
	}
	return s.request, frame[c.pos:], nil
}

// ResponseCorrelationID reads the correlation id of a response's frame, which is given without its size. The id comes
// first in every response, so that whose answer it is can be found out before the rest can be understood.
func ResponseCorrelationID(frame []byte) (int32, error) {
	if len(frame) < 4 {
		return 0, &shortError{Need: 4, Left: len(frame)}
	}
	return int32(binary.BigEndian.Uint32(frame)), nil
}
