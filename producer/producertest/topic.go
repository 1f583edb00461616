package producertest

import (
	"fmt"
	"slices"

	"kafkaproducer/protocol"
)

// topic is a topic of the cluster. Guarded by the cluster's mu.
type topic struct {
	name       string
	id         protocol.UUID
	config     TopicConfig // with defaults; final
	partitions []*partition
}

// partition is a partition with its one log, which whichever broker leads it appends to. Guarded by the cluster's mu.
type partition struct {
	topic       *topic
	index       int32
	leader      int32 // -1: none
	leaderEpoch int32
	replicas    []int32 // ids of brokers
	log         partitionLog
	attempts    []Attempt
	gone        bool // deleted with its topic
}

// replicationFactor is how many replicas a partition has where there are as many brokers. They share one log.
const replicationFactor = 3

// CreateTopic makes a topic. Its partitions are led by the running brokers in turn.
func (c *Cluster) CreateTopic(name string, config TopicConfig) {
	if reason := invalidTopic(name); reason != "" {
		panic(fmt.Sprintf("producertest: CreateTopic: %q: a topic's name must %s", name, reason))
	}
	c.locked(func() {
		if c.topics[name] != nil {
			panic(fmt.Sprintf("producertest: CreateTopic: there is a topic %q", name))
		}
		c.createTopic(name, config)
	})
}

// createTopic makes a topic. Called with mu held.
func (c *Cluster) createTopic(name string, config TopicConfig) {
	t := &topic{name: name, id: c.newID(), config: config.withDefaults(&c.opts)}
	c.topics[name], c.topicIDs[t.id] = t, t
	c.addPartitions(t, t.config.Partitions)
}

// addPartitions makes the partitions that t lacks of total. Called with mu held.
func (c *Cluster) addPartitions(t *topic, total int32) {
	running := c.runningIDs()
	replicas := min(replicationFactor, len(running))
	circle := append(running, running...)
	first := len(t.partitions)
	more := make([]partition, max(0, int(total)-first))
	for i := range more {
		p := &more[i]
		*p = partition{topic: t, index: int32(first + i), leader: -1, log: *c.log}
		if replicas > 0 {
			at := c.placed % len(running)
			p.replicas = circle[at : at+replicas : at+replicas] // they are replaced, never changed
			p.leader = p.replicas[0]
		}
		c.placed++
		t.partitions = append(t.partitions, p)
	}
	c.shown = nil
}

// AddPartitions makes a topic's partitions total in number.
func (c *Cluster) AddPartitions(topic string, total int32) {
	c.locked(func() { c.addPartitions(c.mustTopic("AddPartitions", topic), total) })
}

// DeleteTopic removes a topic with all that is in it. One that is created under the same name later has another id.
func (c *Cluster) DeleteTopic(name string) {
	c.locked(func() {
		t := c.mustTopic("DeleteTopic", name)
		for _, p := range t.partitions {
			p.gone = true
		}
		delete(c.topics, name)
		delete(c.topicIDs, t.id)
		c.shown = nil
	})
}

// MoveLeader makes a broker the leader of a partition, in a new leader epoch. Broker -1 leaves the partition without.
// Metadata shows it at once; FreezeMetadata makes it lag behind.
func (c *Cluster) MoveLeader(topic string, partition, broker int32) {
	c.locked(func() {
		p := c.mustPartition("MoveLeader", topic, partition)
		if broker != -1 {
			c.mustBroker("MoveLeader", broker)
		}
		c.lead(p, broker)
	})
}

// lead changes the leader of p. Called with mu held.
func (c *Cluster) lead(p *partition, broker int32) {
	p.leader = broker
	p.leaderEpoch++
	if broker != -1 && !slices.Contains(p.replicas, broker) {
		p.replicas = append(slices.Clone(p.replicas), broker)
	}
	c.shown = nil
}

// handOver gives the partitions that are to move to the brokers, in turn, or to nobody when there are none.
// Called with mu held.
func (c *Cluster) handOver(brokers []int32, moves func(*partition) bool) {
	n := 0
	for _, t := range c.sortedTopics() {
		for _, p := range t.partitions {
			if !moves(p) {
				continue
			}
			p.replicas = slices.DeleteFunc(slices.Clone(p.replicas), func(id int32) bool { return c.broker(id) == nil })
			to := int32(-1)
			if len(brokers) > 0 {
				to = brokers[n%len(brokers)]
			}
			c.lead(p, to)
			n++
		}
	}
}

