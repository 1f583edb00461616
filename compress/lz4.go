package compress

import (
	"encoding/binary"
	"sync"

	"github.com/pierrec/lz4/v4"
)

// The frame of LZ4 (lz4_Frame_format.md, 1.6) in the form that Kafka's
// Lz4BlockOutputStream gives it: version 1, independent blocks of at most
// 64 KiB, no checksums, no content size. The last byte of the header is the
// second byte of the xxHash-32 of the two flag bytes before it.
const (
	lz4Header = "\x04\x22\x4d\x18\x60\x40\x82"
	lz4Block  = 64 << 10
	lz4Stored = 1 << 31 // in a block's size: the block is not compressed
	lz4EndLen = 4       // the end mark, a block of size 0
)

// lz4DefaultLevel is Kafka's compression.lz4.level; Kafka takes lz4-java's
// fast compressor at that level, and the high compressor at each other one.
const lz4DefaultLevel = 9

var (
	lz4Fast = sync.Pool{New: func() any { return new(lz4.Compressor) }}
	lz4High = sync.Pool{New: func() any { return new(lz4.CompressorHC) }}
)

func appendLZ4(dst []byte, level int, src []byte) []byte {
	dst = append(dst, lz4Header...)
	if level == DefaultLevel || level == lz4DefaultLevel {
		c := lz4Fast.Get().(*lz4.Compressor)
		dst = appendLZ4Blocks(dst, src, c)
		lz4Fast.Put(c)
	} else {
		c := lz4High.Get().(*lz4.CompressorHC)
		// Level n looks at 2^(n-1) candidates for each match, which is what
		// the reference's levels 3 to 9 do (lz4hc.c, k_clTable). From 10 on that
		// has an optimal parser instead, which the library here lacks.
		c.Level = 1 << (level - 1)
		dst = appendLZ4Blocks(dst, src, c)
		lz4High.Put(c)
	}
	return append(dst, 0, 0, 0, 0)
}

func appendLZ4Blocks[C interface {
	CompressBlock(src, dst []byte) (int, error)
}](dst, src []byte, c C) []byte {
	for len(src) > 0 {
		block := src[:min(len(src), lz4Block)]
		src = src[len(block):]
		var free []byte
		dst, free = room(dst, 4+len(block))
		// Room for less than the block itself: an incompressible block ends in
		// 0 or in an error, early, and is stored.
		n, err := c.CompressBlock(block, free[4:4+len(block)-1])
		if err != nil || n == 0 {
			n = copy(free[4:], block)
			binary.LittleEndian.PutUint32(free, uint32(n)|lz4Stored)
		} else {
			binary.LittleEndian.PutUint32(free, uint32(n))
		}
		dst = dst[:len(dst)+4+n]
	}
	return dst
}

func maxLZ4(n int) int {
	return len(lz4Header) + n + 4*((n+lz4Block-1)/lz4Block) + lz4EndLen
}
