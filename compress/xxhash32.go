package compress

import (
	"encoding/binary"
	"math/bits"
)

// The primes of xxHash-32 (xxhash_spec.md, "XXH32 Algorithm").
const (
	xxPrime1 uint32 = 0x9E3779B1
	xxPrime2 uint32 = 0x85EBCA77
	xxPrime3 uint32 = 0xC2B2AE3D
	xxPrime4 uint32 = 0x27D4EB2F
	xxPrime5 uint32 = 0x165667B1
)

// xxHash32 returns the xxHash-32 of b with seed 0, the checksum of LZ4 frames.
func xxHash32(b []byte) uint32 {
	h := xxPrime5
	n := uint32(len(b))
	if len(b) >= 16 {
		p1, p2 := xxPrime1, xxPrime2 // sums that overflow, which constants may not
		lanes := [4]uint32{p1 + p2, p2, 0, -p1}
		for ; len(b) >= 16; b = b[16:] {
			for i := range lanes {
				lanes[i] = xxRound(lanes[i], binary.LittleEndian.Uint32(b[4*i:]))
			}
		}
		h = bits.RotateLeft32(lanes[0], 1) + bits.RotateLeft32(lanes[1], 7) +
			bits.RotateLeft32(lanes[2], 12) + bits.RotateLeft32(lanes[3], 18)
	}
	h += n
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h+binary.LittleEndian.Uint32(b)*xxPrime3, 17) * xxPrime4
	}
	for _, c := range b {
		h = bits.RotateLeft32(h+uint32(c)*xxPrime5, 11) * xxPrime1
	}
	h = (h ^ h>>15) * xxPrime2
	h = (h ^ h>>13) * xxPrime3
	return h ^ h>>16
}

func xxRound(lane, word uint32) uint32 {
	return bits.RotateLeft32(lane+word*xxPrime2, 13) * xxPrime1
}
