package record_test

import (
	"fmt"

	"kafkaproducer/compress"
	"kafkaproducer/record"
)

// A batch is written into memory of the caller's, and sent as often as needed.
func ExampleBuilder() {
	var b record.Builder
	b.Reset(make([]byte, 16384))
	for i := range 100 {
		if !b.Append(1_700_000_000_000, []byte("user-7"), fmt.Appendf(nil, "event %d", i), nil) {
			break // full: the next batch takes it
		}
	}
	fmt.Println(b.Count(), "records in", b.Size(), "bytes")

	dst := make([]byte, 0, record.BatchHeaderSize+compress.MaxSize(compress.LZ4, b.Size()))
	dst, err := b.Seal(compress.LZ4, compress.DefaultLevel, dst)
	if err != nil {
		fmt.Println(err)
		return
	}
	b.Stamp(4000, 0, 12, -1) // producer id, epoch, sequence of the first record
	fmt.Println("compressed to less than half:", len(dst) < b.Size()/2, len(b.Bytes()) == len(dst))
	// Output:
	// 100 records in 2187 bytes
	// compressed to less than half: true true
}

func ExampleBuilder_Move() {
	var b record.Builder
	b.Reset(make([]byte, 80))
	for _, value := range []string{"first", "second", "third"} {
		for !b.Append(0, nil, []byte(value), nil) {
			old := b.Move(make([]byte, 2*b.Cap()))
			fmt.Println("out of", len(old), "bytes, into", b.Cap())
		}
	}
	fmt.Println(b.Count(), "records")
	// Output:
	// out of 80 bytes, into 160
	// 3 records
}

// A batch that a broker finds too large goes into two.
func ExampleBuilder_Records() {
	var whole, left, right record.Builder
	whole.Reset(make([]byte, 1024))
	left.Reset(make([]byte, 1024))
	right.Reset(make([]byte, 1024))
	for _, value := range []string{"a", "b", "c"} {
		whole.Append(1_700_000_000_000, nil, []byte(value), nil)
	}
	for r := range whole.Records() {
		half := &left
		if int(r.Offset) >= whole.Count()/2 {
			half = &right
		}
		half.Append(r.Timestamp, r.Key, r.Value, r.Headers)
	}
	fmt.Println(left.Count(), right.Count())
	// Output: 1 2
}

func ExampleParseBatch() {
	var b record.Builder
	b.Reset(make([]byte, 1024))
	b.Append(1_700_000_000_000, []byte("key"), nil, []record.Header{{Key: "trace", Value: []byte("7")}})
	b.Append(1_700_000_000_005, nil, []byte("value"), nil)
	b.Stamp(-1, -1, -1, -1)

	batch, rest, err := record.ParseBatch(b.Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(batch.Count, "records,", batch.Codec(), "and", len(rest), "bytes behind them")
	for r, err := range batch.Records(1 << 20) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d at %d: %q=%q %d headers, tombstone %t\n", r.Offset, r.Timestamp, r.Key, r.Value, len(r.Headers), r.Value == nil)
	}
	// Output:
	// 2 records, none and 0 bytes behind them
	// 0 at 1700000000000: "key"="" 1 headers, tombstone true
	// 1 at 1700000000005: ""="value" 0 headers, tombstone false
}
