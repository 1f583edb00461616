package interop

import (
	"fmt"
	"math/rand/v2"
	"time"

	"kafkaproducer/producer"
)

type producerHeader = producer.Header

// variety returns n records for a topic in every shape that a record can have: keys and values that are null, empty, text and
// bytes, no headers and several, times now, past, future and going backwards, the partition chosen and left open.
func variety(topic string, partitions int32, n int) []producer.Record {
	r := rand.New(rand.NewPCG(uint64(n), uint64(partitions)))
	keys := [][]byte{nil, {}, []byte("a"), []byte("schlüssel-鍵-🔑"), {0, 0xff, 0x80}, randomBytes(r, 300)}
	values := [][]byte{nil, {}, []byte("value"), randomBytes(r, 1), randomBytes(r, 2000), text(r, 5000)}
	headers := [][]producer.Header{
		nil,
		{{Key: "h", Value: []byte("v")}},
		{{Key: "", Value: nil}, {Key: "twice", Value: []byte{}}, {Key: "twice", Value: randomBytes(r, 200)}, {Key: "ключ", Value: []byte{0}}},
	}
	now := time.Now()
	times := []time.Time{{}, {}, time.UnixMilli(0), now.Add(-time.Hour), now.Add(30 * time.Minute), time.Unix(1_600_000_000, 123_456_789)}
	records := make([]producer.Record, n)
	for i := range records {
		records[i] = producer.Record{
			Topic: topic, Key: pick(r, keys), Value: pick(r, values), Headers: pick(r, headers), Timestamp: pick(r, times),
		}
		if r.IntN(5) == 0 {
			partition := r.Int32N(partitions)
			records[i].Partition = &partition
		}
		// No two alike where they may differ, so that a record in the wrong place is seen.
		if len(records[i].Value) > 0 {
			records[i].Value = fmt.Appendf(nil, "%d %s", i, records[i].Value)
		}
	}
	return records
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// text returns n bytes that compress well.
func text(r *rand.Rand, n int) []byte {
	var b []byte
	for len(b) < n {
		b = fmt.Appendf(b, "{\"user\":%d,\"action\":\"click\",\"page\":\"/products/%d\"}\n", r.IntN(1000), r.IntN(50))
	}
	return b[:n]
}
