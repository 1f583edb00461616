package record

import "math/bits"

// The lengths and deltas of a record are the variable-length integers of
// Protocol Buffers in zigzag form: 7 bits a byte, lowest first, the sign in bit 0.

func zigzag(v int64) uint64 { return uint64(v)<<1 ^ uint64(v>>63) }

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// uvarintSize returns how many bytes u takes: the number of its bits divided
// by 7 and rounded up, as a multiplication that is exact up to 64 bits.
func uvarintSize(u uint64) int { return (bits.Len64(u|1)*9 + 64) >> 6 }

// lenSize returns how many bytes the length n takes.
func lenSize(n int) int { return uvarintSize(uint64(n) << 1) }

// bytesSize returns how many bytes b takes together with its length; that of nil is -1.
func bytesSize(b []byte) int { return lenSize(len(b)) + len(b) }

// headersSize returns how many bytes headers take together with their number.
func headersSize(headers []Header) int {
	n := lenSize(len(headers))
	for i := range headers {
		h := &headers[i]
		n += lenSize(len(h.Key)) + len(h.Key) + bytesSize(h.Value)
	}
	return n
}

// putUvarint writes u to the beginning of p and returns how many bytes it took.
func putUvarint(p []byte, u uint64) int {
	i := 0
	for u >= 0x80 {
		p[i] = byte(u) | 0x80
		u >>= 7
		i++
	}
	p[i] = byte(u)
	return i + 1
}

// putBytes writes b with its length to the beginning of p and returns how many bytes it took.
func putBytes(p, b []byte) int {
	if b == nil {
		p[0] = 1 // -1
		return 1
	}
	n := putUvarint(p, uint64(len(b))<<1)
	return n + copy(p[n:], b)
}

// putHeaders writes headers with their number to the beginning of p and returns how many bytes they took.
func putHeaders(p []byte, headers []Header) int {
	i := putUvarint(p, uint64(len(headers))<<1)
	for k := range headers {
		h := &headers[k]
		i += putUvarint(p[i:], uint64(len(h.Key))<<1)
		i += copy(p[i:], h.Key)
		i += putBytes(p[i:], h.Value)
	}
	return i
}
