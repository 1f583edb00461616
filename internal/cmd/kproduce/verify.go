package main

import (
	"bytes"
	"fmt"

	"kafkaproducer/record"
)

// verifier compares what is in a topic with the lines that were sent to it: each line is there once, in the order of its key, and
// in the partition that the default partitioner gives the key.
type verifier struct {
	partitions int32
	keys       map[string]*history
	missing    int64    // lines that have not been seen
	faults     []string // a few
	faulty     int64    // all
}

// history is what was sent with one key.
type history struct {
	partition int32
	values    [][]byte
	seen      int // so many of them were in their place so far
}

// maxFaults is how many faults are told one by one.
const maxFaults = 10

// newVerifier expects the lines of text, which the verifier keeps.
func newVerifier(text []byte, f format, partitions int32) (*verifier, error) {
	v := &verifier{partitions: partitions, keys: map[string]*history{}}
	for line := range bytes.Lines(text) {
		key, value, err := f.record(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			return nil, err
		}
		h := v.keys[string(key)]
		if h == nil {
			h = &history{partition: keyPartition(key, partitions)}
			v.keys[string(key)] = h
		}
		h.values = append(h.values, value)
		v.missing++
	}
	return v, nil
}

// read takes the records of a partition in the order of their offsets.
func (v *verifier) read(partition int32, records []record.Record) {
	for _, r := range records {
		h := v.keys[string(r.Key)]
		switch {
		case h == nil:
			v.fault("partition %d, offset %d: no line has the key %q", partition, r.Offset, r.Key)
		case h.partition != partition:
			v.fault("partition %d, offset %d: key %q belongs into partition %d", partition, r.Offset, r.Key, h.partition)
		case h.seen < len(h.values) && bytes.Equal(h.values[h.seen], r.Value):
			h.seen++
			v.missing--
		default:
			v.fault("partition %d, offset %d: after %d lines with key %q comes %q, which is not the next one", partition, r.Offset, h.seen, r.Key, r.Value)
		}
	}
}

// compare checks what callbacks said about a partition with n records from offset 0 on. With acks=0 they know no offsets.
func (v *verifier) compare(partition int32, n int64, told partitionTally) {
	want := partitionTally{n, 0, n - 1}
	if told.first < 0 {
		want.first, want.last = -1, -1
	}
	if told != want {
		v.fault("partition %d has %d records, but callbacks told of %d at offsets %d to %d", partition, n, told.records, told.first, told.last)
	}
}

func (v *verifier) fault(format string, args ...any) {
	if v.faulty++; v.faulty <= maxFaults {
		v.faults = append(v.faults, fmt.Sprintf(format, args...))
	}
}

// verdict returns what is wrong, nothing if all is right.
func (v *verifier) verdict() []string {
	told := v.faults
	if more := v.faulty - int64(len(told)); more > 0 {
		told = append(told, "and "+group(more)+" more")
	}
	if v.missing > 0 {
		told = append(told, "missing lines: "+group(v.missing))
	}
	return told
}
