package producer

import (
	"bytes"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
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

// Once a topic has no id, requests name all topics, and the core hears of it: what it takes for granted where they have ids is no more.
func TestTopicWithoutID(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1, "u": 1}}
	inBubble(t, opts, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		send := func(topic string) {
			t.Helper()
			if _, err := p.SendSync(t.Context(), Record{Topic: topic}); err != nil {
				t.Fatal(err)
			}
		}
		send("t")
		send("u")
		known := p.client.Cluster()
		topics := maps.Clone(known.Topics)
		nameless := *topics["u"]
		nameless.ID = protocol.UUID{}
		topics["u"] = &nameless
		p.metadataChanged(&client.Cluster{ID: known.ID, Brokers: known.Brokers, Topics: topics})
		send("t")
		c.CloseConnections(1)
		send("u")
		var versions []int16
		for _, r := range c.Requests(protocol.ProduceKey) {
			versions = append(versions, r.Header.Version)
		}
		if want := []int16{13, 13, 12, 12}; !slices.Equal(versions, want) {
			t.Errorf("requests have the versions %d, want %d", versions, want)
		}
		var record, transcript bytes.Buffer
		if err := errors.Join(p.WriteFlightRecord(&record), ReplayFlightRecord(&record, &transcript)); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(transcript.String(), "node 1 is up, its requests name topics, not their ids"); n != 2 { // at once, and when it is up again
			t.Errorf("the core hears %d times that requests name topics:\n%s", n, transcript.String())
		}
	})
}

// A topic with records under way that a snapshot leaves out is the same topic: if it comes back with another id, its log is another one.
func TestTopicThatIsLeftOutKeepsItsID(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}}
	inBubble(t, opts, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		part := p.topic("t").view.Load().partitions[0]
		id := part.TopicID()
		c.PauseBroker(1)
		defer c.ResumeBroker(1)
		if err := p.Send(t.Context(), Record{Topic: "t"}, nil); err != nil {
			t.Fatal(err)
		}
		known := p.client.Cluster()
		p.metadataChanged(&client.Cluster{ID: known.ID, Brokers: known.Brokers, Topics: map[string]*client.Topic{}})
		p.mu.Lock()
		defer p.mu.Unlock()
		if got := part.TopicID(); got != id || part.Leader() >= 0 {
			t.Errorf("the topic has the id %v instead of %v, and leader %d", got, id, part.Leader())
		}
	})
}

// What the client has learned of a topic between the answer that a Send waited for and the place where that adds the topic isn't missed:
// nothing else would bring it up.
func TestTopicIsAddedAsItIsNow(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		meta, err := p.metadata(t.Context(), "t")
		if err != nil {
			t.Fatal(err)
		}
		c.AddPartitions("t", 3)
		p.client.RefreshMetadata()
		for len(p.client.Cluster().Topics["t"].Partitions) < 3 {
			time.Sleep(time.Second)
		}
		synctest.Wait() // metadataChanged has run
		p.mu.Lock()
		p.addTopic(meta, p.client.Cluster())
		p.release(nil, aCall)
		if n := len(p.topic("t").view.Load().partitions); n != 3 {
			t.Errorf("%d partitions, want 3", n)
		}
	})
}
