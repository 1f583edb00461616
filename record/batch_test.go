package record_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// fixChecksum makes the checksum of a changed batch right again.
func fixChecksum(batch []byte) {
	binary.BigEndian.PutUint32(batch[17:], crc32.Checksum(batch[21:], crc32.MakeTable(crc32.Castagnoli)))
}

func TestParseBatchErrors(t *testing.T) {
	good := bytes.Clone(build(t, 1<<17, sample()).Bytes())
	set32 := func(at int, v uint32) func(b []byte) {
		return func(b []byte) { binary.BigEndian.PutUint32(b[at:], v) }
	}
	tests := []struct {
		name   string
		change func(b []byte)
		want   error
	}{
		{"format v1", func(b []byte) { b[16] = 1 }, &record.BatchError{Field: "Magic", Value: 1, Allowed: "2"}},
		{"format of the future", func(b []byte) { b[16] = 3 }, &record.BatchError{Field: "Magic", Value: 3, Allowed: "2"}},
		{"format of no sense", func(b []byte) { b[16] = 0xff }, &record.BatchError{Field: "Magic", Value: -1, Allowed: "2"}},
		{"length below the header", set32(8, 48), &record.BatchError{Field: "Length", Value: 48, Allowed: "49 or more"}},
		{"negative length", set32(8, 1<<31), &record.BatchError{Field: "Length", Value: math.MinInt32, Allowed: "49 or more"}},
		{"length beyond the bytes", set32(8, uint32(len(good)-12+1)), &record.TruncatedError{Have: len(good), Need: int64(len(good)) + 1}},
		{"length of 2 GiB", set32(8, math.MaxInt32), &record.TruncatedError{Have: len(good), Need: math.MaxInt32 + 12}},
		{"negative count", func(b []byte) { set32(57, math.MaxUint32)(b); fixChecksum(b) }, &record.BatchError{Field: "RecordsCount", Value: -1, Allowed: "0 or more"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := bytes.Clone(good)
			tt.change(b)
			_, rest, err := record.ParseBatch(b)
			if diff := cmp.Diff(tt.want, err); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if len(rest) != len(b) {
				t.Errorf("%d bytes are left of %d, want all after an error", len(rest), len(b))
			}
			if err.Error() == "" {
				t.Error("the error has no text")
			}
		})
	}
}

// A bit that changes anywhere behind the checksum, or in it, is found.
func TestParseBatchChecksum(t *testing.T) {
	good := build(t, 1000, []record.Record{{Timestamp: 1, Key: []byte("key"), Value: []byte("value")}}).Bytes()
	for i := 17; i < len(good); i++ {
		for bit := range 8 {
			b := bytes.Clone(good)
			b[i] ^= 1 << bit
			_, _, err := record.ParseBatch(b)
			var sum *record.ChecksumError
			if !errors.As(err, &sum) || sum.Stored == sum.Computed {
				t.Fatalf("byte %d bit %d changed: error %v, want a ChecksumError", i, bit, err)
			}
		}
	}
}

func TestParseBatchPrefixes(t *testing.T) {
	b := build(t, 1<<17, sample()).Bytes()
	for n := range b {
		_, _, err := record.ParseBatch(b[:n])
		var short *record.TruncatedError
		if !errors.As(err, &short) || short.Have != n || short.Need <= int64(n) {
			t.Fatalf("the first %d of %d bytes: error %v, want a TruncatedError", n, len(b), err)
		}
	}
}

// A produce request and a log hold batch after batch.
func TestParseBatchRest(t *testing.T) {
	one := build(t, 1<<17, sample()).Bytes()
	rest := slices.Concat(one, one, one)
	for i := range 3 {
		var batch record.Batch
		var err error
		if batch, rest, err = record.ParseBatch(rest); err != nil {
			t.Fatal(err)
		}
		if len(rest) != (2-i)*len(one) || batch.Count != 6 {
			t.Fatalf("batch %d: %d records, %d bytes left", i, batch.Count, len(rest))
		}
	}
}

