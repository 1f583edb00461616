package producertest

import (
	"errors"
	"fmt"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// decodedLimit bounds what the records of one batch may decompress to. Kafka has no limit.
const decodedLimit = 64 << 20

// recordRefusal is a record that a batch is refused for (KIP-467).
type recordRefusal struct {
	index  int32
	reason string
}

// verdict is what is wrong with a batch in itself. The zero value is nothing.
type verdict struct {
	refusal
	records []recordRefusal
}

// zstdSince is the first Produce version in which zstd may be used (KIP-110).
const zstdSince = 7

// parseBatch checks what ProduceRequest.validateRecords and UnifiedLog.analyzeAndValidateRecords do: exactly one
// batch, of the right format and size, with the right checksum.
func parseBatch(bytes []byte, version int16, config *TopicConfig) (record.Batch, verdict) {
	if len(bytes) > config.MaxMessageBytes {
		return record.Batch{}, verdict{refusal: refuse(protocol.MessageTooLarge,
			"batch of %d bytes, the topic takes %d", len(bytes), config.MaxMessageBytes)}
	}
	b, rest, err := record.ParseBatch(bytes)
	if _, wrong := errors.AsType[*record.ChecksumError](err); wrong {
		return b, verdict{refusal: refuse(protocol.CorruptMessage, "%v", err)}
	}
	switch {
	case err != nil:
		return b, verdict{refusal: refuse(protocol.InvalidRecord, "%v", err)}
	case len(rest) > 0:
		return b, verdict{refusal: refuse(protocol.InvalidRecord, "%d bytes behind the batch", len(rest))}
	case b.Codec() == compress.ZSTD && version < zstdSince:
		return b, verdict{refusal: refuse(protocol.UnsupportedCompressionType, "zstd in Produce v%d", version)}
	}
	return b, verdict{refusal: checkHeader(&b)}
}

// checkHeader checks what LogValidator.validateBatch does.
func checkHeader(b *record.Batch) refusal {
	switch {
	case b.BaseOffset != 0:
		return refuse(protocol.InvalidRecord, "base offset is %d, not 0", b.BaseOffset)
	case b.Count <= 0:
		return refuse(protocol.InvalidRecord, "count is %d", b.Count)
	case b.LastOffsetDelta != b.Count-1:
		return refuse(protocol.InvalidRecord, "last offset delta is %d with %d records", b.LastOffsetDelta, b.Count)
	case b.Control():
		return refuse(protocol.InvalidRecord, "clients may not write control records")
	case b.ProducerID >= 0 && b.BaseSequence < 0:
		return refuse(protocol.InvalidRecord, "producer %d has sequence %d", b.ProducerID, b.BaseSequence)
	case b.Transactional():
		return refuse(protocol.InvalidTxnState, "there are no transactions here")
	}
	return refusal{}
}

// checkRecords looks at each record, as LogValidator does: the batch holds as many as it says and nothing else, each is
// well formed and what the topic takes. Offsets that don't count up from 0, and the timestamp type of a broker, are
// refused here, where Kafka puts up with them for the sake of old clients.
func checkRecords(b *record.Batch, config *TopicConfig, now time.Time) verdict {
	if b.LogAppendTime() {
		return verdict{
			refusal{protocol.InvalidTimestamp, "a producer may not set the timestamp type LogAppendTime"},
			[]recordRefusal{{0, "timestamp type is LogAppendTime"}},
		}
	}
	var v verdict
	next, nowMs := int64(0), now.UnixMilli()
	for rec, err := range b.Records(decodedLimit) {
		if err != nil {
			return verdict{refusal: recordsError(err)}
		}
		if rec.Offset != next {
			return verdict{refusal: refuse(protocol.InvalidRecord, "record %d has the offset delta %d", next, rec.Offset)}
		}
		if code, reason := checkRecord(&rec, config, nowMs); code != protocol.None {
			v.records = append(v.records, recordRefusal{int32(next), reason})
			if v.code != protocol.InvalidTimestamp { // it goes before other errors
				v.refusal = refusal{code, "one or more records have been rejected: " + reason}
			}
		}
		next++
	}
	return v
}

// recordsError is the code for records that can't be read: CORRUPT_MESSAGE where they don't decompress.
func recordsError(err error) refusal {
	if bad := (*record.RecordError)(nil); errors.As(err, &bad) {
		return refusal{protocol.InvalidRecord, err.Error()}
	}
	if unknown := (*compress.UnknownError)(nil); errors.As(err, &unknown) {
		return refusal{protocol.UnsupportedCompressionType, err.Error()}
	}
	return refusal{protocol.CorruptMessage, err.Error()}
}

// checkRecord checks one record against the topic's settings.
func checkRecord(r *record.Record, config *TopicConfig, nowMs int64) (protocol.ErrorCode, string) {
	if config.Compacted && r.Key == nil {
		return protocol.InvalidRecord, "a compacted topic takes no record without a key"
	}
	if config.LogAppendTime || r.Timestamp == record.NoTimestamp {
		return protocol.None, ""
	}
	old := nowMs - r.Timestamp
	if config.TimestampBefore != never && old > config.TimestampBefore.Milliseconds() ||
		config.TimestampAfter != never && -old > config.TimestampAfter.Milliseconds() {
		return protocol.InvalidTimestamp, fmt.Sprintf("timestamp %d is %d ms before the broker's", r.Timestamp, old)
	}
	return protocol.None, ""
}
