package client

import (
	"slices"
	"strings"
	"testing"

	"kafkaproducer/protocol"
)

// response is an answer of the cluster's two brokers.
func response(topics ...protocol.MetadataResponseTopic) *protocol.MetadataResponse {
	id := "cluster"
	return &protocol.MetadataResponse{ClusterID: &id, Topics: topics, Brokers: []protocol.MetadataResponseBroker{
		{NodeID: 1, Host: "b1", Port: 9092}, {NodeID: 2, Host: "b2", Port: 9092},
	}}
}

// about is what an answer says of a topic: leader and epoch of each partition.
func about(name string, id byte, leaders ...[2]int32) protocol.MetadataResponseTopic {
	t := protocol.MetadataResponseTopic{Name: &name, TopicID: protocol.UUID{id}}
	for i, l := range leaders {
		t.Partitions = append(t.Partitions, protocol.MetadataResponsePartition{
			PartitionIndex: int32(i), LeaderID: l[0], LeaderEpoch: l[1], ReplicaNodes: []int32{1, 2}, IsrNodes: []int32{2}})
	}
	return t
}

func failing(name string, code protocol.ErrorCode) protocol.MetadataResponseTopic {
	return protocol.MetadataResponseTopic{Name: &name, ErrorCode: code}
}

// all says that every topic is in use.
func all(string) bool { return true }

func merged(t *testing.T, old *Cluster, r *protocol.MetadataResponse) (*Cluster, *merger) {
	t.Helper()
	m := &merger{old: old, answer: r, used: all, epochs: true}
	c, err := m.merge()
	if err != nil {
		t.Fatal(err)
	}
	return c, m
}

// leaders is leader and epoch of each partition.
func leaders(t *Topic) (got [][2]int32) {
	for i, p := range t.Partitions {
		if p.Index != int32(i) {
			return nil
		}
		got = append(got, [2]int32{p.Leader, p.LeaderEpoch})
	}
	return got
}

func TestMergeLeaders(t *testing.T) {
	for _, tt := range []struct {
		name     string
		old, new protocol.MetadataResponseTopic
		fresh    bool
		want     [][2]int32
	}{
		{"a newer epoch", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{2, 6}), false, [][2]int32{{2, 6}}},
		{"the same epoch", about("t", 1, [2]int32{-1, 5}), about("t", 1, [2]int32{2, 5}), false, [][2]int32{{2, 5}}},
		{"an older epoch does not count", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{2, 4}), false, [][2]int32{{1, 5}}},
		{"but in a topic that was made anew", about("t", 1, [2]int32{1, 5}), about("t", 2, [2]int32{2, 0}), false, [][2]int32{{2, 0}}},
		{"and in another cluster", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{2, 0}), true, [][2]int32{{2, 0}}},
		{"an answer that doesn't know epochs", about("t", 1, [2]int32{1, 5}), about("t", 0, [2]int32{2, -1}), false, [][2]int32{{2, -1}}},
		{"without ids epochs count", about("t", 0, [2]int32{1, 5}), about("t", 0, [2]int32{2, 4}), false, [][2]int32{{1, 5}}},
		{"partitions are added", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{1, 5}, [2]int32{2, 0}), false, [][2]int32{{1, 5}, {2, 0}}},
		{"and don't vanish", about("t", 1, [2]int32{1, 5}, [2]int32{2, 0}), about("t", 1, [2]int32{1, 5}), false, [][2]int32{{1, 5}, {2, 0}}},
		{"unless the topic was made anew", about("t", 1, [2]int32{1, 5}, [2]int32{2, 0}), about("t", 2, [2]int32{1, 0}), false, [][2]int32{{1, 0}}},
		{"a leader that isn't among the brokers", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{9, 6}), false, [][2]int32{{-1, 6}}},
		{"no leader", about("t", 1, [2]int32{1, 5}), about("t", 1, [2]int32{-1, 6}), false, [][2]int32{{-1, 6}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			old, _ := merged(t, emptyCluster(), response(tt.old))
			before := leaders(old.Topics["t"])
			m := &merger{old: old, answer: response(tt.new), used: all, epochs: true, fresh: tt.fresh}
			c, err := m.merge()
			if err != nil {
				t.Fatal(err)
			}
			if got := leaders(c.Topics["t"]); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			if !slices.Equal(leaders(old.Topics["t"]), before) {
				t.Error("the old snapshot was changed")
			}
			if lost := tt.want[0][0] < 0; lost != (m.unsettled != nil) {
				t.Errorf("unsettled: %v", m.unsettled)
			}
		})
	}
}

