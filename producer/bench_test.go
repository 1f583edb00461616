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
func benchmark(b *testing.B, change func(*producer.Config)) *producer.Producer {
	c := producertest.Start(b, producertest.Options{Topics: map[string]int32{"t": 8}, Discard: true, SkipRecordValidation: true})
	cfg := producer.Config{BootstrapServers: c.BootstrapServers(), Dial: c.Dial, Logger: slog.New(slog.DiscardHandler)}
	change(&cfg)
	p, err := producer.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { p.Close(b.Context()) })
	if _, err := p.SendSync(b.Context(), producer.Record{Topic: "t"}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return p
}

// BenchmarkSend is a record on its way from Send to its callback under load, the broker's work included.
func BenchmarkSend(b *testing.B) {
	for _, keyed := range []bool{false, true} {
		b.Run(fmt.Sprintf("keyed=%v", keyed), func(b *testing.B) {
			p := benchmark(b, func(c *producer.Config) { c.Linger = 5 * time.Millisecond })
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
	p := benchmark(b, func(*producer.Config) {})
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
