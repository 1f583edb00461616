package producer_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// What a cluster goes through while records are sent: nothing is lost, nothing is twice.

func TestLeaderMoves(t *testing.T) {
	for _, hints := range []bool{true, false} {
		t.Run(fmt.Sprintf("hints=%v", hints), func(t *testing.T) {
			opts := producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 3}, NoLeaderHints: !hints}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
				p := open(t, config(t, c))
				var o outcomes
				for i := range 30 {
					send(t, p, "t", i*100, 100, &o)
					moveLeader(t, c, "t", int32(i%3))
					if i%5 == 0 {
						time.Sleep(300 * time.Millisecond)
					}
				}
				flush(t, p)
				if c.Stats().Refused[protocol.NotLeaderOrFollower] == 0 {
					t.Error("no batch came to a broker that was no longer the leader")
				}
				noErrors(t, &o)
				check(t, c, "t", 3, &o)
			})
		})
	}
}

// moveLeader makes the next one of three brokers the leader of a partition.
func moveLeader(t *testing.T, c *producertest.Cluster, topic string, partition int32) {
	t.Helper()
	before := c.Leader(topic, partition)
	c.MoveLeader(topic, partition, before%3+1)
	if c.Leader(topic, partition) == before {
		t.Fatalf("broker %d leads %s-%d still", before, topic, partition)
	}
}

// Who is answered by a broker that is no longer the leader hears from it who is (KIP-951): nothing waits, for metadata or a backoff.
func TestLeaderHintIsEnough(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		thaw := c.FreezeMetadata()
		defer thaw()
		moveLeader(t, c, "t", 0)
		start := time.Now()
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil || time.Since(start) > 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestBrokersStopAndStart(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 6}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.RequestTimeout = 5 * time.Second
		p := open(t, cfg)
		var o outcomes
		for i := range 12 {
			send(t, p, "t", i*200, 200, &o)
			id := int32(i%3) + 1
			c.StopBroker(id)
			time.Sleep(time.Second)
			if i%2 == 0 {
				c.StartBroker(id)
			} else {
				c.StartBrokerElsewhere(id)
			}
			time.Sleep(time.Second)
		}
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 6, &o)
	})
}

// The whole cluster is away for a while, and comes back at other addresses.
func TestClusterAwayAndBack(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "t", 0, 100, &o)
		flush(t, p)
		c.StopBroker(1)
		c.StopBroker(2)
		send(t, p, "t", 100, 100, &o)
		time.Sleep(20 * time.Second)
		c.StartBroker(1)
		c.StartBroker(2)
		start := time.Now()
		flush(t, p)
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("took %v after the brokers were back", d)
		}
		noErrors(t, &o)
		check(t, c, "t", 2, &o)
	})
}

func TestPartitionsAreAdded(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MetadataMaxAge = 10 * time.Second
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 10, &o)
		c.AddPartitions("t", 4)
		time.Sleep(11 * time.Second)
		for i := range int32(4) {
			if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Partition: &i, Value: []byte("x")}); err != nil {
				t.Error(err)
			}
		}
	})
}

// A record for a partition that isn't known has metadata asked for, and not each one: soon the partition is known, if it was added.
func TestAddedPartitionIsLookedFor(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		asked := len(c.Requests(protocol.MetadataKey))
		c.AddPartitions("t", 2)
		for n, part := range []int32{1, 5} {
			for range 1000 {
				err := p.Send(t.Context(), producer.Record{Topic: "t", Partition: &part}, nil)
				if _, ok := errors.AsType[*producer.PartitionError](err); !ok {
					t.Fatalf("partition %d: %v", part, err)
				}
			}
			time.Sleep(time.Second)
			if got := len(c.Requests(protocol.MetadataKey)) - asked; got != n+1 {
				t.Errorf("metadata were asked for %d times", got)
			}
		}
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Partition: new(int32(1))}); err != nil {
			t.Error(err)
		}
	})
}

// A topic that is deleted and created again with fewer partitions is another log: its numbers begin anew, and what is
// sent from then on goes where there are partitions.
func TestTopicIsMadeAnew(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 4}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MetadataMaxAge = 10 * time.Second
		p := open(t, cfg)
		var before, after outcomes
		send(t, p, "t", 0, 1000, &before)
		flush(t, p)
		noErrors(t, &before)
		c.DeleteTopic("t")
		c.CreateTopic("t", producertest.TopicConfig{Partitions: 2})
		time.Sleep(11 * time.Second)
		for i := range 10 {
			send(t, p, "t", 2000+i*1000, 1000, &after) // some 20 KB each: the sticky partition changes
			flush(t, p)
		}
		noErrors(t, &after)
		check(t, c, "t", 2, &after)
	})
}
