package compress

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/s2"
)

// xerialHeader begins what org.xerial.snappy.SnappyOutputStream writes: a
// magic, the version of the framing and the oldest version that can read it.
// Then come chunks: a big-endian length of 4 bytes and a block in snappy's
// block format. There is no end mark.
const (
	xerialMagic  = "\x82SNAPPY\x00" // by which readers tell the framing from a bare block
	xerialHeader = xerialMagic + "\x00\x00\x00\x01" + "\x00\x00\x00\x01"
)

// snappyChunk is how many bytes go into a chunk, as in snappy-java.
const snappyChunk = 32 << 10

func appendSnappy(dst, src []byte) []byte {
	dst = append(dst, xerialHeader...)
	for len(src) > 0 {
		chunk := src[:min(len(src), snappyChunk)]
		src = src[len(chunk):]
		var free []byte
		dst, free = room(dst, 4+s2.MaxEncodedLen(len(chunk)))
		block := s2.EncodeSnappy(free[4:], chunk)
		binary.BigEndian.PutUint32(free, uint32(len(block)))
		dst = dst[:len(dst)+4+len(block)]
	}
	return dst
}

func maxSnappy(n int) int {
	return len(xerialHeader) + (n/snappyChunk)*(4+s2.MaxEncodedLen(snappyChunk)) + 4 + s2.MaxEncodedLen(n%snappyChunk)
}

var (
	errSnappyVersion = errors.New("framing of an unknown version")
	errSnappyLength  = errors.New("declared length is beyond what the block can hold")
)

// decodeSnappy reads both framings that Kafka's consumers know: xerial's, and a
// bare block. It allocates no more than the limit, nor more than 22 bytes for each of src.
func decodeSnappy(dst, src []byte, limit int) ([]byte, error) {
	if len(src) < len(xerialMagic) || string(src[:len(xerialMagic)]) != xerialMagic {
		return decodeSnappyBlock(dst, len(dst), src, limit)
	}
	if len(src) < len(xerialHeader) {
		return dst, corrupt(Snappy, io.ErrUnexpectedEOF)
	}
	// A newer version may be read when it says that version 1 can.
	if binary.BigEndian.Uint32(src[12:]) > 1 {
		return dst, corrupt(Snappy, errSnappyVersion)
	}
	start := len(dst)
	out := dst
	for src = src[len(xerialHeader):]; len(src) > 0; {
		if len(src) < 4 {
			return dst, corrupt(Snappy, io.ErrUnexpectedEOF)
		}
		size := binary.BigEndian.Uint32(src)
		src = src[4:]
		if uint64(size) > uint64(len(src)) {
			return dst, corrupt(Snappy, io.ErrUnexpectedEOF)
		}
		var err error
		if out, err = decodeSnappyBlock(out, start, src[:size], limit); err != nil {
			return dst, err
		}
		src = src[size:]
	}
	return out, nil
}

// decodeSnappyBlock appends one block; what is decoded of the whole begins at start.
func decodeSnappyBlock(dst []byte, start int, block []byte, limit int) ([]byte, error) {
	n, err := snappy.DecodedLen(block)
	if err != nil {
		return dst, corrupt(Snappy, err)
	}
	// The densest element is a copy of 64 bytes in 3 (format_description.txt, section 2.2.2).
	if int64(n) > int64(len(block))*64/3 {
		return dst, corrupt(Snappy, errSnappyLength)
	}
	if n > limit-(len(dst)-start) {
		return dst, &TooLargeError{Codec: Snappy, Limit: limit}
	}
	dst, free := room(dst, n)
	if _, err := snappy.Decode(free, block); err != nil {
		return dst, corrupt(Snappy, err)
	}
	return dst[:len(dst)+n], nil
}
