package interop

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
	"kafkaproducer/protocol"
)

// A topic that does not exist is created by the broker when it is first asked for. Its metadata name leaders a moment before they
// know that they lead: the first batch may be refused and the next one taken, whatever its sequence number. Many
// topics, so that this happens.
func TestAutoCreatedTopic(t *testing.T) { testAutoCreatedTopic(t, broker) }

func testAutoCreatedTopic(t *testing.T, c *kafka.Cluster) {
	for i := range 20 {
		topic, begin := topicName(t), time.Now()
		p := newProducer(t, c, properties{"batch.size": "1000"})
		outcomes := sendAll(t, p, variety(topic, autoPartitions, 100+i))
		compare(t, c, topic, outcomes, expectation{begin: begin})
	}
}

// The broker's clock stamps the records, and the callbacks are told what it says.
func TestLogAppendTime(t *testing.T) { testLogAppendTime(t, broker) }

func testLogAppendTime(t *testing.T, c *kafka.Cluster) {
	for _, codec := range []string{"none", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			topic := newTopic(t, c, kafka.Topic{Partitions: 2, Config: map[string]string{"message.timestamp.type": "LogAppendTime"}})
			begin := time.Now()
			p := newProducer(t, c, properties{"compression.type": codec, "linger.ms": "5"})
			outcomes := sendAll(t, p, variety(topic, 2, 300))
			compare(t, c, topic, outcomes, expectation{logAppendTime: true, begin: begin})
		})
	}
}

// Hundreds of partitions on one connection.
func TestManyPartitions(t *testing.T) {
	const partitions = 300
	topic := newTopic(t, broker, kafka.Topic{Partitions: partitions})
	begin := time.Now()
	p := newProducer(t, broker, properties{"linger.ms": "5", "compression.type": "lz4"})
	var records []producer.Record
	for i := range 30_000 {
		records = append(records, producer.Record{Topic: topic, Key: fmt.Appendf(nil, "key-%d", i%3000), Value: fmt.Appendf(nil, "%d", i)})
	}
	outcomes := sendAll(t, p, records)
	compare(t, broker, topic, outcomes, expectation{begin: begin})
	used := map[int32]bool{}
	for _, o := range outcomes {
		used[o.metadata.Partition] = true
	}
	if len(used) < partitions*9/10 {
		t.Errorf("3000 keys reached %d of %d partitions", len(used), partitions)
	}
}

// A topic gets more partitions while the producer runs: it learns of them, and keys go where Java puts them then.
func TestAddedPartitions(t *testing.T) { testAddedPartitions(t, broker) }

func testAddedPartitions(t *testing.T, c *kafka.Cluster) {
	topic := newTopic(t, c, kafka.Topic{Partitions: 2})
	begin := time.Now()
	p := newProducer(t, c, properties{"metadata.max.age.ms": "200"})
	before := sendAll(t, p, keyed(topic, 500))
	if err := c.Java.Grow(topic, 5); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		parts, err := p.PartitionsFor(ctx, topic)
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) == 5 {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("PartitionsFor still says %d partitions %v after there are 5", len(parts), patience)
		}
		time.Sleep(50 * time.Millisecond)
	}
	after := sendAll(t, p, keyed(topic, 500))
	compare(t, c, topic, append(before, after...), expectation{begin: begin})
	comparePlacement(t, after, 5)
}

// A record larger than batch.size has a batch of its own, up to max.request.size, and between small ones the order stays.
func TestBigRecords(t *testing.T) {
	for _, codec := range codecs {
		t.Run(codec, func(t *testing.T) {
			const limit = 8 << 20
			topic := newTopic(t, broker, kafka.Topic{Config: map[string]string{"max.message.bytes": fmt.Sprint(limit)}})
			begin := time.Now()
			p := newProducer(t, broker, properties{"compression.type": codec, "max.request.size": fmt.Sprint(limit), "linger.ms": "5"})
			r := rand.New(rand.NewPCG(1, 2))
			var records []producer.Record
			for i, size := range []int{10, 16_300, 16_384, 20_000, 100, 1_000_000, 5, 3_000_000, limit - 200, 7} {
				value := randomBytes(r, size)
				if i%2 == 0 {
					value = text(r, size)
				}
				records = append(records, producer.Record{Topic: topic, Key: []byte("k"), Value: value})
			}
			compare(t, broker, topic, sendAll(t, p, records), expectation{begin: begin})

			err := p.Send(t.Context(), producer.Record{Topic: topic, Value: make([]byte, limit)}, nil)
			if e := (*producer.RecordTooLargeError)(nil); !errors.As(err, &e) || e.Property != "max.request.size" {
				t.Errorf("a record above max.request.size: %v", err)
			}
		})
	}
}

// A topic that takes smaller batches than the producer makes: they are split until they fit, in order. A record that fits into
// no batch fails by itself.
func TestSmallMaxMessageBytes(t *testing.T) { testSmallMaxMessageBytes(t, broker) }

func testSmallMaxMessageBytes(t *testing.T, c *kafka.Cluster) {
	for _, codec := range []string{"none", "zstd"} {
		t.Run(codec, func(t *testing.T) {
			topic := newTopic(t, c, kafka.Topic{Config: map[string]string{"max.message.bytes": "4000"}})
			begin := time.Now()
			p := newProducer(t, c, properties{"batch.size": "65536", "linger.ms": "20", "compression.type": codec})
			r := rand.New(rand.NewPCG(3, 4))
			var records []producer.Record
			for i := range 400 {
				records = append(records, producer.Record{Topic: topic, Value: fmt.Appendf(nil, "%d %x", i, randomBytes(r, 400))})
			}
			outcomes := sendAll(t, p, records)

			alone := send(t, p, []producer.Record{{Topic: topic, Value: randomBytes(r, 6000)}})[0]
			e := (*producer.DeliveryError)(nil)
			if !errors.As(alone.err, &e) || !errors.Is(alone.err, protocol.MessageTooLarge) || e.Status != producer.NotPersisted {
				t.Errorf("a record above max.message.bytes: %v", alone.err)
			}
			outcomes = append(outcomes, sendAll(t, p, records[:100])...)
			compare(t, c, topic, outcomes, expectation{begin: begin})
		})
	}
}
