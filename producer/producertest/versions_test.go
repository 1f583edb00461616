package producertest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"kafkaproducer/protocol"
)

func TestProduceVersions(t *testing.T) {
	lo, hi := protocol.ProduceKey.Versions()
	for version := lo; version <= hi; version++ {
		t.Run(fmt.Sprintf("v%d", version), func(t *testing.T) {
			c := Start(t, Options{
				Topics: map[string]int32{"t": 1}, MaxVersions: map[protocol.Key]int16{protocol.ProduceKey: version},
			})
			k := dial(t, c, 1)
			for i := range int64(2) {
				m := produceRequest("t", 0, spec{id: 7, seq: int32(i)}.bytes(t))
				if version >= topicIDsSince {
					m.TopicData[0].Name, m.TopicData[0].TopicID = "", c.TopicID("t")
				}
				answer := k.ask(version, m).(*protocol.ProduceResponse)
				wantOffset(t, only(t, answer), i)
				if got, want := answer.Responses[0].TopicID, m.TopicData[0].TopicID; got != want {
					t.Errorf("answer for topic %v, want %v", got, want)
				}
			}
			if version < hi {
				m := produceRequest("t", 0, spec{}.bytes(t))
				if version+1 >= topicIDsSince {
					m.TopicData[0].Name = ""
				}
				k.send(version+1, m)
				if err := k.closed(); !errors.Is(err, io.EOF) {
					t.Errorf("v%d of v%d at most: %v", version+1, version, err)
				}
			}
		})
	}
}

func TestMetadataVersions(t *testing.T) {
	lo, hi := protocol.MetadataKey.Versions()
	for version := lo; version <= hi; version++ {
		t.Run(fmt.Sprintf("v%d", version), func(t *testing.T) {
			c := Start(t, Options{Brokers: 3, Topics: map[string]int32{"t": 2}})
			m := dial(t, c, 2).ask(version, &protocol.MetadataRequest{}).(*protocol.MetadataResponse)
			if len(m.Brokers) != 3 || m.ClusterID == nil || *m.ClusterID != c.ID() || len(m.Topics) != 1 {
				t.Fatalf("answer %+v", m)
			}
			if got := len(m.Topics[0].Partitions); got != 2 {
				t.Errorf("%d partitions, want 2", got)
			}
			if got := m.Topics[0].TopicID; (got == c.TopicID("t")) != (version >= 10) {
				t.Errorf("topic id %v", got)
			}
		})
	}
}

func TestInitProducerIDVersions(t *testing.T) {
	c := Start(t, Options{})
	k := dial(t, c, 1)
	lo, hi := protocol.InitProducerIDKey.Versions()
	ids := map[int64]bool{}
	for version := lo; version <= hi; version++ {
		m := k.ask(version, &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1}).(*protocol.InitProducerIDResponse)
		if m.ErrorCode != protocol.None || m.ProducerEpoch != 0 || ids[m.ProducerID] {
			t.Errorf("v%d: answer %+v after ids %v", version, m, ids)
		}
		ids[m.ProducerID] = true
	}
}

func TestSetNextProducer(t *testing.T) {
	c := Start(t, Options{})
	k := dial(t, c, 1)
	c.SetNextProducer(5, 32766)
	for _, want := range []producerIDs{{5, 32766}, {6, 0}, {7, 0}} {
		// What the request says of an old id makes no difference without a transactional id.
		m := k.ask(5, &protocol.InitProducerIDRequest{ProducerID: 5, ProducerEpoch: 3}).(*protocol.InitProducerIDResponse)
		if m.ProducerID != want.id || m.ProducerEpoch != want.epoch {
			t.Errorf("answer %+v, want %+v", m, want)
		}
	}
}

func TestInitProducerIDRefusals(t *testing.T) {
	id := "transactions"
	for _, test := range []struct {
		m    protocol.InitProducerIDRequest
		want protocol.ErrorCode
	}{
		{protocol.InitProducerIDRequest{TransactionalID: &id, ProducerID: -1, ProducerEpoch: -1}, protocol.TransactionalIDAuthorizationFailed},
		{protocol.InitProducerIDRequest{ProducerID: 3, ProducerEpoch: -1}, protocol.InvalidRequest},
		{protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: 0}, protocol.InvalidRequest},
	} {
		got := dial(t, Start(t, Options{}), 1).ask(4, &test.m).(*protocol.InitProducerIDResponse)
		if got.ErrorCode != test.want || got.ProducerID != -1 || got.ProducerEpoch != -1 {
			t.Errorf("%+v: answer %+v, want %v", test.m, got, test.want)
		}
	}
}

