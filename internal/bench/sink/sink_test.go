package main

import (
	"net"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/protocol"
)

func start(t *testing.T, delay time.Duration, brokers int) *sink {
	t.Helper()
	s, err := newSink(delay, brokers)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	s.serve()
	return s
}

// What a producer says was acknowledged is what the sink has counted, spread over its brokers.
func TestSinkCounts(t *testing.T) {
	s := start(t, 0, 3)
	p, err := producer.New(producer.Config{BootstrapServers: s.addrs()[:1], Linger: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	if parts, err := p.PartitionsFor(t.Context(), "bench-12"); err != nil || len(parts) != 12 {
		t.Fatalf("%d partitions, %v", len(parts), err)
	}
	const n = 3000
	for i := range n {
		partition := int32(i % 12)
		err := p.Send(t.Context(), producer.Record{Topic: "bench-12", Partition: &partition, Value: make([]byte, 100)},
			func(_ producer.RecordMetadata, err error) {
				if err != nil {
					t.Error(err)
				}
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := s.counts.take()
	if got.Records != n || got.Batches < 12 || got.Requests < 3 || got.Bytes < n*100 {
		t.Errorf("%+v", got)
	}
	if again := s.counts.take(); again != (taken{}) {
		t.Errorf("counted twice: %+v", again)
	}
}

func TestPartitionsOf(t *testing.T) {
	for topic, want := range map[string]int{
		"bench-8": 8, "many-7-1": 1, "wide-10000": 10_000, "plain": 1, "x-": 1, "x-0": 1, "x-999999999": 100_000,
	} {
		if got := partitionsOf(topic); got != want {
			t.Errorf("%s has %d partitions, want %d", topic, got, want)
		}
	}
}

// frame is a request as the handler gets it, without its size.
func frame(t *testing.T, version int16, r protocol.Request) []byte {
	t.Helper()
	b, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: version, CorrelationID: 7}, r)
	if err != nil {
		t.Fatal(err)
	}
	return b[4:]
}

func produceRequest(acks int16, records []byte) *protocol.ProduceRequest {
	return &protocol.ProduceRequest{Acks: acks, TopicData: []protocol.TopicProduceData{
		{Name: "bench-8", PartitionData: []protocol.PartitionProduceData{{Index: 3, Records: records}}},
	}}
}

func TestHandler(t *testing.T) {
	h := &handler{sink: &sink{delay: time.Hour}}
	batch := make([]byte, 70)
	batch[magic], batch[recordCount+3] = 2, 5
	before := time.Now()
	a, err := h.handle(frame(t, 9, produceRequest(-1, batch)))
	if err != nil {
		t.Fatal(err)
	}
	if a.due.Sub(before) < time.Hour {
		t.Errorf("due %v after it came", a.due.Sub(before))
	}
	var r protocol.ProduceResponse
	if id, err := protocol.DecodeResponse(a.frame[4:], 9, &r); err != nil || id != 7 {
		t.Fatalf("correlation id %d, %v", id, err)
	}
	if p := r.Responses[0].PartitionResponses[0]; r.Responses[0].Name != "bench-8" || p.Index != 3 || p.ErrorCode != protocol.None {
		t.Errorf("%+v", r)
	}
	if a, err := h.handle(frame(t, 9, produceRequest(0, batch))); err != nil || a.frame != nil {
		t.Errorf("acks=0 is answered with %x, %v", a.frame, err)
	}
	if got := h.sink.counts.take(); got.Records != 10 || got.Batches != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := h.handle(frame(t, 9, produceRequest(-1, batch[:20]))); err == nil {
		t.Error("a batch without a count is taken")
	}
	batch[magic] = 1
	if _, err := h.handle(frame(t, 9, produceRequest(-1, batch))); err == nil {
		t.Error("an old batch is taken for a new one")
	}
	if _, err := h.handle(nil); err == nil {
		t.Error("an empty request is taken")
	}
	if _, err := h.handle(frame(t, 0, &protocol.SaslHandshakeRequest{})); err == nil {
		t.Error("a request that it doesn't know is answered")
	}
}

// A request that claims to be huge ends the connection, and takes no memory.
func TestHugeRequest(t *testing.T) {
	s := start(t, 0, 1)
	conn, err := net.Dial("tcp", s.addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{0x7f, 0xff, 0xff, 0xff}); err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(make([]byte, 1)); err == nil {
		t.Errorf("%d bytes of answer", n)
	}
}
