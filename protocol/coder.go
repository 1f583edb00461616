package protocol

import (
	"encoding/binary"
	"math"
)

// Coder carries one message through its walk, in one of two directions: a walk names the fields in the order of the
// wire, and each of the Coder's methods either appends the field it is given or fills it. A message's layout is
// therefore written down once and the two directions can't disagree.
//
// The first failure sticks. From then on nothing is left to read, so that walks need no error checks: whoever started
// the walk looks at the end.
type Coder struct {
	version  int16
	flexible bool // KIP-482: compact lengths, and tagged fields after each struct
	decoding bool

	buf []byte // encoding: what is written so far; decoding: all that was received
	pos int    // decoding: next byte of buf to read
	end int    // decoding: where the part being read ends, which is buf's end or that of a tagged field

	splicing bool     // encoding: large record sets go to splices instead of buf
	splices  []splice // in order of their place

	err    error // the first failure
	field  any   // address of the field it happened at
	offset int   // decoding: where in buf it happened
}

// splice is a record set that belongs into the Coder's bytes at an offset but stays where it is.
type splice struct {
	at   int
	data []byte
}

// spliceMin is the size from which a record set is worth a piece of its own in a gathering write: below, copying it is
// cheaper than what the kernel does for one more piece.
const spliceMin = 512

// since reports whether the message's version is v or later.
func (c *Coder) since(v int16) bool { return c.version >= v }

// between reports whether the message's version is in the range, both ends included.
func (c *Coder) between(lo, hi int16) bool { return lo <= c.version && c.version <= hi }

// fail notes the first failure and the field it happened at, which is the address that the walk gave.
func (c *Coder) fail(field any, err error) {
	if c.err == nil {
		c.err, c.field, c.offset = err, field, c.pos
	}
	c.pos = c.end
}

// take returns the next n bytes, or nil when there are not as many.
func (c *Coder) take(n int, field any) []byte {
	if n > c.end-c.pos {
		c.fail(field, &shortError{Need: int64(n), Left: c.end - c.pos})
		return nil
	}
	b := c.buf[c.pos : c.pos+n : c.pos+n]
	c.pos += n
	return b
}

func (c *Coder) bool(p *bool) {
	if !c.decoding {
		var v byte
		if *p {
			v = 1
		}
		c.buf = append(c.buf, v)
	} else if b := c.take(1, p); b != nil {
		*p = b[0] != 0
	}
}

func (c *Coder) int16(p *int16) {
	if !c.decoding {
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(*p))
	} else if b := c.take(2, p); b != nil {
		*p = int16(binary.BigEndian.Uint16(b))
	}
}

func (c *Coder) errorCode(p *ErrorCode) { c.int16((*int16)(p)) }

func (c *Coder) key(p *Key) { c.int16((*int16)(p)) }

func (c *Coder) int32(p *int32) {
	if !c.decoding {
		c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(*p))
	} else if b := c.take(4, p); b != nil {
		*p = int32(binary.BigEndian.Uint32(b))
	}
}

func (c *Coder) int64(p *int64) {
	if !c.decoding {
		c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(*p))
	} else if b := c.take(8, p); b != nil {
		*p = int64(binary.BigEndian.Uint64(b))
	}
}

func (c *Coder) uuid(p *UUID) {
	if !c.decoding {
		c.buf = append(c.buf, p[:]...)
	} else if b := c.take(len(p), p); b != nil {
		*p = UUID(b)
	}
}

// MaxString is the longest string of a message, in bytes. Kafka holds to it where a compact length could say more, too.
const MaxString = math.MaxInt16

// string walks a string that can't be null. A string that is already equal is kept, which saves allocating it again.
func (c *Coder) string(p *string) {
	if !c.decoding {
		c.putString(*p, p)
	} else if b := c.takeString(p); b == nil {
		c.fail(p, errNull)
	} else if *p != string(b) {
		*p = string(b)
	}
}

// nullableString walks a string that may be null, which is nil.
func (c *Coder) nullableString(p **string) {
	switch {
	case c.decoding:
		if b := c.takeString(p); b == nil {
			*p = nil
		} else if *p == nil || **p != string(b) {
			s := string(b) // a new one: others may have kept the pointer to the old
			*p = &s
		}
	case *p != nil:
		c.putString(**p, p)
	case c.flexible:
		c.buf = append(c.buf, 0)
	default:
		c.buf = append(c.buf, 0xff, 0xff)
	}
}

