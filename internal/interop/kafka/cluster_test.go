package kafka_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

// patience ends a test that hangs, not one on a busy machine.
const patience = 3 * time.Minute

// One broker: a topic is written and read by Java's clients, and is still there after a clean stop and after SIGKILL.
func TestBroker(t *testing.T) {
	c := kafka.Start(t, kafka.Options{Config: map[string]string{"auto.create.topics.enable": "false"}})
	b := c.Brokers[0]
	t.Log("Apache Kafka", b.Version())

	if err := c.Java.Create(kafka.Topic{Name: "t", Partitions: 2, Config: map[string]string{"message.timestamp.type": "LogAppendTime"}}); err != nil {
		t.Fatal(err)
	}
	// An exception of Kafka's clients comes back as an error, and the process goes on.
	err := c.Java.Create(kafka.Topic{Name: "no such name!"})
	if e := (*kafka.JavaError)(nil); !errors.As(err, &e) || !strings.Contains(e.Text, "InvalidTopicException") {
		t.Errorf("a name that is not allowed: %v", err)
	}
	second, stamp := int32(1), int64(1_000)
	sent := []kafka.Record{
		{Partition: &second, Timestamp: &stamp, Key: []byte{}, Value: nil, Headers: []kafka.Header{{Key: "h", Value: nil}, {Key: "h", Value: []byte{0xff}}}},
		{Partition: &second, Key: nil, Value: []byte{}},
	}
	written, err := c.Java.Write("t", nil, sent)
	if err != nil {
		t.Fatal(err)
	}
	if len(written) != 2 || *written[1].Partition != 1 || written[1].Offset != 1 {
		t.Fatalf("written: %+v", written)
	}

	for _, end := range []struct {
		name string
		by   func() error
	}{{"as it was written", nil}, {"after Stop", b.Stop}, {"after Kill", b.Kill}} {
		if end.by != nil {
			if err := errors.Join(end.by(), b.Start(), c.Await(patience)); err != nil {
				t.Fatal(err)
			}
		}
		got, err := c.Java.Read("t")
		if err != nil {
			t.Fatal(err)
		}
		checkRead(t, end.name, got, sent)
	}
}

// checkRead compares what was read of TestBroker's topic with what was sent to its partition 1.
func checkRead(t *testing.T, when string, got map[int32][]kafka.Record, sent []kafka.Record) {
	t.Helper()
	if len(got) != 1 || len(got[1]) != len(sent) {
		t.Fatalf("%s: read %+v", when, got)
	}
	for i, r := range got[1] {
		if r.Offset != int64(i) || r.TimestampType != "LogAppendTime" || *r.Timestamp < 1_500_000_000_000 {
			t.Errorf("%s: record %d: offset %d, %s %d", when, i, r.Offset, r.TimestampType, *r.Timestamp)
		}
		if !kafka.SameBytes(r.Key, sent[i].Key) || !kafka.SameBytes(r.Value, sent[i].Value) {
			t.Errorf("%s: record %d is %+v", when, i, r)
		}
		if !slices.EqualFunc(r.Headers, sent[i].Headers, func(a, b kafka.Header) bool {
			return a.Key == b.Key && kafka.SameBytes(a.Value, b.Value)
		}) {
			t.Errorf("%s: headers %+v", when, r.Headers)
		}
	}
}

// Three brokers: when the leader of a partition is killed, another one leads it, and all that was acknowledged is there.
func TestCluster(t *testing.T) {
	c := kafka.Start(t, kafka.Options{Brokers: 3})
	if err := c.Java.Create(kafka.Topic{Name: "t", Replication: 3}); err != nil {
		t.Fatal(err)
	}
	if failed, err := c.Java.WriteNumbered("t", nil, 1000, 10); err != nil || failed > 0 {
		t.Fatalf("%d failed, %v", failed, err)
	}
	leader := leaderOf(t, c, func(id int32) bool { return id > 0 })
	if err := c.Brokers[leader-1].Kill(); err != nil {
		t.Fatal(err)
	}
	leaderOf(t, c, func(id int32) bool { return id > 0 && id != leader })
	v, err := c.Java.Verify("t", 1000)
	if err := errors.Join(err, v.Err()); err != nil {
		t.Error(err)
	}
	if err := errors.Join(c.Brokers[leader-1].Start(), c.Await(patience)); err != nil {
		t.Error(err)
	}
}

// leaderOf waits until partition 0 of topic t has a leader that pleases ok.
func leaderOf(t *testing.T, c *kafka.Cluster, ok func(int32) bool) int32 {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(100 * time.Millisecond) {
		if p, err := c.Java.Describe("t"); err == nil && ok(p[0].Leader) {
			return p[0].Leader
		}
	}
	t.Fatalf("no such leader in %v", patience)
	return 0
}

// The judge of numbered records sees each thing that can be wrong.
func TestVerify(t *testing.T) {
	c := kafka.Start(t, kafka.Options{})
	p0, p1 := int32(0), int32(1)
	record := func(partition *int32, key, value string) kafka.Record {
		return kafka.Record{Partition: partition, Key: []byte(key), Value: []byte(value)}
	}
	whole := []kafka.Record{record(&p0, "a", "0 some text"), record(&p1, "b", "1"), record(&p0, "a", "2"), record(&p0, "c", "3")}
	tests := []struct {
		name string
		with func([]kafka.Record) []kafka.Record
		want kafka.Verdict
	}{
		{"whole", func(r []kafka.Record) []kafka.Record { return r }, kafka.Verdict{Records: 4}},
		{"missing", func(r []kafka.Record) []kafka.Record { return r[:3] }, kafka.Verdict{Records: 3, Missing: 1}},
		{"doubled", func(r []kafka.Record) []kafka.Record { return append(r, r[1]) }, kafka.Verdict{Records: 5, Doubled: 1}},
		{"out of order", func(r []kafka.Record) []kafka.Record { r[0], r[2] = r[2], r[0]; return r },
			kafka.Verdict{Records: 4, OutOfOrder: 1}},
		{"strayed", func(r []kafka.Record) []kafka.Record { r[2].Partition = &p1; return r }, kafka.Verdict{Records: 4, Strayed: 1}},
		{"alien", func(r []kafka.Record) []kafka.Record { return append(r, record(&p0, "a", "x"), record(&p0, "a", "4")) },
			kafka.Verdict{Records: 6, Alien: 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			topic := strings.ReplaceAll(test.name, " ", "-")
			if err := c.Java.Create(kafka.Topic{Name: topic, Partitions: 2}); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Java.Write(topic, nil, test.with(slices.Clone(whole))); err != nil {
				t.Fatal(err)
			}
			got, err := c.Java.Verify(topic, 4)
			if err != nil {
				t.Fatal(err)
			}
			if (got.Err() == nil) != (test.name == "whole") {
				t.Errorf("Err: %v", got.Err())
			}
			got.Partitions, got.Examples, got.Count = nil, nil, 0
			if want := test.want; got.Records != want.Records || got.Missing != want.Missing || got.Doubled != want.Doubled ||
				got.OutOfOrder != want.OutOfOrder || got.Strayed != want.Strayed || got.Alien != want.Alien {
				t.Errorf("got %+v, want %+v", *got, want)
			}
		})
	}
}
