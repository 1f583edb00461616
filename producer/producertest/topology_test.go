package producertest

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// TestMoveLeader: the old leader refuses, with hints from Produce v10 on (KIP-951), and the new one goes on with the same log.
func TestMoveLeader(t *testing.T) {
	for _, test := range []struct {
		name    string
		version int16
		opts    Options
		hint    bool
	}{
		{"hints", 10, Options{}, true},
		{"before hints", 9, Options{}, false},
		{"hints withheld", 12, Options{NoLeaderHints: true}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.opts.Brokers, test.opts.Topics = 2, map[string]int32{"t": 1}
			c := Start(t, test.opts)
			first, second := dial(t, c, 1), dial(t, c, 2)
			wantOffset(t, first.produce("t", 0, spec{id: 7, n: 2}), 0)
			c.MoveLeader("t", 0, 2)

			s := spec{id: 7, seq: 2}
			m := first.ask(test.version, produceRequest("t", 0, s.bytes(t))).(*protocol.ProduceResponse)
			got := only(t, m)
			wantCode(t, got, protocol.NotLeaderOrFollower)
			wantHint, endpoints := protocol.NoLeader, 0
			if test.hint {
				wantHint, endpoints = protocol.LeaderIDAndEpoch{LeaderID: 2, LeaderEpoch: 1}, 1
			}
			if got.CurrentLeader != wantHint || len(m.NodeEndpoints) != endpoints {
				t.Errorf("hints %+v, %+v, want %+v with %d endpoints", got.CurrentLeader, m.NodeEndpoints, wantHint, endpoints)
			}
			if test.hint && net.JoinHostPort(m.NodeEndpoints[0].Host, "") != net.JoinHostPort("127.0.0.1", "") {
				t.Errorf("endpoint %+v", m.NodeEndpoints[0])
			}
			wantOffset(t, second.produce("t", 0, s), 2)
			if p := second.metadata(12, false, "t").Topics[0].Partitions[0]; p.LeaderID != 2 || p.LeaderEpoch != 1 {
				t.Errorf("metadata shows leader %d, epoch %d", p.LeaderID, p.LeaderEpoch)
			}
			if b := c.Batches("t", 0); b[0].LeaderEpoch != 0 || b[1].LeaderEpoch != 1 {
				t.Errorf("leader epochs %d, %d in the log", b[0].LeaderEpoch, b[1].LeaderEpoch)
			}
		})
	}
}

// TestHintsShareEndpoints: the new leader's address is told once, however many partitions it has got.
func TestHintsShareEndpoints(t *testing.T) {
	c := Start(t, Options{Brokers: 3, Topics: map[string]int32{"t": 3}})
	c.MoveLeader("t", 0, 2)
	m := produceRequest("t", 0, spec{}.bytes(t))
	for _, i := range []int32{1, 2} {
		m.TopicData[0].PartitionData = append(m.TopicData[0].PartitionData, protocol.PartitionProduceData{Index: i, Records: spec{}.bytes(t)})
	}
	answer := dial(t, c, 1).ask(lastByName, m).(*protocol.ProduceResponse)
	var nodes []int32
	for _, e := range answer.NodeEndpoints {
		nodes = append(nodes, e.NodeID)
	}
	if want := []int32{2, 3}; !slices.Equal(nodes, want) {
		t.Errorf("endpoints of brokers %v, want %v", nodes, want)
	}
}

func TestNoLeader(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	c.MoveLeader("t", 0, -1)
	got := k.produce("t", 0, spec{})
	wantCode(t, got, protocol.NotLeaderOrFollower)
	if got.CurrentLeader.LeaderID != -1 {
		t.Errorf("hint at leader %d", got.CurrentLeader.LeaderID)
	}
	if p := k.metadata(12, false, "t").Topics[0].Partitions[0]; p.ErrorCode != protocol.LeaderNotAvailable || p.LeaderID != -1 {
		t.Errorf("metadata shows %+v", p)
	}
}

