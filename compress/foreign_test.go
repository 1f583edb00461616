package compress_test

import (
	"bytes"
	stdgzip "compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"kafkaproducer/compress"
	"kafkaproducer/internal/race"
)

// decodes fails the test unless enc decodes to src, at a limit of exactly that.
func decodes(t *testing.T, c compress.Codec, enc, src []byte) {
	t.Helper()
	dec, err := compress.AppendDecoded(nil, c, enc, len(src))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(dec, src) {
		t.Fatal("decoded differs")
	}
}

// fails fails the test unless enc is corrupt for a reason that says so.
func fails(t *testing.T, c compress.Codec, enc []byte, reason string) {
	t.Helper()
	dec, err := compress.AppendDecoded([]byte("before"), c, enc, 1<<20)
	var corrupt *compress.CorruptError
	if !errors.As(err, &corrupt) || corrupt.Codec != c || !strings.Contains(err.Error(), reason) {
		t.Fatalf("error %v, want a CorruptError of %v that says %q", err, c, reason)
	}
	if string(dec) != "before" {
		t.Errorf("%d bytes came back, want those from before", len(dec))
	}
}

// prefixesFail fails the test if a proper prefix of enc decodes. Of those that lack more than edge bytes at both ends each nth is tried.
func prefixesFail(t *testing.T, c compress.Codec, enc []byte, limit, edge, nth int) {
	t.Helper()
	if race.Enabled {
		edge, nth = edge/10, 10*nth // for time: only one goroutine decodes
	}
	for n := range enc {
		if n > edge && n < len(enc)-edge && n%nth != 0 {
			continue
		}
		if _, err := compress.AppendDecoded(nil, c, enc[:n], limit); err == nil {
			t.Fatalf("the first %d of %d bytes decode", n, len(enc))
		}
	}
}

func TestEmptyInput(t *testing.T) {
	for _, c := range codecs {
		fails(t, c, nil, io.ErrUnexpectedEOF.Error())
	}
	decodes(t, compress.None, nil, nil)
}

