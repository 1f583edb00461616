package producer_test

import (
	"fmt"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// metadata.max.idle.ms: a topic nobody sends to is forgotten, and found again when somebody does.
func TestTopicIsForgottenAndFoundAgain(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"a": 2, "b": 2}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MetadataMaxIdle, cfg.MetadataMaxAge = 10*time.Second, 5*time.Second
		p := open(t, cfg)
		must := func(topic string) {
			t.Helper()
			if _, err := p.SendSync(t.Context(), producer.Record{Topic: topic}); err != nil {
				t.Fatal(err)
			}
		}
		asked := func() string {
			all := c.Requests(protocol.MetadataKey)
			names := []string{}
			for _, topic := range all[len(all)-1].Message.(*protocol.MetadataRequest).Topics {
				names = append(names, *topic.Name)
			}
			return fmt.Sprint(names)
		}
		must("a")
		for range 20 {
			must("b")
			time.Sleep(time.Second)
		}
		if got := asked(); got != "[b]" {
			t.Errorf("metadata are asked for %s", got)
		}
		must("a")
		time.Sleep(6 * time.Second)
		if got := asked(); got != "[a b]" && got != "[b a]" {
			t.Errorf("metadata are asked for %s", got)
		}
	})
}

// A topic isn't forgotten while records wait for one of its partitions, however long that is without a leader.
func TestTopicWithRecordsIsNotForgotten(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MetadataMaxIdle, cfg.DeliveryTimeout = 10*time.Second, time.Hour
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		c.MoveLeader("t", 0, -1)
		send(t, p, "t", 1, 2, &o)
		time.Sleep(time.Minute)
		c.MoveLeader("t", 0, 1)
		time.Sleep(10 * time.Second)
		if n := o.len(); n != 3 {
			t.Errorf("%d of 3 records have an outcome, 10 s after the partition has a leader again", n)
		}
		flush(t, p)
		noErrors(t, &o)
	})
}

// max.block.ms=0 waits for nothing, but needs to wait for nothing where all is known.
func TestNoBlocking(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MaxBlock = -1
		c.PauseBroker(1) // else it may answer before Send looks
		p := open(t, cfg)
		if err := p.Send(t.Context(), producer.Record{Topic: "t"}, nil); err == nil {
			t.Error("a topic nothing is known of was sent to")
		}
		c.ResumeBroker(1)
		time.Sleep(time.Second) // the first attempt has asked for it
		if err := p.Send(t.Context(), producer.Record{Topic: "t"}, nil); err != nil {
			t.Error(err)
		}
		if infos, err := p.PartitionsFor(t.Context(), "t"); err != nil || len(infos) != 1 {
			t.Errorf("PartitionsFor: %v, %v", infos, err)
		}
		flush(t, p)
		if c.Count("t") != 1 {
			t.Errorf("%d records", c.Count("t"))
		}
	})
}

// Records without key spread over partitions by bytes; with a key they go where Java's murmur2 says.
func TestPlacement(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 4}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		for range 100_000 {
			if err := p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, 100)}, nil); err != nil {
				t.Fatal(err)
			}
		}
		flush(t, p)
		for i := range int32(4) {
			if n := c.EndOffset("t", i); n < 15_000 || n > 37_000 {
				t.Errorf("%d of 100,000 records without key are in partition %d", n, i)
			}
		}
		// Utils.toPositive(Utils.murmur2(key)) % 4 of the Java client; testdata/partitioner has many more.
		for key, want := range map[string]int32{"21": (-973932308 & 0x7fffffff) % 4, "foobar": (-790332482 & 0x7fffffff) % 4} {
			m, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Key: []byte(key)})
			if err != nil || m.Partition != want {
				t.Errorf("key %q went to %d, want %d: %v", key, m.Partition, want, err)
			}
		}
	})
}

// Partitions without a leader get nothing that has no key.
func TestLeaderlessPartitionsAreAvoided(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 4}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MetadataMaxAge = time.Second
		p := open(t, cfg)
		send(t, p, "t", 0, 1, new(outcomes))
		flush(t, p)
		c.StopBroker(2)
		time.Sleep(5 * time.Second)
		var o outcomes
		start := time.Now()
		for i := range 10 {
			send(t, p, "t", i*1000, 1000, &o)
		}
		flush(t, p)
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
		noErrors(t, &o)
	})
}

// A topic that nobody used for metadata.max.idle.ms is forgotten, with the numbers its records have used. What is sent to it later must
// not be taken for what was sent before.
func TestForgottenTopicIsWrittenToAgain(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1, "u": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		for i := range 4 {
			send(t, p, "t", i, 1, &o)
			flush(t, p)
			time.Sleep(11 * time.Minute)
		}
		noErrors(t, &o)
		check(t, c, "t", 1, &o)
	})
}
