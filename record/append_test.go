package record_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/internal/race"
	"kafkaproducer/record"
)

// reference encodes records as the documentation of the package says, the plain
// way, for comparison with the Builder: the part of a batch behind its header.
func reference(records []record.Record) []byte {
	field := func(b, field []byte) []byte {
		if field == nil {
			return binary.AppendVarint(b, -1)
		}
		return append(binary.AppendVarint(b, int64(len(field))), field...)
	}
	var out []byte
	for i, r := range records {
		b := []byte{0}
		b = binary.AppendVarint(b, r.Timestamp-records[0].Timestamp)
		b = binary.AppendVarint(b, int64(i))
		b = field(b, r.Key)
		b = field(b, r.Value)
		b = binary.AppendVarint(b, int64(len(r.Headers)))
		for _, h := range r.Headers {
			b = field(b, []byte(h.Key))
			b = field(b, h.Value)
		}
		out = field(out, b)
	}
	return out
}

// checkAppend compares the batch of records with the reference, in buffers of
// about its size, of exactly that and of one byte less.
func checkAppend(t *testing.T, records ...record.Record) {
	t.Helper()
	want := reference(records)
	exact := record.BatchHeaderSize + len(want)
	if n := record.BatchSize(records); n != exact {
		t.Fatalf("BatchSize %d, want %d", n, exact)
	}
	// With room to spare, with exactly the room needed, and with less than that.
	for _, spare := range []int{32, 31, 0} {
		b := build(t, exact+spare, records)
		if got := b.Bytes()[record.BatchHeaderSize:]; !bytes.Equal(got, want) {
			t.Fatalf("%d bytes to spare: differs from the reference", spare)
		}
		if b.Size() != exact {
			t.Fatalf("Size %d, want %d", b.Size(), exact)
		}
	}
	last := records[len(records)-1]
	b := build(t, exact-1, records[:len(records)-1])
	before := bytes.Clone(b.Bytes())
	if b.Append(last.Timestamp, last.Key, last.Value, last.Headers) {
		t.Fatal("a byte is missing, but the record is taken")
	}
	if b.Count() != len(records)-1 || !bytes.Equal(b.Bytes(), before) {
		t.Fatal("a record that is refused changes the batch")
	}
	for _, r := range records {
		one := reference([]record.Record{{Timestamp: r.Timestamp, Key: r.Key, Value: r.Value, Headers: r.Headers}})
		if most := record.MaxSize(r.Key, r.Value, r.Headers); most < len(one) || most > len(one)+21 {
			t.Fatalf("MaxSize %d of a record of %d bytes", most, len(one))
		}
	}
}

// Around each length at which a varint grows, for each field that has one.
func TestAppendBoundaries(t *testing.T) {
	const now = 1_700_000_000_000
	filler := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	for _, boundary := range []int{0, 1 << 6, 1 << 13, 1 << 20} {
		for n := max(0, boundary-15); n <= boundary+2; n++ {
			t.Run(fmt.Sprintf("length %d", n), func(t *testing.T) {
				checkAppend(t, record.Record{Timestamp: now, Value: filler[:n]})
				checkAppend(t, record.Record{Timestamp: now, Headers: []record.Header{{Key: "k", Value: filler[:n/2]}, {Key: string(filler[:n-n/2])}}})
				if boundary == 1<<20 {
					return // the rest would take long
				}
				checkAppend(t, record.Record{Timestamp: now, Key: filler[:n]})
				checkAppend(t, record.Record{Timestamp: now, Key: filler[:n], Value: filler[:n]})
				checkAppend(t, record.Record{Timestamp: now, Key: filler[:n/2], Value: filler[:n-n/2]})
			})
		}
	}
	t.Run("number of headers", func(t *testing.T) {
		for _, n := range []int{0, 1, 63, 64, 8191, 8192} {
			checkAppend(t, record.Record{Timestamp: now, Value: []byte("v"), Headers: make([]record.Header, n)})
		}
	})
	t.Run("timestamp", func(t *testing.T) {
		first := record.Record{Timestamp: now, Value: []byte("first")}
		for shift := range 63 {
			for _, delta := range []int64{1<<shift - 1, 1 << shift, -1 << shift, -1<<shift - 1} {
				checkAppend(t, first, record.Record{Timestamp: now + delta, Value: []byte("v")})
			}
		}
		checkAppend(t, record.Record{Timestamp: math.MaxInt64}, record.Record{Timestamp: record.NoTimestamp})
	})
	t.Run("offset", func(t *testing.T) {
		records := slices.Repeat([]record.Record{{Timestamp: now, Value: filler[:1]}}, 1<<13+2)
		for _, n := range []int{1 << 6, 1<<6 + 1, 1 << 13, 1<<13 + 1} {
			checkAppend(t, records[:n+1]...)
		}
	})
}

