package producertest

import (
	"slices"
	"strings"
	"testing"

	"kafkaproducer/protocol"
)

// metadata asks for topics by name.
func (k *testClient) metadata(version int16, create bool, names ...string) *protocol.MetadataResponse {
	k.tb.Helper()
	m := &protocol.MetadataRequest{Topics: []protocol.MetadataRequestTopic{}, AllowAutoTopicCreation: create}
	for _, name := range names {
		m.Topics = append(m.Topics, protocol.MetadataRequestTopic{Name: &name})
	}
	return k.ask(version, m).(*protocol.MetadataResponse)
}

func TestMetadataTopics(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"a": 1, "b": 2}})
	k := dial(t, c, 1)
	names := func(m *protocol.MetadataResponse) (names []string) {
		for _, t := range m.Topics {
			names = append(names, *t.Name)
		}
		return names
	}
	for _, test := range []struct {
		name string
		m    *protocol.MetadataResponse
		want []string
	}{
		{"all", k.ask(12, &protocol.MetadataRequest{}).(*protocol.MetadataResponse), []string{"a", "b"}},
		{"none", k.metadata(12, false), nil},
		{"one", k.metadata(12, false, "b"), []string{"b"}},
		{"as asked", k.metadata(12, false, "b", "a"), []string{"b", "a"}},
	} {
		if got := names(test.m); !slices.Equal(got, test.want) {
			t.Errorf("%s: topics %v, want %v", test.name, got, test.want)
		}
	}
}

func TestMetadataByID(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"a": 1}})
	k := dial(t, c, 1)
	ask := func(version int16, id protocol.UUID) protocol.MetadataResponseTopic {
		m := &protocol.MetadataRequest{Topics: []protocol.MetadataRequestTopic{{TopicID: id}}}
		return k.ask(version, m).(*protocol.MetadataResponse).Topics[0]
	}
	if got := ask(12, c.TopicID("a")); got.ErrorCode != protocol.None || *got.Name != "a" {
		t.Errorf("a known id: %+v", got)
	}
	if got := ask(12, protocol.UUID{1}); got.ErrorCode != protocol.UnknownTopicID || got.Name != nil || got.TopicID != (protocol.UUID{1}) {
		t.Errorf("an unknown id: %+v", got)
	}
	if got := ask(11, c.TopicID("a")); got.ErrorCode != protocol.InvalidRequest {
		t.Errorf("an id before v12: %+v", got)
	}
}

func TestAutoCreate(t *testing.T) {
	for _, test := range []struct {
		name  string
		opts  Options
		topic string
		allow bool
		first protocol.ErrorCode
		after int32 // partitions
	}{
		{"KRaft", Options{}, "new", true, protocol.UnknownTopicOrPartition, 1},
		{"ZooKeeper", Options{Release: "2.8"}, "new", true, protocol.LeaderNotAvailable, 1},
		{"with partitions", Options{AutoCreate: 5}, "new", true, protocol.UnknownTopicOrPartition, 5},
		{"not asked for", Options{}, "new", false, protocol.UnknownTopicOrPartition, 0},
		{"not allowed", Options{AutoCreate: -1}, "new", true, protocol.UnknownTopicOrPartition, 0},
		{"invalid", Options{}, "no/slash", true, protocol.InvalidTopicException, 0},
		{"too long", Options{}, strings.Repeat("x", 250), true, protocol.InvalidTopicException, 0},
		{"empty", Options{}, "", true, protocol.InvalidTopicException, 0},
		{"dots", Options{}, "..", true, protocol.InvalidTopicException, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Start(t, test.opts)
			k := dial(t, c, 1)
			if got := k.metadata(9, test.allow, test.topic).Topics[0]; got.ErrorCode != test.first || len(got.Partitions) != 0 {
				t.Errorf("the first answer is %+v, want %v", got, test.first)
			}
			if got := c.Partitions(test.topic); got != test.after {
				t.Errorf("%d partitions, want %d", got, test.after)
			}
			if test.after == 0 {
				return
			}
			got := k.metadata(9, test.allow, test.topic).Topics[0]
			if got.ErrorCode != protocol.None || len(got.Partitions) != int(test.after) {
				t.Errorf("the second answer is %+v", got)
			}
		})
	}
}

func TestLeadersGoRoundRobin(t *testing.T) {
	c := Start(t, Options{Brokers: 3, Topics: map[string]int32{"a": 4, "b": 2}})
	var leaders []int32
	for _, topic := range dial(t, c, 1).metadata(12, false, "a", "b").Topics {
		for _, p := range topic.Partitions {
			leaders = append(leaders, p.LeaderID)
			if len(p.ReplicaNodes) != 3 || p.ReplicaNodes[0] != p.LeaderID || !slices.Equal(p.ReplicaNodes, p.IsrNodes) {
				t.Errorf("replicas %v, in sync %v of a partition led by %d", p.ReplicaNodes, p.IsrNodes, p.LeaderID)
			}
		}
	}
	if want := []int32{1, 2, 3, 1, 2, 3}; !slices.Equal(leaders, want) {
		t.Errorf("leaders %v, want %v", leaders, want)
	}
}

func TestFreezeMetadata(t *testing.T) {
	c := Start(t, Options{Brokers: 2, Topics: map[string]int32{"t": 1}})
	leader := func(broker int32) int32 {
		return dial(t, c, broker).metadata(12, false, "t").Topics[0].Partitions[0].LeaderID
	}
	thaw := c.FreezeMetadata(1)
	c.MoveLeader("t", 0, 2)
	if got := leader(1); got != 1 {
		t.Errorf("the frozen broker shows leader %d, want 1", got)
	}
	if got := leader(2); got != 2 {
		t.Errorf("the other broker shows leader %d, want 2", got)
	}
	thaw()
	if got := leader(1); got != 2 {
		t.Errorf("the thawed broker shows leader %d, want 2", got)
	}

	thawAll := c.FreezeMetadata()
	c.AddPartitions("t", 3)
	for _, broker := range c.BrokerIDs() {
		if got := len(dial(t, c, broker).metadata(12, true, "t", "new").Topics[0].Partitions); got != 1 {
			t.Errorf("frozen broker %d shows %d partitions, want 1", broker, got)
		}
	}
	if c.Partitions("new") != 1 {
		t.Error("a frozen broker did not create a topic")
	}
	thawAll()
	if got := len(dial(t, c, 1).metadata(12, false, "t").Topics[0].Partitions); got != 3 {
		t.Errorf("%d partitions, want 3", got)
	}
}

func TestRacks(t *testing.T) {
	c := Start(t, Options{Brokers: 3, Racks: []string{"east", "west"}})
	brokers := dial(t, c, 1).metadata(12, false).Brokers
	if r := brokers[0].Rack; r == nil || *r != "east" {
		t.Errorf("rack of broker 1 is %v", r)
	}
	if r := brokers[1].Rack; r == nil || *r != "west" {
		t.Errorf("rack of broker 2 is %v", r)
	}
	if r := brokers[2].Rack; r != nil {
		t.Errorf("rack of broker 3 is %q", *r)
	}
}
