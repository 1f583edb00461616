package kafka

import (
	"bytes"
	"encoding/json"
)

// Record is a record as Kafka's clients take it and give it. A nil Key, Value or header value is null.
type Record struct {
	Partition     *int32   `json:"partition,omitempty"` // nil: Java's partitioner chooses
	Offset        int64    `json:"offset,omitempty"`
	Timestamp     *int64   `json:"timestamp,omitempty"`     // milliseconds since 1970; nil: now
	TimestampType string   `json:"timestampType,omitempty"` // CreateTime or LogAppendTime
	Key           []byte   `json:"key"`
	Value         []byte   `json:"value"`
	Headers       []Header `json:"headers,omitempty"`
}

// Header is a header of a record.
type Header struct {
	Key   string `json:"key"`
	Value []byte `json:"value"`
}

// SameBytes tells whether two keys or values are the same: null and empty are not.
func SameBytes(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// Read returns all records of a topic by partition, each partition's in the order of their offsets, as Kafka's consumer
// reads them.
func (j *Java) Read(topic string) (map[int32][]Record, error) {
	partitions := map[int32][]Record{}
	var count int64
	err := j.call(request{Op: "read", Topic: topic}, eachRecord(func(r Record) {
		partitions[*r.Partition] = append(partitions[*r.Partition], r)
	}), &count)
	return partitions, err
}

// Write sends records with Kafka's producer, configured with the given properties, and returns where each of them went
// (partition, offset and timestamp), in the same order.
func (j *Java) Write(topic string, config map[string]string, records []Record) ([]Record, error) {
	var written []Record
	var count int
	err := j.call(request{Op: "write", Topic: topic, Config: config, Records: records}, eachRecord(func(r Record) {
		written = append(written, r)
	}), &count)
	return written, err
}

// eachRecord takes the items of an answer that are records.
func eachRecord(take func(Record)) func(item []byte) error {
	return func(item []byte) error {
		var r Record
		if err := json.Unmarshal(item, &r); err != nil {
			return err
		}
		take(r)
		return nil
	}
}
