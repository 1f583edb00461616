package record

import (
	"encoding/binary"
	"hash/crc32"
	"iter"

	"kafkaproducer/compress"
)

// The bits of a batch's attributes above those of the codec.
const (
	attributeCodec         = 0b111
	attributeLogAppendTime = 1 << 3
	attributeTransactional = 1 << 4
	attributeControl       = 1 << 5
)

// Batch is the header of a batch that was read, with its records as they were
// received. It refers to the bytes given to ParseBatch.
type Batch struct {
	BaseOffset           int64
	Length               int32 // bytes behind this field
	PartitionLeaderEpoch int32
	Magic                int8
	CRC                  uint32
	Attributes           int16
	LastOffsetDelta      int32
	BaseTimestamp        int64
	MaxTimestamp         int64
	ProducerID           int64
	ProducerEpoch        int16
	BaseSequence         int32
	Count                int32

	payload []byte // the records, compressed as Codec says
}

// ParseBatch reads the batch that b begins with and returns what follows it.
// Sizes, the format's version and the checksum are checked, the records are
// not: Records does that. The errors are *TruncatedError, *BatchError and *ChecksumError.
func ParseBatch(b []byte) (batch Batch, rest []byte, err error) {
	// The older formats have their version at the same place, and shorter headers.
	if len(b) > atMagic && b[atMagic] != magic {
		return Batch{}, b, &BatchError{Field: "Magic", Value: int64(int8(b[atMagic])), Allowed: "2"}
	}
	if len(b) < BatchHeaderSize {
		return Batch{}, b, &TruncatedError{Have: len(b), Need: BatchHeaderSize}
	}
	be := binary.BigEndian
	batch = Batch{
		BaseOffset:           int64(be.Uint64(b[atBaseOffset:])),
		Length:               int32(be.Uint32(b[atLength:])),
		PartitionLeaderEpoch: int32(be.Uint32(b[atLeaderEpoch:])),
		Magic:                int8(b[atMagic]),
		CRC:                  be.Uint32(b[atCRC:]),
		Attributes:           int16(be.Uint16(b[atAttributes:])),
		LastOffsetDelta:      int32(be.Uint32(b[atLastOffsetDelta:])),
		BaseTimestamp:        int64(be.Uint64(b[atBaseTimestamp:])),
		MaxTimestamp:         int64(be.Uint64(b[atMaxTimestamp:])),
		ProducerID:           int64(be.Uint64(b[atProducerID:])),
		ProducerEpoch:        int16(be.Uint16(b[atProducerEpoch:])),
		BaseSequence:         int32(be.Uint32(b[atBaseSequence:])),
		Count:                int32(be.Uint32(b[atCount:])),
	}
	if batch.Length < BatchHeaderSize-lengthOverhead {
		return Batch{}, b, &BatchError{Field: "Length", Value: int64(batch.Length), Allowed: "49 or more"}
	}
	size := int64(lengthOverhead) + int64(batch.Length)
	if int64(len(b)) < size {
		return Batch{}, b, &TruncatedError{Have: len(b), Need: size}
	}
	if sum := crc32.Checksum(b[atAttributes:size], castagnoli); sum != batch.CRC {
		return Batch{}, b, &ChecksumError{Stored: batch.CRC, Computed: sum}
	}
	if batch.Count < 0 {
		return Batch{}, b, &BatchError{Field: "RecordsCount", Value: int64(batch.Count), Allowed: "0 or more"}
	}
	batch.payload = b[BatchHeaderSize:size]
	return batch, b[size:], nil
}

// Size returns the length of the whole batch in bytes.
func (b *Batch) Size() int { return lengthOverhead + int(b.Length) }

// Codec returns how the records are compressed. It may be unknown to package compress.
func (b *Batch) Codec() compress.Codec { return compress.Codec(b.Attributes & attributeCodec) }

// LogAppendTime reports whether the broker set the time of the records, which
// is MaxTimestamp for all of them, and not their producer.
func (b *Batch) LogAppendTime() bool { return b.Attributes&attributeLogAppendTime != 0 }

// Transactional reports whether the batch is part of a transaction.
func (b *Batch) Transactional() bool { return b.Attributes&attributeTransactional != 0 }

// Control reports whether the records are markers and not a producer's.
func (b *Batch) Control() bool { return b.Attributes&attributeControl != 0 }

// Records yields the records in order. They refer to the batch's bytes or, of a
// compressed batch, to a copy made by this call. The first error ends
// the sequence: a *RecordError, or of compressed records one of package
// compress, which decodes to at most limit bytes. Memory follows the bytes there
// are, never a number or length that they claim.
func (b *Batch) Records(limit int) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		payload, err := b.decoded(limit)
		if err != nil {
			yield(Record{}, err)
			return
		}
		r := reader{rest: payload}
		for r.index < int(b.Count) {
			rec, err := r.next()
			if err != nil {
				yield(Record{}, err)
				return
			}
			rec.Offset += b.BaseOffset
			rec.Timestamp += b.BaseTimestamp
			if b.LogAppendTime() {
				rec.Timestamp = b.MaxTimestamp
			}
			if !yield(rec, nil) {
				return
			}
		}
		if len(r.rest) > 0 {
			yield(Record{}, r.fail("Length", int64(len(r.rest)), "0 bytes behind the last record"))
		}
	}
}

// decoded returns the records uncompressed.
func (b *Batch) decoded(limit int) ([]byte, error) {
	if b.Codec() == compress.None {
		return b.payload, nil
	}
	return compress.AppendDecoded(nil, b.Codec(), b.payload, limit)
}
