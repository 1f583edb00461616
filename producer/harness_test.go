package producer_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/record"
)

// inBubble runs a test in virtual time, on a cluster with an in-memory network.
func inBubble(t *testing.T, opts producertest.Options, f func(t *testing.T, c *producertest.Cluster)) {
	synctest.Test(t, func(t *testing.T) {
		opts.InMemory = true
		f(t, producertest.Start(t, opts))
	})
}

// config is a Config for the cluster; the log is the test's.
func config(t *testing.T, c *producertest.Cluster) producer.Config {
	return producer.Config{
		BootstrapServers: c.BootstrapServers(), Dial: c.Dial, ClientID: "test",
		Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
}

// open returns a producer that is closed at the end of the test, if the test doesn't do that.
func open(t *testing.T, cfg producer.Config) *producer.Producer {
	t.Helper()
	p, err := producer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		p.Close(ctx)
	})
	return p
}

// outcomes remembers what callbacks said, in order.
type outcomes struct {
	mu   sync.Mutex
	all  []outcome
	seen map[string]int // callbacks by value of the record
}

type outcome struct {
	value string
	m     producer.RecordMetadata
	err   error
}

func (o *outcomes) callback(value string) producer.Callback {
	return func(m producer.RecordMetadata, err error) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all = append(o.all, outcome{value, m, err})
		if o.seen == nil {
			o.seen = map[string]int{}
		}
		o.seen[value]++
	}
}

func (o *outcomes) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.all)
}

// send sends n numbered records to a topic and fails the test if one is not accepted.
func send(t *testing.T, p *producer.Producer, topic string, from, n int, o *outcomes) {
	t.Helper()
	for i := from; i < from+n; i++ {
		v := fmt.Sprintf("%06d", i)
		if err := p.Send(t.Context(), producer.Record{Topic: topic, Value: []byte(v)}, o.callback(v)); err != nil {
			t.Fatalf("Send of %s: %v", v, err)
		}
	}
}

func flush(t *testing.T, p *producer.Producer) {
	t.Helper()
	if err := p.Flush(t.Context()); err != nil {
		t.Fatalf("Flush: %v", err)
	}
}

// check compares what callbacks said with what the brokers hold: each record of o without an error is in its partition once, at
// the offset that was said, those of a partition in the order in which they were sent; no callback ran twice.
func check(t *testing.T, c *producertest.Cluster, topic string, partitions int32, o *outcomes) {
	t.Helper()
	stored := map[string][]record.Record{}
	at := map[string]int32{}
	for i := range partitions {
		last := ""
		for _, r := range c.Records(topic, i) {
			v := string(r.Value)
			stored[v] = append(stored[v], r)
			at[v] = i
			if v <= last {
				t.Errorf("%s-%d: %s stands behind %s", topic, i, v, last)
			}
			last = v
		}
	}
	for _, x := range o.all {
		switch n := len(stored[x.value]); {
		case o.seen[x.value] != 1:
			t.Errorf("%s: %d callbacks", x.value, o.seen[x.value])
		case n > 1:
			t.Errorf("%s is stored %d times", x.value, n)
		case x.err != nil && n == 1 && strings.Contains(x.err.Error(), "NotPersisted"):
			t.Errorf("%s is stored, but its callback said %v", x.value, x.err)
		case x.err != nil:
		case n == 0:
			t.Errorf("%s was acknowledged, but is not stored", x.value)
		case x.m.Partition != at[x.value] || x.m.Offset >= 0 && x.m.Offset != stored[x.value][0].Offset:
			t.Errorf("%s was acknowledged as %d/%d, but is at %d/%d", x.value, x.m.Partition, x.m.Offset, at[x.value], stored[x.value][0].Offset)
		}
	}
}

// noErrors fails the test for each outcome with an error.
func noErrors(t *testing.T, o *outcomes) {
	t.Helper()
	for _, x := range o.all {
		if x.err != nil {
			t.Errorf("%s: %v", x.value, x.err)
		}
	}
}