// Brokers before 2.8 have no topic ids. A topic that was made anew begins with low epochs, and its leaders are to be believed: at
// once when the deletion was noticed, else when brokers keep saying so.
func TestMergeTopicMadeAnewWithoutID(t *testing.T) {
	before, now := about("t", 0, [2]int32{1, 5}), about("t", 0, [2]int32{2, 0})
	c, _ := merged(t, emptyCluster(), response(before))
	c, _ = merged(t, c, response(failing("t", protocol.UnknownTopicOrPartition)))
	c, _ = merged(t, c, response(now))
	if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{2, 0}}) {
		t.Errorf("deleted, and there again: %v", got)
	}

	c, _ = merged(t, emptyCluster(), response(before))
	for i := range believed + 1 {
		if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{1, 5}}) {
			t.Errorf("after %d answers with an older epoch: %v", i, got)
		}
		c, _ = merged(t, c, response(now))
	}
	if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{2, 0}}) {
		t.Errorf("said again and again: %v", got)
	}

	c, _ = merged(t, emptyCluster(), response(before))
	for range 3 * believed { // one broker is behind
		c, _ = merged(t, c, response(now))
		c, _ = merged(t, c, response(before))
	}
	if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{1, 5}}) {
		t.Errorf("brokers disagree: %v", got)
	}
}

// Leader epochs of brokers before 2.4 are not compared.
func TestMergeUnreliableEpochs(t *testing.T) {
	c, _ := merged(t, emptyCluster(), response(about("t", 0, [2]int32{1, 5})))
	m := &merger{old: c, answer: response(about("t", 0, [2]int32{2, 4})), used: all}
	c, err := m.merge()
	if err != nil {
		t.Fatal(err)
	}
	if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{2, -1}}) {
		t.Errorf("got %v", got)
	}
}

func TestMergeTopics(t *testing.T) {
	old, _ := merged(t, emptyCluster(), response(about("kept", 1, [2]int32{1, 0}), about("same", 2, [2]int32{1, 0}), about("idle", 3), about("sick", 4, [2]int32{2, 7})))
	m := &merger{old: old, epochs: true, used: func(name string) bool { return name != "idle" }, answer: response(
		about("same", 2, [2]int32{1, 0}), about("new", 5, [2]int32{2, 0}), failing("sick", protocol.LeaderNotAvailable),
		failing("forbidden", protocol.TopicAuthorizationFailed), failing("unknown", protocol.UnknownTopicOrPartition), about("idle", 3),
		protocol.MetadataResponseTopic{ErrorCode: protocol.UnknownTopicID})}
	c, err := m.merge()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Topics) != 6 {
		t.Errorf("topics %v", c.Topics)
	}
	if c.Topics["same"] != old.Topics["same"] || c.Topics["kept"] != old.Topics["kept"] {
		t.Error("topics that have not changed are not the same ones")
	}
	if s := c.Topics["sick"]; s.Err != protocol.LeaderNotAvailable || s.ID != (protocol.UUID{4}) || s.Partitions[0].Leader != 2 {
		t.Errorf("a topic with an error forgets what was known: %+v", s)
	}
	if c.Topics["forbidden"].Err != protocol.TopicAuthorizationFailed || c.Topics["unknown"].Err != protocol.UnknownTopicOrPartition {
		t.Error("errors are lost")
	}
	if m.unsettled == nil {
		t.Error("topics with errors that pass are not asked for again")
	}
	healed, _ := merged(t, c, response(about("sick", 4, [2]int32{2, 7})))
	if healed.Topics["sick"].Err != protocol.None || healed.Topics["unknown"].Err != protocol.UnknownTopicOrPartition {
		t.Errorf("got %+v, %+v", healed.Topics["sick"], healed.Topics["unknown"])
	}
	again, _ := merged(t, c, response(failing("forbidden", protocol.TopicAuthorizationFailed)))
	if again.Topics["forbidden"] == c.Topics["forbidden"] {
		t.Error("who asked again can't tell the new answer from the old one")
	}
}

