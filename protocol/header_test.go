package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Headers of every request and response version, held against the schema as messages are.
func TestSchemaHeaders(t *testing.T) {
	schemas := readSchema(t)
	requestHeader, responseHeader := schemas["RequestHeader"], schemas["ResponseHeader"]
	eachVersion(t, func(t *testing.T, m *schemaMessage, version int16) {
		g := &generator{Rand: rand.New(rand.NewPCG(uint64(m.key), uint64(version))), flexible: m.flexible.has(version)}
		for i := range rounds {
			switch message := m.message().(type) {
			case Request:
				g.version = 1
				if g.flexible {
					g.version = 2
				}
				h := RequestHeader{Key: m.key, Version: version, CorrelationID: int32(g.Uint32())}
				value := object{
					"RequestApiKey": int64(m.key), "RequestApiVersion": int64(version),
					"CorrelationId": int64(h.CorrelationID), "ClientId": nil,
				}
				if g.IntN(3) > 0 {
					h.ClientID = ptr(string(g.bytes()))
					value["ClientId"] = *h.ClientID
				}
				want := g.append(nil, requestHeader.schemaBody, value)
				got, err := AppendRequest(nil, h, message)
				if err != nil || !bytes.HasPrefix(got[sizeLen:], want) {
					t.Fatalf("%+v: %v\n got %x\nwant %x", h, err, got, want)
				}
				if i < 5 {
					checkRequestHeader(t, g, requestHeader.schemaBody, value, h)
				}
			case Response:
				g.version = 0
				if g.flexible && m.key != ApiVersionsKey {
					g.version = 1
				}
				id := int32(g.Uint32())
				g.flexible = g.version > 0
				want := g.append(nil, responseHeader.schemaBody, object{"CorrelationId": int64(id)})
				got, err := AppendResponse(nil, version, id, message)
				if err != nil || !bytes.HasPrefix(got[sizeLen:], want) {
					t.Fatalf("%d: %v\n got %x\nwant %x", id, err, got, want)
				}
				g.flexible = m.flexible.has(version)
			}
		}
	})
}

func checkRequestHeader(t *testing.T, g *generator, schema schemaStruct, value object, want RequestHeader) {
	t.Helper()
	g.unknownTags = true
	b := g.append(nil, schema, value)
	g.unknownTags = false
	got, rest, err := DecodeRequestHeader(append(b, "body"...))
	if err != nil || string(rest) != "body" {
		t.Fatalf("%x: %v, rest %q", b, err, rest)
	}
	if got.Key != want.Key || got.Version != want.Version || got.CorrelationID != want.CorrelationID ||
		(got.ClientID == nil) != (want.ClientID == nil) || (got.ClientID != nil && *got.ClientID != *want.ClientID) {
		t.Fatalf("%x: %+v, want %+v", b, got, want)
	}
	for n := range b {
		var e *DecodeError
		if _, _, err := DecodeRequestHeader(b[:n]); !errors.As(err, &e) {
			t.Fatalf("%d of %d bytes of a header: %v", n, len(b), err)
		}
	}
}

// A broker has to understand the header of an ApiVersions request of whatever version, and of requests it does not
// know.
func TestDecodeUnknownRequestHeader(t *testing.T) {
	id := "\x00\x02me"
	for _, test := range []struct {
		name    string
		frame   string
		key     Key
		version int16
	}{
		{"ApiVersions of the future", "\x00\x12\x00\x63\x00\x00\x00\x07" + id + "\x00body", ApiVersionsKey, 99},
		{"ApiVersions 1", "\x00\x12\x00\x01\x00\x00\x00\x07" + id + "body", ApiVersionsKey, 1},
		{"Fetch", "\x00\x01\x00\x04\x00\x00\x00\x07" + id + "body", 1, 4},
		{"negative key", "\xff\xff\xff\xff\x00\x00\x00\x07" + id + "body", -1, -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, body, err := DecodeRequestHeader([]byte(test.frame))
			if err != nil {
				t.Fatal(err)
			}
			if h.Key != test.key || h.Version != test.version || h.CorrelationID != 7 || *h.ClientID != "me" || string(body) != "body" {
				t.Errorf("%+v, body %q", h, body)
			}
		})
	}
}

func TestHeaderErrors(t *testing.T) {
	var short *shortError
	if _, err := ResponseCorrelationID([]byte{1, 2, 3}); !errors.As(err, &short) {
		t.Errorf("3 bytes of a correlation id: %v", err)
	}
	var e *DecodeError
	_, _, err := DecodeRequestHeader([]byte("\x00\x03\x00\x0c\x00\x00\x00\x01\x7f\xff"))
	if !errors.As(err, &e) || e.Key != MetadataKey || e.Version != 12 || e.Field != "header ClientID" {
		t.Errorf("long client id: %v", err)
	}
	_, err = DecodeResponse([]byte{0, 0, 1}, 3, new(ProduceResponse))
	if !errors.As(err, &e) || e.Field != "header" || !e.Response {
		t.Errorf("short response header: %v", err)
	}
	var tooLong *EncodeError
	long := string(make([]byte, MaxString+1))
	_, err = AppendRequest(nil, RequestHeader{Version: 3, ClientID: &long}, new(ProduceRequest))
	if !errors.As(err, &tooLong) || tooLong.Field != "header ClientID" {
		t.Errorf("client id of %d bytes: %v", len(long), err)
	}
}

// TestRefusedVersion is the answer of a broker that does not know the version of an ApiVersions request.
func TestRefusedVersion(t *testing.T) {
	for _, test := range []struct {
		name  string
		frame string
		apis  []ApiVersion
	}{
		{
			// As apache/kafka 4.1.1 answers a version 5: in version 0, with the range of ApiVersions itself.
			"Kafka", "\x00\x00\x00\x07\x00\x23\x00\x00\x00\x01\x00\x12\x00\x00\x00\x04",
			[]ApiVersion{{ApiVersionsKey, 0, 4}},
		},
		{
			// librdkafka's mock cluster (2.0.2) puts an array of version 3 behind the code.
			"librdkafka's mock cluster", "\x00\x00\x00\x07\x00\x23\x01\x00\x12\x00\x00\x00\x02\x00\x00\x00\x00\x00", nil,
		},
		{"nothing but the code", "\x00\x00\x00\x07\x00\x23", nil},
	} {
		for _, version := range []int16{3, 4, 5} {
			t.Run(fmt.Sprintf("%s/%d", test.name, version), func(t *testing.T) {
				m := &ApiVersionsResponse{ApiKeys: []ApiVersion{{1, 2, 3}}, ThrottleTimeMs: 9, ZkMigrationReady: true}
				id, err := DecodeResponse([]byte(test.frame), version, m)
				if err != nil || id != 7 {
					t.Fatal(id, err)
				}
				want := &ApiVersionsResponse{ErrorCode: UnsupportedVersion, ApiKeys: test.apis, FinalizedFeaturesEpoch: -1}
				if d := diff(want, m); d != "" {
					t.Error(d)
				}
			})
		}
	}
	// Asked with version 0 there is nothing to fall back to.
	if _, err := DecodeResponse([]byte("\x00\x00\x00\x07\x00\x23"), 0, new(ApiVersionsResponse)); err == nil {
		t.Error("half an answer to version 0 decodes")
	}
	// Version 0 of the answer must not be taken for something else in other cases.
	if _, err := DecodeResponse([]byte("\x00\x00\x00\x07\xff\xff"), 3, new(ApiVersionsResponse)); err == nil {
		t.Error("half an answer with another error decodes")
	}
}