// DeleteRecords removes the batches of a partition that end before the offset and makes it the log's start, as retention
// does. The partition still knows the producers, from Kafka 2.4 on; before, it forgets those of which nothing is left.
func (c *Cluster) DeleteRecords(topic string, partition int32, before int64) {
	c.locked(func() { c.mustPartition("DeleteRecords", topic, partition).log.deleteBefore(before) })
}

// TruncateLog loses the batches of a partition from the one that holds the offset on, as the election of a leader that was
// not in sync does. What the partition knows of producers becomes what the batches left tell. Not with Options.Discard.
func (c *Cluster) TruncateLog(topic string, partition int32, offset int64) {
	c.locked(func() {
		if c.opts.Discard {
			panic("producertest: TruncateLog: with Options.Discard there are no batches to go back to")
		}
		c.mustPartition("TruncateLog", topic, partition).log.truncate(offset, c.now())
	})
}

// LoseTail loses the batches at the end of a partition's log that nobody was told of but in an error, such as
// NOT_ENOUGH_REPLICAS_AFTER_APPEND, as the election of another leader does: it may never have got them. With acks=all nothing else is
// lost then. Not with Options.Discard.
func (c *Cluster) LoseTail(topic string, partition int32) {
	c.locked(func() {
		if c.opts.Discard {
			panic("producertest: LoseTail: with Options.Discard there are no batches to go back to")
		}
		c.mustPartition("LoseTail", topic, partition).log.loseTail(c.now())
	})
}

// ExpireProducers makes all partitions of a topic, or of all topics with "", forget the producers they know, as
// producer.id.expiration.ms does. What that means for the next batch of one says Options.UnknownProducer.
func (c *Cluster) ExpireProducers(topic string) {
	c.eachPartition("ExpireProducers", topic, func(p *partition) { clear(p.log.producers) })
}

// ReloadProducers makes all partitions of a topic, or of all topics with "", know no more of each producer than its epoch and its last
// batch, as a leader does that has started again: a broker writes down no more when it stops. Of several batches that come again
// it recognises the last, and answers OUT_OF_ORDER_SEQUENCE_NUMBER to those before it.
func (c *Cluster) ReloadProducers(topic string) {
	c.eachPartition("ReloadProducers", topic, func(p *partition) { p.log.reload() })
}

// FenceProducer makes all partitions refuse epochs of a producer id below epoch, with INVALID_PRODUCER_EPOCH.
func (c *Cluster) FenceProducer(id int64, epoch int16) {
	now := c.now()
	c.eachPartition("FenceProducer", "", func(p *partition) { p.log.fence(id, epoch, now) })
}

// SetNextProducer sets what InitProducerId gives out next. The one after that is id+1 with epoch 0, and so on.
func (c *Cluster) SetNextProducer(id int64, epoch int16) {
	c.locked(func() { c.next = producerIDs{id, epoch} })
}

// eachPartition calls f for the partitions of a topic, or of all topics with "", with mu held.
func (c *Cluster) eachPartition(method, name string, f func(*partition)) {
	c.locked(func() {
		topics := c.sortedTopics()
		if name != "" {
			topics = []*topic{c.mustTopic(method, name)}
		}
		for _, t := range topics {
			for _, p := range t.partitions {
				f(p)
			}
		}
	})
}

// mustTopic returns a topic. Called with mu held.
func (c *Cluster) mustTopic(method, name string) *topic {
	t := c.topics[name]
	if t == nil {
		panic(fmt.Sprintf("producertest: %s: there is no topic %q", method, name))
	}
	return t
}

// mustPartition returns a partition. Called with mu held.
func (c *Cluster) mustPartition(method, topic string, index int32) *partition {
	t := c.mustTopic(method, topic)
	if index < 0 || int(index) >= len(t.partitions) {
		panic(fmt.Sprintf("producertest: %s: topic %q has no partition %d, it has %d", method, topic, index, len(t.partitions)))
	}
	return t.partitions[index]
}

// findPartition returns a partition or nil. Called with mu held.
func (c *Cluster) findPartition(topic string, index int32) *partition {
	t := c.topics[topic]
	if t == nil || index < 0 || int(index) >= len(t.partitions) {
		return nil
	}
	return t.partitions[index]
}

// invalidTopic returns what a topic's name must do that this one doesn't, or "": the rules of Kafka's Topic.validate.
func invalidTopic(name string) string {
	switch {
	case name == "" || len(name) > 249:
		return "have 1 to 249 characters"
	case name == "." || name == "..":
		return "not be . or .."
	}
	for _, r := range name {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '_', r == '-':
		default:
			return "consist of ASCII letters, digits, '.', '_' and '-'"
		}
	}
	return ""
}
