package record

import (
	"math"

	"kafkaproducer/compress"
)

// Builder encodes records straight into one batch. Its buffer comes from
// outside and goes back there; the Builder never allocates. The life of one: Reset,
// Append for each record (Move when the buffer is full and there is a
// larger one), Seal to compress, Stamp before each attempt to send, Bytes.
//
// A Builder has one owner at a time and no lock. The zero value has no buffer:
// nothing fits into it before Reset.
type Builder struct {
	buf   []byte // up to its capacity
	size  int    // bytes of buf in use, with the header; 0 before Reset
	count int    // records

	firstTimestamp int64
	maxTimestamp   int64

	compressed []byte // the batch as Seal compressed it, outside of buf; nil: it is sent from buf
	codec      compress.Codec
}

// Reset starts a batch without records in the storage of buf. The storage is
// the Builder's until it is taken back from Buffer. When it is smaller than
// BatchHeaderSize no record fits.
func (b *Builder) Reset(buf []byte) {
	buf = buf[:min(cap(buf), math.MaxInt32)] // a batch's length is an int32
	*b = Builder{buf: buf, size: BatchHeaderSize, firstTimestamp: NoTimestamp, maxTimestamp: NoTimestamp}
}

// Move continues the batch in the storage of buf, which must hold at least
// Size bytes, and returns the storage it was in.
func (b *Builder) Move(buf []byte) (old []byte) {
	buf = buf[:min(cap(buf), math.MaxInt32)]
	if b.size > BatchHeaderSize {
		copy(buf[BatchHeaderSize:], b.buf[BatchHeaderSize:b.size])
	}
	old, b.buf = b.buf, buf
	return old
}

// Count returns the number of records.
func (b *Builder) Count() int { return b.count }

// Size returns the length of the batch in bytes, with its header and before compression.
func (b *Builder) Size() int { return b.size }

// Cap returns the largest Size that the buffer has room for.
func (b *Builder) Cap() int { return len(b.buf) }

// FirstTimestamp returns the timestamp of the first record; without records, NoTimestamp.
func (b *Builder) FirstTimestamp() int64 { return b.firstTimestamp }

// MaxTimestamp returns the latest timestamp; without records, NoTimestamp.
func (b *Builder) MaxTimestamp() int64 { return b.maxTimestamp }

// Buffer returns the storage given to Reset or Move, for its return to where it came from.
func (b *Builder) Buffer() []byte { return b.buf }
