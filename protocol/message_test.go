package protocol

import (
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func ptr[T any](v T) *T { return &v }

// diff says what differs between two messages, for which nil and empty slices are the same.
func diff(want, got Message) string {
	if reflect.DeepEqual(want, got) { // cmp is slow
		return ""
	}
	return cmp.Diff(want, got, cmpopts.EquateEmpty())
}

func TestRoundTrip(t *testing.T) {
	want := &ProduceResponse{
		Responses: []TopicProduceResponse{{
			Name: "email",
			PartitionResponses: []PartitionProduceResponse{
				{Index: 7, BaseOffset: 1 << 40, LogAppendTimeMs: -1, LogStartOffset: 3, CurrentLeader: NoLeader},
				{
					Index: 8, ErrorCode: NotLeaderOrFollower, BaseOffset: -1, LogAppendTimeMs: -1, LogStartOffset: -1,
					RecordErrors:  []BatchIndexAndErrorMessage{{BatchIndex: 2}, {BatchIndex: 3, BatchIndexErrorMessage: ptr("bad")}},
					ErrorMessage:  ptr("moved"),
					CurrentLeader: LeaderIDAndEpoch{LeaderID: 3, LeaderEpoch: 9},
				},
			},
		}},
		ThrottleTimeMs: 5,
		NodeEndpoints:  []NodeEndpoint{{NodeID: 3, Host: "three", Port: 9092, Rack: ptr("r")}},
	}
	b, err := Append(nil, 12, want)
	if err != nil {
		t.Fatal(err)
	}
	var got ProduceResponse
	for range 2 { // the second time over what is there
		if err := Decode(b, 12, &got); err != nil {
			t.Fatal(err)
		}
		if d := diff(want, &got); d != "" {
			t.Fatal(d)
		}
	}
}

func TestUnknownVersion(t *testing.T) {
	for _, version := range []int16{-1, 1, 2, 6, 32} {
		var want *VersionError
		if _, err := Append(nil, version, new(ApiVersionsRequest)); !errors.As(err, &want) || want.Version != version {
			t.Errorf("Append of ApiVersions %d: %v", version, err)
		}
		if err := Decode(nil, version, new(ApiVersionsRequest)); !errors.As(err, &want) || want.Version != version {
			t.Errorf("Decode of ApiVersions %d: %v", version, err)
		}
	}
}
