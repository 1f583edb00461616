// Command ours is the peer of this repository's producer.
package main

import (
	"context"
	"fmt"
	"log/slog"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/producer"
)

func main() { load.Main(func() string { return "kafkaproducer" }, connect) }

func connect(s load.Settings) (load.Client, []string, error) {
	cfg, err := producer.FromProperties(map[string]string{
		"bootstrap.servers": s.Bootstrap, "acks": s.Acks, "enable.idempotence": fmt.Sprint(s.Idempotent),
		"linger.ms": fmt.Sprint(s.Linger.Milliseconds()), "batch.size": fmt.Sprint(s.Batch), "compression.type": s.Codec,
		"buffer.memory": fmt.Sprint(s.Buffer), "max.in.flight.requests.per.connection": fmt.Sprint(s.InFlight),
	})
	if err != nil {
		return nil, nil, err
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	p, err := producer.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	return &client{p, s.TopicNames()}, nil, nil
}

type client struct {
	p      *producer.Producer
	topics []string
}

func (c *client) Callback(done func(error)) any {
	return producer.Callback(func(_ producer.RecordMetadata, err error) { done(err) })
}

func (c *client) Send(topic int, key, value []byte, callback any) {
	done := callback.(producer.Callback)
	if err := c.p.Send(context.Background(), producer.Record{Topic: c.topics[topic], Key: key, Value: value}, done); err != nil {
		done(producer.RecordMetadata{}, err)
	}
}

func (c *client) Flush() { c.p.Flush(context.Background()) }
func (c *client) Close() { c.p.Close(context.Background()) }
