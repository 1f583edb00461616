package record_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"path/filepath"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// fuzzLimit bounds what compressed records may decode to.
const fuzzLimit = 1 << 20

// FuzzParseBatch: bytes that parse have records that, written anew, read the
// same, and that take no more memory than the bytes allow.
func FuzzParseBatch(f *testing.F) {
	for c := compress.None; c <= compress.ZSTD; c++ {
		b := build(f, 1<<17, sample())
		if _, err := b.Seal(c, compress.DefaultLevel, nil); err != nil {
			f.Fatal(err)
		}
		b.Stamp(1, 2, 3, -1)
		f.Add(bytes.Clone(b.Bytes()))
	}
	f.Add(withPayload(2, 1<<3, reference([]record.Record{{Timestamp: 1000}, {Value: []byte("b")}})))
	f.Add(withPayload(math.MaxInt32, 0, []byte{14, 0, 0, 0, 1, 1, 6, 0, 1}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= record.BatchHeaderSize {
			// Few random bytes have the right length and checksum: these have.
			b = bytes.Clone(b)
			b[16] = 2
			binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12))
			fixChecksum(b)
		}
		batch, rest, err := record.ParseBatch(b)
		if err != nil {
			if len(rest) != len(b) {
				t.Fatalf("%d bytes are left of %d after an error", len(rest), len(b))
			}
			return
		}
		if len(rest) != 0 || batch.Size() != len(b) {
			t.Fatalf("%d bytes, %d left behind a batch of %d", len(b), len(rest), batch.Size())
		}
		payload := len(b)
		if batch.Codec() != compress.None {
			payload = fuzzLimit
		}
		records, size := collect(&batch)
		if size > payload {
			t.Fatalf("%d bytes of keys, values and headers in %d", size, payload)
		}
		if len(records) > 0 {
			writeAnew(t, records)
		}
	})
}

// collect returns the records up to the first error, and the bytes they consist of.
func collect(batch *record.Batch) (records []record.Record, size int) {
	for r, err := range batch.Records(fuzzLimit) {
		if err != nil {
			break
		}
		size += len(r.Key) + len(r.Value)
		for _, h := range r.Headers {
			size += len(h.Key) + len(h.Value)
		}
		records = append(records, r)
	}
	return records, size
}

// writeAnew writes the records with a Builder and compares what it reads of them.
func writeAnew(t *testing.T, records []record.Record) {
	again := build(t, room(records), records)
	_, got := read(t, again.Bytes())
	for i := range records {
		records[i].Offset = int64(i) // those of a log may have gaps
	}
	if diff := diffRecords(records, got); diff != "" {
		t.Fatalf("records written anew differ (-want +got):\n%s", diff)
	}
	if !bytes.Equal(again.Bytes()[record.BatchHeaderSize:], reference(records)) {
		t.Fatal("bytes differ from the reference")
	}
}

// FuzzAppend: what is appended is what the reference encoder makes of it, whatever room is left.
func FuzzAppend(f *testing.F) {
	for _, r := range sample() {
		f.Add(r.Timestamp, int64(1_700_000_000_000), r.Key, r.Value, "header", []byte("value"), uint8(0b1111), uint8(3))
	}
	f.Fuzz(func(t *testing.T, first, second int64, key, value []byte, headerKey string, headerValue []byte, present, spare uint8) {
		r := record.Record{Timestamp: second}
		if present&1 != 0 {
			r.Key = append([]byte{}, key...)
		}
		if present&2 != 0 {
			r.Value = append([]byte{}, value...)
		}
		if present&4 != 0 {
			r.Headers = []record.Header{{Key: headerKey}, {Key: headerKey, Value: append([]byte{}, headerValue...)}}
		}
		records := []record.Record{{Timestamp: first, Value: []byte("first")}, r, r}
		want := reference(records)
		b := build(t, record.BatchHeaderSize+len(want)+int(spare), records)
		if !bytes.Equal(b.Bytes()[record.BatchHeaderSize:], want) {
			t.Fatalf("got  %x\nwant %x", b.Bytes()[record.BatchHeaderSize:], want)
		}
		if b.FirstTimestamp() != first || b.MaxTimestamp() != max(first, second, record.NoTimestamp) {
			t.Fatalf("timestamps %d to %d of %d and %d", b.FirstTimestamp(), b.MaxTimestamp(), first, second)
		}
		i := 0
		for got := range b.Records() {
			records[i].Offset = int64(i)
			if diff := diffRecords(records[i:i+1], []record.Record{got}); diff != "" {
				t.Fatalf("record %d differs (-want +got):\n%s", i, diff)
			}
			i++
		}
	})
}

// The seeds of FuzzParseBatch are those that build makes; those of the Java client are run as a test, since they are large.
func TestFixedPointOfGoldens(t *testing.T) {
	for name, g := range readGoldens(t, filepath.Join("..", "testdata", "record")) {
		t.Run(name, func(t *testing.T) {
			for _, b := range g.batches {
				batch, _, err := record.ParseBatch(b.bytes)
				if err != nil {
					t.Fatal(err)
				}
				records, _ := collect(&batch)
				if len(records) != len(g.records) {
					t.Fatalf("%v: %d records, want %d", b.codec, len(records), len(g.records))
				}
				writeAnew(t, records)
			}
		})
	}
}
