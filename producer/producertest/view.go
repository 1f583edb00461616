package producertest

import (
	"cmp"
	"maps"
	"slices"

	"kafkaproducer/protocol"
)

// view is the cluster as Metadata shows it at one time. It is immutable.
type view struct {
	brokers    []protocol.MetadataResponseBroker
	controller int32
	topics     []protocol.MetadataResponseTopic // in the order of their names
}

// named returns the topic of that name, or nil.
func (v *view) named(name string) *protocol.MetadataResponseTopic {
	i, ok := slices.BinarySearchFunc(v.topics, name, func(t protocol.MetadataResponseTopic, name string) int { return cmp.Compare(*t.Name, name) })
	if !ok {
		return nil
	}
	return &v.topics[i]
}

// withID returns the topic of that id, or nil.
func (v *view) withID(id protocol.UUID) *protocol.MetadataResponseTopic {
	i := slices.IndexFunc(v.topics, func(t protocol.MetadataResponseTopic) bool { return t.TopicID == id })
	if i < 0 {
		return nil
	}
	return &v.topics[i]
}

// current returns what Metadata shows now. Called with mu held.
func (c *Cluster) current() *view {
	if c.shown != nil {
		return c.shown
	}
	v := &view{
		controller: -1,
		brokers:    make([]protocol.MetadataResponseBroker, 0, len(c.brokers)),
		topics:     make([]protocol.MetadataResponseTopic, 0, len(c.topics)),
	}
	for _, b := range c.brokers {
		if b.ln != nil {
			v.brokers = append(v.brokers, protocol.MetadataResponseBroker{NodeID: b.id, Host: b.host, Port: b.port, Rack: b.rack})
		}
	}
	if len(v.brokers) > 0 {
		v.controller = v.brokers[0].NodeID
	}
	for _, t := range c.sortedTopics() {
		v.topics = append(v.topics, c.describe(t))
	}
	c.shown = v
	return v
}

// describe returns a topic as Metadata shows it. Called with mu held.
func (c *Cluster) describe(t *topic) protocol.MetadataResponseTopic {
	m := protocol.MetadataResponseTopic{
		Name: &t.name, TopicID: t.id, TopicAuthorizedOperations: protocol.NoAuthorizedOperations,
		Partitions: make([]protocol.MetadataResponsePartition, len(t.partitions)),
	}
	for i, p := range t.partitions {
		d := &m.Partitions[i]
		d.PartitionIndex, d.LeaderID, d.LeaderEpoch, d.ReplicaNodes = p.index, p.leader, p.leaderEpoch, p.replicas
		d.IsrNodes, d.OfflineReplicas = c.inSync(p.replicas)
		if !c.runs(p.leader) {
			d.ErrorCode, d.LeaderID = protocol.LeaderNotAvailable, -1
		}
	}
	return m
}

// inSync divides replicas into those that run and the others. Called with mu held.
func (c *Cluster) inSync(replicas []int32) (in, offline []int32) {
	if !slices.ContainsFunc(replicas, func(id int32) bool { return !c.runs(id) }) {
		return replicas, nil
	}
	for _, id := range replicas {
		if c.runs(id) {
			in = append(in, id)
		} else {
			offline = append(offline, id)
		}
	}
	return in, offline
}

// runs reports whether a broker is there. Called with mu held.
func (c *Cluster) runs(id int32) bool { b := c.broker(id); return b != nil && b.ln != nil }

func (c *Cluster) sortedTopics() []*topic {
	topics := slices.AppendSeq(make([]*topic, 0, len(c.topics)), maps.Values(c.topics))
	slices.SortFunc(topics, func(a, b *topic) int { return cmp.Compare(a.name, b.name) })
	return topics
}

// FreezeMetadata makes the brokers, all those that run when none is named, go on showing the cluster in Metadata answers as
// it is now, whatever happens to it: brokers that have not heard of a new leader yet, for example. It lasts until thaw
// is called or the broker stops. Auto-creation still creates topics.
func (c *Cluster) FreezeMetadata(brokers ...int32) (thaw func()) {
	var frozen []*broker
	var v *view
	c.locked(func() {
		v = c.current()
		if len(brokers) == 0 {
			brokers = c.runningIDs()
		}
		for _, id := range brokers {
			b := c.mustBroker("FreezeMetadata", id)
			b.frozen = v
			frozen = append(frozen, b)
		}
	})
	return func() {
		c.locked(func() {
			for _, b := range frozen {
				if b.frozen == v {
					b.frozen = nil
				}
			}
		})
	}
}

// Leader returns the id of a partition's leader, running or not; -1 when it has none.
func (c *Cluster) Leader(topic string, partition int32) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mustPartition("Leader", topic, partition).leader
}

// LeaderEpoch returns how often the leader of a partition has changed.
func (c *Cluster) LeaderEpoch(topic string, partition int32) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mustPartition("LeaderEpoch", topic, partition).leaderEpoch
}

// Partitions returns how many partitions a topic has; 0: there is no such topic.
func (c *Cluster) Partitions(topic string) int32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.topics[topic]; t != nil {
		return int32(len(t.partitions))
	}
	return 0
}

// TopicID returns the id of a topic, the zero UUID when there is no such topic.
func (c *Cluster) TopicID(topic string) protocol.UUID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.topics[topic]; t != nil {
		return t.id
	}
	return protocol.UUID{}
}
