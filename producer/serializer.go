package producer

import (
	"encoding/binary"
	"encoding/hex"
	"math"
)

// Serializer makes the bytes of a record's key or value. It stands for the interface of that name in Kafka's Java client
// (org.apache.kafka.common.serialization.Serializer). Typed calls it from as many goroutines at once as send.
type Serializer[T any] interface {
	// Serialize returns the bytes of v: appended to dst, which is empty and not nil, so that nothing is allocated, or
	// bytes of v's own that nobody changes until Send returns, which copies them. A nil result is a null: no key, or
	// as a value a tombstone. An error fails the Send. dst must not be kept.
	Serialize(dst []byte, topic string, v T) ([]byte, error)
}

// The serializers of Kafka's Java client that have a counterpart in Go, laid out as it does: big-endian numbers.
type (
	// StringSerializer writes the bytes of a string, which Kafka takes to be UTF-8. It never writes a null.
	StringSerializer struct{}
	// ByteArraySerializer writes bytes as they are; nil is a null. Kafka's BytesSerializer and ByteBufferSerializer
	// write the same.
	ByteArraySerializer struct{}
	// ShortSerializer writes 2 bytes.
	ShortSerializer struct{}
	// IntegerSerializer writes 4 bytes.
	IntegerSerializer struct{}
	// LongSerializer writes 8 bytes.
	LongSerializer struct{}
	// FloatSerializer writes the 4 bytes of IEEE 754, a NaN as it is.
	FloatSerializer struct{}
	// DoubleSerializer writes the 8 bytes of IEEE 754; every NaN is 7ff8000000000000, as with Java's doubleToLongBits.
	DoubleSerializer struct{}
	// BooleanSerializer writes one byte, 1 for true and 0 for false.
	BooleanSerializer struct{}
	// UUIDSerializer writes the 36 characters of a UUID's text, in lower case.
	UUIDSerializer struct{}
	// VoidSerializer writes a null: NewTyped(p, VoidSerializer{}, …) is for records without keys.
	VoidSerializer struct{}
)

// Serialize appends v; it cannot fail.
func (StringSerializer) Serialize(dst []byte, _ string, v string) ([]byte, error) {
	return append(dst, v...), nil
}

// Serialize returns v itself; it cannot fail.
func (ByteArraySerializer) Serialize(_ []byte, _ string, v []byte) ([]byte, error) { return v, nil }

// Serialize appends v; it cannot fail.
func (ShortSerializer) Serialize(dst []byte, _ string, v int16) ([]byte, error) {
	return binary.BigEndian.AppendUint16(dst, uint16(v)), nil
}

// Serialize appends v; it cannot fail.
func (IntegerSerializer) Serialize(dst []byte, _ string, v int32) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, uint32(v)), nil
}

// Serialize appends v; it cannot fail.
func (LongSerializer) Serialize(dst []byte, _ string, v int64) ([]byte, error) {
	return binary.BigEndian.AppendUint64(dst, uint64(v)), nil
}

// Serialize appends v; it cannot fail.
func (FloatSerializer) Serialize(dst []byte, _ string, v float32) ([]byte, error) {
	return binary.BigEndian.AppendUint32(dst, math.Float32bits(v)), nil
}

// Serialize appends v; it cannot fail.
func (DoubleSerializer) Serialize(dst []byte, _ string, v float64) ([]byte, error) {
	if math.IsNaN(v) { // Go's own NaN is another one
		return binary.BigEndian.AppendUint64(dst, 0x7ff8000000000000), nil
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), nil
}

// Serialize appends v; it cannot fail.
func (BooleanSerializer) Serialize(dst []byte, _ string, v bool) ([]byte, error) {
	if v {
		return append(dst, 1), nil
	}
	return append(dst, 0), nil
}

// Serialize appends v; it cannot fail.
func (UUIDSerializer) Serialize(dst []byte, _ string, v [16]byte) ([]byte, error) {
	for i, part := range [...][]byte{v[:4], v[4:6], v[6:8], v[8:10], v[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst, nil
}

// Serialize returns nil.
func (VoidSerializer) Serialize([]byte, string, struct{}) ([]byte, error) { return nil, nil }

// NullableSerializer writes a null for a nil pointer and else what Of writes: the way to a tombstone for types that have
// no nil of their own, such as string or int64.
type NullableSerializer[T any] struct{ Of Serializer[T] }

// Serialize appends *v as Of does, or returns nil for nil.
func (s NullableSerializer[T]) Serialize(dst []byte, topic string, v *T) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return s.Of.Serialize(dst, topic, *v)
}
