package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"kafkaproducer/producer"
)

func init() { clients["kafkaproducer"] = openOurs }

// ours is the producer that is under test.
type ours struct {
	producer *producer.Producer
	topic    string
	records  flightRecords
}

func openOurs(job Job) (client, error) {
	config, err := producer.FromProperties(job.Properties)
	if err != nil {
		return nil, err
	}
	config.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
	p, err := producer.New(config)
	if err != nil {
		return nil, err
	}
	return &ours{p, job.Topic, keepFlightRecords(p.WriteFlightRecord, job.Ledger)}, nil
}

func (c *ours) send(key, value []byte, done func(Outcome, int32, int64, string)) error {
	return c.producer.Send(context.Background(), producer.Record{Topic: c.topic, Key: key, Value: value},
		func(m producer.RecordMetadata, err error) {
			if err == nil {
				done(Acknowledged, m.Partition, m.Offset, "")
				return
			}
			o, cause := explain(err)
			done(o, -1, -1, cause)
		})
}

func (c *ours) close(ctx context.Context) error {
	return errors.Join(c.producer.Close(ctx), c.records.stop())
}

// explain returns what a callback's error says about the log, and its cause without what differs from record to record.
func explain(err error) (Outcome, string) {
	e, ok := errors.AsType[*producer.DeliveryError](err)
	if !ok {
		return Failed, fmt.Sprintf("not a DeliveryError: %v", err)
	}
	outcome := map[producer.Status]Outcome{
		producer.NotPersisted: NotPersisted, producer.PossiblyPersisted: PossiblyPersisted, producer.Persisted: Persisted,
	}[e.Status]
	return outcome, fmt.Sprintf("%v: %v", e.Status, e.Err)
}
