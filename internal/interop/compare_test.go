package interop

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

// expectation says what compare may take for granted about a topic.
type expectation struct {
	logAppendTime bool      // the broker's clock stamps the records
	noOffsets     bool      // acks=0: nobody told the producer where the records went
	begin         time.Time // no record was sent before
}

// compare reads a topic with Kafka's consumer: it must hold the records whose outcomes are given and no others, those of a partition
// in the order they were sent in, with the offsets and timestamps that the callbacks were told.
func compare(t *testing.T, c *kafka.Cluster, topic string, outcomes []outcome, want expectation) {
	t.Helper()
	got, err := c.Java.Read(topic)
	if err != nil {
		t.Fatal(err)
	}
	sent := map[int32][]outcome{}
	for _, o := range outcomes {
		sent[o.metadata.Partition] = append(sent[o.metadata.Partition], o)
	}
	for partition := range got {
		if len(sent[partition]) == 0 {
			t.Errorf("%d records in partition %d, to which none was sent", len(got[partition]), partition)
		}
	}
	for partition, sent := range sent {
		if len(got[partition]) != len(sent) {
			t.Errorf("partition %d: %d records sent, %d read", partition, len(sent), len(got[partition]))
			continue
		}
		for i, o := range sent {
			if !compareRecord(t, topic, o, got[partition][i], want) {
				t.Fatalf("at record %d of partition %d, which has offset %d", i, partition, got[partition][i].Offset)
			}
		}
	}
}

// compareRecord reports each difference between a record as it was sent and acknowledged, and as it was read, and tells whether there
// was none.
func compareRecord(t *testing.T, topic string, sent outcome, read kafka.Record, want expectation) (same bool) {
	t.Helper()
	same = true
	check := func(ok bool, what string, sent, read any) {
		if !ok {
			t.Errorf("%s: sent %s, read %s", what, brief(sent), brief(read))
			same = false
		}
	}
	m, r := sent.metadata, sent.record
	check(m.Topic == topic, "topic in the metadata", m.Topic, topic)
	check(r.Partition == nil || *r.Partition == *read.Partition, "partition asked for", r.Partition, *read.Partition)
	offset := read.Offset
	if want.noOffsets {
		offset = -1
	}
	check(m.Offset == offset, "offset in the metadata", m.Offset, offset)
	check(kafka.SameBytes(r.Key, read.Key), "key", r.Key, read.Key)
	check(kafka.SameBytes(r.Value, read.Value), "value", r.Value, read.Value)
	check(slices.EqualFunc(r.Headers, read.Headers, func(a producerHeader, b kafka.Header) bool {
		return a.Key == b.Key && kafka.SameBytes(a.Value, b.Value)
	}), "headers", r.Headers, read.Headers)

	stamp := time.UnixMilli(*read.Timestamp)
	check(m.Timestamp.Equal(stamp), "timestamp in the metadata", m.Timestamp, stamp)
	if r.Timestamp.IsZero() || want.logAppendTime {
		check(!stamp.Before(want.begin.Truncate(time.Millisecond)) && !stamp.After(time.Now()), "timestamp, now", want.begin, stamp)
	} else {
		check(stamp.Equal(time.UnixMilli(r.Timestamp.UnixMilli())), "timestamp", r.Timestamp, stamp)
	}
	kind := "CreateTime"
	if want.logAppendTime {
		kind = "LogAppendTime"
	}
	check(read.TimestampType == kind, "timestamp type", kind, read.TimestampType)
	return same
}

// brief prints a value short enough to be looked at.
func brief(v any) string {
	s := fmt.Sprintf("%v", v)
	if b, ok := v.([]byte); ok {
		s = fmt.Sprintf("%d bytes %q", len(b), b)
	}
	return fmt.Sprintf("%.120s", s)
}
