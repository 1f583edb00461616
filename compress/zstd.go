package compress

import (
	"errors"
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
	w.zip.ResetContentSize(&w.out, int64(len(src)))
	out, err := w.out.encode(dst, w.zip, src)
	pool.Put(w)
	return out, err
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

// zstdBlock is the most that one block decodes to (RFC 8878, section 3.1.1.2).
const zstdBlock = 128 << 10

// zstdScratch are idle buffers to decode into, of type *[]byte.
var zstdScratch = sync.Pool{New: func() any { return new([]byte) }}

// decodeZstd reads one or more frames. It decodes into scratch that grows
// fourfold towards the limit, beginning anew each time: what a frame says about
// its size can't be trusted, and most say nothing.
func decodeZstd(dst, src []byte, limit int) ([]byte, error) {
	scratch := zstdScratch.Get().(*[]byte)
	defer zstdScratch.Put(scratch)
	for size := times(len(src), 16, limit); ; size = times(size, 4, limit) {
		// One block more than needed, so that a failure for want of room can be told from
		// another: the library's error says it in text only.
		buf := *scratch
		if cap(buf) < size+zstdBlock {
			buf = make([]byte, 0, size+zstdBlock)
		}
		out, err := zstdReader.DecodeAll(src, buf[:0:size+zstdBlock])
		if size <= zstdKeep {
			*scratch = buf
		}
		switch {
		case err == nil && len(out) <= limit:
			return append(dst, out...), nil
		case err != nil && len(out) <= size && !errors.Is(err, zstd.ErrDecoderSizeExceeded):
			return dst, corrupt(ZSTD, err)
		case err == nil || size == limit:
			return dst, &TooLargeError{Codec: ZSTD, Limit: limit}
		}
	}
}

// zstdKeep is the size of the largest scratch to keep, without its last block.
const zstdKeep = 1 << 20