func TestBatchAttributes(t *testing.T) {
	payload := reference([]record.Record{{Timestamp: 1000, Value: []byte("a")}, {Timestamp: 900, Value: []byte("b")}})
	tests := []struct {
		attributes                         int16
		codec                              compress.Codec
		logAppendTime, transactional, ctrl bool
	}{
		{0, compress.None, false, false, false},
		{1 << 3, compress.None, true, false, false},
		{1 << 4, compress.None, false, true, false},
		{1 << 5, compress.None, false, false, true},
		{7, 7, false, false, false},
		{1<<3 | 1<<4 | 1<<5 | 4, compress.ZSTD, true, true, true},
	}
	for _, tt := range tests {
		batch, _, err := record.ParseBatch(withPayload(2, tt.attributes, payload))
		if err != nil {
			t.Fatal(err)
		}
		if batch.Codec() != tt.codec || batch.LogAppendTime() != tt.logAppendTime || batch.Transactional() != tt.transactional || batch.Control() != tt.ctrl {
			t.Errorf("attributes %b: codec %v, log append time %t, transactional %t, control %t",
				tt.attributes, batch.Codec(), batch.LogAppendTime(), batch.Transactional(), batch.Control())
		}
	}
}

// With log append time all records have the time of the batch; offsets count from that of the batch.
func TestRecordsOfALog(t *testing.T) {
	payload := reference([]record.Record{{Timestamp: 1000, Value: []byte("a")}, {Timestamp: 900, Value: []byte("b")}})
	batch, _, err := record.ParseBatch(withPayload(2, 1<<3, payload))
	if err != nil {
		t.Fatal(err)
	}
	batch.BaseOffset, batch.MaxTimestamp = 70, 5000
	var got []record.Record
	for r, err := range batch.Records(0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	want := []record.Record{{Offset: 70, Timestamp: 5000, Value: []byte("a")}, {Offset: 71, Timestamp: 5000, Value: []byte("b")}}
	if diff := diffRecords(want, got); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
}

func TestRecordsErrors(t *testing.T) {
	const left, ends = "the bytes that are left", "a varint that ends"
	good := reference([]record.Record{{Timestamp: 1000, Key: []byte("k"), Value: []byte("v")}})
	// body is a record of the bytes, its length right.
	body := func(b ...byte) []byte { return append([]byte{byte(len(b) << 1)}, b...) }
	tests := []struct {
		name    string
		count   int32
		payload []byte
		yields  int // records before the error
		want    error
	}{
		{"no records", 1, nil, 0, &record.RecordError{Index: 0, Field: "Length", Value: 0, Allowed: ends}},
		{"fewer records than the count", 3, good, 1, &record.RecordError{Index: 1, Field: "Length", Value: 0, Allowed: ends}},
		{"count of 2^31-1", math.MaxInt32, good, 1, &record.RecordError{Index: 1, Field: "Length", Value: 0, Allowed: ends}},
		{"more bytes than the count", 1, append(bytes.Clone(good), 0, 0), 1, &record.RecordError{Index: 1, Field: "Length", Value: 2, Allowed: "0 bytes behind the last record"}},
		{"bytes without a record", 0, []byte{0}, 0, &record.RecordError{Index: 0, Field: "Length", Value: 1, Allowed: "0 bytes behind the last record"}},
		{"length beyond the bytes", 1, []byte{20, 0}, 0, &record.RecordError{Index: 0, Field: "Length", Value: 10, Allowed: left}},
		{"length 0", 1, []byte{0}, 0, &record.RecordError{Index: 0, Field: "Length", Value: 0, Allowed: "[1,...,2147483647]"}},
		{"negative length", 1, []byte{1}, 0, &record.RecordError{Index: 0, Field: "Length", Value: -1, Allowed: "[1,...,2147483647]"}},
		{"length of 6 bytes", 1, []byte{0x8c, 0x80, 0x80, 0x80, 0x80, 0, 0, 0, 0, 1, 1, 0}, 0, &record.RecordError{Index: 0, Field: "Length", Value: 6, Allowed: "a varint of at most 5 bytes"}},
		{"timestamp of 11 bytes", 1, body(bytes.Repeat([]byte{0xff}, 12)...), 0, &record.RecordError{Index: 0, Field: "TimestampDelta", Value: math.MinInt64 >> 1, Allowed: "a varint of at most 64 bits"}},
		{"nothing behind the attributes", 1, body(0), 0, &record.RecordError{Index: 0, Field: "TimestampDelta", Value: 0, Allowed: ends}},
		{"negative offset delta", 1, body(0, 0, 1, 1, 1, 0), 0, &record.RecordError{Index: 0, Field: "OffsetDelta", Value: -1, Allowed: "[0,...,2147483647]"}},
		{"key of length -2", 1, body(0, 0, 0, 3, 1, 0), 0, &record.RecordError{Index: 0, Field: "KeyLength", Value: -2, Allowed: "[-1,...,2147483647]"}},
		{"key beyond the record", 1, append(body(0, 0, 0, 8, 1, 0), good...), 0, &record.RecordError{Index: 0, Field: "KeyLength", Value: 4, Allowed: left}},
		{"value beyond the record", 1, append(body(0, 0, 0, 1, 4, 0), good...), 0, &record.RecordError{Index: 0, Field: "ValueLength", Value: 2, Allowed: left}},
		{"negative number of headers", 1, body(0, 0, 0, 1, 1, 1), 0, &record.RecordError{Index: 0, Field: "HeadersCount", Value: -1, Allowed: "[0,...,0]"}},
		{"more headers than bytes for them", 1, body(0, 0, 0, 1, 1, 6, 0, 1, 0), 0, &record.RecordError{Index: 0, Field: "HeadersCount", Value: 3, Allowed: "[0,...,2]"}},
		{"null header key", 1, body(0, 0, 0, 1, 1, 2, 1, 1), 0, &record.RecordError{Index: 0, Field: "HeaderKeyLength", Value: -1, Allowed: "[0,...,2147483647]"}},
		{"header value beyond the record", 1, body(0, 0, 0, 1, 1, 2, 0, 2), 0, &record.RecordError{Index: 0, Field: "HeaderValueLength", Value: 1, Allowed: left}},
		{"bytes behind the headers", 1, body(0, 0, 0, 1, 1, 0, 9), 0, &record.RecordError{Index: 0, Field: "Length", Value: 1, Allowed: "0 bytes behind the headers"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			batch, _, err := record.ParseBatch(withPayload(tt.count, 0, tt.payload))
			if err != nil {
				t.Fatal(err)
			}
			yields := 0
			var got error
			for _, err := range batch.Records(0) {
				if got != nil {
					t.Fatal("goes on after an error")
				}
				if got = err; err == nil {
					yields++
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if yields != tt.yields {
				t.Errorf("%d records before the error, want %d", yields, tt.yields)
			}
		})
	}
}

// Compressed records have the errors of their codec.
func TestRecordsOfCompressed(t *testing.T) {
	failure := func(raw []byte, limit int) error {
		batch, _, err := record.ParseBatch(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range batch.Records(limit) {
			return err
		}
		return errors.New("there are no records")
	}
	for c := compress.Gzip; c <= compress.ZSTD; c++ {
		t.Run(c.String(), func(t *testing.T) {
			records := []record.Record{{Timestamp: 1, Value: make([]byte, 10_000)}}
			b := build(t, 20_000, records)
			if _, err := b.Seal(c, compress.DefaultLevel, nil); err != nil {
				t.Fatal(err)
			}
			b.Stamp(-1, -1, -1, -1)
			size := b.Size() - record.BatchHeaderSize
			if err := failure(b.Bytes(), size); err != nil {
				t.Errorf("limit of the size: %v", err)
			}
			var tooLarge *compress.TooLargeError
			if err := failure(b.Bytes(), size-1); !errors.As(err, &tooLarge) {
				t.Errorf("limit below the size: error %v", err)
			}
			var corrupt *compress.CorruptError
			if err := failure(withPayload(1, int16(c), []byte("no such thing")), size); !errors.As(err, &corrupt) {
				t.Errorf("other bytes: error %v", err)
			}
		})
	}
	var unknown *compress.UnknownError
	if err := failure(withPayload(1, 5, []byte("x")), 100); !errors.As(err, &unknown) {
		t.Errorf("codec 5: error %v", err)
	}
}