func TestMergeCopiesWhatItKeeps(t *testing.T) {
	r := response(about("t", 1, [2]int32{1, 0}, [2]int32{2, 0}))
	c, _ := merged(t, emptyCluster(), r)
	for i := range r.Topics[0].Partitions {
		r.Topics[0].Partitions[i].ReplicaNodes[0] = 77
	}
	for _, p := range c.Topics["t"].Partitions {
		if !slices.Equal(p.Replicas, []int32{1, 2}) || !slices.Equal(p.ISR, []int32{2}) || cap(p.Replicas) != 2 {
			t.Errorf("got %+v", p)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*protocol.MetadataResponse)
		text   string
	}{
		{"no brokers", func(r *protocol.MetadataResponse) { r.Brokers = nil }, "names no brokers"},
		{"no broker that can be", func(r *protocol.MetadataResponse) { r.Brokers = r.Brokers[:1]; r.Brokers[0].Host = "" }, "broker 1 at"},
		{"an error", func(r *protocol.MetadataResponse) { r.ErrorCode = protocol.RebootstrapRequired }, "REBOOTSTRAP_REQUIRED"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := response(about("t", 1, [2]int32{1, 0}, [2]int32{1, 0}))
			tt.change(r)
			m := &merger{old: emptyCluster(), answer: r, used: all, epochs: true}
			if _, err := m.merge(); err == nil || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What can't be is asked again, and keeps nobody from what else the answer has: before, one topic of a cluster stood in the way of all.
func TestMergeLeavesOutWhatCannotBe(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*protocol.MetadataResponse)
		text    string
		brokers int
		parts   int // of the topic
	}{
		{"a broker without a host", func(r *protocol.MetadataResponse) { r.Brokers[0].Host = "" }, "broker 1 at", 1, 2},
		{"a port that can't be", func(r *protocol.MetadataResponse) { r.Brokers[0].Port = 70000 }, "port 70000", 1, 2},
		{"a negative id", func(r *protocol.MetadataResponse) { r.Brokers[0].NodeID = -5 }, "broker -5", 1, 2},
		{"a partition out of range", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions[1].PartitionIndex = 1 << 30 }, "1073741824", 2, -1},
		{"the last partition there can be", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions[1].PartitionIndex = 1<<31 - 1 }, "2147483647", 2, -1},
		{"a negative partition", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions[1].PartitionIndex = -1 }, "-1", 2, -1},
		{"a partition twice", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions[1].PartitionIndex = 0 }, "twice", 2, -1},
		{"no partitions", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions = nil }, "LEADER_NOT_AVAILABLE", 2, 0},
		{"a partition left out", func(r *protocol.MetadataResponse) { r.Topics[0].Partitions[1].PartitionIndex = 2 }, "LEADER_NOT_AVAILABLE", 2, 3},
		{"an error that waiting may heal", func(r *protocol.MetadataResponse) {
			r.Topics[0].ErrorCode, r.Topics[0].Partitions = protocol.InvalidReplicationFactor, nil
		}, "INVALID_REPLICATION_FACTOR", 2, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := response(about("t", 1, [2]int32{2, 0}, [2]int32{2, 0}), about("healthy", 2, [2]int32{2, 0}))
			tt.change(r)
			m := &merger{old: emptyCluster(), answer: r, used: all, epochs: true}
			c, err := m.merge()
			if err != nil {
				t.Fatal(err)
			}
			parts := -1
			if got := c.Topics["t"]; got != nil {
				parts = len(got.Partitions)
			}
			if m.unsettled == nil || !strings.Contains(m.unsettled.Error(), tt.text) || len(c.Brokers) != tt.brokers || parts != tt.parts {
				t.Errorf("asked again because of %v; %d brokers; %d partitions", m.unsettled, len(c.Brokers), parts)
			}
			if tt.parts == 3 && (c.Topics["t"].Partitions[1].Leader != -1 || c.Topics["t"].Partitions[2].Leader != 2) {
				t.Errorf("partitions %+v", c.Topics["t"].Partitions)
			}
			if !known(c.Topics["healthy"]) {
				t.Error("the other topic isn't known")
			}
		})
	}
}

