package producer_test

import (
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// Records without a key that wait for a partition which stays without leader go elsewhere; those with a key wait for it.
func TestStrandedRecordsAreMoved(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.Linger = 500, 5*time.Second
		cfg.PartitionerAdaptivePartitioning = producer.Off
		p := open(t, cfg)
		var warm, keyless, pinned outcomes
		send(t, p, "t", 0, 1, &warm)
		flush(t, p)
		c.PauseBroker(2) // so that nothing of what is sent now leaves for partition 1
		send(t, p, "t", 1, 6000, &keyless)
		part := int32(1)
		for _, v := range []string{"a", "b"} {
			if err := p.Send(t.Context(), producer.Record{Topic: "t", Partition: &part, Value: []byte(v)}, pinned.callback(v)); err != nil {
				t.Fatal(err)
			}
		}
		c.StopBroker(2)
		time.Sleep(10 * time.Second)
		// What was on its way when the broker stopped may be in its log.
		if n := 6000 - keyless.len(); n > 200 || pinned.len() > 0 {
			t.Errorf("%d records without key have no outcome, of some 2000; %d that chose the partition have one", n, pinned.len())
		}
		c.StartBroker(2)
		flush(t, p)
		noErrors(t, &keyless)
		noErrors(t, &pinned)
		if n := c.Stats().Records; n != 6003 || c.Stats().Duplicates > 0 {
			t.Errorf("%d records are stored, want 6003; %d duplicates", n, c.Stats().Duplicates)
		}
	})
}

// A topic that is made anew with fewer partitions leaves nothing waiting for those that are no more.
func TestRecordsLeavePartitionsThatAreNoMore(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.Linger, cfg.MetadataMaxAge = 500, 20*time.Second, time.Second
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		for _, part := range []int32{0, 1, 2} {
			c.MoveLeader("t", part, -1)
		}
		time.Sleep(2 * time.Second)
		c.DeleteTopic("t")
		c.CreateTopic("t", producertest.TopicConfig{Partitions: 1})
		send(t, p, "t", 1, 300, &o)
		time.Sleep(10 * time.Second)
		flush(t, p)
		noErrors(t, &o)
		if n := len(c.Records("t", 0)); n != 300 {
			t.Errorf("%d records are stored, want 300", n)
		}
	})
}
