package producertest

import (
	"errors"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

func TestAcks(t *testing.T) {
	inVirtualTime(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		ask := func(acks int16, topic string) {
			m := produceRequest(topic, 0, spec{}.bytes(t))
			m.Acks = acks
			k.send(lastByName, m)
		}
		for i, acks := range []int16{1, -1} {
			ask(acks, "t")
			wantOffset(t, only(t, k.receive(lastByName, protocol.ProduceKey, k.last)), int64(i))
		}
		ask(2, "t")
		wantCode(t, only(t, k.receive(lastByName, protocol.ProduceKey, k.last)), protocol.InvalidRequiredAcks)

		ask(0, "t")
		k.silent(time.Minute)
		if got := c.EndOffset("t", 0); got != 3 {
			t.Errorf("the log ends at %d after acks=0", got)
		}
		ask(0, "nope")
		if err := k.closed(); !errors.Is(err, io.EOF) {
			t.Errorf("an error with acks=0: %v", err)
		}
	})
}

// TestOrder: requests of a connection are answered in their order, all of their partitions.
func TestOrder(t *testing.T) {
	bothNetworks(t, Options{Topics: map[string]int32{"t": 3}}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		const requests = 50
		go func() {
			for range requests {
				m := produceRequest("t", 2, spec{}.bytes(t))
				m.TopicData[0].PartitionData = append(m.TopicData[0].PartitionData,
					protocol.PartitionProduceData{Index: 9, Records: spec{}.bytes(t)},
					protocol.PartitionProduceData{Index: 0, Records: spec{n: 2}.bytes(t)})
				k.send(lastByName, m)
			}
		}()
		for i := range int64(requests) {
			m := k.receive(lastByName, protocol.ProduceKey, int32(i+1)).(*protocol.ProduceResponse)
			p := m.Responses[0].PartitionResponses
			if len(p) != 3 || p[0].Index != 2 || p[0].BaseOffset != i || p[2].Index != 0 || p[2].BaseOffset != 2*i {
				t.Fatalf("answer %d is %+v", i, p)
			}
			wantCode(t, p[1], protocol.UnknownTopicOrPartition)
		}
	})
}

func TestRequests(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	k.ask(3, &protocol.ApiVersionsRequest{ClientSoftwareName: "test", ClientSoftwareVersion: "1.0", NodeID: -1})
	m := produceRequest("", 0, spec{n: 3}.bytes(t))
	m.TopicData[0].TopicID = c.TopicID("t")
	k.ask(13, m)
	dial(t, c, 1).metadata(12, false, "t")

	all := c.Requests()
	if len(all) != 3 || all[0].Header.Key != protocol.ApiVersionsKey || all[2].Conn != 2 || *all[1].Header.ClientID != "test-client" {
		t.Errorf("requests %+v", all)
	}
	if got := c.Requests(protocol.ApiVersionsKey)[0].Message.(*protocol.ApiVersionsRequest).ClientSoftwareName; got != "test" {
		t.Errorf("client software %q", got)
	}
	r := c.Requests(protocol.ProduceKey)[0]
	if len(r.Partitions) != 1 || r.Partitions[0] != (TopicPartition{"t", 0}) || r.Broker != 1 || r.Header.Version != 13 {
		t.Errorf("Produce request %+v", r)
	}
	s := c.Stats()
	if s.Connections != 2 || s.Open != 2 || s.Batches != 1 || s.Records != 3 || s.Bytes != int64(len(m.TopicData[0].PartitionData[0].Records)) ||
		s.Requests[protocol.MetadataKey] != 1 || c.RequestCount(protocol.ProduceKey) != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestStatsOfConnectionsAndRefusals(t *testing.T) {
	inVirtualTime(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		k.produce("t", 0, spec{id: 7})
		k.produce("t", 0, spec{id: 7})
		k.produce("t", 0, spec{id: 7, seq: 3})
		k.conn.Close()
		synctest.Wait()
		s := c.Stats()
		if s.Connections != 1 || s.Open != 0 || s.Duplicates != 1 || s.Refused[protocol.OutOfOrderSequenceNumber] != 1 {
			t.Errorf("stats %+v", s)
		}
	})
}

