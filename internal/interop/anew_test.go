package interop

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
)

// anewRecords are sent in about as many milliseconds.
const anewRecords = 4000

// A topic is deleted and created again in the middle of a run. What was acknowledged before is gone with it; in the new one each record is
// where its callback says, once and in order, and none that was sent to it is missing.
func TestTopicMadeAnew(t *testing.T) {
	outcomes, got := makeAnew(t, broker)
	for partition, records := range got {
		last := -1
		for _, r := range records {
			if n := numberOf(t, r); n <= last {
				t.Errorf("record %d is behind %d in partition %d", n, last, partition)
			} else {
				last = n
			}
		}
	}
	for i, o := range outcomes {
		if o.err != nil {
			t.Errorf("record %d: %v", i, o.err)
		}
	}
}

// testTopicMadeAnew is TestTopicMadeAnew for brokers before 4.1, where records may change places meanwhile, and fail in doubt.
func testTopicMadeAnew(t *testing.T, c *kafka.Cluster) { makeAnew(t, c) }

// makeAnew sends numbered records while their topic is made anew, and returns what became of them and what the new topic holds.
func makeAnew(t *testing.T, c *kafka.Cluster) ([]outcome, map[int32][]kafka.Record) {
	t.Helper()
	topic := kafka.Topic{Name: topicName(t), Partitions: autoPartitions / 2}
	if err := c.Java.Create(topic); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	p := newProducer(t, c, properties{"metadata.max.age.ms": "1000"})
	var mu sync.Mutex // guards sent, outcomes
	sent, outcomes := 0, make([]outcome, anewRecords)
	ended := make(chan error)
	go func() {
		for i := range outcomes {
			time.Sleep(time.Millisecond)
			mu.Lock()
			sent = i
			mu.Unlock()
			r := producer.Record{Topic: topic.Name, Key: fmt.Append(nil, i%100), Value: fmt.Appendf(nil, "%d %0100d", i, i)}
			err := p.Send(ctx, r, func(m producer.RecordMetadata, err error) {
				mu.Lock()
				defer mu.Unlock()
				outcomes[i].metadata, outcomes[i].err = m, err
				outcomes[i].calls++
			})
			if err != nil {
				ended <- fmt.Errorf("Send of record %d: %w", i, err)
				return
			}
		}
		ended <- p.Flush(ctx)
	}()
	time.Sleep(anewRecords / 4 * time.Millisecond)
	if err := c.Java.Delete(topic.Name); err != nil {
		t.Fatal(err)
	}
	createAgain(ctx, t, c, topic)
	mu.Lock()
	again := sent + 1 // from here on all go to the new one
	mu.Unlock()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	got, err := c.Java.Read(topic.Name)
	if err != nil {
		t.Fatal(err)
	}
	checkAnew(t, outcomes, again, got)
	return outcomes, got
}

// createAgain creates a topic that was just deleted.
func createAgain(ctx context.Context, t *testing.T, c *kafka.Cluster, topic kafka.Topic) {
	t.Helper()
	for err := c.Java.Create(topic); err != nil; err = c.Java.Create(topic) {
		if !strings.Contains(err.Error(), "TopicExistsException") || ctx.Err() != nil {
			t.Fatal(err)
		}
		// Either brokers are still at the deletion, or the producer's question for metadata has had the topic created.
		if made, err := c.Java.Describe(topic.Name); err == nil && len(made) == autoPartitions {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// checkAnew compares what the callbacks said with what the new topic holds, to which all records from again on were sent.
func checkAnew(t *testing.T, outcomes []outcome, again int, got map[int32][]kafka.Record) {
	t.Helper()
	found := make([]int, len(outcomes))
	for partition, records := range got {
		for _, r := range records {
			n := numberOf(t, r)
			found[n]++
			o := outcomes[n]
			if o.err == nil && (o.metadata.Partition != partition || o.metadata.Offset != r.Offset) {
				t.Errorf("record %d is at offset %d of partition %d, its callback said %+v", n, r.Offset, partition, o.metadata)
			}
			if e := (*producer.DeliveryError)(nil); errors.As(o.err, &e) && e.Status == producer.NotPersisted {
				t.Errorf("record %d is there, its callback said %v", n, o.err)
			}
		}
	}
	failed := 0
	for i, o := range outcomes {
		if o.err != nil {
			failed++
		}
		switch {
		case o.calls != 1:
			t.Fatalf("the callback of record %d was called %d times", i, o.calls)
		case found[i] > 1:
			t.Errorf("record %d is there %d times", i, found[i])
		case i >= again && o.err == nil && found[i] == 0:
			t.Errorf("record %d was acknowledged after the topic was made anew, and is not there", i)
		}
	}
	t.Logf("made anew before record %d of %d: %d failed", again, len(outcomes), failed)
}

// numberOf returns the number of a record that makeAnew sent.
func numberOf(t *testing.T, r kafka.Record) int {
	t.Helper()
	number, _, _ := strings.Cut(string(r.Value), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || n >= anewRecords {
		t.Fatalf("a record that nobody sent: %q", r.Value)
	}
	return n
}
