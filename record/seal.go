package record

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"kafkaproducer/compress"
)

// Where the fields of a batch's header are (KIP-98; see the table in doc.go).
const (
	atBaseOffset      = 0
	atLength          = 8
	atLeaderEpoch     = 12
	atMagic           = 16
	atCRC             = 17
	atAttributes      = 21
	atLastOffsetDelta = 23
	atBaseTimestamp   = 27
	atMaxTimestamp    = 35
	atProducerID      = 43
	atProducerEpoch   = 51
	atBaseSequence    = 53
	atCount           = 57
)

// magic is the version of the batch format.
const magic = 2

// lengthOverhead is what the field Length of a header does not count: BaseOffset and itself.
const lengthOverhead = atLeaderEpoch

// castagnoli is the polynomial of CRC-32C, which amd64 and arm64 have an instruction for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal ends the batch: no Append after it. With a codec it compresses the
// records into the storage of dst and returns that storage with the batch in
// it; it is in use until the batch is done, then the caller's again. Where dst has
// no room it grows; compress.MaxSize(codec, Size) + BatchHeaderSize bytes is
// always room enough. A batch that would not shrink stays uncompressed: dst
// comes back with length 0, free for other use. So it does without a codec,
// for which Seal has nothing to do, and when the codec or level is wrong, which is the error.
//
// The uncompressed records stay in Buffer. Seal may be called again: the new result replaces the old.
func (b *Builder) Seal(codec compress.Codec, level int, dst []byte) ([]byte, error) {
	b.compressed, b.codec = nil, compress.None
	if codec == compress.None {
		return dst[:0], nil
	}
	dst = slices.Grow(dst[:0], BatchHeaderSize)
	out, err := compress.Append(dst[:BatchHeaderSize], codec, level, b.buf[BatchHeaderSize:b.size])
	if err != nil || len(out) >= b.size {
		return out[:0], err
	}
	b.compressed, b.codec = out, codec
	return out, nil
}

// Stamp writes the header, its checksum included. It may be repeated with
// other values. A producer without an id says -1 for the id, the epoch and the
// sequence; any producer says -1 for the leader epoch. There must be at least one record.
func (b *Builder) Stamp(producerID int64, producerEpoch int16, baseSequence, leaderEpoch int32) {
	p := b.Bytes()
	be := binary.BigEndian
	be.PutUint64(p[atBaseOffset:], 0)
	be.PutUint32(p[atLength:], uint32(len(p)-lengthOverhead))
	be.PutUint32(p[atLeaderEpoch:], uint32(leaderEpoch))
	p[atMagic] = magic
	be.PutUint16(p[atAttributes:], uint16(b.codec)) // create time, neither transactional nor control
	be.PutUint32(p[atLastOffsetDelta:], uint32(b.count-1))
	be.PutUint64(p[atBaseTimestamp:], uint64(b.firstTimestamp))
	be.PutUint64(p[atMaxTimestamp:], uint64(b.maxTimestamp))
	be.PutUint64(p[atProducerID:], uint64(producerID))
	be.PutUint16(p[atProducerEpoch:], uint16(producerEpoch))
	be.PutUint32(p[atBaseSequence:], uint32(baseSequence))
	be.PutUint32(p[atCount:], uint32(b.count))
	be.PutUint32(p[atCRC:], crc32.Checksum(p[atAttributes:], castagnoli))
}

// Bytes returns the batch as it goes on the wire, once it has been stamped. The
// memory is that of the buffer or of what Seal returned.
func (b *Builder) Bytes() []byte {
	if b.compressed != nil {
		return b.compressed
	}
	return b.buf[:b.size]
}

// Keep moves what Seal compressed into the Builder's own buffer, over the uncompressed records: the storage that was given
// to Seal is free for other use, and the batch needs no memory but its buffer. Records must not be called after it; ParseBatch
// reads what is left.
func (b *Builder) Keep() {
	if b.compressed != nil {
		b.compressed = b.buf[:copy(b.buf, b.compressed)]
	}
}
