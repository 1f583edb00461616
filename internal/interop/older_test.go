package interop

import (
	"fmt"
	"testing"

	"kafkaproducer/internal/interop/kafka"
)

// What the producer does with the newest brokers it does with those of older releases, whose requests are of other versions: Kafka 2.1, the
// oldest that it speaks to; 2.8, whose topics have ids that Produce doesn't know yet; 3.9, the last one with ZooKeeper.
func TestOlder(t *testing.T) {
	for _, release := range kafka.OlderReleases() {
		t.Run(release, func(t *testing.T) {
			c := kafka.Start(t, kafka.Options{Release: release, Config: map[string]string{"num.partitions": fmt.Sprint(autoPartitions)}})
			if got := c.Brokers[0].Version(); got != release {
				t.Fatalf("the broker is of release %s", got)
			}
			for _, x := range []struct {
				name string
				test func(*testing.T, *kafka.Cluster)
			}{
				{"matrix", testMatrix}, {"created", testAutoCreatedTopic}, {"stamped", testLogAppendTime}, {"grown", testAddedPartitions},
				{"split", testSmallMaxMessageBytes}, {"made anew", testTopicMadeAnew}, {"restarted", testRestart},
			} {
				t.Run(x.name, func(t *testing.T) { x.test(t, c) })
			}
		})
	}
}

// The only broker is stopped in the middle of a run and started again later: nothing is lost, twice or out of order.
func testRestart(t *testing.T, c *kafka.Cluster) {
	b, n := c.Brokers[0], killSize()
	topic := newTopic(t, c, kafka.Topic{Partitions: 6})
	run := sendNumbered(t, newProducer(t, c, properties{"linger.ms": "5", "compression.type": "lz4"}), topic, n.records)
	run.interrupt(t, c, b, b.Stop, n.outage)
	run.finish(t)
	verify(t, c, topic, int64(n.records))
}
