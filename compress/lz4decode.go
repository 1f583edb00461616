package compress

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/pierrec/lz4/v4"
)

var (
	errLZ4Magic     = errors.New("not an LZ4 frame")
	errLZ4Flags     = errors.New("flags that Kafka does not read: want version 1, independent blocks, no dictionary")
	errLZ4BlockSize = errors.New("block size outside of 64 KiB to 4 MiB or beyond the frame's own")
	errLZ4Header    = errors.New("header checksum differs")
	errLZ4Checksum  = errors.New("checksum differs")
	errLZ4Trailing  = errors.New("bytes after the end mark")
)

// The flags of a frame (lz4_Frame_format.md, "Frame Descriptor").
const (
	lz4FlagContentChecksum = 1 << 2
	lz4FlagContentSize     = 1 << 3
	lz4FlagBlockChecksum   = 1 << 4
	lz4FlagIndependent     = 1 << 5
	lz4FlagVersion1        = 1 << 6
	lz4FlagsFixed          = 0b1110_0011 // version, independence, reserved, dictionary
)

// lz4Frame is the descriptor of a frame.
type lz4Frame struct {
	flags    byte
	maxBlock int // bytes
}

// decodeLZ4 reads one frame as Kafka's Lz4BlockInputStream does, with the
// checksums that other writers add. It allocates no more than the limit plus
// one block, for which it takes at most 255 bytes for each byte of the block.
func decodeLZ4(dst, src []byte, limit int) ([]byte, error) {
	frame, src, err := parseLZ4Frame(src)
	if err != nil {
		return dst, corrupt(LZ4, err)
	}
	start, out := len(dst), dst
	for {
		if len(src) < 4 {
			return dst, corrupt(LZ4, io.ErrUnexpectedEOF)
		}
		size := binary.LittleEndian.Uint32(src)
		src = src[4:]
		if size&^lz4Stored == 0 {
			break
		}
		if out, src, err = frame.block(out, src, size); err != nil {
			return dst, corrupt(LZ4, err)
		}
		if len(out)-start > limit {
			return dst, &TooLargeError{Codec: LZ4, Limit: limit}
		}
	}
	if frame.flags&lz4FlagContentChecksum != 0 {
		if src, err = checkLZ4(src, out[start:]); err != nil {
			return dst, corrupt(LZ4, err)
		}
	}
	if len(src) > 0 {
		return dst, corrupt(LZ4, errLZ4Trailing)
	}
	return out, nil
}

func parseLZ4Frame(src []byte) (frame lz4Frame, rest []byte, err error) {
	if len(src) < len(lz4Header) {
		return frame, nil, io.ErrUnexpectedEOF
	}
	if string(src[:4]) != lz4Header[:4] {
		return frame, nil, errLZ4Magic
	}
	frame.flags = src[4]
	if frame.flags&lz4FlagsFixed != lz4FlagVersion1|lz4FlagIndependent {
		return frame, nil, errLZ4Flags
	}
	id := src[5] >> 4 // 4 is 64 KiB, each further one four times the one before
	if src[5]&0x8f != 0 || id < 4 {
		return frame, nil, errLZ4BlockSize
	}
	frame.maxBlock = 1 << (2*id + 8)
	end := 6
	if frame.flags&lz4FlagContentSize != 0 {
		end += 8
	}
	if len(src) <= end {
		return frame, nil, io.ErrUnexpectedEOF
	}
	if byte(xxHash32(src[4:end])>>8) != src[end] {
		return frame, nil, errLZ4Header
	}
	return frame, src[end+1:], nil
}

// block appends the block that src begins with and returns what follows it.
func (f lz4Frame) block(dst, src []byte, size uint32) (out, rest []byte, err error) {
	stored := size&lz4Stored != 0
	size &^= lz4Stored
	if uint64(size) > uint64(f.maxBlock) {
		return dst, src, errLZ4BlockSize
	}
	if uint64(size) > uint64(len(src)) {
		return dst, src, io.ErrUnexpectedEOF
	}
	block := src[:size]
	src = src[size:]
	if f.flags&lz4FlagBlockChecksum != 0 {
		if src, err = checkLZ4(src, block); err != nil {
			return dst, src, err
		}
	}
	if stored {
		return append(dst, block...), src, nil
	}
	// A byte of a length extension stands for 255 (lz4_Block_format.md).
	dst, free := room(dst, min(f.maxBlock, 255*len(block)))
	n, err := lz4.UncompressBlock(block, free)
	if err != nil {
		return dst, src, err
	}
	return dst[:len(dst)+n], src, nil
}

// checkLZ4 compares the checksum that src begins with to that of b.
func checkLZ4(src, b []byte) (rest []byte, err error) {
	if len(src) < 4 {
		return src, io.ErrUnexpectedEOF
	}
	if binary.LittleEndian.Uint32(src) != xxHash32(b) {
		return src, errLZ4Checksum
	}
	return src[4:], nil
}
