package protocol

// ProduceResponse says what became of each batch of a ProduceRequest.
type ProduceResponse struct {
	Responses      []TopicProduceResponse
	ThrottleTimeMs int32          // the client should be silent for so long, in milliseconds (KIP-219)
	NodeEndpoints  []NodeEndpoint // since 10: where the leaders are that CurrentLeader names (KIP-951)
}

// TopicProduceResponse is the outcomes for one topic.
type TopicProduceResponse struct {
	Name               string // until 12
	TopicID            UUID   // since 13 (KIP-516)
	PartitionResponses []PartitionProduceResponse
}

// PartitionProduceResponse is the outcome for one partition.
type PartitionProduceResponse struct {
	Index           int32
	ErrorCode       ErrorCode
	BaseOffset      int64                       // offset of the batch's first record
	LogAppendTimeMs int64                       // -1 where the topic keeps the producer's timestamps
	LogStartOffset  int64                       // since 5; -1: unknown
	RecordErrors    []BatchIndexAndErrorMessage // since 8: the records that the batch was dropped for (KIP-467)
	ErrorMessage    *string                     // since 8; nil: none
	CurrentLeader   LeaderIDAndEpoch            // since 10: NoLeader or the leader to turn to (KIP-951)
}

// BatchIndexAndErrorMessage is a record that a batch was dropped for.
type BatchIndexAndErrorMessage struct {
	BatchIndex             int32   // counted from 0 within the batch
	BatchIndexErrorMessage *string // nil: none
}

// LeaderIDAndEpoch is a partition's leader.
type LeaderIDAndEpoch struct {
	LeaderID    int32 // -1: unknown
	LeaderEpoch int32 // -1: unknown
}

// NoLeader is the LeaderIDAndEpoch that is not written, unlike the zero value, which is broker 0 in epoch 0.
var NoLeader = LeaderIDAndEpoch{LeaderID: -1, LeaderEpoch: -1}

// NodeEndpoint is where a broker can be reached.
type NodeEndpoint struct {
	NodeID int32
	Host   string
	Port   int32
	Rack   *string // nil: none
}

// Key is ProduceKey.
func (*ProduceResponse) Key() Key { return ProduceKey }

func (*ProduceResponse) response() {}

func (m *ProduceResponse) walk(c *Coder) {
	array(c, &m.Responses)
	c.int32(&m.ThrottleTimeMs)
	if !c.since(10) {
		absentArray(c, &m.NodeEndpoints)
		c.noTags()
		return
	}
	t := c.tags(present(0, len(m.NodeEndpoints) > 0))
	ignoredArray(c, &m.NodeEndpoints)
	for t.next(c) {
		switch t.tag {
		case 0:
			array(c, &m.NodeEndpoints)
		}
	}
}

func (m *TopicProduceResponse) walk(c *Coder) {
	if c.since(13) {
		ignored(c, &m.Name, "")
		c.uuid(&m.TopicID)
	} else {
		c.string(&m.Name)
		ignored(c, &m.TopicID, UUID{})
	}
	array(c, &m.PartitionResponses)
	c.noTags()
}

func (m *PartitionProduceResponse) walk(c *Coder) {
	c.int32(&m.Index)
	c.errorCode(&m.ErrorCode)
	c.int64(&m.BaseOffset)
	c.int64(&m.LogAppendTimeMs)
	if c.since(5) {
		c.int64(&m.LogStartOffset)
	} else {
		ignored(c, &m.LogStartOffset, -1)
	}
	if c.since(8) {
		array(c, &m.RecordErrors)
		c.nullableString(&m.ErrorMessage)
	} else {
		ignoredArray(c, &m.RecordErrors)
		ignored(c, &m.ErrorMessage, nil)
	}
	if !c.since(10) {
		absent(c, &m.CurrentLeader, NoLeader)
		c.noTags()
		return
	}
	t := c.tags(present(0, m.CurrentLeader != NoLeader))
	ignored(c, &m.CurrentLeader, NoLeader)
	for t.next(c) {
		switch t.tag {
		case 0:
			m.CurrentLeader.walk(c)
		}
	}
}

func (m *BatchIndexAndErrorMessage) walk(c *Coder) {
	c.int32(&m.BatchIndex)
	c.nullableString(&m.BatchIndexErrorMessage)
	c.noTags()
}

func (m *LeaderIDAndEpoch) walk(c *Coder) {
	c.int32(&m.LeaderID)
	c.int32(&m.LeaderEpoch)
	c.noTags()
}

func (m *NodeEndpoint) walk(c *Coder) {
	c.int32(&m.NodeID)
	c.string(&m.Host)
	c.int32(&m.Port)
	c.nullableString(&m.Rack)
	c.noTags()
}