func TestApiVersions(t *testing.T) {
	c := Start(t, Options{MaxVersions: map[protocol.Key]int16{protocol.MetadataKey: 9, protocol.InitProducerIDKey: -1}})
	k := dial(t, c, 1)
	for _, version := range []int16{0, 3, 4, 5} {
		m := k.ask(version, &protocol.ApiVersionsRequest{NodeID: -1}).(*protocol.ApiVersionsResponse)
		ranges := map[protocol.Key]protocol.ApiVersion{}
		for _, a := range m.ApiKeys {
			ranges[a.ApiKey] = a
		}
		if m.ErrorCode != protocol.None || ranges[protocol.ProduceKey] != (protocol.ApiVersion{ApiKey: protocol.ProduceKey, MaxVersion: 13}) ||
			ranges[protocol.MetadataKey] != (protocol.ApiVersion{ApiKey: protocol.MetadataKey, MaxVersion: 9}) {
			t.Errorf("v%d: answer %+v", version, m)
		}
		if _, ok := ranges[protocol.InitProducerIDKey]; ok {
			t.Errorf("v%d: InitProducerId is listed", version)
		}
	}
	k.send(0, &protocol.InitProducerIDRequest{})
	k.closed()
}

// TestApiVersionsBetween: 1 and 2, which package protocol doesn't have, are 0 with a throttle time.
func TestApiVersionsBetween(t *testing.T) {
	c := Start(t, Options{})
	k := dial(t, c, 1)
	request, err := protocol.AppendRequest(nil, protocol.RequestHeader{CorrelationID: 9}, &protocol.ApiVersionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for version := range int16(3) {
		binary.BigEndian.PutUint16(request[6:], uint16(version))
		if _, err := k.conn.Write(request); err != nil {
			t.Fatal(err)
		}
		frame, err := k.frame()
		if err != nil {
			t.Fatal(err)
		}
		if version > 0 {
			if throttle := frame[len(frame)-4:]; !bytes.Equal(throttle, make([]byte, 4)) {
				t.Errorf("v%d: throttle time %x", version, throttle)
			}
			frame = frame[:len(frame)-4]
		}
		var m protocol.ApiVersionsResponse
		if got, err := protocol.DecodeResponse(frame, 0, &m); err != nil || got != 9 || len(m.ApiKeys) != len(releaseKeys) {
			t.Errorf("v%d: answer to %d, %+v, %v", version, got, m, err)
		}
	}
}

// TestApiVersionsRefusal: each way in which brokers refuse a version, byte for byte, and 0 works after it.
func TestApiVersionsRefusal(t *testing.T) {
	for _, test := range []struct {
		name string
		opts Options
		want string
	}{
		{"Kafka since 2.4", Options{Release: "4.1"}, "\x00\x00\x00\x01\x00\x23\x00\x00\x00\x01\x00\x12\x00\x00\x00\x04"},
		{"Kafka before 2.4", Options{Release: "2.3"}, "\x00\x00\x00\x01\x00\x23\x00\x00\x00\x00"},
		{"librdkafka's mock", Options{Release: "2.3", ApiVersionsRefusal: RefuseGarbled},
			"\x00\x00\x00\x01\x00\x23\x01\x00\x12\x00\x00\x00\x02\x00\x00\x00\x00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := dial(t, Start(t, test.opts), 1)
			k.send(5, &protocol.ApiVersionsRequest{NodeID: -1})
			if got, err := k.frame(); string(got) != test.want || err != nil {
				t.Errorf("answer %x, %v, want %x", got, err, test.want)
			}
			if m := k.ask(0, &protocol.ApiVersionsRequest{}).(*protocol.ApiVersionsResponse); m.ErrorCode != protocol.None {
				t.Errorf("v0 answers %v", m.ErrorCode)
			}
		})
	}
}

