package producer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// connect starts a cluster in this process, with a topic "email" of one partition, and a producer for it. A program has
// the addresses of its brokers in Config.BootstrapServers, and no Dial.
func connect() (*producertest.Cluster, *producer.Producer) {
	cluster, err := producertest.New(producertest.Options{InMemory: true, Topics: map[string]int32{"email": 1}})
	if err != nil {
		panic(err)
	}
	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	return cluster, p
}

// Send goes on at once; the callback hears of the outcome. Close sends what is buffered and waits for the callbacks.
func Example() {
	cluster, p := connect()
	defer cluster.Close()
	ctx := context.Background()

	for _, mail := range []string{"welcome", "order confirmed", "order shipped"} {
		err := p.Send(ctx, producer.Record{Topic: "email", Key: []byte("customer-7"), Value: []byte(mail)},
			func(m producer.RecordMetadata, err error) {
				if err != nil {
					fmt.Println(err)
					return
				}
				fmt.Printf("%s: %s-%d at offset %d\n", mail, m.Topic, m.Partition, m.Offset)
			})
		if err != nil {
			fmt.Println(err) // not accepted: the callback is never called
		}
	}
	if err := p.Close(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// welcome: email-0 at offset 0
	// order confirmed: email-0 at offset 1
	// order shipped: email-0 at offset 2
}

// One record at a time, where waiting is no matter.
func ExampleProducer_SendSync() {
	cluster, p := connect()
	defer cluster.Close()
	ctx := context.Background()
	defer p.Close(ctx)

	m, err := p.SendSync(ctx, producer.Record{
		Topic:   "email",
		Value:   []byte("welcome"),
		Headers: []producer.Header{{Key: "lang", Value: []byte("de")}},
	})
	fmt.Println(m.Topic, m.Partition, m.Offset, err)
	// Output: email 0 0 <nil>
}

// Flush ends waiting for fuller batches, for instance before a checkpoint is written.
func ExampleProducer_Flush() {
	cluster, p := connect()
	defer cluster.Close()
	ctx := context.Background()
	defer p.Close(ctx)

	failed := 0 // callbacks run one at a time, and Flush returns after them
	for i := range 1000 {
		err := p.Send(ctx, producer.Record{Topic: "email", Value: fmt.Append(nil, i)}, func(_ producer.RecordMetadata, err error) {
			if err != nil {
				failed++
			}
		})
		if err != nil {
			fmt.Println(err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(cluster.Records("email", 0)), "in the topic,", failed, "failed")
	// Output: 1000 in the topic, 0 failed
}

// A DeliveryError says what happened, and whether the record may be in the topic all the same.
func ExampleDeliveryError() {
	cluster, p := connect()
	defer cluster.Close()
	ctx := context.Background()
	defer p.Close(ctx)

	cluster.Inject(producertest.Fail(protocol.TopicAuthorizationFailed).Once())
	_, err := p.SendSync(ctx, producer.Record{Topic: "email", Value: []byte("welcome")})
	var failed *producer.DeliveryError
	if errors.As(err, &failed) {
		fmt.Println(failed.Topic, failed.Partition, failed.Status, failed.Attempts)
		fmt.Println(errors.Is(err, protocol.TopicAuthorizationFailed))
	}
	// Output:
	// email 0 NotPersisted 1
	// true
}

// PartitionsFor tells what a topic looks like.
func ExampleProducer_PartitionsFor() {
	cluster, p := connect()
	defer cluster.Close()
	ctx := context.Background()
	defer p.Close(ctx)

	partitions, err := p.PartitionsFor(ctx, "email")
	if err != nil {
		fmt.Println(err)
	}
	for _, info := range partitions {
		fmt.Println(info.Topic, info.Partition, "is led by broker", info.Leader)
	}
	// Output: email 0 is led by broker 1
}
