package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func init() { clients["franz-go"] = openFranz }

// franz is franz-go's producer, with the same settings by its own names and its defaults for the rest.
type franz struct {
	client *kgo.Client
	topic  string
}

func openFranz(job Job) (client, error) {
	var err error
	number := func(name string) int {
		n, convErr := strconv.Atoi(job.Properties[name])
		err = errors.Join(err, convErr)
		return n
	}
	millis := func(name string) time.Duration { return time.Duration(number(name)) * time.Millisecond }
	options := []kgo.Opt{
		kgo.SeedBrokers(strings.Split(job.Properties["bootstrap.servers"], ",")...),
		kgo.ClientID(job.Properties["client.id"]),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerLinger(millis("linger.ms")),
		kgo.ProducerBatchMaxBytes(int32(number("batch.size"))),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.MaxBufferedBytes(number("buffer.memory")),
		kgo.MaxBufferedRecords(1 << 30), // bytes are the bound, as with the others
		kgo.ProduceRequestTimeout(millis("request.timeout.ms")),
		kgo.RecordDeliveryTimeout(millis("delivery.timeout.ms")),
		kgo.WithLogger(kgo.BasicLogger(os.Stderr, kgo.LogLevelWarn, nil)),
	}
	if err != nil {
		return nil, err
	}
	c, err := kgo.NewClient(options...)
	if err != nil {
		return nil, err
	}
	return &franz{c, job.Topic}, nil
}

func (c *franz) send(key, value []byte, done func(Outcome, int32, int64, string)) error {
	// It keeps what it is given until the record is done.
	r := &kgo.Record{Topic: c.topic, Key: bytes.Clone(key), Value: bytes.Clone(value)}
	c.client.Produce(context.Background(), r, func(r *kgo.Record, err error) {
		if err != nil {
			done(Failed, -1, -1, fmt.Sprintf("%.200v", err))
			return
		}
		done(Acknowledged, r.Partition, r.Offset, "")
	})
	return nil
}

func (c *franz) close(ctx context.Context) error {
	err := c.client.Flush(ctx)
	c.client.Close()
	return err
}
