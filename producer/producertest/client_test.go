package producertest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// testClient speaks to one broker with bare frames: no retries, no opinions.
type testClient struct {
	tb   testing.TB
	conn net.Conn
	r    *bufio.Reader
	last int32 // correlation id
}

func dial(tb testing.TB, c *Cluster, broker int32) *testClient {
	tb.Helper()
	conn, err := c.Dial(tb.Context(), "tcp", c.Addr(broker))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	return &testClient{tb: tb, conn: conn, r: bufio.NewReader(conn)}
}

// send writes requests, at once, and returns the correlation id of the last.
func (k *testClient) send(version int16, requests ...protocol.Request) int32 {
	k.tb.Helper()
	var frames []byte
	for _, m := range requests {
		if v, ok := m.(*protocol.ApiVersionsRequest); ok && v.ClientSoftwareName == "" {
			v.ClientSoftwareName, v.ClientSoftwareVersion = "test", "1" // a broker wants them
		}
		k.last++
		id := "test-client"
		var err error
		frames, err = protocol.AppendRequest(frames, protocol.RequestHeader{Version: version, CorrelationID: k.last, ClientID: &id}, m)
		if err != nil {
			k.tb.Fatal(err)
		}
	}
	if _, err := k.conn.Write(frames); err != nil {
		k.tb.Fatalf("write: %v", err)
	}
	return k.last
}

// frame reads a frame without its size.
func (k *testClient) frame() ([]byte, error) { return readFrame(k.r) }

func readFrame(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	frame := make([]byte, min(binary.BigEndian.Uint32(size[:]), 1<<20))
	_, err := io.ReadFull(r, frame)
	return frame, err
}

// receive reads the answer to a request.
func (k *testClient) receive(version int16, key protocol.Key, correlation int32) protocol.Response {
	k.tb.Helper()
	frame, err := k.frame()
	if err != nil {
		k.tb.Fatalf("read: %v", err)
	}
	m := protocol.NewResponse(key)
	got, err := protocol.DecodeResponse(frame, version, m)
	if err != nil {
		k.tb.Fatal(err)
	}
	if got != correlation {
		k.tb.Fatalf("answer to %d, want %d", got, correlation)
	}
	return m
}

// ask sends a request and reads its answer.
func (k *testClient) ask(version int16, m protocol.Request) protocol.Response {
	k.tb.Helper()
	return k.receive(version, m.Key(), k.send(version, m))
}

// closed reads until the connection ends and fails when anything else comes.
func (k *testClient) closed() error {
	k.tb.Helper()
	b, err := k.r.ReadByte()
	if err == nil {
		k.tb.Fatalf("read byte %#x, want the end of the connection", b)
	}
	return err
}

// silent fails when anything comes within a time, or the connection ends.
func (k *testClient) silent(d time.Duration) {
	k.tb.Helper()
	k.conn.SetReadDeadline(time.Now().Add(d))
	defer k.conn.SetReadDeadline(time.Time{})
	var timeout net.Error
	if b, err := k.r.ReadByte(); err == nil {
		k.tb.Fatalf("read byte %#x, want nothing", b)
	} else if !errors.As(err, &timeout) || !timeout.Timeout() {
		k.tb.Fatalf("read: %v, want silence", err)
	}
}

// spec is a batch in words. The zero value is one record without a producer id.
type spec struct {
	id        int64 // 0: none
	epoch     int16
	seq       int32
	n         int // records; 0: 1
	codec     compress.Codec
	key       string // "": null
	value     string // "": "value-<index>"
	timestamp int64  // ms; 0: now
	headers   []record.Header
}

func (s spec) bytes(tb testing.TB) []byte {
	tb.Helper()
	n := max(s.n, 1)
	var b record.Builder
	b.Reset(make([]byte, 0, record.BatchHeaderSize+n*(record.MaxSize([]byte(s.key), []byte(s.value), s.headers)+16)))
	for i := range n {
		var key []byte
		if s.key != "" {
			key = []byte(s.key)
		}
		value := s.value
		if value == "" {
			value = fmt.Sprintf("value-%d", i)
		}
		at := s.timestamp
		if at == 0 {
			at = time.Now().UnixMilli()
		}
		if !b.Append(at, key, []byte(value), s.headers) {
			tb.Fatal("the batch is full")
		}
	}
	if _, err := b.Seal(s.codec, compress.DefaultLevel, nil); err != nil {
		tb.Fatal(err)
	}
	if s.id == 0 {
		b.Stamp(-1, -1, -1, -1)
	} else {
		b.Stamp(s.id, s.epoch, s.seq, -1)
	}
	return b.Bytes()
}

// produceRequest is a request with one batch.
func produceRequest(topic string, partition int32, batch []byte) *protocol.ProduceRequest {
	return &protocol.ProduceRequest{
		Acks: -1, TimeoutMs: 1000,
		TopicData: []protocol.TopicProduceData{{
			Name: topic, PartitionData: []protocol.PartitionProduceData{{Index: partition, Records: batch}},
		}},
	}
}

// lastByName is the last version of Produce that names topics.
const lastByName = 12

// post sends one batch to t-0 and returns the correlation id of the request. The answer is the caller's to read.
func (k *testClient) post(s spec) int32 {
	k.tb.Helper()
	return k.send(lastByName, produceRequest("t", 0, s.bytes(k.tb)))
}

// produce sends one batch and returns what the answer says of it.
func (k *testClient) produce(topic string, partition int32, s spec) protocol.PartitionProduceResponse {
	k.tb.Helper()
	return only(k.tb, k.ask(lastByName, produceRequest(topic, partition, s.bytes(k.tb))))
}

// only returns the one partition of a Produce answer.
func only(tb testing.TB, m protocol.Response) protocol.PartitionProduceResponse {
	tb.Helper()
	p := m.(*protocol.ProduceResponse)
	if len(p.Responses) != 1 || len(p.Responses[0].PartitionResponses) != 1 {
		tb.Fatalf("answer %+v, want one partition", p)
	}
	return p.Responses[0].PartitionResponses[0]
}

// wantCode fails unless the answer has the code.
func wantCode(tb testing.TB, got protocol.PartitionProduceResponse, want protocol.ErrorCode) {
	tb.Helper()
	if got.ErrorCode != want {
		tb.Fatalf("answered %v, want %v", got.ErrorCode, want)
	}
}

// wantOffset fails unless the answer says that the batch is at the offset.
func wantOffset(tb testing.TB, got protocol.PartitionProduceResponse, want int64) {
	tb.Helper()
	wantCode(tb, got, protocol.None)
	if got.BaseOffset != want {
		tb.Fatalf("base offset %d, want %d", got.BaseOffset, want)
	}
}
