package producer_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// benchmark returns a producer on a cluster that keeps nothing, over loopback.
func benchmark(b *testing.B, cfg producer.Config) *producer.Producer {
	_, p := onCluster(b, producertest.Options{Topics: map[string]int32{"t": 8}}, cfg)
	return p
}

// onCluster is benchmark for topics and brokers of all kinds; every topic has been sent to once.
func onCluster(b *testing.B, opts producertest.Options, cfg producer.Config) (*producertest.Cluster, *producer.Producer) {
	opts.Discard, opts.SkipRecordValidation = true, true
	c := producertest.Start(b, opts)
	cfg.BootstrapServers, cfg.Dial, cfg.Logger = c.BootstrapServers(), c.Dial, slog.New(slog.DiscardHandler)
	p, err := producer.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close(b.Context()) })
	for topic := range opts.Topics {
		if err := p.Send(b.Context(), producer.Record{Topic: topic}, nil); err != nil {
			b.Fatal(err)
		}
	}
	p.Flush(b.Context())
	b.ReportAllocs()
	return c, p
}

// BenchmarkSendOpen is Send into an open batch, and nothing else: batches are opened and sent while the clock stands still.
func BenchmarkSendOpen(b *testing.B) {
	for _, keyed := range []bool{false, true} {
		b.Run(fmt.Sprintf("keyed=%v", keyed), func(b *testing.B) {
			const batch, each = 1 << 20, 3000
			p := benchmark(b, producer.Config{Linger: time.Hour, DeliveryTimeout: 2 * time.Hour, BatchSize: batch})
			r := producer.Record{Topic: "t", Value: make([]byte, 100)}
			if keyed {
				r.Key = []byte("user-1")
			}
			done := func(producer.RecordMetadata, error) {}
			send := func() {
				if err := p.Send(b.Context(), r, done); err != nil {
					b.Fatal(err)
				}
			}
			for i := 0; b.Loop(); i++ {
				if i%each == 0 {
					b.StopTimer()
					p.Flush(b.Context())
					for range 2 * each { // opens a batch, and has it grow
						send()
					}
					b.StartTimer()
				}
				send()
			}
		})
	}
}

// BenchmarkSend is a record on its way from Send to its callback under load, the broker's work included.
func BenchmarkSend(b *testing.B) {
	for _, keyed := range []bool{false, true} {
		b.Run(fmt.Sprintf("keyed=%v", keyed), func(b *testing.B) {
			p := benchmark(b, producer.Config{Linger: 5 * time.Millisecond})
			r := producer.Record{Topic: "t", Value: make([]byte, 100)}
			keys := make([][]byte, 10_000)
			for i := range keys {
				keys[i] = fmt.Appendf(nil, "user-%d", i)
			}
			done := func(_ producer.RecordMetadata, err error) {
				if err != nil {
					b.Error(err)
				}
			}
			i := 0
			for b.Loop() {
				if keyed {
					r.Key = keys[i%len(keys)]
					i++
				}
				if err := p.Send(b.Context(), r, done); err != nil {
					b.Fatal(err)
				}
			}
			p.Flush(b.Context())
		})
	}
}

// BenchmarkSendToAck is the time from Send to the callback of a record alone.
func BenchmarkSendToAck(b *testing.B) {
	p := benchmark(b, producer.Config{})
	r := producer.Record{Topic: "t", Value: make([]byte, 100)}
	acked := make(chan error, 1)
	done := func(_ producer.RecordMetadata, err error) { acked <- err }
	for b.Loop() {
		if err := p.Send(b.Context(), r, done); err != nil {
			b.Fatal(err)
		}
		if err := <-acked; err != nil {
			b.Fatal(err)
		}
	}
}