// TestStopAndStartBroker: a crash ends the connections, the log is there when the broker is back.
func TestStopAndStartBroker(t *testing.T) {
	bothNetworks(t, func(t *testing.T, opts Options) {
		opts.Brokers, opts.Topics = 2, map[string]int32{"t": 2}
		c := Start(t, opts)
		k, addr := dial(t, c, 1), c.Addr(1)
		k.produce("t", 0, spec{n: 3})
		c.StopBroker(1)
		c.StopBroker(1)
		k.closed()
		if _, err := c.Dial(t.Context(), "tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialling a stopped broker: %v", err)
		}
		m := dial(t, c, 2).metadata(12, false, "t")
		if len(m.Brokers) != 1 || m.Brokers[0].NodeID != 2 || m.ControllerID != 2 {
			t.Errorf("metadata shows brokers %+v, controller %d", m.Brokers, m.ControllerID)
		}
		if p := m.Topics[0].Partitions[0]; p.ErrorCode != protocol.LeaderNotAvailable || p.LeaderID != -1 || !slices.Equal(p.OfflineReplicas, []int32{1}) {
			t.Errorf("metadata shows %+v", p)
		}
		c.StartBroker(1)
		c.StartBroker(1)
		if got := c.Addr(1); got != addr {
			t.Errorf("started again at %s, was at %s", got, addr)
		}
		wantOffset(t, dial(t, c, 1).produce("t", 0, spec{}), 3)

		c.StopBroker(1)
		c.StartBrokerElsewhere(1)
		if got := c.Addr(1); got == addr {
			t.Errorf("started again at %s, wanted elsewhere", got)
		}
		wantOffset(t, dial(t, c, 1).produce("t", 0, spec{}), 4)
		if got := c.BootstrapServers(); !slices.Equal(got, []string{c.Addr(1), c.Addr(2)}) {
			t.Errorf("bootstrap servers %v", got)
		}
	})
}

func TestShutdownBroker(t *testing.T) {
	c := Start(t, Options{Brokers: 3, Topics: map[string]int32{"t": 6}})
	c.ShutdownBroker(1)
	var leaders []int32
	for i := range int32(6) {
		leaders = append(leaders, c.Leader("t", i))
	}
	if want := []int32{2, 2, 3, 3, 2, 3}; !slices.Equal(leaders, want) {
		t.Errorf("leaders %v, want %v", leaders, want)
	}
	if c.LeaderEpoch("t", 0) != 1 || c.LeaderEpoch("t", 1) != 0 {
		t.Error("leader epochs do not follow the leaders")
	}
}

func TestReplaceBrokers(t *testing.T) {
	bothNetworks(t, func(t *testing.T, opts Options) {
		opts.Brokers, opts.Topics = 2, map[string]int32{"t": 2}
		c := Start(t, opts)
		old := c.BootstrapServers()
		k := dial(t, c, 1)
		k.produce("t", 0, spec{})
		c.ReplaceBrokers()
		k.closed()
		if got := c.BrokerIDs(); !slices.Equal(got, []int32{3, 4}) {
			t.Errorf("brokers %v, want 3 and 4", got)
		}
		for _, addr := range c.BootstrapServers() {
			if slices.Contains(old, addr) {
				t.Errorf("address %s is an old one", addr)
			}
		}
		wantOffset(t, dial(t, c, 3).produce("t", 0, spec{}), 1)
		if p := dial(t, c, 4).metadata(12, false, "t").Topics[0].Partitions[1]; p.LeaderID != 4 || !slices.Equal(p.ReplicaNodes, []int32{4}) {
			t.Errorf("metadata shows %+v", p)
		}
	})
}

// oneConn is a listener that accepts one connection.
type oneConn struct {
	net.Listener
	conn net.Conn
}

func (l *oneConn) Accept() (net.Conn, error) {
	conn := l.conn
	l.conn = nil
	if conn == nil {
		return nil, net.ErrClosed
	}
	return conn, nil
}

// TestAcceptedTooLate: a connection that was accepted while its broker stopped is closed.
func TestAcceptedTooLate(t *testing.T) {
	c := Start(t, Options{})
	near, far := newMemConns(memAddr("a:1"), memAddr("b:2"))
	c.accept(c.brokers[1], &oneConn{conn: far})
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read %v", err)
	}
}

