package producertest

import (
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// TestStopAndStartBroker: a crash ends the connections, the log is there when the broker is back.
func TestStopAndStartBroker(t *testing.T) {
	bothNetworks(t, Options{Brokers: 2, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *Cluster) {
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

// TestShutdownOfTheOnlyBroker: what nobody takes over is led again, by a broker that knows the last batch of a producer only.
func TestShutdownOfTheOnlyBroker(t *testing.T) {
	bothNetworks(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		for i := range int64(3) {
			wantOffset(t, k.produce("t", 0, spec{id: 7, seq: int32(i)}), i)
		}
		c.ShutdownBroker(1)
		c.StartBroker(1)
		k = dial(t, c, 1)
		wantCode(t, k.produce("t", 0, spec{id: 7, seq: 1}), protocol.OutOfOrderSequenceNumber)
		wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 2}), 2)
		wantOffset(t, k.produce("t", 0, spec{id: 7, seq: 3}), 3)

		c.StopBroker(1) // a crash: what is known of producers is made of the log anew
		c.StartBroker(1)
		wantOffset(t, dial(t, c, 1).produce("t", 0, spec{id: 7, seq: 2}), 2)
	})
}

func TestReplaceBrokers(t *testing.T) {
	bothNetworks(t, Options{Brokers: 2, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *Cluster) {
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
	c.accept(c.broker(1), &oneConn{conn: far})
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("read %v", err)
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
	inVirtualTime(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
		old := dial(t, c, 1)
		old.produce("t", 0, spec{})
		c.PauseBroker(1)
		id := old.post(spec{})
		late := dial(t, c, 1)
		lateID := late.post(spec{})
		old.silent(time.Hour)
		if got := c.EndOffset("t", 0); got != 1 {
			t.Errorf("a paused broker appends: the log ends at %d", got)
		}
		c.ResumeBroker(1)
		wantCode(t, only(t, old.receive(lastByName, protocol.ProduceKey, id)), protocol.None)
		wantCode(t, only(t, late.receive(lastByName, protocol.ProduceKey, lateID)), protocol.None)

		c.PauseBroker(1)
		old.post(spec{})
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