// Records of all sizes in one batch, so that the end of the buffer is met at
// every distance.
func TestAppendFills(t *testing.T) {
	value := bytes.Repeat([]byte("v"), 200)
	for size := range 700 {
		b := new(record.Builder)
		b.Reset(make([]byte, size))
		var records []record.Record
		for i := 0; ; i++ {
			r := record.Record{Offset: int64(i), Timestamp: 5, Value: value[:(i*37)%200]}
			if !b.Append(r.Timestamp, r.Key, r.Value, nil) {
				break
			}
			records = append(records, r)
		}
		want := reference(records)
		if len(records) == 0 {
			if b.Count() != 0 || b.FirstTimestamp() != record.NoTimestamp || b.MaxTimestamp() != record.NoTimestamp {
				t.Fatalf("size %d: an empty batch has %d records from %d to %d", size, b.Count(), b.FirstTimestamp(), b.MaxTimestamp())
			}
			continue
		}
		if got := b.Bytes()[record.BatchHeaderSize:]; !bytes.Equal(got, want) {
			t.Fatalf("size %d: %d records differ from the reference", size, len(records))
		}
		if b.Size() > size || b.Cap() != size {
			t.Fatalf("size %d: Size %d, Cap %d", size, b.Size(), b.Cap())
		}
	}
}

func TestAppendWithoutBuffer(t *testing.T) {
	var b record.Builder
	if b.Append(0, nil, nil, nil) {
		t.Error("a Builder without a buffer takes a record")
	}
	for range b.Records() {
		t.Error("a Builder without a buffer has records")
	}
}

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	headers := []record.Header{{Key: "trace", Value: []byte("0123456789abcdef")}}
	value := bytes.Repeat([]byte("0123456789"), 10)
	buf, dst := make([]byte, 1<<16), make([]byte, 0, 1<<17)
	b := new(record.Builder)
	fill := func() {
		b.Reset(buf)
		for b.Append(1, value[:10], value, nil) {
		}
	}
	seal := func(c compress.Codec) func() {
		return func() {
			if out, err := b.Seal(c, compress.DefaultLevel, dst); err != nil || len(out) == 0 || &out[:1][0] != &dst[:1][0] {
				t.Fatalf("sealed %d bytes, not in the memory given: %v", len(out), err)
			}
		}
	}
	for name, f := range map[string]func(){
		"Append":             fill,
		"Append with header": func() { b.Reset(buf); b.Append(1, nil, value, headers) },
		"Stamp":              func() { b.Stamp(1, 2, 3, -1) },
		"Seal none":          func() { _, _ = b.Seal(compress.None, compress.DefaultLevel, dst) },
		"Seal snappy":        seal(compress.Snappy),
		"Seal lz4":           seal(compress.LZ4),
		"Seal zstd":          seal(compress.ZSTD),
		"Seal gzip":          seal(compress.Gzip),
	} {
		t.Run(name, func(t *testing.T) {
			fill()
			if n := testing.AllocsPerRun(50, f); n != 0 {
				t.Errorf("%v allocations, want 0", n)
			}
		})
	}
}
