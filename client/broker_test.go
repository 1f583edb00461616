package client

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// fakeCluster is brokers that a test scripts, made of protocol's own codec. Its network is in memory (net.Pipe), so that it
// works in a synctest bubble, or TCP on loopback.
type fakeCluster struct {
	t  testing.TB
	wg sync.WaitGroup

	mu        sync.Mutex // guards the following
	id        string
	brokers   map[int32]string // where the metadata says they are
	topics    map[string]*fakeTopic
	listening map[string]int32   // host:port → who answers there
	conns     map[net.Conn]int32 // with whom
	versions  map[protocol.Key][2]int16
	script    script
	dialed    []string    // what was dialled, in order
	dialedAt  []time.Time // and when
	refuse    map[string]error
	closed    bool
}

type fakeTopic struct {
	id         protocol.UUID
	err        protocol.ErrorCode
	partitions []protocol.MetadataResponsePartition
}

// script sees each request first. It returns false to leave it to the broker's own ways.
type script func(r *fakeRequest) bool

// fakeRequest is a request that a broker got.
type fakeRequest struct {
	cluster *fakeCluster
	broker  int32
	out     chan<- func(net.Conn) // what is done on the connection, in order, by a goroutine of its own
	header  protocol.RequestHeader
	body    []byte
	request protocol.Request // nil when it can't be decoded
}

// answer sends a response.
func (r *fakeRequest) answer(m protocol.Response) { r.answerAs(r.header.CorrelationID, m) }

func (r *fakeRequest) answerAs(correlation int32, m protocol.Response) {
	r.send(r.frame(correlation, m))
}

func (r *fakeRequest) frame(correlation int32, m protocol.Response) []byte {
	b, err := protocol.AppendResponse(nil, r.header.Version, correlation, m)
	if err != nil {
		r.cluster.t.Errorf("cannot encode a response to %v version %d: %v", r.header.Key, r.header.Version, err)
	}
	return b
}

func (r *fakeRequest) send(b []byte) { r.out <- func(c net.Conn) { _, _ = c.Write(b) } }

// hangUp closes the connection.
func (r *fakeRequest) hangUp() { r.out <- func(c net.Conn) { c.Close() } }

func newFakeCluster(t testing.TB, brokers ...int32) *fakeCluster {
	f := &fakeCluster{
		t: t, id: "cluster-1", brokers: map[int32]string{}, topics: map[string]*fakeTopic{}, listening: map[string]int32{},
		conns: map[net.Conn]int32{}, refuse: map[string]error{},
		versions: map[protocol.Key][2]int16{
			protocol.ProduceKey: {0, 13}, protocol.MetadataKey: {0, 13}, protocol.ApiVersionsKey: {0, 5}, protocol.InitProducerIDKey: {0, 5},
		},
	}
	for _, id := range brokers {
		f.start(id, fmt.Sprintf("broker-%d:9092", id))
	}
	t.Cleanup(f.close)
	return f
}

// start puts a broker on the network, and into the metadata.
func (f *fakeCluster) start(id int32, addr string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.brokers[id] = addr
	f.listening[addr] = id
}

// stop takes an address off the network.
func (f *fakeCluster) stop(addr string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listening, addr)
}

// leaveMetadata takes a broker out of the metadata.
func (f *fakeCluster) leaveMetadata(id int32) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.brokers, id)
}

// topic adds a topic whose partitions have these leaders.
func (f *fakeCluster) topic(name string, leaders ...int32) *fakeTopic {
	t := &fakeTopic{id: protocol.UUID{1, byte(len(name)), name[0]}}
	for i, l := range leaders {
		t.partitions = append(t.partitions, protocol.MetadataResponsePartition{
			PartitionIndex: int32(i), LeaderID: l, LeaderEpoch: 1, ReplicaNodes: []int32{l}, IsrNodes: []int32{l}})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.topics[name] = t
	return t
}

// with changes something under the lock.
func (f *fakeCluster) with(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeCluster) setScript(s script) { f.with(func() { f.script = s }) }

func (f *fakeCluster) close() {
	f.mu.Lock()
	f.closed = true
	for c := range f.conns {
		c.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// dropAll closes all connections.
func (f *fakeCluster) dropAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.conns {
		c.Close()
	}
}

// dial is a Config.Dial.
func (f *fakeCluster) dial(ctx context.Context, _, addr string) (net.Conn, error) {
	f.mu.Lock()
	f.dialed = append(f.dialed, addr)
	f.dialedAt = append(f.dialedAt, time.Now())
	id, ok := f.listening[addr]
	refuse, hang := f.refuse[addr]
	f.mu.Unlock()
	if hang && refuse == nil { // swallows packets
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if refuse != nil {
		return nil, refuse
	}
	if !ok {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connection refused")}
	}
	ours, theirs := net.Pipe()
	f.serve(id, theirs)
	return ours, nil
}

// dials is how often an address was dialled.
func (f *fakeCluster) dials(addr string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.dialed {
		if d == addr {
			n++
		}
	}
	return n
}

// timesOf is when an address was dialled.
func (f *fakeCluster) timesOf(addr string) (times []time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, d := range f.dialed {
		if d == addr {
			times = append(times, f.dialedAt[i])
		}
	}
	return times
}

// connections is how many connections there are to a broker.
func (f *fakeCluster) connections(id int32) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, with := range f.conns {
		if with == id {
			n++
		}
	}
	return n
}

func (f *fakeCluster) serve(id int32, nc net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		nc.Close()
		return
	}
	f.conns[nc] = id
	// Reading must not wait for writing, which with net.Pipe lasts until the client reads.
	out := make(chan func(net.Conn), 1000)
	f.wg.Go(func() {
		for do := range out {
			do(nc)
		}
	})
	f.wg.Go(func() {
		defer f.with(func() { delete(f.conns, nc) })
		defer close(out)
		defer nc.Close()
		for f.serveOne(id, nc, out) {
		}
	})
}

func (f *fakeCluster) serveOne(id int32, nc net.Conn, out chan<- func(net.Conn)) bool {
	var size [4]byte
	if _, err := io.ReadFull(nc, size[:]); err != nil {
		return false
	}
	frame := make([]byte, binary.BigEndian.Uint32(size[:]))
	if _, err := io.ReadFull(nc, frame); err != nil {
		return false
	}
	h, body, err := protocol.DecodeRequestHeader(frame)
	if err != nil {
		f.t.Errorf("the client sent a header that can't be read: %v", err)
		return false
	}
	r := &fakeRequest{cluster: f, broker: id, out: out, header: h, body: body}
	f.mu.Lock()
	script, versions := f.script, f.versions[h.Key]
	f.mu.Unlock()
	if h.Version >= versions[0] && h.Version <= versions[1] {
		r.request = protocol.NewRequest(h.Key)
		if err := protocol.Decode(body, h.Version, r.request); err != nil {
			f.t.Errorf("the client sent what can't be read: %v", err)
			return false
		}
	}
	if script != nil && script(r) {
		return true
	}
	return f.behave(r)
}

// behave answers as a broker does.
func (f *fakeCluster) behave(r *fakeRequest) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.request == nil {
		if r.header.Key != protocol.ApiVersionsKey {
			return false
		}
		r.header.Version = 0
	}
	var answer protocol.Response
	switch m := r.request.(type) {
	case nil:
		v := f.versions[protocol.ApiVersionsKey]
		answer = &protocol.ApiVersionsResponse{ErrorCode: protocol.UnsupportedVersion, FinalizedFeaturesEpoch: -1,
			ApiKeys: []protocol.ApiVersion{{ApiKey: protocol.ApiVersionsKey, MinVersion: v[0], MaxVersion: v[1]}}}
	case *protocol.ApiVersionsRequest:
		answer = f.apiVersions()
	case *protocol.MetadataRequest:
		answer = f.metadata(m, r.header.Version)
	case *protocol.ProduceRequest:
		if m.Acks == 0 {
			return true
		}
		answer = produced(m)
	case *protocol.InitProducerIDRequest:
		answer = &protocol.InitProducerIDResponse{ProducerID: 42}
	}
	r.answer(answer)
	return true
}

