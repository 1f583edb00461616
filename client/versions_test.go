package client

import (
	"errors"
	"math"
	"strings"
	"testing"

	"kafkaproducer/protocol"
)

func offering(keys ...protocol.ApiVersion) *protocol.ApiVersionsResponse {
	return &protocol.ApiVersionsResponse{ApiKeys: keys, FinalizedFeaturesEpoch: -1}
}

func TestVersionsMax(t *testing.T) {
	v := newVersions(offering(
		protocol.ApiVersion{ApiKey: protocol.ProduceKey, MinVersion: 0, MaxVersion: 13},
		protocol.ApiVersion{ApiKey: protocol.MetadataKey, MinVersion: 0, MaxVersion: 99},
		protocol.ApiVersion{ApiKey: protocol.ApiVersionsKey, MinVersion: 0, MaxVersion: 2},
		protocol.ApiVersion{ApiKey: protocol.InitProducerIDKey, MinVersion: 6, MaxVersion: 7},
	))
	tests := []struct {
		name  string
		key   protocol.Key
		limit int16
		want  int16
	}{
		{"the broker's highest", protocol.ProduceKey, math.MaxInt16, 13},
		{"the caller's limit", protocol.ProduceKey, 12, 12},
		{"below what this module speaks", protocol.ProduceKey, 2, -1},
		{"this module's highest", protocol.MetadataKey, math.MaxInt16, 13},
		{"a gap in what this module speaks", protocol.ApiVersionsKey, math.MaxInt16, 0},
		{"the broker begins above", protocol.InitProducerIDKey, math.MaxInt16, -1},
		{"not offered", protocol.SaslHandshakeKey, math.MaxInt16, -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := v.Max(tt.key, tt.limit); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestVersionsFeatures(t *testing.T) {
	r := offering()
	r.FinalizedFeatures = []protocol.FinalizedFeatureKey{{Name: "transaction.version", MaxVersionLevel: 2}}
	if v := newVersions(r); v.Feature("transaction.version") != 0 {
		t.Error("features count although their epoch is unknown")
	}
	r.FinalizedFeaturesEpoch = 7
	v := newVersions(r)
	if got := v.Feature("transaction.version"); got != 2 {
		t.Errorf("transaction.version is %d, want 2", got)
	}
	if v.Feature("other") != 0 {
		t.Error("a feature that was not named has a level")
	}
	if got := strings.Join(v.Features(), " "); got != "transaction.version" {
		t.Errorf("features %q", got)
	}
}

func TestVersionsClientThrottles(t *testing.T) {
	for _, tt := range []struct {
		key     protocol.Key
		version int16
		want    bool
	}{
		{protocol.ProduceKey, 5, false}, {protocol.ProduceKey, 6, true},
		{protocol.MetadataKey, 5, false}, {protocol.MetadataKey, 6, true},
		{protocol.InitProducerIDKey, 0, false}, {protocol.InitProducerIDKey, 1, true},
		{protocol.ApiVersionsKey, 0, false}, {protocol.ApiVersionsKey, 3, true},
		{protocol.SaslHandshakeKey, 1, false},
	} {
		if got := (Versions{}).ClientThrottles(tt.key, tt.version); got != tt.want {
			t.Errorf("%v version %d: got %v", tt.key, tt.version, got)
		}
	}
}

// refusal is the answer of a broker that doesn't know the version it was asked with.
func refusal(keys ...protocol.ApiVersion) *protocol.ApiVersionsResponse {
	r := offering(keys...)
	r.ErrorCode = protocol.UnsupportedVersion
	return r
}

// upTo says which versions of ApiVersions a broker has.
func upTo(version int16) protocol.ApiVersion {
	return protocol.ApiVersion{ApiKey: protocol.ApiVersionsKey, MinVersion: 0, MaxVersion: version}
}

func TestNegotiation(t *testing.T) {
	tests := []struct {
		name    string
		answers []*protocol.ApiVersionsResponse
		want    []int16 // versions asked after the first
	}{
		{"names 4", []*protocol.ApiVersionsResponse{refusal(upTo(4))}, []int16{4}},
		{"names 3", []*protocol.ApiVersionsResponse{refusal(upTo(3))}, []int16{3}},
		{"names 2, which is of no use here", []*protocol.ApiVersionsResponse{refusal(upTo(2))}, []int16{0}},
		{"names nothing (before KIP-511)", []*protocol.ApiVersionsResponse{refusal()}, []int16{0}},
		{"names what it just refused", []*protocol.ApiVersionsResponse{refusal(upTo(5))}, []int16{4}},
		{"refuses twice", []*protocol.ApiVersionsResponse{refusal(upTo(4)), refusal()}, []int16{4, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			n := newNegotiation()
			for i, r := range tt.answers {
				if _, again, err := n.answer(r); !again || err != nil {
					t.Fatalf("answer %d: again %v, %v", i, again, err)
				}
				if n.version != tt.want[i] {
					t.Fatalf("asks with %d, want %d", n.version, tt.want[i])
				}
			}
		})
	}
}

func TestNegotiationEnds(t *testing.T) {
	t.Run("refuses version 0", func(t *testing.T) {
		n := negotiation{version: 0}
		if _, again, err := n.answer(refusal()); again || !errors.Is(err, protocol.UnsupportedVersion) {
			t.Errorf("again %v, error %v", again, err)
		}
	})
	t.Run("refuses for ever", func(t *testing.T) {
		n := newNegotiation()
		for range negotiationRounds - 1 {
			n.version = 5
			if _, again, _ := n.answer(refusal(upTo(5))); !again {
				t.Fatal("gave up too early")
			}
		}
		n.version = 5
		if _, again, err := n.answer(refusal(upTo(5))); again || err == nil {
			t.Error("does not give up")
		}
	})
	t.Run("another error", func(t *testing.T) {
		n := newNegotiation()
		r := offering()
		r.ErrorCode = protocol.ClusterAuthorizationFailed
		if _, again, err := n.answer(r); again || !errors.Is(err, protocol.ClusterAuthorizationFailed) {
			t.Errorf("again %v, error %v", again, err)
		}
	})
}

func TestNegotiationRefusesBrokersThatAreOfNoUse(t *testing.T) {
	var wrong *VersionError
	n := newNegotiation()
	_, _, err := n.answer(offering(
		protocol.ApiVersion{ApiKey: protocol.ProduceKey, MaxVersion: 2},
		protocol.ApiVersion{ApiKey: protocol.MetadataKey, MaxVersion: 2}))
	if !errors.As(err, &wrong) || wrong.Key != protocol.ProduceKey || !strings.Contains(err.Error(), "0.11") {
		t.Errorf("Kafka 0.10: %v", err)
	}
	_, _, err = n.answer(offering(protocol.ApiVersion{ApiKey: protocol.MetadataKey, MaxVersion: 13}))
	if !errors.As(err, &wrong) || wrong.Offered {
		t.Errorf("a controller's port, without Produce: %v", err)
	}
}
