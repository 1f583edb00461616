// Command franz is the peer of franz-go.
package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"kafkaproducer/internal/bench/load"
)

func main() { load.Main(load.Module("franz-go", "github.com/twmb/franz-go"), connect) }

var codecs = map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}

func connect(s load.Settings) (load.Client, []string, error) {
	opts := []kgo.Opt{kgo.SeedBrokers(strings.Split(s.Bootstrap, ",")...), kgo.ProducerBatchCompression(codecs[s.Codec]),
		kgo.ProducerLinger(s.Linger), kgo.ProducerBatchMaxBytes(int32(s.Batch)), kgo.MaxBufferedBytes(s.Buffer),
		kgo.MaxBufferedRecords(1 << 30)} // by default 10,000, which would be what limits it
	if s.Acks == "1" {
		opts = append(opts, kgo.RequiredAcks(kgo.LeaderAck()))
	}
	var notes []string
	const fixed = 5 // in flight, with idempotence; franz-go takes no other number
	if s.Idempotent && s.InFlight != fixed {
		notes = append(notes, fmt.Sprintf("not idempotent: with idempotence it has always %d in flight", fixed))
		s.Idempotent = false
	}
	if !s.Idempotent {
		opts = append(opts, kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(s.InFlight))
	}
	c, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, nil, err
	}
	return &client{c, s.TopicNames()}, notes, nil
}

type client struct {
	c      *kgo.Client
	topics []string
}

func (c *client) Callback(done func(error)) any {
	return func(_ *kgo.Record, err error) { done(err) }
}

func (c *client) Send(topic int, key, value []byte, callback any) {
	r := &kgo.Record{Topic: c.topics[topic], Key: key, Value: value}
	c.c.Produce(context.Background(), r, callback.(func(*kgo.Record, error)))
}

func (c *client) Flush() { c.c.Flush(context.Background()) }
func (c *client) Close() { c.c.Close() }