// A topic that was not there yet and isn't mentioned any more is asked again.
func TestLeftOutIsNotSettled(t *testing.T) {
	c := &Cluster{Topics: map[string]*Topic{"t": {Name: "t", Err: protocol.UnknownTopicOrPartition}, "no": {Name: "no", Err: protocol.TopicAuthorizationFailed}}}
	if c.settled("t") || c.settled("other") || !c.settled("no") {
		t.Error(c.settled("t"), c.settled("other"), c.settled("no"))
	}
}

// KIP-951: what a hint must be to be taken.
func TestWithLeader(t *testing.T) {
	old, _ := merged(t, emptyCluster(), response(about("t", 1, [2]int32{1, 5}, [2]int32{2, 5})))
	rack := "r9"
	at9 := []protocol.NodeEndpoint{{NodeID: 9, Host: "b9", Port: 9092, Rack: &rack}}
	for _, tt := range []struct {
		name                     string
		topic                    string
		partition, leader, epoch int32
		endpoints                []protocol.NodeEndpoint
		taken                    bool
	}{
		{"newer, a broker that is known", "t", 0, 2, 6, nil, true},
		{"newer, with an endpoint", "t", 0, 9, 6, at9, true},
		{"of the same epoch", "t", 0, 2, 5, nil, false},
		{"older", "t", 0, 2, 4, nil, false},
		{"a broker that isn't known", "t", 0, 9, 6, nil, false},
		{"an endpoint that can't be", "t", 0, 9, 6, []protocol.NodeEndpoint{{NodeID: 9, Host: "", Port: 9092}}, false},
		{"another topic", "x", 0, 2, 6, nil, false},
		{"another partition", "t", 2, 2, 6, nil, false},
		{"a negative partition", "t", -1, 2, 6, nil, false},
		{"no leader", "t", 0, -1, 6, nil, false},
		{"no epoch", "t", 0, 2, -1, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := old.withLeader(tt.topic, tt.partition, tt.leader, tt.epoch, tt.endpoints)
			if (c != nil) != tt.taken {
				t.Fatalf("taken: %v", c != nil)
			}
			if !slices.Equal(leaders(old.Topics["t"]), [][2]int32{{1, 5}, {2, 5}}) || len(old.Brokers) != 2 {
				t.Error("the old snapshot was changed")
			}
			if c == nil {
				return
			}
			if got := leaders(c.Topics["t"]); !slices.Equal(got, [][2]int32{{tt.leader, tt.epoch}, {2, 5}}) {
				t.Errorf("got %v", got)
			}
			if b := c.Brokers[tt.leader]; b.ID != tt.leader || tt.leader == 9 && b != (Broker{9, "b9", 9092, "r9"}) {
				t.Errorf("got %+v", b)
			}
		})
	}
}
