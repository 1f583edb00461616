package protocol

import (
	"encoding/binary"
	"math/bits"
)

// tags is the section of tagged fields that ends each struct of a flexible version (KIP-482): their number, then for
// each its tag, its size and its bytes. The walk of a struct with tagged fields says which of them are to be written
// and then walks those that come up, which are the same when encoding and whatever was sent when decoding:
//
//	t := c.tags(present(0, len(m.Endpoints) > 0))
//	for t.next(c) {
//		switch t.tag {
//		case 0:
//			array(c, &m.Endpoints)
//		}
//	}
//
// A field that the walk leaves alone is skipped: it belongs to a later version. The zero tags is an empty section.
type tags struct {
	tag int // the field to walk now

	unwritten uint32 // encoding: a bit for each tag still to write
	unread    uint32 // decoding: number of fields still to read
	open      bool   // a field has been begun
	start     int    // where its bytes begin in the Coder's buf
	outer     int    // decoding: the Coder's end outside it
}

// present is a tag's bit for Coder.tags.
func present(tag int, set bool) uint32 {
	if !set {
		return 0
	}
	return 1 << tag
}

// tags begins a struct's section. Before the flexible versions there is none.
func (c *Coder) tags(set uint32) tags {
	switch {
	case !c.flexible:
		return tags{}
	case c.decoding:
		return tags{unread: c.uvarint(nil)}
	default:
		c.buf = binary.AppendUvarint(c.buf, uint64(bits.OnesCount32(set)))
		return tags{unwritten: set}
	}
}

// noTags is the section of a struct that has no tagged fields: empty when encoding, skipped when decoding.
func (c *Coder) noTags() {
	switch {
	case !c.flexible:
	case !c.decoding:
		c.buf = append(c.buf, 0)
	case c.pos < c.end && c.buf[c.pos] == 0: // nearly always
		c.pos++
	default:
		for t := c.tags(0); t.next(c); {
		}
	}
}

// next ends the field before and begins the next one. It is false when there is none.
func (t *tags) next(c *Coder) bool {
	if t.open {
		t.finish(c)
	}
	t.open = c.err == nil && (t.unwritten != 0 || t.unread > 0)
	switch {
	case !t.open:
	case c.decoding:
		t.unread--
		t.tag = int(c.uvarint(nil))
		size := int64(c.uvarint(nil)) // an int may have 32 bits, of which a sign is one
		if left := c.end - c.pos; size > int64(left) {
			c.fail(nil, &shortError{Need: size, Left: left})
			return false
		}
		t.start, t.outer = c.pos, c.end
		c.end = c.pos + int(size)
	default:
		t.tag = bits.TrailingZeros32(t.unwritten)
		t.unwritten &= t.unwritten - 1
		c.buf = binary.AppendUvarint(c.buf, uint64(t.tag))
		c.buf = append(c.buf, 0) // the size, as most take one byte
		t.start = len(c.buf)
	}
	return t.open
}

func (t *tags) finish(c *Coder) {
	switch {
	case c.err != nil:
	case !c.decoding:
		c.insertSize(t.start)
	case c.pos == t.start: // not one of ours
		c.pos, c.end = c.end, t.outer
	case c.pos < c.end:
		c.fail(nil, &trailingError{Left: c.end - c.pos})
	default:
		c.end = t.outer
	}
}

// insertSize writes the size of what was written since start in front of it, where one byte is free.
func (c *Coder) insertSize(start int) {
	size := len(c.buf) - start
	var prefix [binary.MaxVarintLen32]byte
	n := binary.PutUvarint(prefix[:], uint64(size))
	c.buf = append(c.buf, prefix[1:n]...) // makes room; the content is overwritten
	copy(c.buf[start+n-1:], c.buf[start:start+size])
	copy(c.buf[start-1:], prefix[:n])
}
