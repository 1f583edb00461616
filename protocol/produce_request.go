package protocol

// ProduceRequest appends record batches to partitions.
type ProduceRequest struct {
	TransactionalID *string // nil: not transactional
	Acks            int16   // 0: none, and no response either; 1: the leader's; -1: those of all in-sync replicas
	TimeoutMs       int32   // how long the leader may wait for the others, in milliseconds
	TopicData       []TopicProduceData
}

// TopicProduceData is the batches for one topic.
type TopicProduceData struct {
	Name          string // until 12
	TopicID       UUID   // since 13 (KIP-516)
	PartitionData []PartitionProduceData
}

// PartitionProduceData is the batch for one partition.
type PartitionProduceData struct {
	Index   int32
	Records []byte // one record batch; decoded, it points into the bytes that were decoded
}

// Key is ProduceKey.
func (*ProduceRequest) Key() Key { return ProduceKey }

func (*ProduceRequest) request() {}

func (m *ProduceRequest) walk(c *Coder) {
	c.nullableString(&m.TransactionalID)
	c.int16(&m.Acks)
	c.int32(&m.TimeoutMs)
	array(c, &m.TopicData)
	c.noTags()
}

func (m *TopicProduceData) walk(c *Coder) {
	if c.since(13) {
		ignored(c, &m.Name, "")
		c.uuid(&m.TopicID)
	} else {
		c.string(&m.Name)
		ignored(c, &m.TopicID, UUID{})
	}
	array(c, &m.PartitionData)
	c.noTags()
}

func (m *PartitionProduceData) walk(c *Coder) {
	c.int32(&m.Index)
	c.records(&m.Records)
	c.noTags()
}
