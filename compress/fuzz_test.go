package compress_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/golang/snappy"

	"kafkaproducer/compress"
)

// fuzzDecoder holds the decoder of a codec to this: it neither panics nor goes
// beyond the limit, its errors are those documented, it keeps what was there
// before, and what it decodes is compressed and decoded again to the same.
func fuzzDecoder(f *testing.F, c compress.Codec, seeds ...[]byte) {
	for _, src := range [][]byte{{}, []byte("kafka"), bytes.Repeat([]byte("kafka "), 100), make([]byte, 70_000)} {
		for _, level := range levels[c] {
			enc, err := compress.Append(nil, c, level, src)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(enc, 1<<17)
			f.Add(enc, len(src)/2)
		}
	}
	for _, seed := range seeds {
		f.Add(seed, 1<<17)
	}
	f.Fuzz(func(t *testing.T, enc []byte, limit int) {
		limit = min(max(limit, -1), 1<<18)
		dec, err := compress.AppendDecoded([]byte("before"), c, enc, limit)
		dec, ok := bytes.CutPrefix(dec, []byte("before"))
		if !ok {
			t.Fatal("what was there before is gone")
		}
		if err != nil {
			var corrupt *compress.CorruptError
			var tooLarge *compress.TooLargeError
			if !errors.As(err, &corrupt) && !errors.As(err, &tooLarge) {
				t.Fatalf("error %v of type %T", err, err)
			}
			if len(dec) != 0 {
				t.Fatalf("%d bytes came back with error %v", len(dec), err)
			}
			return
		}
		if len(dec) > max(limit, 0) {
			t.Fatalf("%d bytes decoded, limit %d", len(dec), limit)
		}
		again, err := compress.Append(nil, c, compress.DefaultLevel, dec)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := compress.AppendDecoded(nil, c, again, len(dec)); err != nil || !bytes.Equal(back, dec) {
			t.Fatalf("compressed again it decodes to other bytes, error %v", err)
		}
	})
}

func FuzzDecodeGzip(f *testing.F) { fuzzDecoder(f, compress.Gzip) }

func FuzzDecodeSnappy(f *testing.F) {
	fuzzDecoder(f, compress.Snappy, snappy.Encode(nil, []byte("a bare block")))
}

func FuzzDecodeLZ4(f *testing.F) {
	// With content size, block checksums and a content checksum.
	fuzzDecoder(f, compress.LZ4,
		[]byte("\x04\x22\x4d\x18\x7c\x40\x05\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x80kafka\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
}

func FuzzDecodeZstd(f *testing.F) { fuzzDecoder(f, compress.ZSTD) }

// FuzzAppend: whatever is compressed, at whatever level, comes back, and MaxSize is true.
func FuzzAppend(f *testing.F) {
	for c, ls := range levels {
		for _, level := range ls {
			f.Add(int8(c), level, []byte("kafka kafka kafka"), 1)
			f.Add(int8(c), level, []byte("0123456789"), 20_000)
		}
	}
	f.Fuzz(func(t *testing.T, codec int8, level int, unit []byte, times int) {
		c := compress.Codec(codec)
		if compress.CheckLevel(c, level) != nil {
			level = compress.DefaultLevel
		}
		if !c.Known() || times < 0 || len(unit)*times > 1<<18 {
			return
		}
		src := bytes.Repeat(unit, times)
		enc, err := compress.Append([]byte("before"), c, level, src)
		if err != nil {
			t.Fatal(err)
		}
		enc, ok := bytes.CutPrefix(enc, []byte("before"))
		if !ok {
			t.Fatal("what was there before is gone")
		}
		if len(enc) > compress.MaxSize(c, len(src)) {
			t.Fatalf("%d bytes of %d, MaxSize says %d", len(enc), len(src), compress.MaxSize(c, len(src)))
		}
		if dec, err := compress.AppendDecoded(nil, c, enc, len(src)); err != nil || !bytes.Equal(dec, src) {
			t.Fatalf("%v %d: decodes to other bytes, error %v", c, level, err)
		}
	})
}
