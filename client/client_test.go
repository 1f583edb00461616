package client

import (
	"testing"
	"testing/synctest"

	"kafkaproducer/protocol"
)

// The whole way once: bootstrap, versions, metadata, connect, send.
func TestClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.topic("topic", 1, 2, 1)
		h := newEvents()
		c := begin(t, f.config(), h)

		topic, err := c.Topic(t.Context(), "topic")
		if err != nil {
			t.Fatal(err)
		}
		if len(topic.Partitions) != 3 || topic.Partitions[1].Leader != 2 {
			t.Fatalf("partitions %+v", topic.Partitions)
		}
		c.Connect(2)
		h.awaitUp(2)
		done := make(chan result)
		call := produceCall(done)
		c.Send(2, call)
		if r := <-done; r.err != nil || r.call != call {
			t.Fatal(r.err)
		}
		if got := call.Response.(*protocol.ProduceResponse).Responses[0].PartitionResponses[0].BaseOffset; got != 7 {
			t.Errorf("base offset %d", got)
		}

		id := &Call{Request: new(protocol.InitProducerIDRequest), Response: new(protocol.InitProducerIDResponse),
			Done: func(c *Call, err error) { done <- result{c, err} }}
		c.SendAny(id)
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
		if got := id.Response.(*protocol.InitProducerIDResponse).ProducerID; got != 42 {
			t.Errorf("producer id %d", got)
		}
	})
}
