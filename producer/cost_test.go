package producer_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// A Send into an open batch allocates nothing, keyed or not, with headers or without.
func TestSendAllocatesNothing(t *testing.T) {
	c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"t": 1}, Discard: true})
	cfg := config(t, c)
	cfg.Linger, cfg.BatchSize = time.Hour, 1<<20
	cfg.DeliveryTimeout = 2 * time.Hour
	p := open(t, cfg)
	done := func(producer.RecordMetadata, error) {}
	value, key, headers := make([]byte, 100), []byte("user-1"), []producer.Header{{Key: "h", Value: []byte("v")}}
	zero := int32(0)
	for name, r := range map[string]producer.Record{
		"plain":     {Topic: "t", Value: value},
		"keyed":     {Topic: "t", Key: key, Value: value},
		"headers":   {Topic: "t", Value: value, Headers: headers},
		"partition": {Topic: "t", Partition: &zero, Value: value},
		"timestamp": {Topic: "t", Value: value, Timestamp: time.UnixMilli(1)},
	} {
		for range 5000 { // opens the batch and lets it grow
			if err := p.Send(t.Context(), r, done); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, p)
		for range 1200 {
			p.Send(t.Context(), r, done)
		}
		if n := testing.AllocsPerRun(1000, func() { p.Send(t.Context(), r, done) }); n != 0 {
			t.Errorf("%s: %v allocations a record", name, n)
		}
		flush(t, p)
	}
}

// A producer has a handful of goroutines and two a broker, however many topics, partitions and records there are; none is left
// after Close.
func TestGoroutines(t *testing.T) {
	for _, brokers := range []int{3, 30} {
		t.Run(fmt.Sprintf("%d brokers", brokers), func(t *testing.T) { testGoroutines(t, brokers) })
	}
}

func testGoroutines(t *testing.T, brokers int) {
	topics := map[string]int32{}
	for i := range 20 {
		topics[fmt.Sprint("t", i)] = 30
	}
	c := producertest.Start(t, producertest.Options{Brokers: brokers, Topics: topics, Discard: true})
	p := open(t, config(t, c))
	for i := range 6000 {
		r := producer.Record{Topic: fmt.Sprint("t", i%20), Key: fmt.Append(nil, i), Value: make([]byte, 100)}
		if err := p.Send(t.Context(), r, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := ours(); n > 2*brokers+6 {
		t.Errorf("%d goroutines while sending:\n%s", n, stacks())
	}
	flush(t, p)
	if n := ours(); n > 2*brokers+2 {
		t.Errorf("%d goroutines when idle:\n%s", n, stacks())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for i := 0; ours() > 0; i++ {
		if i == 1000 {
			t.Fatalf("%d goroutines after Close:\n%s", ours(), stacks())
		}
		runtime.Gosched() // a goroutine that has done its last may still be about to return
	}
}

func stacks() string {
	b := make([]byte, 1<<20)
	return string(b[:runtime.Stack(b, true)])
}

// ours counts the goroutines that producers and their clients have started.
func ours() int {
	n := 0
	for _, g := range strings.Split(stacks(), "\n\n") {
		if i := strings.LastIndex(g, "created by "); i >= 0 {
			by := g[i+len("created by "):]
			if strings.HasPrefix(by, "kafkaproducer/client.") || strings.HasPrefix(by, "kafkaproducer/producer.") {
				n++
			}
		}
	}
	return n
}
