package producertest

import (
	"io"
	"net"
	"strings"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/protocol"
)

// BenchmarkProduce measures what the cluster takes over loopback: values of 100 bytes, batches of some 16 KiB, 8 of them
// in a request, 5 requests in flight. The client sends the same bytes again and again, so that the time is the cluster's.
func BenchmarkProduce(b *testing.B) {
	for _, bench := range []struct {
		name string
		opts Options
		spec spec
	}{
		{"keep", Options{}, spec{}},
		{"discard", Options{Discard: true}, spec{}},
		{"discard/unvalidated", Options{Discard: true, SkipRecordValidation: true}, spec{}},
		{"discard/lz4", Options{Discard: true}, spec{codec: compress.LZ4}},
		{"discard/memory", Options{Discard: true, InMemory: true}, spec{}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bench.opts.Topics = map[string]int32{"t": 8}
			bench.spec.value, bench.spec.n = strings.Repeat("x", 100), 148
			benchmarkProduce(b, Start(b, bench.opts), bench.spec)
		})
	}
}

func benchmarkProduce(b *testing.B, c *Cluster, s spec) {
	k := dial(b, c, 1)
	m := produceRequest("t", 0, nil)
	for i := range int32(8) {
		p := protocol.PartitionProduceData{Index: i, Records: s.bytes(b)}
		m.TopicData[0].PartitionData = append(m.TopicData[0].PartitionData[:i], p)
	}
	frame, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: lastByName}, m)
	if err != nil {
		b.Fatal(err)
	}
	requests := 1 + b.N/(8*s.n)
	b.SetBytes(int64(len(s.value)))
	b.ReportAllocs()
	inFlight := make(chan struct{}, 5)
	go func() {
		for range requests {
			inFlight <- struct{}{}
			if _, err := k.conn.Write(frame); err != nil {
				return
			}
		}
	}()
	for range requests {
		if err := skipFrame(k.conn); err != nil {
			b.Fatal(err)
		}
		<-inFlight
	}
	if got, want := c.Stats().Records, int64(requests*8*s.n); got != want {
		b.Fatalf("%d records, want %d", got, want)
	}
}

// skipFrame reads an answer without looking at it.
func skipFrame(conn net.Conn) error {
	var b [4096]byte
	if _, err := io.ReadFull(conn, b[:4]); err != nil {
		return err
	}
	_, err := io.ReadFull(conn, b[:int(b[2])<<8|int(b[3])])
	return err
}
