package protocol

import "math"

// NoAuthorizedOperations stands for a set of authorized operations that was not asked for.
const NoAuthorizedOperations = math.MinInt32

// MetadataResponse is the brokers of a cluster, and topics with the places of their partitions.
type MetadataResponse struct {
	ThrottleTimeMs              int32 // the client should be silent for so long, in milliseconds (KIP-219)
	Brokers                     []MetadataResponseBroker
	ClusterID                   *string // nil: the broker doesn't know it
	ControllerID                int32   // -1: unknown
	Topics                      []MetadataResponseTopic
	ClusterAuthorizedOperations int32     // 8 to 10: a bit for each operation, or NoAuthorizedOperations
	ErrorCode                   ErrorCode // since 13: RebootstrapRequired (KIP-1102)
}

// MetadataResponseBroker is a broker of the cluster.
type MetadataResponseBroker struct {
	NodeID int32
	Host   string
	Port   int32
	Rack   *string // nil: none
}

// MetadataResponseTopic is a topic that was asked for.
type MetadataResponseTopic struct {
	ErrorCode                 ErrorCode
	Name                      *string // since 12 nil for a topic that was asked for by id and doesn't exist
	TopicID                   UUID    // since 10; zero for a topic that doesn't exist
	IsInternal                bool
	Partitions                []MetadataResponsePartition
	TopicAuthorizedOperations int32 // since 8: a bit for each operation, or NoAuthorizedOperations
}

// MetadataResponsePartition is where a partition is.
type MetadataResponsePartition struct {
	ErrorCode       ErrorCode
	PartitionIndex  int32
	LeaderID        int32 // -1: none
	LeaderEpoch     int32 // since 7; -1: unknown
	ReplicaNodes    []int32
	IsrNodes        []int32 // the replicas that are in sync with the leader
	OfflineReplicas []int32 // since 5
}

// Key is MetadataKey.
func (*MetadataResponse) Key() Key { return MetadataKey }

func (*MetadataResponse) response() {}

func (m *MetadataResponse) walk(c *Coder) {
	c.int32(&m.ThrottleTimeMs)
	array(c, &m.Brokers)
	c.nullableString(&m.ClusterID)
	c.int32(&m.ControllerID)
	array(c, &m.Topics)
	if c.between(8, 10) {
		c.int32(&m.ClusterAuthorizedOperations)
	} else {
		absent(c, &m.ClusterAuthorizedOperations, NoAuthorizedOperations)
	}
	if c.since(13) {
		c.errorCode(&m.ErrorCode)
	} else {
		ignored(c, &m.ErrorCode, None)
	}
	c.noTags()
}

func (m *MetadataResponseBroker) walk(c *Coder) {
	c.int32(&m.NodeID)
	c.string(&m.Host)
	c.int32(&m.Port)
	c.nullableString(&m.Rack)
	c.noTags()
}

func (m *MetadataResponseTopic) walk(c *Coder) {
	c.errorCode(&m.ErrorCode)
	if c.since(12) {
		c.nullableString(&m.Name)
	} else {
		c.requiredString(&m.Name)
	}
	if c.since(10) {
		c.uuid(&m.TopicID)
	} else {
		ignored(c, &m.TopicID, UUID{})
	}
	c.bool(&m.IsInternal)
	array(c, &m.Partitions)
	if c.since(8) {
		c.int32(&m.TopicAuthorizedOperations)
	} else {
		absent(c, &m.TopicAuthorizedOperations, NoAuthorizedOperations)
	}
	c.noTags()
}

func (m *MetadataResponsePartition) walk(c *Coder) {
	c.errorCode(&m.ErrorCode)
	c.int32(&m.PartitionIndex)
	c.int32(&m.LeaderID)
	if c.since(7) {
		c.int32(&m.LeaderEpoch)
	} else {
		ignored(c, &m.LeaderEpoch, -1)
	}
	c.int32s(&m.ReplicaNodes)
	c.int32s(&m.IsrNodes)
	if c.since(5) {
		c.int32s(&m.OfflineReplicas)
	} else {
		ignoredArray(c, &m.OfflineReplicas)
	}
	c.noTags()
}
