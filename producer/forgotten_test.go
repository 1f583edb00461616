package producer

import (
	"testing"

	"kafkaproducer/client"
	"kafkaproducer/producer/producertest"
)

// A Send that has looked up a topic when it is forgotten sends to the one that is found instead: the numbers of the forgotten one's
// partitions are used by its partitions.
func TestTopicIsForgottenUnderASend(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}}
	inBubble(t, opts, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		send := func(value string) {
			t.Helper()
			if _, err := p.SendSync(t.Context(), Record{Topic: "t", Value: []byte(value)}); err != nil {
				t.Fatal(err)
			}
		}
		send("first")
		old, known := p.topic("t"), p.client.Cluster()
		p.metadataChanged(&client.Cluster{ID: known.ID, Brokers: known.Brokers, Topics: map[string]*client.Topic{}})
		p.last.Store(old) // as a Send does that was slow to
		send("second")
		if p.topic("t") == old {
			t.Error("the forgotten topic is sent to")
		}
		send("third")
		if n := len(c.Records("t", 0)); n != 3 {
			t.Errorf("%d records of 3 are there", n)
		}
	})
}
