package protocol

import "sync"

// Message is a request or a response of this package.
type Message interface {
	// Key is the API that the message belongs to.
	Key() Key

	// walk names the message's fields in the order of the wire.
	walk(c *Coder)
}

// Request is a message from a client to a broker.
type Request interface {
	Message
	request()
}

// Response is a broker's answer to a request.
type Response interface {
	Message
	response()
}

// Append appends the body of m at the version, without size and header. It fails with a *VersionError when this package
// does not have the version, and with an *EncodeError when m says what the version can't carry; b is returned as it was
// then.
func Append(b []byte, version int16, m Message) ([]byte, error) {
	if err := checkVersion(version, m); err != nil {
		return b, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	c := &s.coder
	c.encode(b, version, m.Key().Flexible(version))
	m.walk(c)
	if c.err != nil {
		return b, encodeError(c, version, m)
	}
	return c.buf, nil
}

// Decode decodes a body at the version into m. It fails with a *VersionError when this package does not have the
// version, and with a *DecodeError when b is anything else than one whole body; m is of no use then.
//
// Decode fills what m already holds: slices keep their storage, and a string that is already equal is kept, so that
// decoding answers of one kind into one struct allocates nothing in the long run. Fields which the version does not
// have get Kafka's default. Nothing in m points into b, with the exception of records.
func Decode(b []byte, version int16, m Message) error {
	if err := checkVersion(version, m); err != nil {
		return err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	return s.coder.decodeBody(b, version, m)
}

func checkVersion(version int16, m Message) error {
	if !m.Key().Supports(version) {
		return &VersionError{Key: m.Key(), Version: version}
	}
	return nil
}

// encode readies c for walks that append to b.
func (c *Coder) encode(b []byte, version int16, flexible bool) {
	*c = Coder{buf: b, version: version, flexible: flexible, splices: c.splices[:0]}
}

// decode readies c for walks that read b.
func (c *Coder) decode(b []byte, version int16, flexible bool) {
	*c = Coder{buf: b, end: len(b), version: version, flexible: flexible, decoding: true, splices: c.splices[:0]}
}

func (c *Coder) decodeBody(b []byte, version int16, m Message) error {
	c.decode(b, version, m.Key().Flexible(version))
	m.walk(c)
	if left := c.end - c.pos; c.err == nil && left > 0 {
		c.fail(nil, &trailingError{Left: left})
	}
	if c.err != nil {
		return decodeError(c, version, m)
	}
	return nil
}

// scratch is what coding needs besides the message. It is pooled because a walk behind an interface lets it escape.
type scratch struct {
	coder    Coder
	request  RequestHeader
	response responseHeader
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// release puts s back without what belongs to the caller.
func (s *scratch) release() {
	*s = scratch{}
	scratches.Put(s)
}