// requiredString walks a string that may be null in other versions of the message than this one.
func (c *Coder) requiredString(p **string) {
	if !c.decoding && *p == nil {
		c.fail(p, errNull)
		return
	}
	c.nullableString(p)
	if c.decoding && *p == nil {
		c.fail(p, errNull)
	}
}

func (c *Coder) putString(s string, field any) {
	if len(s) > MaxString {
		c.fail(field, &lengthError{Length: int64(len(s)), Max: MaxString})
		return
	}
	if c.flexible {
		c.buf = binary.AppendUvarint(c.buf, uint64(len(s))+1)
	} else {
		c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(len(s)))
	}
	c.buf = append(c.buf, s...)
}

// takeString returns a string's bytes in place; nil is null.
func (c *Coder) takeString(field any) []byte {
	var n int
	if c.flexible {
		n = int(c.uvarint(field)) - 1
	} else if b := c.take(2, field); b != nil {
		n = int(int16(binary.BigEndian.Uint16(b)))
	}
	if n > MaxString {
		c.fail(field, &lengthError{Length: int64(n), Max: MaxString})
		return nil
	}
	return c.takeLength(n, field)
}

// bytes walks bytes that can't be null, so that nil is written as empty. Decoding copies them into the storage of *p.
func (c *Coder) bytes(p *[]byte) {
	if !c.decoding {
		c.putLength(len(*p), p)
		c.buf = append(c.buf, *p...)
	} else if b := c.takeBytes(p); b == nil {
		c.fail(p, errNull)
	} else {
		*p = append((*p)[:0], b...)
	}
}

// records walks a record set, which may be null. It is the bulk of what a producer moves, hence not copied: decoding
// points *p into the bytes that are decoded, and a Frame's encoding only notes where it belongs.
func (c *Coder) records(p *[]byte) {
	switch {
	case c.decoding:
		*p = c.takeBytes(p)
	case *p == nil:
		c.putLength(-1, p)
	default:
		c.putLength(len(*p), p)
		if c.splicing && len(*p) >= spliceMin {
			c.splices = append(c.splices, splice{at: len(c.buf), data: *p})
		} else {
			c.buf = append(c.buf, *p...)
		}
	}
}

// takeBytes returns the next bytes field in place; nil is null.
func (c *Coder) takeBytes(field any) []byte { return c.takeLength(c.length(field), field) }

// takeLength returns the n bytes that follow their length; -1 is null.
func (c *Coder) takeLength(n int, field any) []byte {
	switch {
	case c.err != nil || n == -1:
		return nil
	case n < -1:
		c.fail(field, &lengthError{Length: int64(n), Max: int64(c.end - c.pos)})
		return nil
	}
	return c.take(n, field)
}

// putLength writes the length of bytes or the count of an array; -1 is null.
func (c *Coder) putLength(n int, field any) {
	switch {
	case n > math.MaxInt32:
		c.fail(field, &lengthError{Length: int64(n), Max: math.MaxInt32})
	case c.flexible:
		c.buf = binary.AppendUvarint(c.buf, uint64(n+1))
	default:
		c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(n))
	}
}

// length reads what putLength wrote.
func (c *Coder) length(field any) int {
	if c.flexible {
		return int(c.uvarint(field)) - 1
	}
	if b := c.take(4, field); b != nil {
		return int(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

// uvarint reads an unsigned varint, which nearly always is one byte.
func (c *Coder) uvarint(field any) uint32 {
	if c.pos < c.end && c.buf[c.pos] < 0x80 {
		c.pos++
		return uint32(c.buf[c.pos-1])
	}
	return c.longUvarint(field)
}

// longUvarint reads one of at most 32 bits, which is all that Kafka writes.
func (c *Coder) longUvarint(field any) uint32 {
	v, n := binary.Uvarint(c.buf[c.pos:min(c.end, c.pos+binary.MaxVarintLen32)])
	switch {
	case n <= 0 && c.end-c.pos < binary.MaxVarintLen32:
		c.fail(field, &shortError{Need: int64(c.end-c.pos) + 1, Left: c.end - c.pos})
		return 0
	case n <= 0 || v > math.MaxUint32:
		c.fail(field, errVarint)
		return 0
	}
	c.pos += n
	return uint32(v)
}