func (f *fakeCluster) apiVersions() *protocol.ApiVersionsResponse {
	m := &protocol.ApiVersionsResponse{FinalizedFeaturesEpoch: -1}
	for k, v := range f.versions {
		m.ApiKeys = append(m.ApiKeys, protocol.ApiVersion{ApiKey: k, MinVersion: v[0], MaxVersion: v[1]})
	}
	return m
}

func (f *fakeCluster) metadata(r *protocol.MetadataRequest, version int16) *protocol.MetadataResponse {
	m := &protocol.MetadataResponse{ClusterID: &f.id, ControllerID: -1, ClusterAuthorizedOperations: protocol.NoAuthorizedOperations}
	for id, addr := range f.brokers {
		host, port, _ := net.SplitHostPort(addr)
		p, _ := strconv.Atoi(port)
		m.Brokers = append(m.Brokers, protocol.MetadataResponseBroker{NodeID: id, Host: host, Port: int32(p)})
	}
	for _, q := range r.Topics {
		a := protocol.MetadataResponseTopic{Name: q.Name, TopicAuthorizedOperations: protocol.NoAuthorizedOperations}
		if t := f.topics[*q.Name]; t == nil {
			a.ErrorCode = protocol.UnknownTopicOrPartition
		} else if a.ErrorCode = t.err; t.err == protocol.None {
			a.TopicID = t.id
			a.Partitions = append(a.Partitions, t.partitions...)
		}
		m.Topics = append(m.Topics, a)
	}
	return m
}

func produced(r *protocol.ProduceRequest) *protocol.ProduceResponse {
	m := new(protocol.ProduceResponse)
	for _, t := range r.TopicData {
		a := protocol.TopicProduceResponse{Name: t.Name, TopicID: t.TopicID}
		for _, p := range t.PartitionData {
			a.PartitionResponses = append(a.PartitionResponses, protocol.PartitionProduceResponse{
				Index: p.Index, BaseOffset: 7, LogAppendTimeMs: -1, LogStartOffset: -1,
				CurrentLeader: protocol.LeaderIDAndEpoch{LeaderID: -1, LeaderEpoch: -1}})
		}
		m.Responses = append(m.Responses, a)
	}
	return m
}

// config returns settings with Kafka's defaults that lead to the cluster.
func (f *fakeCluster) config(servers ...string) Config {
	if len(servers) == 0 {
		for _, addr := range f.brokers {
			servers = append(servers, addr)
		}
	}
	return Config{
		BootstrapServers: servers, ClientID: "test", Dial: f.dial, Logger: slog.New(slog.NewTextHandler(testLog{f.t}, nil)),
		RequestTimeout: 30 * time.Second, ReconnectBackoff: 50 * time.Millisecond, ReconnectBackoffMax: time.Second,
		RetryBackoff: 100 * time.Millisecond, RetryBackoffMax: time.Second,
		SocketConnectionSetupTimeout: 10 * time.Second, SocketConnectionSetupTimeoutMax: 30 * time.Second,
		ConnectionsMaxIdle: 9 * time.Minute, MetadataMaxAge: 5 * time.Minute, MetadataMaxIdle: 5 * time.Minute,
		MetadataRecoveryRebootstrapTrigger: 5 * time.Minute, MetadataClusterCheckEnable: true,
		MaxInFlightRequestsPerConnection: 5,
	}
}
