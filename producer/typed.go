package producer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Typed sends records whose keys and values are Go values, which it serializes into buffers of its own: beside what a
// Serializer allocates it adds no allocation. It is a view of a Producer, to be closed as that; any number may share
// one. All methods may be called from many goroutines at once.
type Typed[K, V any] struct {
	producer *Producer
	key      Serializer[K]
	value    Serializer[V]
}

// TypedRecord is a Record with a key and value of Go types. Their Serializer decides what is a null, that is no key or a
// tombstone: a nil []byte, a nil pointer of NullableSerializer, a JSON null, or whatever VoidSerializer is given.
type TypedRecord[K, V any] struct {
	Topic     string          // as in Record
	Partition *int32          // as in Record
	Key       K               // serialized, then as in Record
	Value     V               // serialized, then as in Record
	Headers   []Header        // as in Record
	Timestamp time.Time       // as in Record
	Overflow  Overflow        // as in Record
	Context   context.Context // as in Record
}

// NewTyped returns a Typed that sends through p with the serializers given.
func NewTyped[K, V any](p *Producer, key Serializer[K], value Serializer[V]) *Typed[K, V] {
	return &Typed[K, V]{producer: p, key: key, value: value}
}

// TypedFromConfig makes a Producer and a Typed over it. cfg.KeySerializer and cfg.ValueSerializer must name serializers
// of K and V, else the error is a *ConfigError; where they are empty, the type chooses: string, []byte, int16, int32,
// int64, float32, float64, bool, [16]byte (a UUID) or struct{} (always null). Other errors are New's.
func TypedFromConfig[K, V any](cfg Config) (*Typed[K, V], error) {
	key, keyErr := serializerFor[K]("key.serializer", cfg.KeySerializer)
	value, valueErr := serializerFor[V]("value.serializer", cfg.ValueSerializer)
	if err := errors.Join(keyErr, valueErr); err != nil {
		return nil, err
	}
	cfg.KeySerializer, cfg.ValueSerializer = "", "" // the producer below takes bytes
	p, err := New(cfg)
	if err != nil {
		return nil, err
	}
	return NewTyped(p, key, value), nil
}

// Producer returns the producer that t sends through, to flush and close.
func (t *Typed[K, V]) Producer() *Producer { return t.producer }

// Send is Producer.Send. An error of a Serializer fails it before the record is accepted.
func (t *Typed[K, V]) Send(ctx context.Context, r TypedRecord[K, V], done Callback) error {
	s := scratches.Get().(*scratch)
	defer s.release()
	raw, err := t.serialize(s, &r)
	if err != nil {
		return err
	}
	return t.producer.Send(ctx, raw, done)
}

// SendSync is Producer.SendSync. An error of a Serializer fails it before the record is accepted.
func (t *Typed[K, V]) SendSync(ctx context.Context, r TypedRecord[K, V]) (RecordMetadata, error) {
	s := scratches.Get().(*scratch)
	defer s.release()
	raw, err := t.serialize(s, &r)
	if err != nil {
		return RecordMetadata{}, err
	}
	return t.producer.SendSync(ctx, raw)
}

// serialize returns the record, whose key and value lie in s.
func (t *Typed[K, V]) serialize(s *scratch, r *TypedRecord[K, V]) (Record, error) {
	key, err := t.key.Serialize(s.key[:0], r.Topic, r.Key)
	if err != nil {
		return Record{}, fmt.Errorf("kafkaproducer: can't serialize a key for topic %q: %w", r.Topic, err)
	}
	value, err := t.value.Serialize(s.value[:0], r.Topic, r.Value)
	if err != nil {
		return Record{}, fmt.Errorf("kafkaproducer: can't serialize a value for topic %q: %w", r.Topic, err)
	}
	s.learn(key, value)
	return Record{Topic: r.Topic, Partition: r.Partition, Key: key, Value: value, Headers: r.Headers, Timestamp: r.Timestamp,
		Overflow: r.Overflow, Context: r.Context}, nil
}

// scratch is the buffers of one Send, which copies them before it returns.
type scratch struct{ key, value []byte }

// maxScratch is the largest buffer kept, lest one huge record pin its memory.
const maxScratch = 64 << 10

var scratches = sync.Pool{New: func() any {
	return &scratch{key: make([]byte, 0, 64), value: make([]byte, 0, 1024)}
}}

// learn makes the buffers large enough for the like of key and value. It doesn't keep these two, which may be memory of
// the caller's that a Serializer passed on.
func (s *scratch) learn(key, value []byte) {
	if len(key) > cap(s.key) && len(key) <= maxScratch {
		s.key = make([]byte, 0, max(len(key), 2*cap(s.key)))
	}
	if len(value) > cap(s.value) && len(value) <= maxScratch {
		s.value = make([]byte, 0, max(len(value), 2*cap(s.value)))
	}
}

func (s *scratch) release() { scratches.Put(s) }
