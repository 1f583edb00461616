package producer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// onlyRecord is what the one record of the topic's one partition holds.
func onlyRecord(t *testing.T, c *producertest.Cluster, topic string) (key, value []byte) {
	t.Helper()
	records := c.Records(topic, 0)
	if len(records) != 1 {
		t.Fatalf("%d records in %s", len(records), topic)
	}
	return records[0].Key, records[0].Value
}

func TestTypedSend(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		typed := producer.NewTyped(open(t, config(t, c)), producer.StringSerializer{}, producer.NullableSerializer[int64]{Of: producer.LongSerializer{}})
		five := int64(5)
		partition, at := int32(0), time.UnixMilli(1_700_000_000_123)
		m, err := typed.SendSync(t.Context(), producer.TypedRecord[string, *int64]{Topic: "sync", Partition: &partition, Key: "k", Value: &five,
			Headers: []producer.Header{{Key: "h", Value: []byte("v")}}, Timestamp: at})
		if err != nil || m.Offset != 0 || !m.Timestamp.Equal(at) {
			t.Fatalf("%+v, %v", m, err)
		}
		if r := c.Records("sync", 0)[0]; string(r.Key) != "k" || string(r.Value) != "\x00\x00\x00\x00\x00\x00\x00\x05" || len(r.Headers) != 1 || r.Headers[0].Key != "h" {
			t.Errorf("%+v", r)
		}

		done := make(chan error, 1)
		if err := typed.Send(t.Context(), producer.TypedRecord[string, *int64]{Topic: "async"}, func(_ producer.RecordMetadata, err error) { done <- err }); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if key, value := onlyRecord(t, c, "async"); key == nil || len(key) != 0 || value != nil {
			t.Errorf("key %v, want an empty one; value %v, want a null", key, value)
		}
	})
}

func TestTypedSendWithoutKeys(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		typed := producer.NewTyped(open(t, config(t, c)), producer.VoidSerializer{}, producer.JSONSerializer[[]int]{})
		if _, err := typed.SendSync(t.Context(), producer.TypedRecord[struct{}, []int]{Topic: "t", Value: []int{1, 2}}); err != nil {
			t.Fatal(err)
		}
		if key, value := onlyRecord(t, c, "t"); key != nil || string(value) != "[1,2]" {
			t.Errorf("key %q, value %q", key, value)
		}
	})
}

// refusing fails, as a registry of schemas might.
type refusing struct{ err error }

func (s refusing) Serialize([]byte, string, string) ([]byte, error) { return nil, s.err }

func TestTypedSendReportsSerializers(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		p, trouble := open(t, config(t, c)), errors.New("no schema")
		never := func(producer.RecordMetadata, error) {
			t.Error("the callback of a record that wasn't accepted was called")
		}
		for what, typed := range map[string]*producer.Typed[string, string]{
			"key":   producer.NewTyped(p, refusing{trouble}, producer.StringSerializer{}),
			"value": producer.NewTyped(p, producer.StringSerializer{}, refusing{trouble}),
		} {
			r := producer.TypedRecord[string, string]{Topic: "t"}
			want := fmt.Sprintf(`kafkaproducer: can't serialize a %s for topic "t": no schema`, what)
			if err := typed.Send(t.Context(), r, never); !errors.Is(err, trouble) || err.Error() != want {
				t.Errorf("Send: got %v, want %s", err, want)
			}
			if _, err := typed.SendSync(t.Context(), r); !errors.Is(err, trouble) || err.Error() != want {
				t.Errorf("SendSync: got %v, want %s", err, want)
			}
		}
		synctest.Wait()
	})
}

// passing returns the caller's own memory, as ByteArraySerializer does: Typed must never write into it later.
type passing struct{}

func (passing) Serialize(_ []byte, _ string, v []byte) ([]byte, error) { return v, nil }

func TestTypedKeepsNoMemoryOfTheCaller(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		own := make([]byte, 10_000)
		bytes := producer.NewTyped[[]byte, []byte](p, passing{}, passing{})
		if _, err := bytes.SendSync(t.Context(), producer.TypedRecord[[]byte, []byte]{Topic: "t", Key: own[:5000], Value: own}); err != nil {
			t.Fatal(err)
		}
		text := producer.NewTyped(p, producer.StringSerializer{}, producer.StringSerializer{})
		for range 10 {
			if _, err := text.SendSync(t.Context(), producer.TypedRecord[string, string]{Topic: "t", Key: "kkkk", Value: "vvvv"}); err != nil {
				t.Fatal(err)
			}
		}
		for i, b := range own {
			if b != 0 {
				t.Fatalf("byte %d of the caller's memory is %q", i, b)
			}
		}
	})
}

func TestTypedFromConfig(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.KeySerializer, cfg.ValueSerializer = "org.apache.kafka.common.serialization.IntegerSerializer", "StringSerializer"
		typed, err := producer.TypedFromConfig[int32, string](cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := typed.SendSync(t.Context(), producer.TypedRecord[int32, string]{Topic: "t", Key: 258, Value: "x"}); err != nil {
			t.Error(err)
		}
		if err := typed.Producer().Close(t.Context()); err != nil {
			t.Error(err)
		}
		if key, value := onlyRecord(t, c, "t"); string(key) != "\x00\x00\x01\x02" || string(value) != "x" {
			t.Errorf("key %q, value %q", key, value)
		}

		cfg.Acks = 77 // New's errors come through
		_, err = producer.TypedFromConfig[int32, string](cfg)
		var e *producer.ConfigError
		if !errors.As(err, &e) || e.Property != "acks" {
			t.Errorf("%v", err)
		}
	})
}

// Into an open batch Send allocates nothing, and Typed adds nothing.
func TestTypedAddsNoAllocation(t *testing.T) {
	c := producertest.Start(t, producertest.Options{InMemory: true})
	cfg := config(t, c)
	cfg.Linger, cfg.BatchSize, cfg.MaxRequestSize = time.Hour, 1<<20, 2<<20
	p := open(t, cfg)
	typed := producer.NewTyped(p, producer.LongSerializer{}, producer.StringSerializer{})
	ctx, partition := context.Background(), int32(0)
	r := producer.TypedRecord[int64, string]{Topic: "t", Partition: &partition, Key: 5, Value: "a value of some length"}
	plain := producer.Record{Topic: "t", Partition: &partition, Key: make([]byte, 8), Value: []byte(r.Value)}
	send := func() {
		if err := typed.Send(ctx, r, nil); err != nil {
			t.Fatal(err)
		}
	}
	for range 5000 { // until the batch's buffer has grown
		send()
	}
	base := testing.AllocsPerRun(2000, func() {
		if err := p.Send(ctx, plain, nil); err != nil {
			t.Fatal(err)
		}
	})
	if n := testing.AllocsPerRun(2000, send); n > base {
		t.Errorf("%v allocations a record, Producer.Send alone has %v", n, base)
	}
}
