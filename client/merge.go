package client

import (
	"cmp"
	"errors"
	"fmt"
	"maps"

	"kafkaproducer/protocol"
)

// errNoBrokers is the trouble with an answer of a broker that has just started and knows of nobody (KAFKA-3068).
var errNoBrokers = errors.New("the metadata names no brokers")

// errMissing is the trouble with an answer that leaves out a topic it was asked for.
var errMissing = errors.New("the metadata leaves out a topic that was asked for")

// merger makes a new snapshot of an old one and an answer to a Metadata request.
type merger struct {
	old    *Cluster
	answer *protocol.MetadataResponse
	fresh  bool                    // the first answer since the client began (again): nothing known before counts
	epochs bool                    // the answer's leader epochs can be relied on: see reliableEpochs
	used   func(topic string) bool // which topics are in use

	changed   bool  // the new snapshot has topics of its own; else it has the old one's map
	unsettled error // why to ask again soon: a topic or a partition without a leader, say, or what can't be
}

// merge returns the new snapshot. The error says why the answer is of no use.
func (m *merger) merge() (*Cluster, error) {
	if m.answer.ErrorCode != protocol.None {
		return nil, m.answer.ErrorCode
	}
	c := &Cluster{Topics: m.old.Topics}
	if m.answer.ClusterID != nil {
		c.ID = *m.answer.ClusterID
	}
	if err := m.brokers(c); err != nil {
		return nil, err
	}
	for name := range m.old.Topics {
		if !m.used(name) { // those that are stay, also where a full answer leaves them out
			delete(m.own(c), name)
		}
	}
	for i := range m.answer.Topics {
		m.topic(c, &m.answer.Topics[i])
	}
	m.dropLeaders(c)
	return c, nil
}

// brokers takes over the brokers: the old map, if nothing has changed. One that can't be is left out.
func (m *merger) brokers(c *Cluster) error {
	same, n := true, 0
	for i := range m.answer.Brokers {
		b := brokerOf(&m.answer.Brokers[i])
		if !b.valid() {
			m.unsettled = fmt.Errorf("the metadata have broker %d at %q, port %d", b.ID, b.Host, b.Port)
			continue
		}
		n++
		same = same && m.old.Brokers[b.ID] == b
	}
	switch {
	case n == 0:
		return cmp.Or(m.unsettled, errNoBrokers)
	case same && n == len(m.old.Brokers):
		c.Brokers = m.old.Brokers
		return nil
	}
	c.Brokers = make(map[int32]Broker, n)
	for i := range m.answer.Brokers {
		if b := brokerOf(&m.answer.Brokers[i]); b.valid() {
			c.Brokers[b.ID] = b
		}
	}
	return nil
}

func (b Broker) valid() bool { return b.ID >= 0 && b.Host != "" && validPort(b.Port) }

// brokerOf returns a broker as an answer has it.
func brokerOf(a *protocol.MetadataResponseBroker) Broker {
	b := Broker{ID: a.NodeID, Host: a.Host, Port: a.Port}
	if a.Rack != nil {
		b.Rack = *a.Rack
	}
	return b
}

// topic takes over what the answer says about one topic. What can't be is asked again, and keeps nobody from other topics.
func (m *merger) topic(c *Cluster, a *protocol.MetadataResponseTopic) {
	if a.Name == nil || !m.used(*a.Name) {
		return
	}
	old := m.old.Topics[*a.Name]
	if a.ErrorCode != protocol.None {
		t := &Topic{Name: *a.Name}
		if old != nil {
			*t = *old
		}
		t.Err = a.ErrorCode
		if lasting(t.Err) {
			m.own(c)[t.Name] = t // a new one: whoever waits sees that it is the answer to its own question
			return
		}
		m.put(c, old, t)
		m.unsettled = a.ErrorCode // whatever it is: a topic that can't be made while brokers are missing is INVALID_REPLICATION_FACTOR, say
		return
	}
	t := &Topic{Name: *a.Name, ID: a.TopicID}
	if old != nil {
		t.Name = old.Name // one string, however often it is received
	}
	if err := m.partitions(t, a.Partitions); err != nil {
		m.unsettled = err
		return
	}
	if old != nil && !m.fresh && !anew(t, old) {
		m.keepNewer(t, old)
	}
	m.put(c, old, t)
}

// reliableEpochs is the first version of Metadata whose leader epochs count. Brokers before 2.4 may tell old ones while a
// partition is reassigned (MetadataResponse.hasReliableLeaderEpochs, KAFKA-9212).
const reliableEpochs = 9

// anew reports whether t is, or may be, another topic than old was, whose epochs say nothing of its own. Where there are no ids,
// before 2.8, a topic that was said not to be there may be. If it isn't, a leader that is believed by mistake will say that it is
// none.
func anew(t, old *Topic) bool {
	if t.ID != (protocol.UUID{}) {
		return t.ID != old.ID
	}
	return old.Err == protocol.UnknownTopicOrPartition
}

// believed is how many answers in a row with an older epoch aren't believed where topics have no ids. Brokers learn of a new
// leader in less time.
const believed = 5

