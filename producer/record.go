package producer

import (
	"context"
	"time"

	"kafkaproducer/record"
)

// Header is a key and a value that travel with a record (KIP-82). A nil Value differs from an empty one.
type Header = record.Header

// Record is what a program sends. Send copies Key, Value and Headers before it returns: the caller may reuse them.
type Record struct {
	// Topic is required.
	Topic string
	// Partition is where the record goes; nil leaves the choice to the partitioner.
	Partition *int32
	// Key decides the partition when Partition is nil and the default partitioner is in use. Nil and empty differ:
	// a record with an empty key is hashed like any other, one with a nil key goes wherever there is least to do.
	Key []byte
	// Value is the payload; nil makes a tombstone, which a compacted topic takes as the deletion of Key.
	Value []byte
	// Headers are kept in order; a key may occur more than once.
	Headers []Header
	// Timestamp is kept to the millisecond; zero is the time of Send. A topic with
	// message.timestamp.type=LogAppendTime ignores it.
	Timestamp time.Time
	// Overflow is what becomes of the record when there is no room for it; OverflowDefault: as the topic or the Config says.
	Overflow Overflow
	// Context, when it ends before the record has its outcome, ends the wait for that: the Callback gets a DeliveryError with the
	// context's cause. A record that was not sent yet is withdrawn, and NotPersisted; one that was is PossiblyPersisted, and its own
	// outcome is not heard of. Nil: nothing ends the wait. Costs a few allocations and 512 bytes of buffer.memory a record. The context of
	// Send ends with Send.
	Context context.Context

	withdrawal *withdrawal // watches Context; nil: nothing to watch
}

// RecordMetadata says where an acknowledged record is.
type RecordMetadata struct {
	Topic     string
	Partition int32
	// Offset is the record's place in its partition; -1 where the broker didn't say: with acks=0, for a batch acknowledged as a
	// duplicate of one whose offset the broker no longer remembers, and for one whose own answer was lost, when the answer for a
	// later batch shows that it is in the log.
	Offset int64
	// Timestamp is the record's own, or the broker's where the topic has message.timestamp.type=LogAppendTime.
	Timestamp time.Time
}

// Callback is told the outcome of one record, exactly once: err is nil when the record is in its partition as
// acks demands, else a *DeliveryError. See the package documentation for what a callback may do.
type Callback func(m RecordMetadata, err error)
