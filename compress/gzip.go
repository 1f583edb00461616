package compress

import (
	"bytes"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzipWriters are idle encoders by level: index 0 is level -1.
var gzipWriters [10]sync.Pool

// gzipWriter is an encoder and the slice that it appends to while in use.
type gzipWriter struct {
	out appender
	zip *gzip.Writer
}

func appendGzip(dst []byte, level int, src []byte) ([]byte, error) {
	if level == DefaultLevel {
		level = gzip.DefaultCompression
	}
	pool := &gzipWriters[max(level, 0)]
	w, _ := pool.Get().(*gzipWriter)
	if w == nil {
		w = new(gzipWriter)
		var err error
		if w.zip, err = gzip.NewWriterLevel(&w.out, level); err != nil {
			return dst, err
		}
	}
	w.zip.Reset(&w.out)
	out, err := w.out.encode(dst, w.zip, src)
	pool.Put(w)
	return out, err
}

// maxGzip: 18 bytes around (RFC 1952), and 5 for each stored block (RFC 1951,
// section 3.2.4), of which the encoder makes one for at least each 16 KiB.
func maxGzip(n int) int { return n + 18 + 5*(n/16384+3) }

// gzipReaders are idle decoders.
var gzipReaders = sync.Pool{New: func() any { return new(gzipReader) }}

// gzipReader is a decoder and the source that it reads while in use.
type gzipReader struct {
	in  bytes.Reader
	zip gzip.Reader
}

// decodeGzip reads one or more members, as java.util.zip.GZIPInputStream does.
// It allocates at most twice the limit, in steps that follow what was decoded.
func decodeGzip(dst, src []byte, limit int) ([]byte, error) {
	r := gzipReaders.Get().(*gzipReader)
	defer func() {
		r.in.Reset(nil)
		gzipReaders.Put(r)
	}()
	r.in.Reset(src)
	if err := r.zip.Reset(&r.in); err != nil {
		return dst, corrupt(Gzip, err)
	}
	out := dst
	for {
		if len(out) == cap(out) {
			out, _ = room(out, min(max(times(len(src), 2, limit+1), len(out)-len(dst)), limit+1))
		}
		n, err := r.zip.Read(out[len(out):cap(out)])
		out = out[:len(out)+n]
		switch {
		case len(out)-len(dst) > limit:
			return dst, &TooLargeError{Codec: Gzip, Limit: limit}
		case err == io.EOF:
			return out, nil
		case err != nil:
			return dst, corrupt(Gzip, err)
		}
	}
}

// corrupt wraps a library's error; its io.EOF means that bytes are missing.
func corrupt(c Codec, err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return &CorruptError{Codec: c, Err: err}
}
