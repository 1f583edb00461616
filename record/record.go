package record

import "math"

// BatchHeaderSize is the length in bytes of a batch's header, which is never
// compressed. The records follow it.
const BatchHeaderSize = 61

// NoTimestamp is the timestamp of a record that has none.
const NoTimestamp = -1

// Header is a name and a value beside a record's own. A nil Value and an empty
// one are different.
type Header struct {
	Key   string // UTF-8
	Value []byte
}

// Record is a record as a batch holds it. A nil Key or Value and an empty one are
// different; a nil Value is a tombstone.
type Record struct {
	Offset    int64
	Timestamp int64 // milliseconds since the epoch
	Key       []byte
	Value     []byte
	Headers   []Header // nil when there are none
}

// overhead is the most that a record takes beside key, value and headers
// with their lengths: its own length 5, attributes 1, timestamp delta 10, offset
// delta 5 (DefaultRecord.MAX_RECORD_OVERHEAD of Kafka's client).
const overhead = 5 + 1 + 10 + 5

// MaxSize returns an upper bound of the bytes that one record takes in a batch,
// header of the batch not included. A buffer of BatchHeaderSize plus MaxSize
// bytes takes the record, whatever its timestamp.
func MaxSize(key, value []byte, headers []Header) int {
	n := overhead + bytesSize(key) + bytesSize(value) + 1
	if len(headers) > 0 {
		n += headersSize(headers) - 1
	}
	return n
}

// BatchSize returns how many bytes a batch of these records takes before
// compression, which is Builder.Size once they are appended.
func BatchSize(records []Record) int {
	n := BatchHeaderSize
	for i := range records {
		r := &records[i]
		body := bodySize(zigzag(r.Timestamp-records[0].Timestamp), uint64(i)<<1, r.Key, r.Value, r.Headers)
		n += lenSize(body) + body
	}
	return n
}

// bodySize returns how many bytes a record takes behind its length.
func bodySize(timeDelta, offsetDelta uint64, key, value []byte, headers []Header) int {
	return 1 + uvarintSize(timeDelta) + uvarintSize(offsetDelta) + bytesSize(key) + bytesSize(value) + headersSize(headers)
}

// NextSequence returns the sequence number n records after seq. After 2^31-1
// comes 0 (DefaultRecordBatch.incrementSequence of Kafka's client). Neither may be negative.
func NextSequence(seq, n int32) int32 {
	return int32((int64(seq) + int64(n)) & math.MaxInt32)
}
