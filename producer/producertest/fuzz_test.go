package producertest

import (
	"encoding/binary"
	"io"
	"testing"
	"testing/synctest"
	"time"

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
		inVirtualTime(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
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

// FuzzAuthenticate: whatever a client says in an exchange that it knows no secret for, it doesn't get in.
func FuzzAuthenticate(f *testing.F) {
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "OAUTHBEARER", "GSSAPI", "X"} {
		for _, message := range []string{
			"\x00bob\x00c", "\x00\x00", "n,,n=bob,r=abc", "n,a=bob,n=b=2Cb,r=x,tokenauth=true", "n,,\x01auth=Bearer x\x01a=b\x01\x01", "\x01", "",
		} {
			f.Add(mechanism, []byte(message), []byte("c=biws,r=abc,p=AAAA"), true)
			f.Add(mechanism, []byte(message), []byte("\x01"), false)
		}
	}
	f.Fuzz(func(t *testing.T, mechanism string, first, second []byte, bare bool) {
		synctest.Test(t, func(t *testing.T) {
			opts := guarded()
			opts.InMemory, opts.SCRAMIterations = true, 1
			opts.Users["bob"] = "a password that isn't guessed"
			opts.OAuthBearer = StaticToken("a token that isn't guessed", "carol", time.Time{})
			c := Start(t, opts)
			k := dial(t, c, 1)
			frames, err := protocol.AppendRequest(nil, protocol.RequestHeader{}, &protocol.SaslHandshakeRequest{Mechanism: mechanism})
			if err != nil {
				t.Skip(err)
			}
			if bare {
				for _, b := range [][]byte{first, second} {
					frames = append(binary.BigEndian.AppendUint32(frames, uint32(len(b))), b...)
				}
			} else {
				frames[7] = 1 // SaslHandshake v1
				for _, b := range [][]byte{first, second} {
					frames, _ = protocol.AppendRequest(frames, protocol.RequestHeader{}, &protocol.SaslAuthenticateRequest{AuthBytes: b})
				}
			}
			frames, _ = protocol.AppendRequest(frames, protocol.RequestHeader{Version: lastByName}, produceRequest("t", 0, spec{}.bytes(t)))
			k.conn.Write(frames)
			k.conn.(*memConn).CloseWrite()
			if _, err := io.Copy(io.Discard, k.r); err != nil {
				t.Errorf("the connection ended with %v", err)
			}
			if c.Stats().Authentications != 0 || c.EndOffset("t", 0) != 0 {
				t.Errorf("it got in: %+v", c.Authentications())
			}
		})
	})
}
