package compress

import (
	"io"
	"math"
	"slices"
)

// Append appends the compressed form of src to dst and returns the extended
// slice. The level is one that CheckLevel takes, else its error comes
// back with dst as it was. src and dst must not overlap. With MaxSize(c,
// len(src)) bytes of room behind dst it does not grow; lz4, snappy and none
// then allocate nothing in steady state.
func Append(dst []byte, c Codec, level int, src []byte) ([]byte, error) {
	if err := CheckLevel(c, level); err != nil {
		return dst, err
	}
	switch c {
	case Gzip:
		return appendGzip(dst, level, src)
	case Snappy:
		return appendSnappy(dst, src), nil
	case LZ4:
		return appendLZ4(dst, level, src), nil
	case ZSTD:
		return appendZstd(dst, level, src)
	}
	return append(dst, src...), nil
}

// AppendDecoded appends the decompressed form of src to dst and returns the
// extended slice. When that would be more than limit bytes the error is a
// *TooLargeError, when src isn't what c writes a *CorruptError, when c isn't known an
// *UnknownError; dst's own bytes are kept in all cases. What is allocated is bounded by the limit (and the
// doc comment of each codec's file), whatever src claims about itself.
func AppendDecoded(dst []byte, c Codec, src []byte, limit int) ([]byte, error) {
	if !c.Known() {
		return dst, &UnknownError{Name: c.String()}
	}
	if c == None {
		if len(src) > limit {
			return dst, &TooLargeError{Codec: c, Limit: limit}
		}
		return append(dst, src...), nil
	}
	// Not even an empty input compresses to nothing.
	if len(src) == 0 {
		return dst, &CorruptError{Codec: c, Err: io.ErrUnexpectedEOF}
	}
	limit = min(max(limit, 0), math.MaxInt-zstdBlock) // decoders want a little more room, to notice that there is more
	switch c {
	case Gzip:
		return decodeGzip(dst, src, limit)
	case Snappy:
		return decodeSnappy(dst, src, limit)
	case LZ4:
		return decodeLZ4(dst, src, limit)
	}
	return decodeZstd(dst, src, limit)
}

// MaxSize returns an upper bound of what Append adds for n bytes of input.
func MaxSize(c Codec, n int) int {
	switch c {
	case Gzip:
		return maxGzip(n)
	case Snappy:
		return maxSnappy(n)
	case LZ4:
		return maxLZ4(n)
	case ZSTD:
		return maxZstd(n)
	}
	return n
}

// times returns n times factor, or limit where that is less: of a long input the product may be beyond an int of 32 bits.
func times(n, factor, limit int) int {
	if n > limit/factor {
		return limit
	}
	return n * factor
}

// room returns b with room for at least n more bytes, and the room itself.
func room(b []byte, n int) (grown, free []byte) {
	b = slices.Grow(b, n)
	return b, b[len(b) : len(b)+n]
}
