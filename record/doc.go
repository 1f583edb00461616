// Package record writes and reads Kafka's record batches, format v2 (KIP-98),
// the only format that brokers from 0.11 on write and that those from 4.0 on take.
//
// # Contract
//
//   - A [Builder] encodes records straight into memory that its user lends it and
//     gets back. It never allocates. Byte for byte it writes what
//     MemoryRecordsBuilder of Kafka's Java client writes for the same records, ids and
//     timestamps; testdata/record holds what that wrote.
//   - [Builder.Append] copies what it is given. A record that does not fit is
//     refused and leaves the batch as it was. 25 ns for a value of 100 bytes, where copying
//     the value alone takes 10 (BenchmarkAppend).
//   - [Builder.Seal] compresses, once; [Builder.Stamp] writes the header and its
//     checksum, as often as the batch is sent. A batch that compression would not
//     shrink is sent uncompressed.
//   - [ParseBatch] checks a batch's size, version and checksum; [Batch.Records]
//     then checks each record. Bytes from the network neither panic nor take more
//     memory than a small multiple of their number or, compressed, the limit that the caller sets.
//
// Neither type has a lock: each has one owner at a time.
//
// # A batch
//
// All integers are big-endian. The checksum covers everything behind it, so
// that a broker can set the three fields before it without a new one.
//
//	| at | field                | type   | of a producer
//	|----|----------------------|--------|--------------
//	|  0 | BaseOffset           | int64  | 0; the broker sets it
//	|  8 | Length               | int32  | bytes behind this field: 49 and the records
//	| 12 | PartitionLeaderEpoch | int32  | -1; the broker sets it
//	| 16 | Magic                | int8   | 2
//	| 17 | CRC                  | uint32 | CRC-32C of the bytes from 21 on
//	| 21 | Attributes           | int16  | bits 0-2 codec, 3 log append time, 4 transactional, 5 control
//	| 23 | LastOffsetDelta      | int32  | number of records - 1
//	| 27 | BaseTimestamp        | int64  | of the first record, milliseconds since the epoch
//	| 35 | MaxTimestamp         | int64  | the latest of all
//	| 43 | ProducerID           | int64  | -1 without one
//	| 51 | ProducerEpoch        | int16  | -1 without one
//	| 53 | BaseSequence         | int32  | of the first record; -1 without a producer id
//	| 57 | RecordsCount         | int32  |
//	| 61 | the records          |        | as one compressed block if there is a codec
//
// # A record
//
// Lengths and deltas are varints: zigzag, 7 bits a byte, lowest first. A length
// of -1 is null.
//
//	| field             | type   | remark
//	|-------------------|--------|-------
//	| Length            | varint | bytes behind this field
//	| Attributes        | int8   | 0; none are defined
//	| TimestampDelta    | varint | 64 bits; from BaseTimestamp, negative when time goes back
//	| OffsetDelta       | varint | from BaseOffset
//	| KeyLength         | varint | then the key
//	| ValueLength       | varint | then the value; null is a tombstone
//	| HeadersCount      | varint |
//	| HeaderKeyLength   | varint | then the key, UTF-8, never null
//	| HeaderValueLength | varint | then the value
//
// # The way of a batch
//
//	b.Reset(buffer)                     // 61 bytes are set aside
//	b.Append(timestamp, key, value, headers)
//	b.Move(larger)                      // when Append was false and the batch may grow
//	dst, err = b.Seal(codec, level, dst) // records → dst; buffer still has them, for Records
//	b.Stamp(id, epoch, sequence, -1)    // header
//	write(b.Bytes())
//	b.Stamp(id, epoch+1, 0, -1)         // after an epoch bump, say: the records stay
//	write(b.Bytes())
package record