// TestLeaderMovesDuringAppend: a batch that was checked for a leader that isn't any more is refused.
func TestLeaderMovesDuringAppend(t *testing.T) {
	for want, move := range map[protocol.ErrorCode]func(c *Cluster){
		protocol.NotLeaderOrFollower:     func(c *Cluster) { c.MoveLeader("t", 0, 2) },
		protocol.UnknownTopicOrPartition: func(c *Cluster) { c.DeleteTopic("t") },
	} {
		c := Start(t, Options{Brokers: 2, Topics: map[string]int32{"t": 1}})
		near, far := newMemConns(memAddr("a:1"), memAddr("b:2"))
		defer near.Close()
		k := newConn(c, c.brokers[1], far, 1)
		b := batch{conn: k, request: &Request{}, acks: -1, topic: "t", bytes: spec{}.bytes(t)}
		config, no := b.lookUp()
		if no.refused() {
			t.Fatal(no)
		}
		no = b.validate(&config)
		move(c)
		if !b.finish(no, fate{}) || b.out.code != want {
			t.Errorf("answered %v, want %v", b.out.code, want)
		}
		k.close()
		if b.finish(refusal{}, fate{}) {
			t.Error("a connection that has ended appends")
		}
	}
}

func TestAddBroker(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	id := c.AddBroker()
	c.MoveLeader("t", 0, id)
	wantOffset(t, dial(t, c, id).produce("t", 0, spec{}), 0)
}

// TestPauseBroker: a paused broker takes connections and requests, and answers when it is resumed.
func TestPauseBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Start(t, Options{InMemory: true, Topics: map[string]int32{"t": 1}})
		old := dial(t, c, 1)
		old.produce("t", 0, spec{})
		c.PauseBroker(1)
		id := old.send(lastByName, produceRequest("t", 0, spec{}.bytes(t)))
		late := dial(t, c, 1)
		lateID := late.send(lastByName, produceRequest("t", 0, spec{}.bytes(t)))
		old.silent(time.Hour)
		if got := c.EndOffset("t", 0); got != 1 {
			t.Errorf("a paused broker appends: the log ends at %d", got)
		}
		c.ResumeBroker(1)
		wantCode(t, only(t, old.receive(lastByName, protocol.ProduceKey, id)), protocol.None)
		wantCode(t, only(t, late.receive(lastByName, protocol.ProduceKey, lateID)), protocol.None)

		c.PauseBroker(1)
		old.send(lastByName, produceRequest("t", 0, spec{}.bytes(t)))
		synctest.Wait()
		c.StopBroker(1)
		old.closed()
		if got := c.EndOffset("t", 0); got != 3 {
			t.Errorf("the log ends at %d: a broker that was killed appended", got)
		}
	})
}

func TestCloseConnections(t *testing.T) {
	c := Start(t, Options{Brokers: 2})
	one, two := dial(t, c, 1), dial(t, c, 2)
	one.metadata(12, false)
	two.metadata(12, false)
	c.CloseConnections(1)
	if err := one.closed(); !errors.Is(err, io.EOF) {
		t.Errorf("read %v", err)
	}
	two.metadata(12, false)
	c.CloseConnections(0)
	two.closed()
	dial(t, c, 2).metadata(12, false)
}

// TestRecreateTopic: a topic that is created again is another one.
func TestRecreateTopic(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	byID := func(id protocol.UUID) protocol.PartitionProduceResponse {
		m := produceRequest("", 0, spec{}.bytes(t))
		m.TopicData[0].TopicID = id
		return only(t, k.ask(13, m))
	}
	old := c.TopicID("t")
	wantOffset(t, byID(old), 0)
	c.DeleteTopic("t")
	wantCode(t, byID(old), protocol.UnknownTopicID)
	wantCode(t, k.produce("t", 0, spec{}), protocol.UnknownTopicOrPartition)
	c.CreateTopic("t", TopicConfig{})
	if c.TopicID("t") == old {
		t.Error("the same id again")
	}
	wantCode(t, byID(old), protocol.UnknownTopicID)
	wantOffset(t, byID(c.TopicID("t")), 0)
}

func TestAddPartitions(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	wantCode(t, k.produce("t", 1, spec{}), protocol.UnknownTopicOrPartition)
	c.AddPartitions("t", 2)
	wantOffset(t, k.produce("t", 1, spec{}), 0)
	wantCode(t, k.produce("t", -1, spec{}), protocol.UnknownTopicOrPartition)
}

func TestLogAppendTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Start(t, Options{InMemory: true})
		c.CreateTopic("t", TopicConfig{LogAppendTime: true})
		k := dial(t, c, 1)
		first := time.Now().UnixMilli()
		s := spec{id: 7, timestamp: 12345}
		if got := k.produce("t", 0, s); got.LogAppendTimeMs != first {
			t.Errorf("append time %d, want %d", got.LogAppendTimeMs, first)
		}
		time.Sleep(time.Minute)
		if got := k.produce("t", 0, s); got.LogAppendTimeMs != first {
			t.Errorf("append time of a duplicate %d, want %d", got.LogAppendTimeMs, first)
		}
		if r := c.Records("t", 0); len(r) != 1 || r[0].Timestamp != first {
			t.Errorf("records %+v, want one of %d", r, first)
		}
	})
}

// TestProducersOfACluster: what the methods of Cluster do to what partitions know of producers.
func TestProducersOfACluster(t *testing.T) {
	c := Start(t, Options{UnknownProducer: RefuseUnknown, Topics: map[string]int32{"t": 2, "u": 1}})
	k := dial(t, c, 1)
	for _, topic := range []string{"t", "u"} {
		wantOffset(t, k.produce(topic, 0, spec{id: 7}), 0)
	}
	c.ExpireProducers("t")
	got := k.produce("t", 0, spec{id: 7, seq: 1})
	wantCode(t, got, protocol.UnknownProducerID)
	if got.LogStartOffset != 0 {
		t.Errorf("log start offset %d", got.LogStartOffset)
	}
	wantOffset(t, k.produce("u", 0, spec{id: 7, seq: 1}), 1)
	c.ExpireProducers("")
	wantCode(t, k.produce("u", 0, spec{id: 7, seq: 2}), protocol.UnknownProducerID)

	c.FenceProducer(7, 3)
	wantCode(t, k.produce("t", 1, spec{id: 7, epoch: 2}), protocol.InvalidProducerEpoch)
	wantOffset(t, k.produce("t", 1, spec{id: 7, epoch: 3}), 0)
}

func TestDeleteRecordsAndTruncate(t *testing.T) {
	c := Start(t, Options{Topics: map[string]int32{"t": 1}})
	k := dial(t, c, 1)
	for range 3 {
		k.produce("t", 0, spec{n: 10})
	}
	c.DeleteRecords("t", 0, 15)
	if got := k.produce("t", 0, spec{n: 10}); got.LogStartOffset != 15 {
		t.Errorf("log start offset %d, want 15", got.LogStartOffset)
	}
	if got := c.Records("t", 0); len(got) != 25 || got[0].Offset != 15 || c.Count("t") != 25 {
		t.Errorf("%d records from %d, count %d, want 25 from 15", len(got), got[0].Offset, c.Count("t"))
	}
	c.TruncateLog("t", 0, 30)
	wantOffset(t, k.produce("t", 0, spec{}), 30)
}

// TestMistakesPanic: what can't be asked for is told, and the cluster is still of use.
func TestMistakesPanic(t *testing.T) {
	c := Start(t, Options{Discard: true, Topics: map[string]int32{"t": 1}})
	for name, mistake := range map[string]func(){
		`no topic "nope"`:                      func() { c.DeleteTopic("nope") },
		`topic "t" has no partition 1, it has`: func() { c.MoveLeader("t", 1, 1) },
		"no broker 9":                          func() { c.StopBroker(9) },
		"there is no broker 8":                 func() { c.MoveLeader("t", 0, 8) },
		`there is a topic "t"`:                 func() { c.CreateTopic("t", TopicConfig{}) },
		"a topic's name must":                  func() { c.CreateTopic("no/slash", TopicConfig{}) },
		"a zero Fault":                         func() { c.Inject(Fault{}) },
		"no batches to go back to":             func() { c.TruncateLog("t", 0, 0) },
	} {
		func() {
			defer func() {
				if s, _ := recover().(string); !strings.Contains(s, name) {
					t.Errorf("panics with %q, want %q", s, name)
				}
			}()
			mistake()
		}()
	}
	dial(t, c, 1).produce("t", 0, spec{})
}

func TestOptionErrors(t *testing.T) {
	for name, opts := range map[string]Options{
		"Brokers":   {Brokers: -1},
		"Topics":    {Topics: map[string]int32{"no/slash": 1}},
		"Topics[t]": {Topics: map[string]int32{"t": 0}},
	} {
		var bad *OptionError
		if _, err := New(opts); !errors.As(err, &bad) || bad.Option != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}
