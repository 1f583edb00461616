package producertest

import (
	"slices"

	"kafkaproducer/protocol"
)

// metadata answers a Metadata request: KafkaApis.handleTopicMetadataRequest without authorization. own: the answer may be changed.
func (c *Cluster) metadata(answer *protocol.MetadataResponse, b *broker, m *protocol.MetadataRequest, version int16, own bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := b.frozen
	if v == nil {
		v = c.current()
	}
	*answer = protocol.MetadataResponse{
		Brokers: v.brokers, ClusterID: &c.id, ControllerID: v.controller, Topics: answer.Topics[:0],
		ClusterAuthorizedOperations: protocol.NoAuthorizedOperations,
	}
	if m.Topics == nil {
		answer.Topics = append(answer.Topics, v.topics...)
	}
	for i := range m.Topics {
		answer.Topics = append(answer.Topics, c.metadataTopic(v, &m.Topics[i], version, m.AllowAutoTopicCreation))
	}
	if own {
		answer.Brokers = slices.Clone(answer.Brokers)
		for i := range answer.Topics {
			t := &answer.Topics[i]
			t.Partitions = slices.Clone(t.Partitions)
		}
	}
}

// metadataTopic answers for one topic, and creates it where that is wanted. Called with mu held.
func (c *Cluster) metadataTopic(
	v *view, asked *protocol.MetadataRequestTopic, version int16, create bool,
) protocol.MetadataResponseTopic {
	answer := protocol.MetadataResponseTopic{
		Name: asked.Name, TopicAuthorizedOperations: protocol.NoAuthorizedOperations,
	}
	byID := asked.TopicID != protocol.UUID{}
	switch {
	case version < 12 && (byID || asked.Name == nil): // the schema has the id since 10, brokers since 12
		answer.ErrorCode = protocol.InvalidRequest
		if answer.Name == nil {
			answer.Name = new(string)
		}
	case byID:
		if t := v.withID(asked.TopicID); t != nil {
			return *t
		}
		answer.ErrorCode, answer.TopicID, answer.Name = protocol.UnknownTopicID, asked.TopicID, nil
	case asked.Name == nil || invalidTopic(*asked.Name) != "":
		answer.ErrorCode = protocol.InvalidTopicException
	default:
		if t := v.named(*asked.Name); t != nil {
			return *t
		}
		answer.ErrorCode = protocol.UnknownTopicOrPartition
		if create && c.opts.AutoCreate > 0 {
			if c.topics[*asked.Name] == nil {
				c.createTopic(*asked.Name, TopicConfig{Partitions: c.opts.AutoCreate})
				c.notify()
			}
			if !c.release.kraft { // AutoTopicCreationManager: the two kinds of controller differ here
				answer.ErrorCode = protocol.LeaderNotAvailable
			}
		}
	}
	return answer
}
