package interop

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
)

// patience bounds everything a test waits for: it ends a test that hangs, not one on a busy machine.
const patience = 3 * time.Minute

// properties are Kafka's names of settings, as FromProperties takes them.
type properties map[string]string

// newProducer makes a producer for a cluster. What it logs is part of the test's output.
func newProducer(t *testing.T, c *kafka.Cluster, p properties) *producer.Producer {
	t.Helper()
	return startProducer(t, newConfig(t, c, p))
}

// newConfig returns newProducer's configuration.
func newConfig(t *testing.T, c *kafka.Cluster, p properties) producer.Config {
	t.Helper()
	all := properties{"bootstrap.servers": strings.Join(c.BootstrapServers(), ","), "client.id": t.Name()}
	maps.Copy(all, p)
	config, err := producer.FromProperties(all)
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	return config
}

// startProducer makes a producer, which is closed when the test ends.
func startProducer(t *testing.T, config producer.Config) *producer.Producer {
	t.Helper()
	made, err := producer.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.Close(context.Background()) }) // a second Close, where the test has closed it, does nothing
	return made
}

// outcome is what became of one record that was sent.
type outcome struct {
	record   producer.Record
	metadata producer.RecordMetadata
	err      error
	calls    int // of the callback
}

// send sends records one after another, waits until all are done and returns their outcomes in the same order. Each
// callback must have run once.
func send(t *testing.T, p *producer.Producer, records []producer.Record) []outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	outcomes := make([]outcome, len(records))
	var mu sync.Mutex // guards outcomes
	for i, r := range records {
		outcomes[i].record = r
		err := p.Send(ctx, r, func(m producer.RecordMetadata, err error) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[i].metadata, outcomes[i].err = m, err
			outcomes[i].calls++
		})
		if err != nil {
			t.Fatalf("Send of record %d: %v", i, err)
		}
	}
	if err := p.Flush(ctx); err != nil {
		t.Fatalf("Flush: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	for i, o := range outcomes {
		if o.calls != 1 {
			t.Fatalf("the callback of record %d was called %d times", i, o.calls)
		}
	}
	return outcomes
}

// sendAll is send where every record must be acknowledged.
func sendAll(t *testing.T, p *producer.Producer, records []producer.Record) []outcome {
	t.Helper()
	outcomes := send(t, p, records)
	for i, o := range outcomes {
		if o.err != nil {
			t.Fatalf("record %d: %v", i, o.err)
		}
	}
	return outcomes
}
