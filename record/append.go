package record

// head is as much of a record as the fields before its key, or between key and
// value, may take. Writing through a pointer to an array of a power of two
// costs no bounds check, which halves the time of Append.
type head [32]byte

// short bounds what takes one or two bytes as a varint.
const short = 1 << 14

// Append encodes one record behind the others. It returns false, and changes
// nothing, when the record does not fit into the buffer. The timestamp is in
// milliseconds since the epoch, not below NoTimestamp. Key, value and headers
// are copied. Append must not be called after Seal.
func (b *Builder) Append(timestamp int64, key, value []byte, headers []Header) bool {
	first := b.firstTimestamp
	if b.count == 0 {
		first = timestamp
	}
	timeDelta := zigzag(timestamp - first)
	offsetDelta := uint64(b.count) << 1
	keyLen, valueLen := uint64(len(key))<<1, uint64(len(value))<<1

	// Nothing in the usual record needs more than two bytes of varint.
	if timeDelta|offsetDelta|keyLen|valueLen >= short {
		return b.appendAny(timestamp, first, key, value, headers)
	}
	body := 2 + shortSize(timeDelta) + shortSize(offsetDelta) + shortSize(keyLen) + shortSize(valueLen) + len(key) + len(value)
	if len(headers) > 0 {
		body += headersSize(headers) - 1
	}
	if body >= short>>1 || len(b.buf)-b.size < body+len(head{}) {
		return b.appendAny(timestamp, first, key, value, headers)
	}
	free := b.buf[b.size:]
	if key == nil {
		keyLen = 1 // -1
	}
	if value == nil {
		valueLen = 1
	}
	h := (*head)(free)
	i := putShort(h, 0, uint64(body)<<1)
	h[i&31] = 0 // attributes: none are defined
	i = putShort(h, i+1, timeDelta)
	i = putShort(h, i, offsetDelta)
	i = putShort(h, i, keyLen)
	if len(key) > 0 {
		i += copy(free[i:], key)
		i += putShort((*head)(free[i:]), 0, valueLen)
	} else {
		i = putShort(h, i, valueLen)
	}
	i += copy(free[i:], value)
	if len(headers) > 0 {
		i += putHeaders(free[i:], headers)
	} else {
		free[i] = 0
		i++
	}
	b.size += i
	b.count++
	b.firstTimestamp = first
	b.maxTimestamp = max(b.maxTimestamp, timestamp)
	return true
}

// appendAny is Append for any record.
func (b *Builder) appendAny(timestamp, first int64, key, value []byte, headers []Header) bool {
	timeDelta := zigzag(timestamp - first)
	offsetDelta := uint64(b.count) << 1
	body := bodySize(timeDelta, offsetDelta, key, value, headers)
	total := lenSize(body) + body
	if total > len(b.buf)-b.size {
		return false
	}
	p := b.buf[b.size : b.size+total]
	i := putUvarint(p, uint64(body)<<1)
	p[i] = 0
	i++
	i += putUvarint(p[i:], timeDelta)
	i += putUvarint(p[i:], offsetDelta)
	i += putBytes(p[i:], key)
	i += putBytes(p[i:], value)
	putHeaders(p[i:], headers)
	b.size += total
	b.count++
	b.firstTimestamp = first
	b.maxTimestamp = max(b.maxTimestamp, timestamp)
	return true
}

// putShort writes u, which is below short, to h from i on and returns the index behind it.
func putShort(h *head, i int, u uint64) int {
	if u < 0x80 {
		h[i&31] = byte(u)
		return i + 1
	}
	h[i&31] = byte(u) | 0x80
	h[(i+1)&31] = byte(u >> 7)
	return i + 2
}

// shortSize returns how many bytes u takes, which is below short.
func shortSize(u uint64) int {
	if u < 0x80 {
		return 1
	}
	return 2
}
