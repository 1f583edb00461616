package producertest

import (
	"bytes"
	"fmt"
	"slices"

	"kafkaproducer/protocol"
)

// Versions of Produce that brought something a broker must know of.
const (
	leaderHintsSince = 10 // KIP-951
	topicIDsSince    = 13 // KIP-516
)

// produce appends the batches of a request: KafkaApis.handleProduceRequest. With acks=0 there is no answer, and an error
// ends the connection.
func (k *conn) produce(m *protocol.ProduceRequest, r *Request, faults []*Injection) (protocol.Response, error) {
	answer := &k.produced
	answer.Responses, answer.NodeEndpoints, answer.ThrottleTimeMs = answer.Responses[:0], nil, 0
	failed := protocol.None
	for i := range m.TopicData {
		data := &m.TopicData[i]
		t := push(&answer.Responses)
		t.Name, t.TopicID, t.PartitionResponses = data.Name, data.TopicID, t.PartitionResponses[:0]
		name := k.c.topicName(data, r.Header.Version)
		for j := range data.PartitionData {
			if overwritten(m, i, j) {
				continue
			}
			b := &k.batch
			*b = batch{
				conn: k, request: r, acks: m.Acks, topic: name, index: data.PartitionData[j].Index,
				bytes: k.keep(data.PartitionData[j].Records), logStart: -1, leader: protocol.NoLeader,
			}
			it := k.c.fate(faults, r, name, b.index)
			if !b.settle(it) {
				return nil, errEnded
			}
			*push(&t.PartitionResponses) = b.answer()
			if b.endpoint != nil {
				addEndpoint(answer, b.endpoint)
			}
			if b.out.refused() {
				failed = b.out.code
			}
		}
	}
	switch {
	case m.Acks != 0:
		return answer, nil
	case failed != protocol.None:
		return nil, fmt.Errorf("a batch sent with acks=0 failed: %w", failed)
	}
	return nil, nil
}

// keep returns a batch as the log may keep it: a copy, where the storage of requests is used again and the log keeps anything.
func (k *conn) keep(batch []byte) []byte {
	if k.c.opts.KeepRequests >= 0 || k.c.opts.Discard {
		return batch
	}
	if len(batch) > keptTogether/4 {
		return bytes.Clone(batch)
	}
	k.c.mu.Lock()
	defer k.c.mu.Unlock()
	kept := k.c.kept
	if len(kept)+len(batch) > cap(kept) {
		kept = make([]byte, 0, keptTogether)
	}
	from := len(kept)
	k.c.kept = append(kept, batch...)
	return k.c.kept[from:len(k.c.kept):len(k.c.kept)]
}

// keptTogether is the size of the storage that small batches share.
const keptTogether = 2048

// overwritten says that a request has a further batch for a partition. A broker puts them into a map by partition: it carries out, and
// answers, the last one only.
func overwritten(m *protocol.ProduceRequest, i, j int) bool {
	data := &m.TopicData[i]
	index := data.PartitionData[j].Index
	for _, p := range data.PartitionData[j+1:] {
		if p.Index == index {
			return true
		}
	}
	for k := i + 1; k < len(m.TopicData); k++ {
		other := &m.TopicData[k]
		if other.Name == data.Name && other.TopicID == data.TopicID && slices.ContainsFunc(other.PartitionData,
			func(p protocol.PartitionProduceData) bool { return p.Index == index }) {
			return true
		}
	}
	return false
}

// push makes s one element longer and returns the element, with what its storage held before.
func push[T any](s *[]T) *T {
	if len(*s) < cap(*s) {
		*s = (*s)[:len(*s)+1]
	} else {
		var zero T
		*s = append(*s, zero)
	}
	return &(*s)[len(*s)-1]
}

func addEndpoint(m *protocol.ProduceResponse, e *protocol.NodeEndpoint) {
	for i := range m.NodeEndpoints {
		if m.NodeEndpoints[i].NodeID == e.NodeID {
			return
		}
	}
	m.NodeEndpoints = append(m.NodeEndpoints, *e)
}

// topicName returns the name of the topic that the data is for; "" for an id that no topic has.
func (c *Cluster) topicName(data *protocol.TopicProduceData, version int16) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nameOf(data, version)
}

// nameOf is topicName with mu held.
func (c *Cluster) nameOf(data *protocol.TopicProduceData, version int16) string {
	if version < topicIDsSince {
		return data.Name
	}
	if t := c.topicIDs[data.TopicID]; t != nil {
		return t.name
	}
	return ""
}
