package compress_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"kafkaproducer/compress"
	"kafkaproducer/internal/race"
)

// Few bytes that claim to be many, or are: what decoding allocates follows the limit.
func TestBombs(t *testing.T) {
	if race.Enabled {
		t.Skip("counts of bytes allocated mean nothing under the race detector")
	}
	const limit = 1 << 20
	zeros := make([]byte, 64<<20)
	type bomb struct {
		codec compress.Codec
		data  []byte
	}
	bombs := map[string]bomb{
		// A frame with a content size of 2^62 and a block of two bytes, repeated; and the same without a size and a window of 1 GiB.
		"zstd that claims 2^62 bytes":   {compress.ZSTD, append(binary.LittleEndian.AppendUint64([]byte("\x28\xb5\x2f\xfd\xe0"), 1<<62), 0x13, 0, 0, 0)},
		"zstd with a window of 1 GiB":   {compress.ZSTD, append([]byte("\x28\xb5\x2f\xfd\x00\xa0"), bytes.Repeat([]byte{0x02, 0, 0x10, 0}, 20_000)...)},
		"lz4 with blocks of 4 MiB":      {compress.LZ4, lz4Zeros(t, zeros)},
		"snappy that claims 4 GiB":      {compress.Snappy, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}},
		"gzip of several members":       {compress.Gzip, bytes.Repeat(encode(t, compress.Gzip, zeros[:1<<20]), 64)},
		"zstd of several frames":        {compress.ZSTD, bytes.Repeat(encode(t, compress.ZSTD, zeros[:1<<20]), 64)},
		"snappy of a chunk after chunk": {compress.Snappy, encode(t, compress.Snappy, zeros)},
	}
	for _, c := range codecs {
		bombs[c.String()] = bomb{c, encode(t, c, zeros)}
	}
	for name, bomb := range bombs {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := compress.AppendDecoded(nil, bomb.codec, bomb.data, limit)
			runtime.ReadMemStats(&after)
			var tooLarge *compress.TooLargeError
			var corrupt *compress.CorruptError
			if !errors.As(err, &tooLarge) && !errors.As(err, &corrupt) {
				t.Fatalf("error %v, want a TooLargeError or CorruptError", err)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 8*limit {
				t.Errorf("%d bytes allocated for %d bytes, limit %d", taken, len(bomb.data), limit)
			}
		})
	}
}

func lz4Zeros(t *testing.T, zeros []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := lz4.NewWriter(&b)
	if err := w.Apply(lz4.BlockSizeOption(lz4.Block4Mb)); err != nil {
		t.Fatal(err)
	}
	_, err := w.Write(zeros)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The last block of a frame may straddle the limit, and so may the only one.
func TestZstdLimitWithinABlock(t *testing.T) {
	src := bytes.Repeat([]byte("0123456789abcdef"), 40_000)
	for _, n := range []int{1000, 128<<10 - 1, 128 << 10, 128<<10 + 1, 600_000} {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1))
		if err != nil {
			t.Fatal(err)
		}
		// Flushed, so that the frame does not say its size.
		_, err = w.Write(src[:n])
		if err := errors.Join(err, w.Flush(), w.Close()); err != nil {
			t.Fatal(err)
		}
		decodes(t, compress.ZSTD, b.Bytes(), src[:n])
		for _, limit := range []int{0, 1, n / 2, n - 1} {
			_, err := compress.AppendDecoded(nil, compress.ZSTD, b.Bytes(), limit)
			var tooLarge *compress.TooLargeError
			if !errors.As(err, &tooLarge) {
				t.Errorf("%d bytes, limit %d: error %v, want a TooLargeError", n, limit, err)
			}
		}
	}
}
