package producertest

import (
	"encoding/binary"
	"math"
	"sync"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// decodings holds storage for decompressed records.
var decodings = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled is the largest storage that goes back to decodings.
const maxPooled = 1 << 20

// wellFormed reports whether checkRecords would find nothing wrong, at a fraction of its cost: it walks over the records
// without taking them apart. It may be wrong only in saying no.
func wellFormed(b *record.Batch, bytes []byte, config *TopicConfig, now time.Time) bool {
	if b.LogAppendTime() {
		return false
	}
	payload := bytes[record.BatchHeaderSize:]
	if b.Codec() != compress.None {
		storage := decodings.Get().(*[]byte)
		decoded, err := compress.AppendDecoded((*storage)[:0], b.Codec(), payload, decodedLimit)
		defer func() {
			if cap(decoded) <= maxPooled {
				*storage = decoded
			}
			decodings.Put(storage)
		}()
		if err != nil {
			return false
		}
		payload = decoded
	}
	w := walker{rest: payload, keys: config.Compacted, least: math.MinInt64, most: math.MaxInt64}
	if !config.LogAppendTime {
		w.limit(b.BaseTimestamp, now.UnixMilli(), config)
	}
	for i := range int64(b.Count) {
		if !w.record(i) {
			return false
		}
	}
	return len(w.rest) == 0
}

// walker walks over uncompressed records.
type walker struct {
	rest        []byte
	keys        bool  // keys must not be null
	least, most int64 // timestamp deltas must be in this range
}

// limit sets the range of timestamp deltas for a topic with limits. A batch whose base is not an ordinary time gets an
// empty range, so that nothing overflows.
func (w *walker) limit(base, now int64, config *TopicConfig) {
	if config.TimestampBefore != never {
		w.least = now - config.TimestampBefore.Milliseconds() - base
	}
	if config.TimestampAfter != never {
		w.most = now + config.TimestampAfter.Milliseconds() - base
	}
	limited := config.TimestampBefore != never || config.TimestampAfter != never
	if limited && (base < 0 || base > math.MaxInt64/4) {
		w.least, w.most = 0, -1
	}
}

// record walks over the record with the index, which is the offset delta it must have.
func (w *walker) record(index int64) bool {
	size, ok := w.varint()
	if !ok || size < 1 || size > int64(len(w.rest)) {
		return false
	}
	behind := w.rest[size:]
	w.rest = w.rest[1:size] // attributes: none are defined
	delta, ok := w.varint()
	if !ok || delta < w.least || delta > w.most {
		return false
	}
	if offset, ok := w.varint(); !ok || offset != index {
		return false
	}
	null, ok := w.skip()
	if !ok || null && w.keys {
		return false
	}
	if _, ok := w.skip(); !ok || !w.headers() || len(w.rest) > 0 {
		return false
	}
	w.rest = behind
	return true
}

func (w *walker) headers() bool {
	n, ok := w.varint()
	if !ok || n < 0 || n > int64(len(w.rest)) {
		return false
	}
	for range n {
		if null, ok := w.skip(); !ok || null {
			return false
		}
		if _, ok := w.skip(); !ok {
			return false
		}
	}
	return true
}

// skip walks over a length and as many bytes; -1 is null.
func (w *walker) skip() (null, ok bool) {
	n, ok := w.varint()
	switch {
	case !ok || n < -1 || n > int64(len(w.rest)):
		return false, false
	case n == -1:
		return true, true
	}
	w.rest = w.rest[n:]
	return false, true
}

// varint reads a zigzag integer, most of which take a byte or two.
func (w *walker) varint() (int64, bool) {
	if len(w.rest) > 0 && w.rest[0] < 0x80 {
		u := w.rest[0]
		w.rest = w.rest[1:]
		return int64(u>>1) ^ -int64(u&1), true
	}
	v, n := binary.Varint(w.rest)
	if n <= 0 {
		return 0, false
	}
	w.rest = w.rest[n:]
	return v, true
}
