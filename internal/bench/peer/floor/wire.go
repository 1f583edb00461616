package main

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
	"time"
)

// What is written here by hand is Produce v9 and a record batch of version 2, so that the floor depends on nobody's codec.

const batchHeader = 61 // bytes of a batch before its records

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendRecord appends record number n of a batch: no key, no headers, the batch's timestamp.
func appendRecord(b []byte, n int, value []byte) []byte {
	body := 1 + 1 + varintLen(n) + 1 + varintLen(len(value)) + len(value) + 1
	b = binary.AppendVarint(b, int64(body))
	b = append(b, 0, 0) // attributes, timestamp delta
	b = binary.AppendVarint(b, int64(n))
	b = append(b, 1) // key length -1: null
	b = binary.AppendVarint(b, int64(len(value)))
	b = append(b, value...)
	return append(b, 0) // headers
}

// varintLen is the length of n, not negative, as a zigzag varint.
func varintLen(n int) int { return (bits.Len(uint(n)<<1|1) + 6) / 7 }

// finishBatch fills in the header of a batch of n records. It has no producer id.
func finishBatch(b []byte, n int) {
	now := uint64(time.Now().UnixMilli())
	binary.BigEndian.PutUint64(b, 0)                     // base offset
	binary.BigEndian.PutUint32(b[8:], uint32(len(b)-12)) // length of what follows
	binary.BigEndian.PutUint32(b[12:], 0)                // leader epoch
	b[16] = 2                                            // magic
	binary.BigEndian.PutUint16(b[21:], 0)                // attributes
	binary.BigEndian.PutUint32(b[23:], uint32(n-1))      // last offset delta
	binary.BigEndian.PutUint64(b[27:], now)              // base timestamp
	binary.BigEndian.PutUint64(b[35:], now)              // max timestamp
	binary.BigEndian.PutUint64(b[43:], ^uint64(0))       // producer id
	binary.BigEndian.PutUint16(b[51:], ^uint16(0))       // producer epoch
	binary.BigEndian.PutUint32(b[53:], ^uint32(0))       // base sequence
	binary.BigEndian.PutUint32(b[57:], uint32(n))        // records
	binary.BigEndian.PutUint32(b[17:], crc32.Checksum(b[21:], castagnoli))
}

// appendRequestHead appends a request up to the partitions of its only topic. The size is filled in later.
func appendRequestHead(b []byte, correlation uint32, topic string, partitions int) []byte {
	b = append(b, 0, 0, 0, 0 /* size */, 0, 0 /* Produce */, 0, 9)
	b = binary.BigEndian.AppendUint32(b, correlation)
	b = append(b, 0, 1, 'x', 0) // client id, tagged fields
	b = append(b, 0 /* no transaction */, 0xff, 0xff /* acks=all */, 0, 0, 0x75, 0x30 /* 30 s */)
	b = append(b, 2, byte(len(topic)+1)) // one topic
	b = append(b, topic...)
	return append(b, byte(partitions+1))
}

// appendPartition appends what stands before a partition's records.
func appendPartition(b []byte, partition, records int) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(partition))
	return binary.AppendUvarint(b, uint64(records+1))
}

// requestWithOne returns a whole request with one record for partition 0.
func requestWithOne(topic string, value []byte) []byte {
	batch := appendRecord(make([]byte, batchHeader), 0, value)
	finishBatch(batch, 1)
	b := appendPartition(appendRequestHead(nil, 1, topic, 1), 0, len(batch))
	b = append(b, batch...)
	b = append(b, 0, 0, 0) // tagged fields of partition, topic and request
	binary.BigEndian.PutUint32(b, uint32(len(b)-4))
	return b
}
