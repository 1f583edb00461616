package producer_test

import (
	"context"
	"fmt"
	"log/slog"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// Keys are strings, values are JSON; a nil pointer makes a tombstone.
func ExampleTyped() {
	cluster, err := producertest.New(producertest.Options{InMemory: true, Topics: map[string]int32{"users": 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()
	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer p.Close(ctx)

	type user struct {
		Name string `json:"name"`
	}
	users := producer.NewTyped(p, producer.StringSerializer{}, producer.JSONSerializer[*user]{})
	type event = producer.TypedRecord[string, *user]
	for _, e := range []event{
		{Topic: "users", Key: "u1", Value: &user{Name: "Ada"}},
		{Topic: "users", Key: "u1", Value: nil},
	} {
		if _, err := users.SendSync(ctx, e); err != nil {
			fmt.Println(err)
		}
	}
	for _, r := range cluster.Records("users", 0) {
		fmt.Printf("%s: %s (tombstone: %v)\n", r.Key, r.Value, r.Value == nil)
	}
	// Output:
	// u1: {"name":"Ada"} (tombstone: false)
	// u1:  (tombstone: true)
}

// byCountry keeps a country's records together in the first partitions and spreads the rest.
type byCountry map[string]int32

func (p byCountry) Partition(r producer.Record, t producer.TopicInfo) int32 {
	for _, h := range r.Headers {
		if n, ok := p[string(h.Value)]; ok && h.Key == "country" {
			return n % t.Partitions
		}
	}
	return t.Partitions - 1
}

// A partitioner of one's own.
func ExamplePartitioner() {
	cluster, err := producertest.New(producertest.Options{InMemory: true, Topics: map[string]int32{"orders": 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()
	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial,
		Logger: slog.New(slog.DiscardHandler), Partitioner: byCountry{"AT": 0, "CH": 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	defer p.Close(ctx)
	for _, country := range []string{"AT", "CH", "FR"} {
		m, err := p.SendSync(ctx, producer.Record{Topic: "orders", Headers: []producer.Header{{Key: "country", Value: []byte(country)}}})
		fmt.Println(country, m.Partition, err)
	}
	// Output:
	// AT 0 <nil>
	// CH 1 <nil>
	// FR 2 <nil>
}
