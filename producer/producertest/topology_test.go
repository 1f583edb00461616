package producertest

import (
	"slices"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// TestMoveLeader: the old leader refuses, with hints from Produce v10 on (KIP-951), and the new one goes on with the same log.
func TestMoveLeader(t *testing.T) {
	for _, test := range []struct {
		name    string
		version int16
		opts    Options
		hint    bool
	}{
		{"hints", 10, Options{}, true},
		{"before hints", 9, Options{}, false},
		{"hints withheld", 12, Options{NoLeaderHints: true}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.opts.Brokers, test.opts.Topics = 2, map[string]int32{"t": 1}
			c := Start(t, test.opts)
			first, second := dial(t, c, 1), dial(t, c, 2)
			wantOffset(t, first.produce("t", 0, spec{id: 7, n: 2}), 0)
			c.MoveLeader("t", 0, 2)

			s := spec{id: 7, seq: 2}
			m := first.ask(test.version, produceRequest("t", 0, s.bytes(t))).(*protocol.ProduceResponse)
			got := only(t, m)
			wantCode(t, got, protocol.NotLeaderOrFollower)
			wantHint, endpoints := protocol.NoLeader, 0
			if test.hint {
				wantHint, endpoints = protocol.LeaderIDAndEpoch{LeaderID: 2, LeaderEpoch: 1}, 1
			}
			if got.CurrentLeader != wantHint || len(m.NodeEndpoints) != endpoints {
				t.Errorf("hints %+v, %+v, want %+v with %d endpoints", got.CurrentLeader, m.NodeEndpoints, wantHint, endpoints)
			}
			if test.hint && m.NodeEndpoints[0].Host != "127.0.0.1" {
				t.Errorf("endpoint %+v", m.NodeEndpoints[0])
			}
			wantOffset(t, second.produce("t", 0, s), 2)
			if p := second.metadata(12, false, "t").Topics[0].Partitions[0]; p.LeaderID != 2 || p.LeaderEpoch != 1 {
				t.Errorf("metadata shows leader %d, epoch %d", p.LeaderID, p.LeaderEpoch)
			}
			if b := c.Batches("t", 0); b[0].LeaderEpoch != 0 || b[1].LeaderEpoch != 1 {
				t.Errorf("leader epochs %d, %d in the log", b[0].LeaderEpoch, b[1].LeaderEpoch)
			}
		})
	}
}

// TestHintsShareEndpoints: the new leader's address is told once, however many partitions it has got.
func TestHintsShareEndpoints(t *testing.T) {
	c := Start(t, Options{Brokers: 3, Topics: map[string]int32{"t": 3}})
	c.MoveLeader("t", 0, 2)
	m := produceRequest("t", 0, spec{}.bytes(t))
	for _, i := range []int32{1, 2} {
		m.TopicData[0].PartitionData = append(m.TopicData[0].PartitionData, protocol.PartitionProduceData{Index: i, Records: spec{}.bytes(t)})
	}
	answer := dial(t, c, 1).ask(lastByName, m).(*protocol.ProduceResponse)
	var nodes []int32
	for _, e := range answer.NodeEndpoints {
		nodes = append(nodes, e.NodeID)
	}
	if want := []int32{2, 3}; !slices.Equal(nodes, want) {
		t.Errorf("endpoints of brokers %v, want %v", nodes, want)
	}
}

func TestNoLeader(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	c.MoveLeader("t", 0, -1)
	got := k.produce("t", 0, spec{})
	wantCode(t, got, protocol.NotLeaderOrFollower)
	if got.CurrentLeader.LeaderID != -1 {
		t.Errorf("hint at leader %d", got.CurrentLeader.LeaderID)
	}
	if p := k.metadata(12, false, "t").Topics[0].Partitions[0]; p.ErrorCode != protocol.LeaderNotAvailable || p.LeaderID != -1 {
		t.Errorf("metadata shows %+v", p)
	}
}

