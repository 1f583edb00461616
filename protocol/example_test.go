package protocol_test

import (
	"errors"
	"fmt"

	"kafkaproducer/protocol"
)

// A request is encoded for a connection, and its answer decoded.
func Example() {
	topic := "email"
	request := &protocol.MetadataRequest{Topics: []protocol.MetadataRequestTopic{{Name: &topic}}}
	header := protocol.RequestHeader{Version: 12, CorrelationID: 1}
	frame, err := protocol.AppendRequest(nil, header, request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(frame), "bytes to the broker")

	// What the broker does with them. A frame is handed on without the four bytes of its size.
	header, body, err := protocol.DecodeRequestHeader(frame[4:])
	if err != nil {
		fmt.Println(err)
		return
	}
	received := protocol.NewRequest(header.Key)
	if err := protocol.Decode(body, header.Version, received); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(header.Key, "for", *received.(*protocol.MetadataRequest).Topics[0].Name)
	answer := &protocol.MetadataResponse{Topics: []protocol.MetadataResponseTopic{{
		Name:      &topic,
		ErrorCode: protocol.LeaderNotAvailable,
	}}}
	frame, err = protocol.AppendResponse(nil, header.Version, header.CorrelationID, answer)
	if err != nil {
		fmt.Println(err)
		return
	}

	var response protocol.MetadataResponse
	if _, err := protocol.DecodeResponse(frame[4:], 12, &response); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Topics[0].ErrorCode)
	// Output:
	// 42 bytes to the broker
	// Metadata for email
	// LEADER_NOT_AVAILABLE (5): the partition has no leader at the moment
}

// The records of a produce request stay where they are: a gathering write takes the pieces.
func ExampleFrame() {
	batch := make([]byte, 16384)
	request := &protocol.ProduceRequest{
		Acks: -1, TimeoutMs: 30000,
		TopicData: []protocol.TopicProduceData{{
			Name:          "email",
			PartitionData: []protocol.PartitionProduceData{{Index: 0, Records: batch}},
		}},
	}
	var frame protocol.Frame // kept for the next request, which allocates nothing then
	if err := frame.Encode(protocol.RequestHeader{Version: 12}, request); err != nil {
		fmt.Println(err)
		return
	}
	for _, piece := range frame.Pieces(nil) {
		fmt.Println(len(piece))
	}
	// Output:
	// 37
	// 16384
	// 3
}

// A code is an error with a meaning. One that is not known keeps its number.
func ExampleErrorCode() {
	err := fmt.Errorf("producing to email-3: %w", protocol.NotLeaderOrFollower)
	fmt.Println(errors.Is(err, protocol.NotLeaderOrFollower))

	var code protocol.ErrorCode
	if errors.As(err, &code) {
		fmt.Println(code.Name(), code.Retriable(), code.RefreshMetadata(), code.Fatal())
	}
	fmt.Println(protocol.ErrorCode(1234))
	// Output:
	// true
	// NOT_LEADER_OR_FOLLOWER true true false
	// error code 1234
}

// What can't be decoded says where it went wrong.
func ExampleDecodeError() {
	err := protocol.Decode([]byte{0, 0, 0, 0, 0, 0, 0, 0}, 0, new(protocol.InitProducerIDResponse))
	var decodeError *protocol.DecodeError
	if errors.As(err, &decodeError) {
		fmt.Println(decodeError.Key, decodeError.Field, decodeError.Offset)
	}
	fmt.Println(err)
	// Output:
	// InitProducerId ProducerID 6
	// kafka protocol: decoding InitProducerId response version 0: ProducerID at byte 6: needs 8 bytes, 2 are left
}
