package interop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"kafkaproducer/internal/interop/chaos/proxy"
	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
)

// A broker that stops writes down the last batch of each producer only (ProducerStateManager.writeSnapshot). Of several batches that it
// appended, whose answers were lost and that come again after it has started again, it refuses all but the last as out of order. That is
// no proof that they aren't there: none may go under another number.
func TestLeaderStartsAgain(t *testing.T) {
	const batches = 5 // in flight
	c := kafka.Start(t, kafka.Options{})
	topic := newTopic(t, c, kafka.Topic{Partitions: 1})
	way := proxyTo(t, c)
	config := newConfig(t, c, properties{"batch.size": "100", "retry.backoff.ms": "10"}) // each record fills one
	config.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, way.Addr())
	}
	p := startProducer(t, config)
	record := func(i int) producer.Record {
		return producer.Record{Topic: topic, Value: fmt.Appendf(nil, "%d %0200d", i, i)}
	}
	if _, err := p.SendSync(t.Context(), record(0)); err != nil {
		t.Fatal(err)
	}

	lift := way.Hold(proxy.Down)
	var mu sync.Mutex
	outcomes := make([]outcome, 1+batches) // guarded by mu
	outcomes[0].calls = 1
	for i := 1; i <= batches; i++ {
		if err := p.Send(t.Context(), record(i), func(m producer.RecordMetadata, err error) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[i].metadata, outcomes[i].err = m, err
			outcomes[i].calls++
		}); err != nil {
			t.Fatal(err)
		}
	}
	awaitRecords(t, c, topic, 1+batches)
	open := way.Refuse()
	way.Cut()
	restart(t, c, c.Brokers[0], c.Brokers[0].Stop, 0, func() {})
	lift()
	open()
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	got, err := c.Java.Read(topic)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got[0]); n != len(outcomes) {
		t.Errorf("the topic has %d records of %d", n, len(outcomes))
	}
	mu.Lock()
	defer mu.Unlock()
	for i, o := range outcomes {
		var failed *producer.DeliveryError
		if o.calls != 1 || errors.As(o.err, &failed) && failed.Status == producer.NotPersisted {
			t.Errorf("record %d, which is there, had %d callbacks; the last said %v", i, o.calls, o.err)
		}
		t.Logf("record %d: offset %d, %v", i, o.metadata.Offset, o.err)
	}
}

// proxyTo starts a proxy in front of the only broker of a cluster.
func proxyTo(t *testing.T, c *kafka.Cluster) *proxy.Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := proxy.New(listener, func() (net.Conn, error) { return net.DialTimeout("tcp", c.BootstrapServers()[0], time.Second) })
	t.Cleanup(func() { p.Close() })
	return p
}
