package client

import (
	"maps"
	"net"
	"slices"
	"strconv"

	"kafkaproducer/protocol"
)

// Cluster is what is known of a cluster and of the topics in use. It is immutable; so is all it points to. A topic
// that has not changed is the same *Topic as in the snapshot before.
type Cluster struct {
	ID      string // empty: not known
	Brokers map[int32]Broker
	Topics  map[string]*Topic // topics in use that a broker has answered for
}

// Broker is where a broker is.
type Broker struct {
	ID   int32
	Host string
	Port int32
	Rack string // broker.rack; empty: none
}

// Addr returns host:port.
func (b Broker) Addr() string { return net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))) }

// samePlace reports whether the address is the same.
func (b Broker) samePlace(o Broker) bool { return b.Host == o.Host && b.Port == o.Port }

// Topic is where a topic's partitions are.
type Topic struct {
	Name string
	ID   protocol.UUID // zero: brokers before 2.8 have no ids
	// Err is what the last answer said of the topic as a whole. Unless it is None, ID and Partitions are what was known
	// before, which may be nothing.
	Err        protocol.ErrorCode
	Partitions []Partition // by number
}

// Partition is where a partition is.
type Partition struct {
	Index       int32
	Leader      int32 // -1: none, or one that is not among the brokers
	LeaderEpoch int32 // -1: not known; those of brokers before 2.4 are not reliable and count as not known
	Replicas    []int32
	ISR         []int32
	Offline     []int32
	Err         protocol.ErrorCode

	older int8 // how many answers in a row had an older epoch: see merger.keepNewer
}

// equal reports whether nothing has changed.
func (t *Topic) equal(o *Topic) bool {
	return t.Name == o.Name && t.ID == o.ID && t.Err == o.Err && slices.EqualFunc(t.Partitions, o.Partitions, Partition.equal)
}

func (p Partition) equal(o Partition) bool {
	return p.Index == o.Index && p.Leader == o.Leader && p.LeaderEpoch == o.LeaderEpoch && p.Err == o.Err && p.older == o.older &&
		slices.Equal(p.Replicas, o.Replicas) && slices.Equal(p.ISR, o.ISR) && slices.Equal(p.Offline, o.Offline)
}

// emptyCluster is what is known before the first answer.
func emptyCluster() *Cluster {
	return &Cluster{Brokers: map[int32]Broker{}, Topics: map[string]*Topic{}}
}

// withLeader returns the cluster with a leader that a broker named in an answer to Produce (KIP-951), or nil when the
// hint is of no use: it is incomplete, not newer than what is known, or about a partition or a broker that isn't known.
func (c *Cluster) withLeader(topic string, partition, leader, epoch int32, endpoints []protocol.NodeEndpoint) *Cluster {
	t := c.Topics[topic]
	if t == nil || partition < 0 || int(partition) >= len(t.Partitions) || leader < 0 || epoch < 0 {
		return nil
	}
	if epoch <= t.Partitions[partition].LeaderEpoch {
		return nil
	}
	brokers := c.Brokers
	for _, e := range endpoints {
		if e.NodeID == leader && e.Host != "" && validPort(e.Port) {
			b := Broker{ID: e.NodeID, Host: e.Host, Port: e.Port}
			if e.Rack != nil {
				b.Rack = *e.Rack
			}
			if brokers[leader] != b {
				brokers = maps.Clone(brokers)
				brokers[leader] = b
			}
		}
	}
	if _, ok := brokers[leader]; !ok {
		return nil
	}
	changed := *t
	changed.Partitions = slices.Clone(t.Partitions)
	p := &changed.Partitions[partition]
	p.Leader, p.LeaderEpoch, p.Err = leader, epoch, protocol.None
	topics := maps.Clone(c.Topics)
	topics[topic] = &changed
	return &Cluster{ID: c.ID, Brokers: brokers, Topics: topics}
}

func validPort(port int32) bool { return 0 < port && port <= 65535 }
