package main

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// versions are what the brokers speak. Produce ends before 13, with which topics have ids instead of names.
var versions = []protocol.ApiVersion{
	{ApiKey: protocol.ProduceKey, MinVersion: 3, MaxVersion: 11},
	{ApiKey: fetchKey, MinVersion: 4, MaxVersion: 12}, // is not spoken, but librdkafka would think that only old batches are known
	{ApiKey: protocol.MetadataKey, MinVersion: 4, MaxVersion: 12},
	{ApiKey: protocol.ApiVersionsKey, MinVersion: 0, MaxVersion: 4},
	{ApiKey: protocol.InitProducerIDKey, MinVersion: 0, MaxVersion: 5},
}

const fetchKey protocol.Key = 1

// Where a batch says which version it is of, and how many records it has.
const (
	magic       = 16
	recordCount = 57
)

// handler answers the requests of a connection.
type handler struct {
	sink    *sink
	produce protocol.ProduceRequest  // decoded into again and again
	answer  protocol.ProduceResponse // the same
	offset  int64                    // of all partitions: no client compares
}

// handle returns the answer to a request, which has no frame where none is expected.
func (h *handler) handle(frame []byte) (answer, error) {
	header, body, err := protocol.DecodeRequestHeader(frame)
	if err != nil {
		return answer{}, err
	}
	if header.Key == protocol.ProduceKey {
		return h.handleProduce(header, body, len(frame))
	}
	response, err := h.respond(&header, body)
	if err != nil {
		return answer{}, err
	}
	out, err := protocol.AppendResponse(nil, header.Version, header.CorrelationID, response)
	return answer{frame: out}, err
}

func (h *handler) handleProduce(header protocol.RequestHeader, body []byte, size int) (answer, error) {
	if err := protocol.Decode(body, header.Version, &h.produce); err != nil {
		return answer{}, err
	}
	topics := h.answer.Responses[:0]
	for _, t := range h.produce.TopicData {
		topics = append(topics, protocol.TopicProduceResponse{Name: t.Name})
		topic := &topics[len(topics)-1]
		for _, p := range t.PartitionData {
			n, err := countRecords(p.Records)
			if err != nil {
				return answer{}, fmt.Errorf("for %s-%d: %w", t.Name, p.Index, err)
			}
			topic.PartitionResponses = append(topic.PartitionResponses, protocol.PartitionProduceResponse{
				Index: p.Index, BaseOffset: h.offset, LogAppendTimeMs: -1, CurrentLeader: protocol.NoLeader,
			})
			h.offset += n
			h.sink.counts.batches.Add(1)
			h.sink.counts.records.Add(n)
		}
	}
	h.answer.Responses = topics
	h.sink.counts.requests.Add(1)
	h.sink.counts.bytes.Add(int64(size))
	if h.produce.Acks == 0 {
		return answer{}, nil
	}
	out, err := protocol.AppendResponse(nil, header.Version, header.CorrelationID, &h.answer)
	a := answer{frame: out}
	if h.sink.delay > 0 {
		a.due = time.Now().Add(h.sink.delay)
	}
	return a, err
}

// countRecords returns how many records a batch says it has.
func countRecords(batch []byte) (int64, error) {
	if len(batch) < recordCount+4 {
		return 0, fmt.Errorf("a batch of %d bytes, which has no head", len(batch))
	}
	if v := batch[magic]; v != 2 {
		return 0, fmt.Errorf("a batch of version %d, want 2", v)
	}
	return int64(binary.BigEndian.Uint32(batch[recordCount:])), nil
}

// respond answers what isn't about records.
func (h *handler) respond(header *protocol.RequestHeader, body []byte) (protocol.Response, error) {
	switch header.Key {
	case protocol.ApiVersionsKey:
		r := &protocol.ApiVersionsResponse{ApiKeys: versions, FinalizedFeaturesEpoch: -1}
		if header.Version > 4 { // newer than the broker: it answers in the oldest form (KIP-511)
			header.Version = 0
			r.ErrorCode = protocol.UnsupportedVersion
		}
		return r, nil
	case protocol.MetadataKey:
		var q protocol.MetadataRequest
		if err := protocol.Decode(body, header.Version, &q); err != nil {
			return nil, err
		}
		return h.sink.metadata(&q), nil
	case protocol.InitProducerIDKey:
		return &protocol.InitProducerIDResponse{ProducerID: h.sink.producers.Add(1)}, nil
	}
	return nil, fmt.Errorf("a request with key %d, which the sink doesn't know", header.Key)
}

// metadata describes the cluster and the topics asked for.
func (s *sink) metadata(q *protocol.MetadataRequest) *protocol.MetadataResponse {
	name := "sink"
	r := &protocol.MetadataResponse{ClusterID: &name, ControllerID: 1, ClusterAuthorizedOperations: protocol.NoAuthorizedOperations}
	for i, l := range s.listeners {
		addr := l.Addr().(*net.TCPAddr)
		b := protocol.MetadataResponseBroker{NodeID: int32(i + 1), Host: addr.IP.String(), Port: int32(addr.Port)}
		r.Brokers = append(r.Brokers, b)
	}
	for _, t := range q.Topics {
		if t.Name == nil {
			continue // by id: no client here does
		}
		topic := protocol.MetadataResponseTopic{Name: t.Name, TopicID: topicID(*t.Name)}
		topic.TopicAuthorizedOperations = protocol.NoAuthorizedOperations
		for i := range partitionsOf(*t.Name) {
			leader := int32(i%len(s.listeners) + 1)
			topic.Partitions = append(topic.Partitions, protocol.MetadataResponsePartition{
				PartitionIndex: int32(i), LeaderID: leader, LeaderEpoch: 1, ReplicaNodes: []int32{leader}, IsrNodes: []int32{leader},
			})
		}
		r.Topics = append(r.Topics, topic)
	}
	return r
}

// partitionsOf returns how many partitions a topic has by its name; without a number it is one.
func partitionsOf(topic string) int {
	n, err := strconv.Atoi(topic[strings.LastIndexByte(topic, '-')+1:])
	if err != nil {
		return 1
	}
	return min(max(n, 1), 100_000)
}

func topicID(name string) protocol.UUID {
	h := fnv.New128a()
	h.Write([]byte(name))
	return protocol.UUID(h.Sum(nil))
}
