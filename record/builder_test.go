package record_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// build returns a stamped batch of the records, which must fit into size bytes.
func build(t testing.TB, size int, records []record.Record) *record.Builder {
	t.Helper()
	b := new(record.Builder)
	b.Reset(make([]byte, size))
	for i, r := range records {
		if !b.Append(r.Timestamp, r.Key, r.Value, r.Headers) {
			t.Fatalf("record %d does not fit into %d bytes", i, size)
		}
	}
	b.Stamp(-1, -1, -1, -1)
	return b
}

// room is how many bytes a batch of the records may take.
func room(records []record.Record) int {
	size := record.BatchHeaderSize
	for _, r := range records {
		size += record.MaxSize(r.Key, r.Value, r.Headers)
	}
	return size
}

// read returns the records of the one batch in b.
func read(t testing.TB, b []byte) (record.Batch, []record.Record) {
	t.Helper()
	batch, rest, err := record.ParseBatch(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(rest) > 0 {
		t.Fatalf("%d bytes behind the batch", len(rest))
	}
	var records []record.Record
	for r, err := range batch.Records(64 << 20) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return batch, records
}

// diffRecords describes how records differ. Null and empty bytes do.
func diffRecords(want, got []record.Record) string {
	same := func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }
	equal := func(a, b record.Record) bool {
		return a.Offset == b.Offset && a.Timestamp == b.Timestamp && same(a.Key, b.Key) && same(a.Value, b.Value) &&
			slices.EqualFunc(a.Headers, b.Headers, func(a, b record.Header) bool { return a.Key == b.Key && same(a.Value, b.Value) })
	}
	if slices.EqualFunc(want, got, equal) {
		return "" // cmp would take a thousand times as long to find out
	}
	return cmp.Diff(want, got, cmp.Comparer(same))
}

// sample returns records in which everything occurs that may: null, empty and
// long keys, values and headers, and timestamps that go back.
func sample() []record.Record {
	long := bytes.Repeat([]byte("0123456789"), 5000)
	return []record.Record{
		{Offset: 0, Timestamp: 1_700_000_000_000, Value: []byte("value")},
		{Offset: 1, Timestamp: 1_700_000_000_000, Key: []byte("key"), Value: nil},
		{Offset: 2, Timestamp: 1_699_999_999_000, Key: []byte{}, Value: []byte{}},
		{Offset: 3, Timestamp: 1_700_000_100_000, Key: long[:64], Value: long},
		{Offset: 4, Timestamp: 0, Value: long[:63], Headers: []record.Header{{Key: "", Value: nil}, {Key: "ключ", Value: []byte{}}, {Key: "k", Value: long[:200]}}},
		{Offset: 5, Timestamp: record.NoTimestamp, Value: long[:8192]},
	}
}

func TestRoundTrip(t *testing.T) {
	for c := compress.None; c <= compress.ZSTD; c++ {
		t.Run(c.String(), func(t *testing.T) {
			want := sample()
			b := build(t, 1<<17, want)
			out, err := b.Seal(c, compress.DefaultLevel, nil)
			if err != nil {
				t.Fatal(err)
			}
			b.Stamp(7, 3, 99, 5)
			if c != compress.None && &out[0] != &b.Bytes()[0] {
				t.Error("the batch is not in what Seal returned")
			}
			batch, got := read(t, b.Bytes())
			if diff := diffRecords(want, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
			if batch.Codec() != c {
				t.Errorf("codec %v", batch.Codec())
			}
			if batch.ProducerID != 7 || batch.ProducerEpoch != 3 || batch.BaseSequence != 99 || batch.PartitionLeaderEpoch != 5 {
				t.Errorf("stamped 7, 3, 99, 5; read %+v", batch)
			}
			if batch.BaseTimestamp != want[0].Timestamp || batch.MaxTimestamp != want[3].Timestamp || batch.Count != 6 || batch.LastOffsetDelta != 5 {
				t.Errorf("read %+v", batch)
			}
			if batch.Size() != len(b.Bytes()) {
				t.Errorf("Size %d, the batch has %d bytes", batch.Size(), len(b.Bytes()))
			}
			i := 0
			for r := range b.Records() {
				if diff := diffRecords(want[i:i+1], []record.Record{r}); diff != "" {
					t.Errorf("Builder.Records differs at %d (-want +got):\n%s", i, diff)
				}
				i++
			}
			if i != len(want) {
				t.Errorf("Builder.Records yields %d records, want %d", i, len(want))
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	headers := []record.Header{{Key: "trace", Value: []byte("0123456789abcdef")}}
	for _, bm := range []struct {
		name    string
		key     []byte
		size    int
		headers []record.Header
	}{
		{"value 100", nil, 100, nil},
		{"key 10, value 100", []byte("0123456789"), 100, nil},
		{"value 100, header", nil, 100, headers},
		{"value 1000", nil, 1000, nil},
	} {
		b.Run(bm.name, func(b *testing.B) {
			value := bytes.Repeat([]byte("v"), bm.size)
			var builder record.Builder
			buf := make([]byte, 16384)
			builder.Reset(buf)
			b.ReportAllocs()
			ts := int64(1_700_000_000_000)
			for b.Loop() {
				if !builder.Append(ts, bm.key, value, bm.headers) {
					builder.Reset(builder.Buffer())
					ts += 5
				}
			}
		})
	}
}

func BenchmarkStamp(b *testing.B) {
	for _, size := range []int{16 << 10, 64 << 10} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var builder record.Builder
			builder.Reset(make([]byte, size))
			for builder.Append(1_700_000_000_000, nil, make([]byte, 100), nil) {
			}
			b.SetBytes(int64(builder.Size()))
			for b.Loop() {
				builder.Stamp(1, 2, 3, -1)
			}
		})
	}
}