// lasting reports whether waiting doesn't heal what an answer says of a topic.
func lasting(e protocol.ErrorCode) bool {
	return e == protocol.InvalidTopicException || e == protocol.TopicAuthorizationFailed
}

// put adds a topic to the snapshot: the old one if nothing has changed, so that it can be told by the pointer.
func (m *merger) put(c *Cluster, old, t *Topic) {
	if old != nil && t.equal(old) {
		t = old
	}
	if c.Topics[t.Name] != t {
		m.own(c)[t.Name] = t
	}
}

// own returns the new snapshot's topics, to be changed.
func (m *merger) own(c *Cluster) map[string]*Topic {
	if !m.changed {
		m.changed = true
		c.Topics = maps.Clone(c.Topics)
	}
	return c.Topics
}

// partitions takes over the partitions of an answer, which come in any order. Those that are missing have no leader: brokers with ZooKeeper
// leave out what never had one (ControllerChannelManager.addUpdateMetadataRequestForBrokers).
func (m *merger) partitions(t *Topic, answer []protocol.MetadataResponsePartition) error {
	nodes, count := 0, int64(0)
	for i := range answer {
		count = max(count, int64(answer[i].PartitionIndex)+1)
		nodes += len(answer[i].ReplicaNodes) + len(answer[i].IsrNodes) + len(answer[i].OfflineReplicas)
	}
	store := make([]int32, 0, nodes) // of all partitions, in one piece
	keep := func(ids []int32) []int32 {
		from := len(store)
		store = append(store, ids...)
		return store[from:len(store):len(store)]
	}
	if count > int64(2*len(answer)+mostMissing) {
		return fmt.Errorf("the metadata of topic %q have %d partitions, among them one numbered %d", t.Name, len(answer), count-1)
	}
	t.Partitions = make([]Partition, count)
	for i := range t.Partitions {
		t.Partitions[i] = Partition{Index: -1, Leader: -1, LeaderEpoch: -1, Err: protocol.LeaderNotAvailable}
	}
	if count == 0 {
		m.unsettled = protocol.LeaderNotAvailable
	}
	for i := range answer {
		a := &answer[i]
		if a.PartitionIndex < 0 || t.Partitions[a.PartitionIndex].Index >= 0 {
			return fmt.Errorf("the metadata of topic %q have %d partitions, among them one numbered %d that is there twice or can't be",
				t.Name, len(answer), a.PartitionIndex)
		}
		epoch := int32(-1)
		if m.epochs {
			epoch = max(a.LeaderEpoch, -1)
		}
		t.Partitions[a.PartitionIndex] = Partition{
			Index: a.PartitionIndex, Leader: max(a.LeaderID, -1), LeaderEpoch: epoch, Err: a.ErrorCode,
			Replicas: keep(a.ReplicaNodes), ISR: keep(a.IsrNodes), Offline: keep(a.OfflineReplicas),
		}
		if a.ErrorCode.RefreshMetadata() {
			m.unsettled = a.ErrorCode
		}
	}
	for i := range t.Partitions {
		t.Partitions[i].Index = int32(i)
	}
	return nil
}

// mostMissing is how many partitions an answer may leave out beside as many as it has: memory follows what was received.
const mostMissing = 16

// keepNewer keeps what is known better than the answer has it: brokers learn of changes one after the other, so that an
// answer may be older than what another broker has said. A leader of a lower epoch does not replace one of a higher
// epoch, as in Kafka's Metadata.updateLatestMetadata; and a topic that keeps its id never loses partitions. Without ids it may be
// another topic whose deletion went unnoticed: what is said again and again is believed at last, where Kafka's client never does.
func (m *merger) keepNewer(t, old *Topic) {
	for i := range min(len(t.Partitions), len(old.Partitions)) {
		p, o := &t.Partitions[i], &old.Partitions[i]
		if p.LeaderEpoch < 0 || p.LeaderEpoch >= o.LeaderEpoch {
			continue
		}
		if noID := t.ID == (protocol.UUID{}); !noID || o.older < believed {
			*p = *o
			if noID {
				p.older++
			}
		}
	}
	if len(old.Partitions) > len(t.Partitions) && t.ID != (protocol.UUID{}) {
		t.Partitions = append(t.Partitions, old.Partitions[len(t.Partitions):]...)
	}
}

// dropLeaders takes leaders away that are not among the brokers: nobody knows where they are.
func (m *merger) dropLeaders(c *Cluster) {
	for name, t := range c.Topics {
		var changed *Topic
		for i := range t.Partitions {
			leader := t.Partitions[i].Leader
			if _, ok := c.Brokers[leader]; ok {
				continue
			}
			if t.Err == protocol.None {
				m.unsettled = protocol.LeaderNotAvailable
			}
			if leader < 0 {
				continue
			}
			if changed == nil {
				changed = new(Topic)
				*changed = *t
				changed.Partitions = append([]Partition(nil), t.Partitions...)
			}
			changed.Partitions[i].Leader = -1
		}
		if changed != nil {
			m.put(c, m.old.Topics[name], changed)
		}
	}
}
