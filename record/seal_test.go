package record_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// noise returns n bytes that do not compress.
func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{7}).Read(b)
	return b
}

func TestSealThatWouldNotShrink(t *testing.T) {
	for c := compress.Gzip; c <= compress.ZSTD; c++ {
		t.Run(c.String(), func(t *testing.T) {
			want := []record.Record{{Timestamp: 5, Value: noise(5000)}}
			b := build(t, 6000, want)
			size := b.Size()
			dst := make([]byte, 100, 10_000)
			out, err := b.Seal(c, compress.DefaultLevel, dst)
			if err != nil || len(out) != 0 || &out[:1][0] != &dst[0] {
				t.Fatalf("Seal returns %d bytes, error %v; want the memory given, empty", len(out), err)
			}
			b.Stamp(-1, -1, -1, -1)
			batch, got := read(t, b.Bytes())
			if diff := diffRecords(want, got); diff != "" {
				t.Errorf("records differ (-want +got):\n%s", diff)
			}
			if batch.Codec() != compress.None || len(b.Bytes()) != size {
				t.Errorf("codec %v, %d bytes; want none, %d", batch.Codec(), len(b.Bytes()), size)
			}
		})
	}
}

func TestSealError(t *testing.T) {
	b := build(t, 1000, []record.Record{{Value: make([]byte, 500)}})
	dst := make([]byte, 0, 1000)
	out, err := b.Seal(compress.LZ4, 18, dst)
	var level *compress.LevelError
	if !errors.As(err, &level) || len(out) != 0 || &out[:1][0] != &dst[:1][0] {
		t.Fatalf("%d bytes, error %v; want the memory given and a LevelError", len(out), err)
	}
	b.Stamp(-1, -1, -1, -1)
	if batch, _ := read(t, b.Bytes()); batch.Codec() != compress.None {
		t.Errorf("codec %v after a Seal that failed", batch.Codec())
	}
}

// The last Seal counts, and dst may be too small, or empty.
func TestSealAgain(t *testing.T) {
	want := sample()
	b := build(t, 1<<17, want)
	for _, c := range []compress.Codec{compress.ZSTD, compress.None, compress.LZ4, compress.Gzip, compress.Snappy} {
		for _, room := range []int{0, 60, 61, 1 << 17} {
			if _, err := b.Seal(c, compress.DefaultLevel, make([]byte, room)); err != nil {
				t.Fatal(err)
			}
			b.Stamp(-1, -1, -1, -1)
			batch, got := read(t, b.Bytes())
			if diff := diffRecords(want, got); batch.Codec() != c || diff != "" {
				t.Errorf("%v with room for %d: codec %v, records differ (-want +got):\n%s", c, room, batch.Codec(), diff)
			}
		}
	}
}

func TestKeep(t *testing.T) {
	want := sample()
	for c := compress.None; c <= compress.ZSTD; c++ {
		b := build(t, 1<<17, want)
		dst, err := b.Seal(c, compress.DefaultLevel, nil)
		if err != nil {
			t.Fatal(err)
		}
		b.Keep()
		clear(dst) // it is free for other use
		b.Stamp(1, 2, 3, -1)
		if &b.Bytes()[0] != &b.Buffer()[0] {
			t.Errorf("%v: the batch is not in the Builder's buffer", c)
		}
		batch, got := read(t, b.Bytes())
		if diff := diffRecords(want, got); batch.Codec() != c || diff != "" {
			t.Errorf("%v: codec %v, records differ (-want +got):\n%s", c, batch.Codec(), diff)
		}
	}
}

