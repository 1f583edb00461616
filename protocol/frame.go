package protocol

import (
	"encoding/binary"
	"math"
	"sync"
)

// MaxFrame is the size of the largest frame there can be, without its size field of four bytes: what an int32 holds. A
// broker takes 100 MiB unless told otherwise (socket.request.max.bytes). A reader should set itself a limit that fits
// what it asks for.
const MaxFrame = math.MaxInt32

// sizeLen is the length of a frame's size field.
const sizeLen = 4

// Frame is an encoded request in pieces: records of 512 bytes and more stay where they are, to be written with one
// gathering write, and only what is around them is in the Frame's own storage. A Frame may be used again and then
// allocates nothing. It must not be copied, and is for one goroutine at a time.
type Frame struct {
	coder  Coder
	header RequestHeader
	length int
}

// Encode makes f the frame of a request. Until the next Encode f points to m's records, which must stay as they are
// until the frame has been written. The errors are those of Append; f is empty then.
func (f *Frame) Encode(h RequestHeader, m Request) error {
	f.length = 0
	h.Key = m.Key()
	if err := checkVersion(h.Version, m); err != nil {
		return err
	}
	c := &f.coder
	clear(c.splices) // those beyond what the next request has must not hold on to their records
	if c.buf == nil {
		c.buf = make([]byte, 0, firstFrame)
	}
	c.encode(append(c.buf[:0], make([]byte, sizeLen)...), h.Version, false)
	c.splicing = true
	f.header = h
	f.header.walk(c)
	if c.err != nil {
		return &EncodeError{
			Key: h.Key, Version: h.Version, Field: "header " + fieldPath(&f.header, c.field), Err: c.err,
		}
	}
	m.walk(c)
	if c.err != nil {
		return encodeError(c, h.Version, m)
	}
	length := len(c.buf)
	for _, s := range c.splices {
		length += len(s.data)
	}
	if length-sizeLen > MaxFrame {
		return &EncodeError{
			Key: h.Key, Version: h.Version, Field: "frame", Err: &lengthError{Length: int64(length - sizeLen), Max: MaxFrame},
		}
	}
	binary.BigEndian.PutUint32(c.buf, uint32(length-sizeLen))
	f.length = length
	return nil
}

// firstFrame is the storage a Frame begins with: enough for most requests, without their records.
const firstFrame = 128

// Len is the number of bytes that the frame takes on the wire, its size field included. It is 0 when there is no frame.
func (f *Frame) Len() int { return f.length }

// Pieces appends the frame's parts to dst, in the order of the wire. They are valid until the next Encode.
func (f *Frame) Pieces(dst [][]byte) [][]byte {
	if f.length == 0 {
		return dst
	}
	from := 0
	for _, s := range f.coder.splices {
		dst = append(dst, f.coder.buf[from:s.at], s.data)
		from = s.at
	}
	if from < len(f.coder.buf) {
		dst = append(dst, f.coder.buf[from:])
	}
	return dst
}

// AppendTo appends the whole frame to b.
func (f *Frame) AppendTo(b []byte) []byte {
	if f.length == 0 {
		return b
	}
	from := 0
	for _, s := range f.coder.splices {
		b = append(b, f.coder.buf[from:s.at]...)
		b = append(b, s.data...)
		from = s.at
	}
	return append(b, f.coder.buf[from:]...)
}

// AppendRequest appends the whole frame of a request, its size first. h.Key is taken from m. The errors are those of
// Append; b is returned as it was then.
func AppendRequest(b []byte, h RequestHeader, m Request) ([]byte, error) {
	f := frames.Get().(*Frame)
	defer f.release()
	if err := f.Encode(h, m); err != nil {
		return b, err
	}
	return f.AppendTo(b), nil
}

var frames = sync.Pool{New: func() any { return new(Frame) }}

// release puts f back with its storage, and without what belongs to the caller.
func (f *Frame) release() {
	clear(f.coder.splices)
	f.header = RequestHeader{}
	frames.Put(f)
}

// AppendResponse appends the whole frame of a response, its size first. The errors are those of Append; b is returned
// as it was then.
func AppendResponse(b []byte, version int16, correlationID int32, m Response) ([]byte, error) {
	if err := checkVersion(version, m); err != nil {
		return b, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	c := &s.coder
	start := len(b)
	c.encode(append(b, make([]byte, sizeLen)...), version, m.Key().Flexible(version))
	s.response.correlationID = correlationID
	s.response.walk(c, m.Key())
	m.walk(c)
	size := len(c.buf) - start - sizeLen
	if size > MaxFrame {
		c.fail(nil, &lengthError{Length: int64(size), Max: MaxFrame})
	}
	if c.err != nil {
		return b, encodeError(c, version, m)
	}
	binary.BigEndian.PutUint32(c.buf[start:], uint32(size))
	return c.buf, nil
}

// DecodeResponse decodes a response's frame, which is given without its size, into m, as Decode does. version is that
// of the request it answers.
//
// A broker that does not know the version of an ApiVersions request answers with UnsupportedVersion in version 0
// whatever was asked. This is not an error here: m then holds that code, and the versions of ApiVersions itself where
// the broker sent them in a way that can be read.
func DecodeResponse(frame []byte, version int16, m Response) (correlationID int32, err error) {
	if err := checkVersion(version, m); err != nil {
		return 0, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	c := &s.coder
	c.decode(frame, version, m.Key().Flexible(version))
	s.response.walk(c, m.Key())
	if c.err != nil {
		return 0, &DecodeError{
			Key: m.Key(), Version: version, Response: true, Field: "header", Offset: c.offset, Err: c.err,
		}
	}
	body := frame[c.pos:]
	if v, ok := m.(*ApiVersionsResponse); ok && version > 0 && refusesVersion(body) {
		v.decodeRefusal(c, body)
		return s.response.correlationID, nil
	}
	return s.response.correlationID, c.decodeBody(body, version, m)
}
