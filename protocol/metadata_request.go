package protocol

// MetadataRequest asks for the brokers of the cluster and for where the partitions of topics are.
type MetadataRequest struct {
	Topics                             []MetadataRequestTopic // nil: all topics; empty: none, only the brokers
	AllowAutoTopicCreation             bool                   // the broker may create a topic that is not there
	IncludeClusterAuthorizedOperations bool                   // 8 to 10
	IncludeTopicAuthorizedOperations   bool                   // since 8
}

// MetadataRequestTopic is a topic that is asked for.
type MetadataRequestTopic struct {
	TopicID UUID    // since 10, but brokers answer it only since 12 (KIP-516)
	Name    *string // may be nil since 10; before 12 ask by name all the same
}

// Key is MetadataKey.
func (*MetadataRequest) Key() Key { return MetadataKey }

func (*MetadataRequest) request() {}

func (m *MetadataRequest) walk(c *Coder) {
	nullableArray(c, &m.Topics)
	c.bool(&m.AllowAutoTopicCreation)
	if c.between(8, 10) {
		c.bool(&m.IncludeClusterAuthorizedOperations)
	} else {
		absent(c, &m.IncludeClusterAuthorizedOperations, false)
	}
	if c.since(8) {
		c.bool(&m.IncludeTopicAuthorizedOperations)
	} else {
		absent(c, &m.IncludeTopicAuthorizedOperations, false)
	}
	c.noTags()
}

func (m *MetadataRequestTopic) walk(c *Coder) {
	if c.since(10) {
		c.uuid(&m.TopicID)
		c.nullableString(&m.Name)
	} else {
		ignored(c, &m.TopicID, UUID{})
		c.requiredString(&m.Name)
	}
	c.noTags()
}