// Stamping again leaves what the first stamp left, but for the new values.
func TestStampAgain(t *testing.T) {
	for _, c := range []compress.Codec{compress.None, compress.LZ4} {
		b := build(t, 1<<17, sample())
		if _, err := b.Seal(c, compress.DefaultLevel, nil); err != nil {
			t.Fatal(err)
		}
		b.Stamp(1, 2, 3, -1)
		first := bytes.Clone(b.Bytes())
		b.Stamp(math.MaxInt64, math.MaxInt16, math.MaxInt32, math.MaxInt32)
		batch, _ := read(t, b.Bytes())
		if batch.ProducerID != math.MaxInt64 || batch.ProducerEpoch != math.MaxInt16 || batch.BaseSequence != math.MaxInt32 || batch.PartitionLeaderEpoch != math.MaxInt32 {
			t.Errorf("%v: read %+v", c, batch)
		}
		b.Stamp(1, 2, 3, -1)
		if !bytes.Equal(first, b.Bytes()) {
			t.Errorf("%v: the same stamp gives other bytes", c)
		}
	}
}

func TestMove(t *testing.T) {
	want := sample()
	b := new(record.Builder)
	small := make([]byte, record.BatchHeaderSize)
	b.Reset(small)
	for _, r := range want {
		for !b.Append(r.Timestamp, r.Key, r.Value, r.Headers) {
			before := b.Buffer()
			old := b.Move(make([]byte, 4*b.Cap()))
			if &old[0] != &before[0] {
				t.Fatal("Move returns other memory than the batch was in")
			}
			clear(old) // the caller's again
		}
	}
	if len(b.Buffer()) <= len(small) {
		t.Fatal("never moved")
	}
	b.Stamp(-1, -1, -1, -1)
	if _, got := read(t, b.Bytes()); diffRecords(want, got) != "" {
		t.Errorf("records differ (-want +got):\n%s", diffRecords(want, got))
	}
}

func TestReset(t *testing.T) {
	b := build(t, 1<<17, sample())
	if _, err := b.Seal(compress.LZ4, compress.DefaultLevel, nil); err != nil {
		t.Fatal(err)
	}
	b.Reset(b.Buffer()[:0]) // the capacity counts
	if b.Count() != 0 || b.Size() != record.BatchHeaderSize || b.Cap() != 1<<17 || b.FirstTimestamp() != record.NoTimestamp {
		t.Fatalf("after Reset: %d records, %d of %d bytes", b.Count(), b.Size(), b.Cap())
	}
	if !b.Append(9, nil, []byte("v"), nil) || b.FirstTimestamp() != 9 || b.MaxTimestamp() != 9 {
		t.Fatalf("timestamps %d and %d, want 9", b.FirstTimestamp(), b.MaxTimestamp())
	}
	b.Stamp(-1, -1, -1, -1)
	batch, got := read(t, b.Bytes())
	if batch.Codec() != compress.None || diffRecords([]record.Record{{Timestamp: 9, Value: []byte("v")}}, got) != "" {
		t.Errorf("codec %v, records %v", batch.Codec(), got)
	}
}

// What Append is given may be overwritten when it has returned.
func TestAppendCopies(t *testing.T) {
	key, value, header := []byte("key"), []byte("value"), []record.Header{{Key: "h", Value: []byte("v")}}
	b := new(record.Builder)
	b.Reset(make([]byte, 200))
	b.Append(1, key, value, header)
	clear(key)
	clear(value)
	clear(header[0].Value)
	header[0].Key = "other"
	b.Stamp(-1, -1, -1, -1)
	_, got := read(t, b.Bytes())
	want := []record.Record{{Timestamp: 1, Key: []byte("key"), Value: []byte("value"), Headers: []record.Header{{Key: "h", Value: []byte("v")}}}}
	if diff := diffRecords(want, got); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
}

