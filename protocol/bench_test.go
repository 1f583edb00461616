package protocol

import (
	"fmt"
	"testing"
)

// produceResponse is the answer for one topic of so many partitions, all well.
func produceResponse(partitions int) *ProduceResponse {
	topic := TopicProduceResponse{Name: "email", TopicID: UUID{1}}
	for i := range partitions {
		topic.PartitionResponses = append(topic.PartitionResponses, PartitionProduceResponse{
			Index: int32(i), BaseOffset: int64(i) << 20, LogAppendTimeMs: -1, CurrentLeader: NoLeader,
		})
	}
	return &ProduceResponse{Responses: []TopicProduceResponse{topic}}
}

// metadataResponse is a cluster of three brokers with topics of so many partitions.
func metadataResponse(topics, partitions int) *MetadataResponse {
	m := &MetadataResponse{ClusterID: ptr("4L6g3nShT-eMCtK--X86sw"), ControllerID: 1}
	for i := range int32(3) {
		m.Brokers = append(m.Brokers, MetadataResponseBroker{NodeID: i, Host: "broker.example.com", Port: 9092 + i})
	}
	for i := range topics {
		topic := MetadataResponseTopic{Name: ptr(fmt.Sprintf("topic-%d", i)), TopicID: UUID{byte(i)}}
		for p := range int32(partitions) {
			topic.Partitions = append(topic.Partitions, MetadataResponsePartition{
				PartitionIndex: p, LeaderID: p % 3, LeaderEpoch: 5, ReplicaNodes: []int32{0, 1, 2}, IsrNodes: []int32{0, 1, 2},
			})
		}
		m.Topics = append(m.Topics, topic)
	}
	return m
}

func BenchmarkEncodeProduceFrame(b *testing.B) {
	for _, size := range []int{16, 16384} {
		b.Run(fmt.Sprintf("24 partitions of %d B", size), func(b *testing.B) {
			sizes := make([]int, 24)
			for i := range sizes {
				sizes[i] = size
			}
			m := produceRequest(sizes...)
			h := RequestHeader{Version: 9, ClientID: ptr("benchmark")}
			var f Frame
			pieces := make([][]byte, 0, 64)
			b.ReportAllocs()
			for b.Loop() {
				if err := f.Encode(h, m); err != nil {
					b.Fatal(err)
				}
				pieces = f.Pieces(pieces[:0])
			}
		})
	}
}

func BenchmarkDecodeProduceResponse(b *testing.B) {
	for _, partitions := range []int{1, 24} {
		b.Run(fmt.Sprintf("%d partitions", partitions), func(b *testing.B) {
			benchmarkDecode(b, 9, produceResponse(partitions), new(ProduceResponse))
		})
	}
}

func BenchmarkDecodeMetadataResponse(b *testing.B) {
	for _, version := range []int16{8, 12} {
		b.Run(fmt.Sprintf("10 topics of 24 partitions/v%d", version), func(b *testing.B) {
			benchmarkDecode(b, version, metadataResponse(10, 24), new(MetadataResponse))
		})
	}
}

func BenchmarkEncodeMetadataResponse(b *testing.B) {
	m := metadataResponse(10, 24)
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = Append(buf[:0], 8, m); err != nil {
			b.Fatal(err)
		}
	}
}

func benchmarkDecode(b *testing.B, version int16, m, into Message) {
	body, err := Append(nil, version, m)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Decode(body, version, into); err != nil {
			b.Fatal(err)
		}
	}
}
