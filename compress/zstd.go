package compress

import (
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// zstdWindow is how far back a match may lie. It is the default of
// max.request.size, so of the largest batch; the frame of a smaller input
// says a smaller one.
const zstdWindow = 1 << 20

// zstdDefaultLevel is Kafka's compression.zstd.level; zstd itself also calls it 0.
const zstdDefaultLevel = 3

// zstdWriters are idle encoders by the library's level.
var zstdWriters [zstd.SpeedBestCompression + 1]sync.Pool

// zstdWriter is an encoder and the slice that it appends to while in use. It is
// used as a stream: a stream with a concurrency of 1 runs in the caller's
// goroutine without a channel. EncodeAll goes through a channel that the encoder makes at its first use, and a
// channel made inside of a testing/synctest bubble must not be used outside of it.
type zstdWriter struct {
	out appender
	zip *zstd.Encoder
}

func appendZstd(dst []byte, level int, src []byte) ([]byte, error) {
	if level == DefaultLevel || level == 0 {
		level = zstdDefaultLevel
	}
	speed := zstd.EncoderLevelFromZstd(level)
	pool := &zstdWriters[speed]
	w, _ := pool.Get().(*zstdWriter)
	if w == nil {
		var err error
		if w, err = newZstdWriter(speed); err != nil {
			return dst, err
		}
	}
	w.out.b = dst
	w.zip.ResetContentSize(&w.out, int64(len(src)))
	_, err := w.zip.Write(src)
	if err == nil {
		err = w.zip.Close()
	}
	out := w.out.b
	w.out.b = nil // the pool must not keep the caller's memory
	pool.Put(w)
	if err != nil {
		return dst, err
	}
	return out, nil
}

func newZstdWriter(speed zstd.EncoderLevel) (*zstdWriter, error) {
	zip, err := zstd.NewWriter(nil,
		zstd.WithWindowSize(zstdWindow), // before the level, which else sets the size of blocks too
		zstd.WithEncoderLevel(speed),
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderCRC(false), // the batch has one; zstd-jni's stream writes none either
	)
	return &zstdWriter{zip: zip}, err
}

// maxZstd: the frame's header and 3 bytes a block of 128 KiB (RFC 8878, section 3.1.1).
func maxZstd(n int) int { return n + 18 + 3*(n>>17+1) }

// zstdReader is the one decoder; DecodeAll may be called at once by as many as
// there are processors, others wait. It is made here and not at the first use because of
// its channel (see zstdWriter).
var zstdReader, _ = zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.WithDecodeAllCapLimit(true))

// decodeZstd reads one or more frames. It decodes into room that grows towards
// the limit, at first 16 bytes for each byte of src and then fourfold, beginning anew
// each time: the bytes of a frame say nothing reliable about its size.
func decodeZstd(dst, src []byte, limit int) ([]byte, error) {
	for size := min(16*len(src)+4096, limit); ; size = min(4*size, limit) {
		grown, _ := room(dst, size)
		// Not cap(grown): what is decoded must not depend on the allocator.
		out, err := zstdReader.DecodeAll(src, grown[:len(dst):len(dst)+size])
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, zstd.ErrDecoderSizeExceeded) && !errors.Is(err, io.ErrShortBuffer):
			return dst, corrupt(ZSTD, err)
		case size == limit:
			return dst, &TooLargeError{Codec: ZSTD, Limit: limit}
		}
	}
}
