// Command kafkago is the peer of segmentio's kafka-go.
package main

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"kafkaproducer/internal/bench/load"
)

func main() { load.Main(load.Module("kafka-go", "github.com/segmentio/kafka-go"), connect) }

var codecs = map[string]kafka.Compression{"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}

func connect(s load.Settings) (load.Client, []string, error) {
	notes := []string{"not idempotent: it can't be", "1 in flight a partition: not to be set",
		"no buffer.memory: nothing bounds what it holds"}
	c := &client{topics: s.TopicNames()}
	c.w = &kafka.Writer{
		Addr: kafka.TCP(strings.Split(s.Bootstrap, ",")...), RequiredAcks: kafka.RequireAll, Async: true, Completion: c.completed,
		Transport:  &kafka.Transport{MetadataTopics: c.topics},                   // else it asks for all there are, and the sink has any
		BatchBytes: int64(s.Batch), BatchTimeout: max(s.Linger, time.Nanosecond), // zero would be its default, a second
		BatchSize:   2 * s.Batch / max(s.Size, 16), // records: as many as never fill a batch before the bytes do
		Compression: codecs[s.Codec], Balancer: &kafka.RoundRobin{},
	}
	if s.Acks == "1" {
		c.w.RequiredAcks = kafka.RequireOne
	}
	if s.Keys > 0 {
		c.w.Balancer = kafka.Murmur2Balancer{} // as Kafka's own
	}
	return c, notes, nil
}

type client struct {
	w      *kafka.Writer
	topics []string
	open   sync.WaitGroup // records without outcome: kafka-go has no flush
}

func (c *client) completed(messages []kafka.Message, err error) {
	for i := range messages {
		messages[i].WriterData.(func(error))(err)
		c.open.Done()
	}
}

func (c *client) Callback(done func(error)) any { return done }

func (c *client) Send(topic int, key, value []byte, callback any) {
	c.open.Add(1)
	m := kafka.Message{Topic: c.topics[topic], Key: key, Value: value, WriterData: callback}
	if err := c.w.WriteMessages(context.Background(), m); err != nil {
		callback.(func(error))(err)
		c.open.Done()
	}
}

func (c *client) Flush() { c.open.Wait() }
func (c *client) Close() { c.w.Close() }
