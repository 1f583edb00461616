package producer

import (
	"errors"
	"fmt"
	"time"

	"kafkaproducer/producer/internal/delivery"
)

var (
	// ErrClosed is returned by calls on a producer that is closed or closing.
	ErrClosed = errors.New("kafkaproducer: the producer is closed")
	// ErrBufferFull is returned by Send when buffer.memory had no room for the record within max.block.ms.
	ErrBufferFull = errors.New("kafkaproducer: no room in buffer.memory within max.block.ms")
	// ErrNoMetadata is part of the *client.TopicError of Send and PartitionsFor when a topic was not known within max.block.ms. The other
	// part is the last trouble on the way to its metadata.
	ErrNoMetadata = errors.New("max.block.ms have passed")
	// ErrInCallback is returned by Flush, Close and SendSync when they are called from inside a Callback: they would
	// wait for the very callback that called them.
	ErrInCallback = errors.New("kafkaproducer: not allowed inside a callback, it would wait for itself")
	// ErrDeliveryTimeout is the cause of a DeliveryError when delivery.timeout.ms passed before an outcome (KIP-91). What stood in
	// the way in the end, if anything did, is in the DeliveryError, too: a *client.AuthError, a *client.ConnError, a
	// protocol.ErrorCode …
	ErrDeliveryTimeout = delivery.ErrDeliveryTimeout
	// ErrBehindFailed is part of the cause of a DeliveryError when a record failed because one before it in its partition did,
	// whose cause is the other part (Config.Gapless).
	ErrBehindFailed = delivery.ErrBehindFailed
	// ErrDropped is the cause of a DeliveryError when buffer.memory was full and the record was to be dropped then (Overflow).
	ErrDropped = errors.New("no room in buffer.memory: the record was dropped")
	// ErrAborted is the cause of a DeliveryError when Close's context ended before the record was done.
	ErrAborted = errors.New("the producer was closed before the record was done")
)

// Status says whether a record that failed may be in its partition all the same.
type Status int8

const (
	// NotPersisted: the record is surely not in the log; sending it again makes no duplicate.
	NotPersisted Status = iota
	// PossiblyPersisted: a request that held the record left, and no answer settled what became of it. The record may be in the
	// log, or get there yet: a broker can handle what a lost connection carried long after.
	PossiblyPersisted
	// Persisted: the last word of the leader was that it has the record, but fewer replicas than min.insync.replicas do
	// (NOT_ENOUGH_REPLICAS_AFTER_APPEND). If it fails before they have it, the record is lost.
	Persisted
)

// String returns the constant's name.
func (s Status) String() string {
	switch s {
	case NotPersisted:
		return "NotPersisted"
	case PossiblyPersisted:
		return "PossiblyPersisted"
	case Persisted:
		return "Persisted"
	}
	return fmt.Sprintf("Status(%d)", int8(s))
}

// DeliveryError is why an accepted record was not acknowledged. errors.Is and errors.As see through it to the
// cause, for example errors.Is(err, protocol.TopicAuthorizationFailed) or errors.Is(err, ErrDeliveryTimeout).
type DeliveryError struct {
	Topic     string
	Partition int32
	Attempts  int    // how many requests held the record
	Status    Status // whether it may be in the log
	Err       error  // the cause: a protocol.ErrorCode, a *client.ConnError, ErrDeliveryTimeout, ErrAborted …
	Message   string // what the broker added in words, if anything (KIP-467)
}

// Error names the partition, the cause, the attempts and the status.
func (e *DeliveryError) Error() string {
	s := fmt.Sprintf("kafkaproducer: %s-%d: %v (%s after %d attempts)", e.Topic, e.Partition, e.Err, e.Status, e.Attempts)
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Unwrap returns the cause.
func (e *DeliveryError) Unwrap() error { return e.Err }

// RecordTooLargeError is returned by Send for a record that max.request.size or buffer.memory could never hold.
type RecordTooLargeError struct {
	Size     int    // bytes the record needs at most, in a batch of its own
	Limit    int    // bytes allowed
	Property string // the property that sets Limit
}

// Error names the size, the limit and the property.
func (e *RecordTooLargeError) Error() string {
	return fmt.Sprintf("kafkaproducer: a record of %d bytes (serialized, with its batch's overhead) is larger than %s = %d",
		e.Size, e.Property, e.Limit)
}

// PartitionError is returned by Send when the record's partition doesn't exist, as far as is known. New metadata are asked for then: one that
// was just added exists a moment later.
type PartitionError struct {
	Topic      string
	Partition  int32
	Partitions int    // how many the topic has
	By         string // who chose it: "Record.Partition" or "Partitioner"
}

// Error names the partition, who chose it and what is allowed.
func (e *PartitionError) Error() string {
	return fmt.Sprintf("kafkaproducer: %s is %d, but topic %q has partitions 0 to %d", e.By, e.Partition, e.Topic, e.Partitions-1)
}

// TimestampError is returned by Send for a timestamp that Kafka has no place for: it counts milliseconds from 1970 and takes no
// negative ones.
type TimestampError struct {
	Topic     string
	Timestamp time.Time
}

// Error names the timestamp and what is allowed.
func (e *TimestampError) Error() string {
	return fmt.Sprintf("kafkaproducer: Record.Timestamp for topic %q is %s; allowed: 1970-01-01T00:00:00Z or later, or the zero time for now",
		e.Topic, e.Timestamp.UTC().Format(time.RFC3339))
}
