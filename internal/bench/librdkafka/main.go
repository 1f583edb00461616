//go:build cgo

// Command librdkafka is the peer of librdkafka, by confluent-kafka-go, which brings it along compiled. It needs cgo, and is a
// module of its own for the sake of what confluent-kafka-go depends on.
package main

import (
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"kafkaproducer/internal/bench/load"
)

func main() { load.Main(version, connect) }

func version() string {
	_, library := kafka.LibraryVersion()
	return load.Module("confluent-kafka-go", "github.com/confluentinc/confluent-kafka-go/v2")() + " with librdkafka " + library
}

func connect(s load.Settings) (load.Client, []string, error) {
	p, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": s.Bootstrap, "acks": s.Acks, "enable.idempotence": s.Idempotent, "linger.ms": int(s.Linger.Milliseconds()),
		"batch.size": s.Batch, "compression.type": s.Codec, "max.in.flight.requests.per.connection": s.InFlight,
		"queue.buffering.max.kbytes":   s.Buffer >> 10,
		"queue.buffering.max.messages": 10_000_000, // by default 100,000, which would be what limits it
		"go.delivery.report.fields":    "none", "go.logs.channel.enable": false,
	})
	if err != nil {
		return nil, nil, err
	}
	c := &client{p: p}
	for _, name := range s.TopicNames() {
		c.topics = append(c.topics, &name)
	}
	go c.takeEvents()
	return c, nil, nil
}

type client struct {
	p      *kafka.Producer
	topics []*string
}

func (c *client) takeEvents() {
	for e := range c.p.Events() {
		if m, ok := e.(*kafka.Message); ok {
			m.Opaque.(func(error))(m.TopicPartition.Error)
		}
	}
}

func (c *client) Callback(done func(error)) any { return done }

// Send waits where the client's queue is full, as other clients do by themselves.
func (c *client) Send(topic int, key, value []byte, callback any) {
	m := &kafka.Message{TopicPartition: kafka.TopicPartition{Topic: c.topics[topic], Partition: kafka.PartitionAny},
		Key: key, Value: value, Opaque: callback}
	for {
		err := c.p.Produce(m, nil)
		if err == nil {
			return
		}
		if e, ok := err.(kafka.Error); !ok || e.Code() != kafka.ErrQueueFull {
			callback.(func(error))(err)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func (c *client) Flush() {
	for c.p.Flush(1000) > 0 {
	}
}

func (c *client) Close() { c.p.Close() }
