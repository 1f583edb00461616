package client

import (
	"slices"
	"testing"

	"kafkaproducer/protocol"
)

// testLog writes to the test's log.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", b)
	return len(b), nil
}

// events is a Handler that passes on what it hears.
type events struct {
	up   chan int32
	down chan downEvent
	meta chan *Cluster
}

type downEvent struct {
	id  int32
	err error
}

func newEvents() *events {
	return &events{make(chan int32, 1000), make(chan downEvent, 1000), make(chan *Cluster, 1000)}
}

func (e *events) NodeUp(id int32, v Versions)      { e.up <- id }
func (e *events) NodeDown(id int32, err error)     { e.down <- downEvent{id, err} }
func (e *events) MetadataChanged(cluster *Cluster) { e.meta <- cluster }

// awaitUp waits until brokers are up; what happens to others meanwhile doesn't matter.
func (e *events) awaitUp(ids ...int32) {
	for len(ids) > 0 {
		id := <-e.up
		ids = slices.DeleteFunc(ids, func(i int32) bool { return i == id })
	}
}

// awaitDown waits until a broker is down, and returns why.
func (e *events) awaitDown(id int32) error {
	for {
		if d := <-e.down; d.id == id {
			return d.err
		}
	}
}

// drain takes what is in a channel.
func drain[T any](c <-chan T) {
	for len(c) > 0 {
		<-c
	}
}

// knowing starts a client that knows the cluster, and a topic: one of a partition, unless there is another.
func knowing(t *testing.T, f *fakeCluster, cfg Config) (*Client, *events) {
	t.Helper()
	if f.topics["topic"] == nil {
		f.topic("topic", 1)
	}
	h := newEvents()
	c := begin(t, cfg, h)
	if _, err := c.Topic(t.Context(), "topic"); err != nil {
		t.Fatal(err)
	}
	<-h.meta
	return c, h
}

// result is the outcome of a call.
type result struct {
	call *Call
	err  error
}

// produceCall is a Produce request of one record set that reports to done.
func produceCall(done chan<- result) *Call {
	return &Call{
		Request: &protocol.ProduceRequest{Acks: -1, TimeoutMs: 1000, TopicData: []protocol.TopicProduceData{
			{Name: "topic", PartitionData: []protocol.PartitionProduceData{{Index: 0, Records: make([]byte, 100)}}}}},
		Response: new(protocol.ProduceResponse), Version: 9,
		Done: func(c *Call, err error) { done <- result{c, err} },
	}
}

// begin starts a client and closes it at the test's end.
func begin(t testing.TB, cfg Config, h Handler) *Client {
	t.Helper()
	c, err := New(cfg, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