// TestLeaderMovesDuringAppend: a batch that was checked for a leader that isn't any more is refused.
func TestLeaderMovesDuringAppend(t *testing.T) {
	for want, move := range map[protocol.ErrorCode]func(c *Cluster){
		protocol.NotLeaderOrFollower:     func(c *Cluster) { c.MoveLeader("t", 0, 2) },
		protocol.UnknownTopicOrPartition: func(c *Cluster) { c.DeleteTopic("t") },
	} {
		c := Start(t, Options{Brokers: 2, Topics: map[string]int32{"t": 1}})
		near, far := newMemConns(memAddr("a:1"), memAddr("b:2"))
		defer near.Close()
		k := newConn(c, c.broker(1), far, 1)
		b := batch{conn: k, request: &Request{}, acks: -1, topic: "t", bytes: spec{}.bytes(t)}
		config, no := b.lookUp()
		if no.refused() {
			t.Fatal(no)
		}
		no = b.validate(&config)
		move(c)
		if !b.finish(no, fate{}) || b.out.code != want {
			t.Errorf("answered %v, want %v", b.out.code, want)
		}
		k.close()
		if b.finish(refusal{}, fate{}) {
			t.Error("a connection that has ended appends")
		}
	}
}

// TestRecreateTopic: a topic that is created again is another one.
func TestRecreateTopic(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	byID := func(id protocol.UUID) protocol.PartitionProduceResponse {
		m := produceRequest("", 0, spec{}.bytes(t))
		m.TopicData[0].TopicID = id
		return only(t, k.ask(13, m))
	}
	old := c.TopicID("t")
	wantOffset(t, byID(old), 0)
	c.DeleteTopic("t")
	wantCode(t, byID(old), protocol.UnknownTopicID)
	wantCode(t, k.produce("t", 0, spec{}), protocol.UnknownTopicOrPartition)
	c.CreateTopic("t", TopicConfig{})
	if c.TopicID("t") == old {
		t.Error("the same id again")
	}
	wantCode(t, byID(old), protocol.UnknownTopicID)
	wantOffset(t, byID(c.TopicID("t")), 0)
}

func TestAddPartitions(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	wantCode(t, k.produce("t", 1, spec{}), protocol.UnknownTopicOrPartition)
	c.AddPartitions("t", 2)
	wantOffset(t, k.produce("t", 1, spec{}), 0)
	wantCode(t, k.produce("t", -1, spec{}), protocol.UnknownTopicOrPartition)
}

func TestLogAppendTime(t *testing.T) {
	inVirtualTime(t, Options{}, func(t *testing.T, c *Cluster) {
		c.CreateTopic("t", TopicConfig{LogAppendTime: true})
		k := dial(t, c, 1)
		first := time.Now().UnixMilli()
		s := spec{id: 7, timestamp: 12345}
		if got := k.produce("t", 0, s); got.LogAppendTimeMs != first {
			t.Errorf("append time %d, want %d", got.LogAppendTimeMs, first)
		}
		time.Sleep(time.Minute)
		if got := k.produce("t", 0, s); got.LogAppendTimeMs != first {
			t.Errorf("append time of a duplicate %d, want %d", got.LogAppendTimeMs, first)
		}
		if r := c.Records("t", 0); len(r) != 1 || r[0].Timestamp != first {
			t.Errorf("records %+v, want one of %d", r, first)
		}
	})
}

// TestDuplicateHasAnAppendTime: a broker answers a batch that it has already with its latest timestamp, also where records keep theirs.
func TestDuplicateHasAnAppendTime(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	s := spec{id: 7, timestamp: 12345}
	for _, want := range []int64{-1, 12345} {
		if got := k.produce("t", 0, s); got.BaseOffset != 0 || got.LogAppendTimeMs != want {
			t.Errorf("offset %d, append time %d, want 0 and %d", got.BaseOffset, got.LogAppendTimeMs, want)
		}
	}
}

// TestProducersOfACluster: what the methods of Cluster do to what partitions know of producers.
func TestProducersOfACluster(t *testing.T) {
	c := Start(t, Options{UnknownProducer: RefuseUnknown, Topics: map[string]int32{"t": 2, "u": 1}})
	k := dial(t, c, 1)
	for _, topic := range []string{"t", "u"} {
		wantOffset(t, k.produce(topic, 0, spec{id: 7}), 0)
	}
	c.ExpireProducers("t")
	got := k.produce("t", 0, spec{id: 7, seq: 1})
	wantCode(t, got, protocol.UnknownProducerID)
	if got.LogStartOffset != 0 {
		t.Errorf("log start offset %d", got.LogStartOffset)
	}
	wantOffset(t, k.produce("u", 0, spec{id: 7, seq: 1}), 1)
	c.ExpireProducers("")
	wantCode(t, k.produce("u", 0, spec{id: 7, seq: 2}), protocol.UnknownProducerID)

	c.FenceProducer(7, 3)
	wantCode(t, k.produce("t", 1, spec{id: 7, epoch: 2}), protocol.InvalidProducerEpoch)
	wantOffset(t, k.produce("t", 1, spec{id: 7, epoch: 3}), 0)
	wantOffset(t, k.produce("t", 1, spec{id: 7, epoch: 3, seq: 1}), 1)

	c.ReloadProducers("u")
	wantOffset(t, k.produce("t", 1, spec{id: 7, epoch: 3}), 0)
	c.ReloadProducers("")
	wantCode(t, k.produce("t", 1, spec{id: 7, epoch: 3}), protocol.OutOfOrderSequenceNumber)
	wantOffset(t, k.produce("t", 1, spec{id: 7, epoch: 3, seq: 1}), 1)
}

