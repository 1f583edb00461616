package record

import (
	"fmt"
	"iter"
	"math"
)

// reader takes uncompressed records apart.
type reader struct {
	rest  []byte
	index int // of the next record
}

// next returns the next record, its offset and timestamp relative to those of the batch.
func (r *reader) next() (Record, error) {
	whole := r.rest
	size, err := r.varint("Length", 1, math.MaxInt32)
	if err != nil {
		return Record{}, err
	}
	if size > int64(len(r.rest)) {
		return Record{}, r.fail("Length", size, "the bytes that are left")
	}
	behind := r.rest[size:]
	r.rest = r.rest[:size:size]
	rec, err := r.body()
	if err != nil {
		r.rest = whole
		return Record{}, err
	}
	r.rest = behind
	r.index++
	return rec, nil
}

// body reads a record behind its length; r.rest is exactly that.
func (r *reader) body() (rec Record, err error) {
	r.rest = r.rest[1:] // attributes: none are defined
	if rec.Timestamp, err = r.varint("TimestampDelta", math.MinInt64, math.MaxInt64); err != nil {
		return rec, err
	}
	if rec.Offset, err = r.varint("OffsetDelta", 0, math.MaxInt32); err != nil {
		return rec, err
	}
	if rec.Key, err = r.bytes("KeyLength", -1); err != nil {
		return rec, err
	}
	if rec.Value, err = r.bytes("ValueLength", -1); err != nil {
		return rec, err
	}
	// Each header has two lengths of at least a byte.
	n, err := r.varint("HeadersCount", 0, int64(len(r.rest)/2))
	if err != nil {
		return rec, err
	}
	for range n {
		var h Header
		key, err := r.bytes("HeaderKeyLength", 0)
		if err != nil {
			return rec, err
		}
		h.Key = string(key)
		if h.Value, err = r.bytes("HeaderValueLength", -1); err != nil {
			return rec, err
		}
		rec.Headers = append(rec.Headers, h)
	}
	if len(r.rest) > 0 {
		return rec, r.fail("Length", int64(len(r.rest)), "0 bytes behind the headers")
	}
	return rec, nil
}

// bytes reads a length and as many bytes. Null is -1, where least allows that.
func (r *reader) bytes(field string, least int64) ([]byte, error) {
	n, err := r.varint(field, least, math.MaxInt32)
	if err != nil || n < 0 {
		return nil, err
	}
	if n > int64(len(r.rest)) {
		return nil, r.fail(field, n, "the bytes that are left")
	}
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b, nil
}

// varint reads a zigzag integer in [least, most]. Where 32 bits are enough for that, Kafka takes 5 bytes at most
// (ByteUtils.readVarint), whatever they say.
func (r *reader) varint(field string, least, most int64) (int64, error) {
	var u uint64
	for i, c := range r.rest {
		switch {
		case i == 4 && c >= 0x80 && most <= math.MaxInt32:
			return 0, r.fail(field, unzigzag(u), "a varint of at most 5 bytes")
		case i == 9 && c > 1:
			return 0, r.fail(field, unzigzag(u), "a varint of at most 64 bits")
		}
		u |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			v := unzigzag(u)
			if v < least || v > most {
				return 0, r.fail(field, v, fmt.Sprintf("[%d,...,%d]", least, most))
			}
			r.rest = r.rest[i+1:]
			return v, nil
		}
	}
	return 0, r.fail(field, unzigzag(u), "a varint that ends")
}

func (r *reader) fail(field string, value int64, allowed string) error {
	return &RecordError{Index: r.index, Field: field, Value: value, Allowed: allowed}
}

// Records yields the records that were appended, before and after Seal, for
// instance to split the batch. The offset of each is its place in the
// batch, from 0. Keys, values and header values refer to the buffer.
func (b *Builder) Records() iter.Seq[Record] {
	return func(yield func(Record) bool) {
		r := reader{rest: b.buf[min(BatchHeaderSize, b.size):b.size]}
		for range b.count {
			rec, err := r.next()
			if err != nil {
				panic("record: the buffer was overwritten: " + err.Error())
			}
			rec.Timestamp += b.firstTimestamp
			if !yield(rec) {
				return
			}
		}
	}
}
