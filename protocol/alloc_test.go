package protocol

import (
	"testing"

	"kafkaproducer/internal/race"
)

// wantAllocs fails when f allocates more than want times once everything it uses has been warmed up.
func wantAllocs(t *testing.T, want float64, f func()) {
	t.Helper()
	if race.Enabled {
		t.Skip("sync.Pool drops what it is given at random under the race detector")
	}
	f()
	if got := testing.AllocsPerRun(100, f); got > want {
		t.Errorf("%v allocations, want %v", got, want)
	}
}

func TestAllocsEncodeFrame(t *testing.T) {
	m := produceRequest(16, 600, 16384, 20)
	h := RequestHeader{Version: 9, ClientID: ptr("me")}
	var f Frame
	pieces := make([][]byte, 0, 16)
	wantAllocs(t, 0, func() {
		h.CorrelationID++
		if err := f.Encode(h, m); err != nil {
			t.Fatal(err)
		}
		pieces = f.Pieces(pieces[:0])
	})
}

func TestAllocsAppendResponse(t *testing.T) {
	m := produceResponse(24)
	var b []byte
	wantAllocs(t, 0, func() {
		var err error
		if b, err = AppendResponse(b[:0], 12, 5, m); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAllocsDecodeAgain(t *testing.T) {
	for _, test := range []struct {
		name    string
		version int16
		message Message
		into    Message
	}{
		{"ProduceResponse", 12, produceResponse(24), new(ProduceResponse)},
		{"ProduceResponse by id", 13, produceResponse(24), new(ProduceResponse)},
		{"MetadataResponse", 12, metadataResponse(10, 24), new(MetadataResponse)},
		{"ProduceRequest", 9, produceRequest(16, 600, 16384), new(ProduceRequest)},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, err := Append(nil, test.version, test.message)
			if err != nil {
				t.Fatal(err)
			}
			wantAllocs(t, 0, func() {
				if err := Decode(b, test.version, test.into); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestAllocsDecodeResponseAgain(t *testing.T) {
	m := produceResponse(24)
	b, err := AppendResponse(nil, 12, 5, m)
	if err != nil {
		t.Fatal(err)
	}
	var into ProduceResponse
	wantAllocs(t, 0, func() {
		if _, err := DecodeResponse(b[sizeLen:], 12, &into); err != nil {
			t.Fatal(err)
		}
	})
}

// What is searched in vain for the field that an error names costs no memory, however much it is.
func TestAllocsFieldOfAnError(t *testing.T) {
	m := &MetadataResponse{Brokers: make([]MetadataResponseBroker, 1000), Topics: make([]MetadataResponseTopic, 3)}
	wantAllocs(t, 20, func() {
		if path := fieldPath(m, &m.Topics[2].ErrorCode); path != "Topics[2].ErrorCode" {
			t.Fatal(path)
		}
	})
}