// Halves of a batch, as for a broker that finds it too large.
func TestSplit(t *testing.T) {
	want := sample()
	b := build(t, 1<<17, want)
	if _, err := b.Seal(compress.ZSTD, compress.DefaultLevel, nil); err != nil {
		t.Fatal(err)
	}
	halves := [2]record.Builder{}
	halves[0].Reset(make([]byte, 1<<17))
	halves[1].Reset(make([]byte, 1<<17))
	for r := range b.Records() {
		half := &halves[r.Offset/int64(len(want)/2)]
		half.Append(r.Timestamp, r.Key, r.Value, r.Headers)
	}
	var got []record.Record
	for i := range halves {
		halves[i].Stamp(-1, -1, -1, -1)
		_, records := read(t, halves[i].Bytes())
		for _, r := range records {
			r.Offset = int64(len(got))
			got = append(got, r)
		}
	}
	if diff := diffRecords(want, got); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
}

func TestRecordsStopsEarly(t *testing.T) {
	b := build(t, 1<<17, sample())
	batch, _ := read(t, b.Bytes())
	n := 0
	for range b.Records() {
		n++
		break
	}
	for range batch.Records(0) {
		n++
		break
	}
	if n != 2 {
		t.Errorf("%d records, want 1 and 1", n)
	}
}

func TestNextSequence(t *testing.T) {
	for _, tt := range []struct{ seq, n, want int32 }{
		{0, 0, 0},
		{0, 1, 1},
		{math.MaxInt32 - 1, 1, math.MaxInt32},
		{math.MaxInt32, 1, 0},
		{math.MaxInt32 - 1, 4, 2},
		{math.MaxInt32, math.MaxInt32, math.MaxInt32 - 1},
	} {
		// As DefaultRecordBatch.incrementSequence says it.
		java := tt.seq + tt.n
		if tt.seq > math.MaxInt32-tt.n {
			java = tt.n - (math.MaxInt32 - tt.seq) - 1
		}
		if got := record.NextSequence(tt.seq, tt.n); got != tt.want || got != java {
			t.Errorf("NextSequence(%d, %d) = %d, want %d", tt.seq, tt.n, got, tt.want)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	batch := logBatch(64 << 10)
	dst := make([]byte, 0, 1<<17)
	for c := compress.Gzip; c <= compress.ZSTD; c++ {
		b.Run(c.String(), func(b *testing.B) {
			b.SetBytes(int64(batch.Size()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := batch.Seal(c, compress.DefaultLevel, dst); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(batch.Count()), "ns/record")
		})
	}
}

func BenchmarkRecords(b *testing.B) {
	builder := logBatch(64 << 10)
	builder.Stamp(-1, -1, -1, -1)
	batch, _, err := record.ParseBatch(builder.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(builder.Size()))
	b.ReportAllocs()
	for b.Loop() {
		for _, err := range batch.Records(0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(builder.Count()), "ns/record")
}

// logBatch returns a batch of records with values of 100 bytes such as services log.
func logBatch(size int) *record.Builder {
	b := new(record.Builder)
	b.Reset(make([]byte, size))
	rnd := rand.New(rand.NewPCG(1, 2))
	value := make([]byte, 0, 200)
	for {
		value = fmt.Appendf(value[:0], `{"id":%d,"ts":%d,"order":"paid-%d","email":"eu-west-%d","user":"login-%d","retry":"failed-%d"}`,
			rnd.Int64(), 1_700_000_000_000+rnd.Int64N(1e9), rnd.IntN(1e6), rnd.IntN(1e6), rnd.IntN(1e6), rnd.IntN(1e6))
		if !b.Append(1_700_000_000_000, nil, value[:100], nil) {
			return b
		}
	}
}

// withPayload returns a batch with a payload that is not a Builder's, its checksum right.
func withPayload(count int32, attributes int16, payload []byte) []byte {
	b := new(record.Builder)
	b.Reset(make([]byte, 100))
	b.Append(1000, nil, nil, nil)
	b.Stamp(-1, -1, -1, -1)
	raw := append(bytes.Clone(b.Bytes()[:record.BatchHeaderSize]), payload...)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint16(raw[21:], uint16(attributes))
	binary.BigEndian.PutUint32(raw[57:], uint32(count))
	fixChecksum(raw)
	return raw
}
