package producertest

import (
	"slices"

	"kafkaproducer/protocol"
)

// metadata answers a Metadata request: KafkaApis.handleTopicMetadataRequest without authorization.
func (c *Cluster) metadata(b *broker, m *protocol.MetadataRequest, version int16) *protocol.MetadataResponse {
	c.mu.Lock()
	defer c.mu.Unlock()
	v := b.frozen
	if v == nil {
		v = c.current()
	}
	answer := &protocol.MetadataResponse{
		Brokers: slices.Clone(v.brokers), ClusterID: &c.id, ControllerID: v.controller,
		ClusterAuthorizedOperations: protocol.NoAuthorizedOperations,
	}
	if m.Topics == nil {
		for _, name := range v.names {
			answer.Topics = append(answer.Topics, v.topic(name))
		}
		return answer
	}
	for _, asked := range m.Topics {
		answer.Topics = append(answer.Topics, c.metadataTopic(v, asked, version, m.AllowAutoTopicCreation))
	}
	return answer
}

// topic returns a copy of a known topic that the caller may change.
func (v *view) topic(name string) protocol.MetadataResponseTopic {
	t := *v.topics[name]
	t.Partitions = slices.Clone(t.Partitions)
	return t
}

// metadataTopic answers for one topic, and creates it where that is wanted. Called with mu held.
func (c *Cluster) metadataTopic(
	v *view, asked protocol.MetadataRequestTopic, version int16, create bool,
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
		if name, ok := v.ids[asked.TopicID]; ok {
			return v.topic(name)
		}
		answer.ErrorCode, answer.TopicID, answer.Name = protocol.UnknownTopicID, asked.TopicID, nil
	case asked.Name == nil || invalidTopic(*asked.Name) != "":
		answer.ErrorCode = protocol.InvalidTopicException
	case v.topics[*asked.Name] != nil:
		return v.topic(*asked.Name)
	default:
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