// TestSoftwareName: brokers that are told the name and the version of a client's software look at them (KIP-511).
func TestSoftwareName(t *testing.T) {
	c := Start(t, Options{})
	k := dial(t, c, 1)
	for _, test := range []struct {
		version int16
		name    string
		says    string
		want    protocol.ErrorCode
	}{
		{3, "apache-kafka-java", "4.0.0", protocol.None},
		{4, "a", "1", protocol.None},
		{3, "a", "", protocol.InvalidRequest},
		{3, "a", "(devel)", protocol.InvalidRequest},
		{5, "a", "v1.2.3+incompatible", protocol.InvalidRequest},
		{3, "my client", "1", protocol.InvalidRequest},
		{3, "-a", "1", protocol.InvalidRequest},
		{0, "my client", "", protocol.None}, // not told
	} {
		m := k.ask(test.version, &protocol.ApiVersionsRequest{ClientSoftwareName: test.name, ClientSoftwareVersion: test.says, NodeID: -1})
		if got := m.(*protocol.ApiVersionsResponse); got.ErrorCode != test.want || (len(got.ApiKeys) > 0) != (test.want == protocol.None) {
			t.Errorf("v%d of %q %q: %v with %d APIs, want %v", test.version, test.name, test.says, got.ErrorCode, len(got.ApiKeys), test.want)
		}
	}
}

// TestApiVersionsToTheWrongBroker is KIP-1242.
func TestApiVersionsToTheWrongBroker(t *testing.T) {
	c := Start(t, Options{Brokers: 2})
	k := dial(t, c, 2)
	id, other := c.ID(), "another cluster"
	for _, test := range []struct {
		m    protocol.ApiVersionsRequest
		want protocol.ErrorCode
	}{
		{protocol.ApiVersionsRequest{NodeID: -1}, protocol.None},
		{protocol.ApiVersionsRequest{ClusterID: &id, NodeID: 2}, protocol.None},
		{protocol.ApiVersionsRequest{ClusterID: &id, NodeID: 1}, protocol.RebootstrapRequired},
		{protocol.ApiVersionsRequest{ClusterID: &other, NodeID: 2}, protocol.RebootstrapRequired},
	} {
		if m := k.ask(5, &test.m).(*protocol.ApiVersionsResponse); m.ErrorCode != test.want {
			t.Errorf("%+v: answer %v, want %v", test.m, m.ErrorCode, test.want)
		}
	}
}

// Brokers whose clients don't authenticate say so, as Kafka's do.
func TestNoSASL(t *testing.T) {
	wantOutOfPlace(t, dial(t, Start(t, Options{}), 1))
}

func TestReleases(t *testing.T) {
	for _, name := range Releases() {
		t.Run(name, func(t *testing.T) {
			c := Start(t, Options{Release: name, Topics: map[string]int32{"t": 1}})
			k := dial(t, c, 1)
			versions := k.ask(0, &protocol.ApiVersionsRequest{}).(*protocol.ApiVersionsResponse)
			for _, a := range versions.ApiKeys {
				if a.ApiKey != protocol.ProduceKey {
					continue
				}
				m := produceRequest("t", 0, spec{}.bytes(t))
				if a.MaxVersion >= topicIDsSince {
					m.TopicData[0].Name, m.TopicData[0].TopicID = "", c.TopicID("t")
				}
				wantOffset(t, only(t, k.ask(a.MaxVersion, m)), 0)
			}
			if c.EndOffset("t", 0) != 1 {
				t.Error("Produce is not listed")
			}
		})
	}
}

// TestUnreadable: what a broker can't read closes the connection and takes nothing else with it.
func TestUnreadable(t *testing.T) {
	header := "\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff" // ApiVersions v0, id 1, no client id
	for name, frame := range map[string]string{
		"HTTP":                    "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"a negative size":         "\xff\xff\xff\xff",
		"a size beyond the limit": "\x10\x00\x00\x00",
		"an empty request":        "\x00\x00\x00\x00",
		"half a header":           "\x00\x00\x00\x04\x00\x12\x00\x00",
		"bytes behind the body":   "\x00\x00\x00\x0b" + header + "x",
		"an API that is not here": "\x00\x00\x00\x0a\x00\x01" + header[2:],
		"a negative version":      "\x00\x00\x00\x0a\x00\x03\xff\xff" + header[4:],
	} {
		t.Run(name, func(t *testing.T) {
			c := Start(t, Options{})
			k := dial(t, c, 1)
			if _, err := io.WriteString(k.conn, frame); err != nil {
				t.Fatal(err)
			}
			k.closed()
			dial(t, c, 1).ask(0, &protocol.ApiVersionsRequest{})
		})
	}
}
