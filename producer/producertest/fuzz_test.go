package producertest

import (
	"io"
	"testing"
	"testing/synctest"

	"kafkaproducer/protocol"
)

// FuzzConn: whatever a client sends, the broker goes on to serve others, and Close ends it. synctest finds a goroutine that is
// left, and one that waits for ever.
func FuzzConn(f *testing.F) {
	name, clientID := "t", "fuzz"
	for _, m := range []protocol.Request{
		produceRequest("t", 0, spec{id: 7, n: 3}.bytes(f)),
		&protocol.MetadataRequest{},
		&protocol.MetadataRequest{Topics: []protocol.MetadataRequestTopic{{Name: &name}}, AllowAutoTopicCreation: true},
		&protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1},
		&protocol.ApiVersionsRequest{ClientSoftwareName: "fuzz", NodeID: -1},
		&protocol.SaslHandshakeRequest{Mechanism: "PLAIN"},
		&protocol.SaslAuthenticateRequest{},
	} {
		lo, hi := m.Key().Versions()
		for version := lo; version <= hi; version++ {
			if p, ok := m.(*protocol.ProduceRequest); ok && version >= topicIDsSince {
				p.TopicData[0].Name = ""
			}
			frame, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: version, CorrelationID: 5, ClientID: &clientID}, m)
			if err == nil { // ApiVersions has gaps
				f.Add(append(frame, frame...))
			}
		}
	}
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("\x16\x03\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, bytes []byte) {
		synctest.Test(t, func(t *testing.T) {
			c := Start(t, Options{InMemory: true, Topics: map[string]int32{"t": 1}})
			k := dial(t, c, 1)
			k.conn.Write(bytes)
			k.conn.(*memConn).CloseWrite()
			if _, err := io.Copy(io.Discard, k.r); err != nil {
				t.Errorf("the connection ended with %v", err)
			}
			wantCode(t, dial(t, c, 1).produce("t", 0, spec{id: 99}), protocol.None)
		})
	})
}
