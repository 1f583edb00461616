package protocol

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

// produceRequest is a request for one topic, with records of the sizes, a partition each.
func produceRequest(sizes ...int) *ProduceRequest {
	topic := TopicProduceData{Name: "email", TopicID: UUID{1}}
	for i, size := range sizes {
		topic.PartitionData = append(topic.PartitionData, PartitionProduceData{
			Index: int32(i), Records: bytes.Repeat([]byte{byte(i + 1)}, size),
		})
	}
	return &ProduceRequest{Acks: -1, TimeoutMs: 30000, TopicData: []TopicProduceData{topic}}
}

func TestFramePieces(t *testing.T) {
	for _, test := range []struct {
		name   string
		sizes  []int
		pieces int
	}{
		{"nothing", nil, 1},
		{"small ones are copied", []int{1, spliceMin - 1}, 1},
		{"large ones are not", []int{spliceMin, 1, 2000}, 5},
		{"one after another", []int{600, 600, 600}, 7},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := produceRequest(test.sizes...)
			h := RequestHeader{Version: 9, CorrelationID: 5, ClientID: ptr("me")}
			var f Frame
			for range 2 { // again in the same storage
				if err := f.Encode(h, m); err != nil {
					t.Fatal(err)
				}
				pieces := f.Pieces(nil)
				joined := bytes.Join(pieces, nil)
				if len(pieces) != test.pieces || f.Len() != len(joined) || !bytes.Equal(joined, f.AppendTo(nil)) {
					t.Errorf("%d pieces of %d bytes, Len %d, want %d pieces", len(pieces), len(joined), f.Len(), test.pieces)
				}
				if int(binary.BigEndian.Uint32(joined)) != len(joined)-sizeLen {
					t.Errorf("size field %d of %d bytes", binary.BigEndian.Uint32(joined), len(joined))
				}
				got, body, err := DecodeRequestHeader(joined[sizeLen:])
				if err != nil || got.Key != ProduceKey || got.CorrelationID != 5 {
					t.Fatal(got, err)
				}
				var decoded ProduceRequest
				if err := Decode(body, 9, &decoded); err != nil {
					t.Fatal(err)
				}
				m.TopicData[0].TopicID = UUID{}
				if d := diff(m, &decoded); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

// Pieces must be the caller's bytes, not a copy, and a Frame must let go of them with the next request.
func TestFrameHoldsRecords(t *testing.T) {
	m := produceRequest(1000)
	var f Frame
	if err := f.Encode(RequestHeader{Version: 9}, m); err != nil {
		t.Fatal(err)
	}
	records := m.TopicData[0].PartitionData[0].Records
	if pieces := f.Pieces(nil); &pieces[1][0] != &records[0] {
		t.Error("records were copied")
	}
	if err := f.Encode(RequestHeader{Version: 9}, produceRequest()); err != nil {
		t.Fatal(err)
	}
	if s := f.coder.splices[:1]; s[0].data != nil {
		t.Error("the records of the request before are still held")
	}
}

func TestFrameErrorLeavesNothing(t *testing.T) {
	var f Frame
	if err := f.Encode(RequestHeader{Version: 9}, produceRequest(1000)); err != nil {
		t.Fatal(err)
	}
	var e *EncodeError
	bad := produceRequest(10)
	bad.TopicData[0].Name = string(make([]byte, MaxString+1))
	if err := f.Encode(RequestHeader{Version: 9}, bad); !errors.As(err, &e) || e.Field != "TopicData[0].Name" {
		t.Fatal(err)
	}
	var v *VersionError
	if err := f.Encode(RequestHeader{Version: 2}, bad); !errors.As(err, &v) || v.Key != ProduceKey || v.Version != 2 {
		t.Fatal(err)
	}
	if f.Len() != 0 || len(f.Pieces(nil)) != 0 || len(f.AppendTo(nil)) != 0 {
		t.Errorf("%d bytes after an error", f.Len())
	}
}

func TestErrorLeavesCallersBytes(t *testing.T) {
	before := []byte("before")
	bad := &SaslHandshakeRequest{Mechanism: string(make([]byte, MaxString+1))}
	for name, append := range map[string]func() ([]byte, error){
		"Append":        func() ([]byte, error) { return Append(before, 0, bad) },
		"AppendRequest": func() ([]byte, error) { return AppendRequest(before, RequestHeader{}, bad) },
		"AppendResponse": func() ([]byte, error) {
			return AppendResponse(before, 0, 1, &SaslHandshakeResponse{Mechanisms: []string{bad.Mechanism}})
		},
	} {
		if b, err := append(); err == nil || string(b) != "before" {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
}