// Other writers use parts of the LZ4 frame that Kafka's does not.
func TestLZ4OfOthers(t *testing.T) {
	src := text(rand.New(rand.NewPCG(1, 2)), 300_000)
	write := func(options ...lz4.Option) []byte {
		var b bytes.Buffer
		w := lz4.NewWriter(&b)
		if err := w.Apply(append(options, lz4.ConcurrencyOption(1))...); err != nil {
			t.Fatal(err)
		}
		_, err := w.Write(src)
		if err := errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	frames := map[string][]byte{
		"as it comes":      write(),
		"no checksum":      write(lz4.ChecksumOption(false)),
		"block checksums":  write(lz4.BlockChecksumOption(true)),
		"content size":     write(lz4.SizeOption(uint64(len(src)))),
		"blocks of 64 KiB": write(lz4.BlockSizeOption(lz4.Block64Kb), lz4.BlockChecksumOption(true), lz4.SizeOption(uint64(len(src)))),
		"blocks of 4 MiB":  write(lz4.BlockSizeOption(lz4.Block4Mb)),
	}
	for name, enc := range frames {
		t.Run(name, func(t *testing.T) {
			decodes(t, compress.LZ4, enc, src)
			prefixesFail(t, compress.LZ4, enc, len(src), 200, 97)
			fails(t, compress.LZ4, append(slices.Clone(enc), 0), "after the end mark")
			fails(t, compress.LZ4, changed(enc, 6, 0xff), "header checksum")
		})
	}
	all := frames["blocks of 64 KiB"]
	fails(t, compress.LZ4, changed(all, len(all)-1, 0xff), "checksum differs") // of the content
	fails(t, compress.LZ4, changed(all, len(all)-9, 0xff), "checksum differs") // of the last block
}

// What we write, the library's own reader takes.
func TestLZ4ForOthers(t *testing.T) {
	for name, src := range inputs() {
		for _, level := range []int{3, 9} {
			enc, err := compress.Append(nil, compress.LZ4, level, src)
			if err != nil {
				t.Fatal(err)
			}
			dec, err := io.ReadAll(lz4.NewReader(bytes.NewReader(enc)))
			if err != nil || !bytes.Equal(dec, src) {
				t.Errorf("%s, level %d: %d bytes decoded of %d, error %v", name, level, len(dec), len(src), err)
			}
		}
	}
}

// changed returns b with the bits of mask flipped at i.
func changed(b []byte, i int, mask byte) []byte {
	b = slices.Clone(b)
	b[i] ^= mask
	return b
}

func TestLZ4Corrupt(t *testing.T) {
	enc := encode(t, compress.LZ4, bytes.Repeat([]byte("kafka"), 1000))
	block := func(b []byte, size uint32) []byte {
		b = slices.Clone(b)
		binary.LittleEndian.PutUint32(b[7:], size)
		return b
	}
	fails(t, compress.LZ4, changed(enc, 0, 1), "not an LZ4 frame")
	fails(t, compress.LZ4, changed(enc, 4, 1<<6), "flags")      // version 0
	fails(t, compress.LZ4, changed(enc, 4, 1<<5), "flags")      // dependent blocks
	fails(t, compress.LZ4, changed(enc, 4, 1), "flags")         // dictionary
	fails(t, compress.LZ4, changed(enc, 5, 7<<4), "block size") // 3: 16 KiB
	fails(t, compress.LZ4, changed(enc, 5, 1<<7), "block size")
	fails(t, compress.LZ4, block(enc, 64<<10+1), "block size")
	fails(t, compress.LZ4, block(enc, 1<<31|(64<<10+1)), "block size")
	fails(t, compress.LZ4, block(enc, 60_000), io.ErrUnexpectedEOF.Error())
	fails(t, compress.LZ4, enc[:7], io.ErrUnexpectedEOF.Error())
	fails(t, compress.LZ4, changed(enc, 11, 0xff), "lz4")
}

// TestXerial takes the framing of snappy-java apart.
func TestXerial(t *testing.T) {
	src := text(rand.New(rand.NewPCG(1, 2)), 100_000)
	enc := encode(t, compress.Snappy, src)
	const header = "\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01"
	rest, ok := bytes.CutPrefix(enc, []byte(header))
	if !ok {
		t.Fatalf("begins with %x", enc[:16])
	}
	var dec []byte
	for len(rest) > 0 {
		n := binary.BigEndian.Uint32(rest)
		chunk, err := snappy.Decode(nil, rest[4:4+n])
		if err != nil {
			t.Fatal(err)
		}
		if len(chunk) != 32<<10 && len(chunk) != 100_000%(32<<10) {
			t.Errorf("a chunk of %d bytes", len(chunk))
		}
		dec, rest = append(dec, chunk...), rest[4+n:]
	}
	if !bytes.Equal(dec, src) {
		t.Error("decoded differs")
	}

	decodes(t, compress.Snappy, snappy.Encode(nil, src), src) // a bare block, as librdkafka once wrote
	decodes(t, compress.Snappy, []byte(header), nil)
	decodes(t, compress.Snappy, snappy.Encode(nil, nil), nil)
	// A writer of a later version that says that version 1 can read it.
	decodes(t, compress.Snappy, changed(enc, 11, 2), src)
	fails(t, compress.Snappy, changed(enc, 15, 2), "version")
	fails(t, compress.Snappy, enc[:12], io.ErrUnexpectedEOF.Error())
	fails(t, compress.Snappy, enc[:len(enc)-1], io.ErrUnexpectedEOF.Error())
	fails(t, compress.Snappy, enc[:18], io.ErrUnexpectedEOF.Error())
	fails(t, compress.Snappy, changed(enc, 16, 0xff), io.ErrUnexpectedEOF.Error()) // a chunk of 4 GiB
	fails(t, compress.Snappy, changed(enc, 22, 0x40), "corrupt")                   // another length of the block
	fails(t, compress.Snappy, []byte{0xff, 0xff, 0xff, 0xff, 0x7f, 0}, "corrupt")
	fails(t, compress.Snappy, []byte{0x80, 0x80, 0x04, 0, 0}, "declared length")
}

func TestGzipOfOthers(t *testing.T) {
	src := text(rand.New(rand.NewPCG(1, 2)), 100_000)
	var b bytes.Buffer
	w := stdgzip.NewWriter(&b)
	w.Name, w.Comment, w.Extra = "name", "comment", []byte("extra")
	_, err := w.Write(src)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	enc := b.Bytes()
	decodes(t, compress.Gzip, enc, src)
	decodes(t, compress.Gzip, slices.Concat(enc, enc), slices.Concat(src, src)) // two members
	prefixesFail(t, compress.Gzip, enc, len(src), 200, 97)
	fails(t, compress.Gzip, changed(enc, 0, 1), "gzip")
	fails(t, compress.Gzip, changed(enc, len(enc)-5, 1), "checksum")
	fails(t, compress.Gzip, append(slices.Clone(enc), 0), "gzip")
}

func TestZstdOfOthers(t *testing.T) {
	src := text(rand.New(rand.NewPCG(1, 2)), 500_000)
	for _, window := range []int{1 << 10, 64 << 10, 8 << 20} {
		t.Run(fmt.Sprintf("window %d", window), func(t *testing.T) {
			var b bytes.Buffer
			w, err := zstd.NewWriter(&b, zstd.WithWindowSize(window), zstd.WithEncoderConcurrency(1))
			if err != nil {
				t.Fatal(err)
			}
			for rest := src; len(rest) > 0; rest = rest[min(len(rest), 10_000):] {
				if _, err := w.Write(rest[:min(len(rest), 10_000)]); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			enc := b.Bytes()
			decodes(t, compress.ZSTD, enc, src)
			decodes(t, compress.ZSTD, slices.Concat(enc, enc), slices.Concat(src, src)) // two frames
			prefixesFail(t, compress.ZSTD, enc, len(src), 50, 997)
			fails(t, compress.ZSTD, changed(enc, 0, 1), "magic")
			fails(t, compress.ZSTD, changed(enc, len(enc)-1, 1), "CRC")
			fails(t, compress.ZSTD, append(slices.Clone(enc), 1, 2, 3, 4, 5), "magic")
		})
	}
}

// A bare block has no chunks: 64 times its length is beyond an int of 32 bits (GOARCH=386).
func TestLongBareSnappyBlock(t *testing.T) {
	src := make([]byte, 40<<20)
	literal := append(binary.AppendUvarint(nil, uint64(len(src))), 63<<2) // format_description.txt, section 2.1: the length less 1 in 4 bytes
	decodes(t, compress.Snappy, append(binary.LittleEndian.AppendUint32(literal, uint32(len(src)-1)), src...), src)
}