func TestKeepRequests(t *testing.T) {
	for _, test := range []struct{ keep, want int }{{0, 25}, {10, 10}, {-1, 0}} {
		c := Start(t, Options{KeepRequests: test.keep})
		k := dial(t, c, 1)
		for range 25 {
			k.metadata(12, false)
		}
		got := c.Requests()
		if len(got) != test.want {
			t.Errorf("KeepRequests %d: %d requests, want %d", test.keep, len(got), test.want)
		}
		if n := len(got); n > 0 && got[n-1].Header.CorrelationID != 25 {
			t.Errorf("KeepRequests %d: the last is %d, want 25", test.keep, got[n-1].Header.CorrelationID)
		}
	}
}

func TestOnRequest(t *testing.T) {
	var mu sync.Mutex
	var seen []protocol.Key
	var c *Cluster
	c = Start(t, Options{OnRequest: func(r Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Header.Key)
		if r.Header.Key == protocol.ProduceKey {
			c.CreateTopic("t", TopicConfig{}) // before the request takes effect
		}
	}})
	k := dial(t, c, 1)
	k.metadata(12, false)
	wantOffset(t, k.produce("t", 0, spec{}), 0)
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 2 || seen[0] != protocol.MetadataKey || seen[1] != protocol.ProduceKey {
		t.Errorf("heard of %v", seen)
	}
}

// TestRequestsAreKeptAsTheyWere: later requests don't write into what was returned.
func TestRequestsAreKeptAsTheyWere(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	k.produce("t", 0, spec{value: "first"})
	first := c.Records("t", 0)[0].Value
	k.produce("t", 0, spec{value: "other"})
	m := c.Requests(protocol.ProduceKey)[0].Message.(*protocol.ProduceRequest)
	if string(first) != "first" || len(m.TopicData[0].PartitionData[0].Records) == 0 {
		t.Errorf("record is %q now", first)
	}
}

func TestDiscard(t *testing.T) {
	c := Start(t, Options{Discard: true, Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	for i := range int64(3) {
		wantOffset(t, k.produce("t", 0, spec{id: 7, seq: int32(10 * i), n: 10}), 10*i)
	}
	wantOffset(t, k.produce("t", 0, spec{id: 7, n: 10}), 0)
	if s := c.Stats(); s.Records != 30 || s.Duplicates != 1 || c.Count("t") != 30 {
		t.Errorf("stats %+v", s)
	}
	if len(c.Records("t", 0))+len(c.Batches("t", 0))+len(c.Attempts("t", 0))+len(c.Requests()) != 0 {
		t.Error("something was kept")
	}
}

// TestCloseEndsEverything: with connections in every state. synctest fails the test when a goroutine is left.
func TestCloseEndsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Options{InMemory: true, Brokers: 2, Topics: map[string]int32{"t": 1}})
		if err != nil {
			t.Fatal(err)
		}
		var conns []*testClient
		for _, f := range []Fault{Stall(), DelayAnswer(time.Hour), DelayRequest(time.Hour), Late(time.Hour), Throttle(time.Hour), Swallow(), Reorder()} {
			c.Inject(f.Once())
			k := dial(t, c, 1)
			for range 2 {
				k.post(spec{})
			}
			conns = append(conns, k)
			synctest.Wait()
		}
		flooded := dial(t, c, 1)
		go func() { // never reads: the broker's answers fill the connection
			for {
				frame, _ := protocol.AppendRequest(nil, protocol.RequestHeader{Version: 3}, &protocol.ApiVersionsRequest{})
				if _, err := flooded.conn.Write(frame); err != nil {
					return
				}
			}
		}()
		c.PauseBroker(2)
		paused := dial(t, c, 2)
		paused.send(12, &protocol.MetadataRequest{})
		synctest.Wait()
		c.Close()
		c.Close()
		for _, k := range append(conns, flooded, paused) {
			if _, err := io.Copy(io.Discard, k.r); err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("the connection ended with %v", err)
			}
		}
		if got := c.Stats().Open; got != 0 {
			t.Errorf("%d connections open", got)
		}
		if got := len(c.Records("t", 0)); got == 0 {
			t.Error("records can't be read after Close")
		}
	})
}