func TestDeleteRecordsAndTruncate(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	for range 3 {
		k.produce("t", 0, spec{n: 10})
	}
	c.DeleteRecords("t", 0, 15)
	if got := k.produce("t", 0, spec{n: 10}); got.LogStartOffset != 15 {
		t.Errorf("log start offset %d, want 15", got.LogStartOffset)
	}
	if got := c.Records("t", 0); len(got) != 25 || got[0].Offset != 15 || c.Count("t") != 25 {
		t.Errorf("%d records from %d, count %d, want 25 from 15", len(got), got[0].Offset, c.Count("t"))
	}
	c.TruncateLog("t", 0, 30)
	wantOffset(t, k.produce("t", 0, spec{}), 30)
}

// Only what all replicas have can be deleted, and they have whole batches: what is left of one isn't lost then.
func TestDeletedIsOnAllReplicas(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	c.Inject(FailAfterAppend(protocol.NotEnoughReplicasAfterAppend).Times(3))
	for range 3 {
		wantCode(t, k.produce("t", 0, spec{n: 10}), protocol.NotEnoughReplicasAfterAppend)
	}
	c.DeleteRecords("t", 0, 15)
	c.LoseTail("t", 0)
	if got := c.Records("t", 0); len(got) != 5 || got[0].Offset != 15 {
		t.Errorf("%d records are left, want 5 from 15", len(got))
	}
	c.TruncateLog("t", 0, 10)
	c.Inject(FailAfterAppend(protocol.NotEnoughReplicasAfterAppend).Once())
	wantCode(t, k.produce("t", 0, spec{n: 5}), protocol.NotEnoughReplicasAfterAppend)
	c.LoseTail("t", 0)
	wantOffset(t, k.produce("t", 0, spec{}), 10)
}

// Who wrote what was deleted is still known when the end of the log is lost, since it is to all replicas.
func TestLoseTailOfWhatWasDeleted(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	wantOffset(t, k.produce("t", 0, spec{id: 7}), 0)
	wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 1}), 1)
	c.DeleteRecords("t", 0, 2)
	c.Inject(FailAfterAppend(protocol.NotEnoughReplicasAfterAppend).Once())
	wantCode(t, k.produce("t", 0, spec{id: 7, seq: 2}), protocol.NotEnoughReplicasAfterAppend)
	c.LoseTail("t", 0)
	wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 1}), 1)
	wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 2}), 2)
}

// Of what a leader has alone nothing is acknowledged, and nothing is left when another one leads; what is known of fenced producers is.
func TestLoseTail(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	c.FenceProducer(8, 3)
	wantOffset(t, k.produce("t", 0, spec{id: 7}), 0)
	c.Inject(FailAfterAppend(protocol.NotEnoughReplicasAfterAppend).Times(2))
	for seq := range int32(2) {
		wantCode(t, k.produce("t", 0, spec{id: 7, seq: 1 + seq}), protocol.NotEnoughReplicasAfterAppend)
	}
	c.LoseTail("t", 0)
	if n := c.Count("t"); n != 1 {
		t.Errorf("%d records are left", n)
	}
	wantCode(t, k.produce("t", 0, spec{id: 8, epoch: 2}), protocol.InvalidProducerEpoch)
	wantCode(t, k.produce("t", 0, spec{id: 7, seq: 2}), protocol.OutOfOrderSequenceNumber)
	c.Inject(FailAfterAppend(protocol.NotEnoughReplicasAfterAppend).Times(1))
	wantCode(t, k.produce("t", 0, spec{id: 7, seq: 1}), protocol.NotEnoughReplicasAfterAppend)
	wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 2}), 2) // and so all replicas have what is before it
	c.LoseTail("t", 0)
	wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 1}), 1)
}
