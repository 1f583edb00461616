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

// Append encodes one record behind the others. It returns false, and changes
// nothing, when the record does not fit into the buffer. The timestamp is in milliseconds
// since the epoch, not below NoTimestamp. Key, value and headers are copied. Append must not
// be called after Seal.
func (b *Builder) Append(timestamp int64, key, value []byte, headers []Header) bool {
	first := b.firstTimestamp
	if b.count == 0 {
		first = timestamp
	}
	timeDelta := zigzag(timestamp - first)
	offsetDelta := uint64(b.count) << 1
	body := 1 + uvarintSize(timeDelta) + uvarintSize(offsetDelta) + bytesSize(key) + bytesSize(value) + 1
	if len(headers) > 0 {
		body += headersSize(headers) - 1
	}
	total := lenSize(body) + body
	if total > len(b.buf)-b.size {
		return false
	}
	p := b.buf[b.size : b.size+total]
	i := putUvarint(p, uint64(body)<<1)
	p[i] = 0 // attributes: none are defined
	i++
	i += putUvarint(p[i:], timeDelta)
	i += putUvarint(p[i:], offsetDelta)
	i += putBytes(p[i:], key)
	i += putBytes(p[i:], value)
	if len(headers) > 0 {
		putHeaders(p[i:], headers)
	} else {
		p[i] = 0
	}
	b.size += total
	b.count++
	b.firstTimestamp = first
	b.maxTimestamp = max(b.maxTimestamp, timestamp)
	return true
}

func putHeaders(p []byte, headers []Header) {
	i := putUvarint(p, uint64(len(headers))<<1)
	for k := range headers {
		h := &headers[k]
		i += putUvarint(p[i:], uint64(len(h.Key))<<1)
		i += copy(p[i:], h.Key)
		i += putBytes(p[i:], h.Value)
	}
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
