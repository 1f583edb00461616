package interop

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
)

// A key goes to the partition that Java's producer puts it in.
func TestPlacement(t *testing.T) {
	for _, partitions := range []int{1, 2, 7, 48, 64} {
		t.Run(fmt.Sprintf("%d partitions", partitions), func(t *testing.T) {
			topic := newTopic(t, broker, kafka.Topic{Partitions: partitions})
			p := newProducer(t, broker, properties{"linger.ms": "5"})
			comparePlacement(t, sendAll(t, p, keyed(topic, 3000)), partitions)
		})
	}
}

// keyed returns n records with a key each: of any length from 0 up, and any bytes.
func keyed(topic string, n int) []producer.Record {
	r := rand.New(rand.NewPCG(5, uint64(n)))
	records := make([]producer.Record, n)
	for i := range records {
		records[i] = producer.Record{Topic: topic, Key: randomBytes(r, i%40), Value: []byte("v")}
	}
	return records
}

// comparePlacement sends the keys through Java's producer to a topic of as many partitions, and compares where they went.
func comparePlacement(t *testing.T, outcomes []outcome, partitions int) {
	t.Helper()
	reference := newTopic(t, broker, kafka.Topic{Partitions: partitions})
	var records []kafka.Record
	for _, o := range outcomes {
		records = append(records, kafka.Record{Key: o.record.Key, Value: o.record.Value})
	}
	written, err := broker.Java.Write(reference, map[string]string{"linger.ms": "5"}, records)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		if o.metadata.Partition != *written[i].Partition {
			t.Fatalf("key %x of %d partitions: ours in %d, Java's in %d", o.record.Key, partitions, o.metadata.Partition, *written[i].Partition)
		}
	}
}
