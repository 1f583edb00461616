// Command sarama is the peer of sarama.
package main

import (
	"strings"
	"sync"

	"github.com/IBM/sarama"

	"kafkaproducer/internal/bench/load"
)

func main() { load.Main(load.Module("sarama", "github.com/IBM/sarama"), connect) }

var codecs = map[string]sarama.CompressionCodec{"none": sarama.CompressionNone, "gzip": sarama.CompressionGZIP,
	"snappy": sarama.CompressionSnappy, "lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD}

func connect(s load.Settings) (load.Client, []string, error) {
	notes := []string{"no buffer.memory: what it holds is bounded by its channels"}
	cfg := sarama.NewConfig()
	cfg.Version = sarama.V3_6_0_0
	cfg.Producer.RequiredAcks = sarama.WaitForAll
	if s.Acks == "1" {
		cfg.Producer.RequiredAcks = sarama.WaitForLocal
	}
	cfg.Producer.Idempotent = s.Idempotent
	cfg.Net.MaxOpenRequests = s.InFlight
	if s.Idempotent && s.InFlight > 1 {
		cfg.Net.MaxOpenRequests = 1 // it refuses more
		notes = append(notes, "1 in flight: it allows no more with idempotence")
	}
	cfg.Producer.Return.Successes = true
	if s.Linger > 0 { // with bytes and no time it would wait for the bytes forever
		cfg.Producer.Flush.Bytes = s.Batch
		cfg.Producer.Flush.Frequency = s.Linger
	}
	cfg.Producer.Compression = codecs[s.Codec]
	p, err := sarama.NewAsyncProducer(strings.Split(s.Bootstrap, ","), cfg)
	if err != nil {
		return nil, nil, err
	}
	c := &client{p: p, topics: s.TopicNames()}
	go c.takeSuccesses()
	go c.takeErrors()
	return c, notes, nil
}

type client struct {
	p      sarama.AsyncProducer
	topics []string
	open   sync.WaitGroup // records without outcome: sarama has no flush
}

func (c *client) takeSuccesses() {
	for m := range c.p.Successes() {
		c.done(m, nil)
	}
}

func (c *client) takeErrors() {
	for e := range c.p.Errors() {
		c.done(e.Msg, e.Err)
	}
}

func (c *client) done(m *sarama.ProducerMessage, err error) {
	m.Metadata.(func(error))(err)
	c.open.Done()
}

func (c *client) Callback(done func(error)) any { return done }

func (c *client) Send(topic int, key, value []byte, callback any) {
	m := &sarama.ProducerMessage{Topic: c.topics[topic], Value: sarama.ByteEncoder(value), Metadata: callback}
	if key != nil {
		m.Key = sarama.ByteEncoder(key)
	}
	c.open.Add(1)
	c.p.Input() <- m
}

func (c *client) Flush() { c.open.Wait() }
func (c *client) Close() { c.p.Close() }
