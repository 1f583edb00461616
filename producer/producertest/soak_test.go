package producertest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// stubborn sends batches with consecutive sequences to one partition, each until it is acknowledged: a producer that
// promises everything and is good at nothing else.
type stubborn struct {
	c         *Cluster
	id        int64
	partition int32
}

// attempt sends one batch to the broker that leads now, and reports whether it was acknowledged.
func (s *stubborn) attempt(tb testing.TB, m *protocol.ProduceRequest) bool {
	leader := s.c.Leader("t", s.partition)
	if leader == -1 {
		time.Sleep(10 * time.Millisecond)
		return false
	}
	conn, err := s.c.Dial(tb.Context(), "tcp", s.c.Addr(leader))
	if err != nil {
		time.Sleep(10 * time.Millisecond)
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	request, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: lastByName, CorrelationID: 1}, m)
	if err != nil {
		tb.Error(err)
		return true
	}
	if _, err := conn.Write(request); err != nil {
		return false
	}
	answer, err := readFrame(conn)
	if err != nil {
		return false
	}
	var response protocol.ProduceResponse
	if id, err := protocol.DecodeResponse(answer, lastByName, &response); err != nil || id != 1 || len(response.Responses) == 0 {
		return false
	}
	return response.Responses[0].PartitionResponses[0].ErrorCode == protocol.None
}

func (s *stubborn) run(tb testing.TB, batches int) {
	for i := range batches {
		m := produceRequest("t", s.partition, spec{
			id: s.id, seq: int32(2 * i), n: 2, value: fmt.Sprintf("%d/%d", s.id, i), timestamp: 1,
		}.bytes(tb))
		for !s.attempt(tb, m) {
		}
	}
}

// TestSoak: producers go on while everything around them happens at random, and each of their batches is in the log once,
// in order. Faults that change answers are left out, since these producers believe what they are told.
func TestSoak(t *testing.T) {
	const producers, partitions, batches = 8, 4, 60
	for seed := range uint64(5) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			inVirtualTime(t, Options{Brokers: 3, Seed: seed, Topics: map[string]int32{"t": partitions}}, func(t *testing.T, c *Cluster) {
				for _, f := range []Fault{
					DropBefore(), ResetBefore(), DropAfter(), ResetAfter(), Truncate(), Swallow(), Stall(), Bytewise(), Reorder(),
					Late(2 * time.Second), DelayAnswer(2 * time.Second), DelayRequest(2 * time.Second), Shorten(), HugeLength(),
					Fail(protocol.RequestTimedOut), Fail(protocol.NotEnoughReplicas), Fail(protocol.NotEnoughReplicasAfterAppend),
				} {
					c.Inject(f.Chance(0.02))
				}
				var sending sync.WaitGroup
				for i := range int64(producers) {
					s := &stubborn{c: c, id: 1 + i, partition: int32(i % partitions)}
					sending.Go(func() { s.run(t, batches) })
				}
				stop := make(chan struct{})
				var disturbing sync.WaitGroup
				disturbing.Go(func() { disturb(c, rand.New(rand.NewPCG(seed, 1)), stop) })
				sending.Wait()
				close(stop)
				disturbing.Wait()
				for i := range int32(partitions) {
					checkSequences(t, c, i, producers/partitions, batches)
				}
			})
		})
	}
}

// disturb does something to the cluster each 50 ms, until told to stop.
func disturb(c *Cluster, r *rand.Rand, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		broker := 1 + r.Int32N(3)
		switch r.IntN(6) {
		case 0:
			c.StopBroker(broker)
		case 1:
			c.ShutdownBroker(broker)
		case 2, 3:
			for id := range int32(3) {
				if r.IntN(4) == 0 {
					c.StartBrokerElsewhere(id + 1)
				} else {
					c.StartBroker(id + 1)
				}
			}
			for i := range c.Partitions("t") {
				if c.Leader("t", i) == -1 {
					c.MoveLeader("t", i, broker)
				}
			}
		case 4:
			c.MoveLeader("t", r.Int32N(c.Partitions("t")), broker)
		case 5:
			c.PauseBroker(broker)
			time.Sleep(time.Duration(r.Int64N(int64(3 * time.Second))))
			c.ResumeBroker(broker)
		}
	}
}

// checkSequences fails the test unless the partition has the batches of so many producers, each once and in order.
func checkSequences(t *testing.T, c *Cluster, partition int32, producers, batches int) {
	t.Helper()
	next := map[int64]int32{}
	offset := int64(0)
	for _, b := range c.Batches("t", partition) {
		if b.BaseOffset != offset || b.BaseSequence != next[b.ProducerID] {
			t.Fatalf("partition %d: producer %d's batch at offset %d has sequence %d, want offset %d, sequence %d",
				partition, b.ProducerID, b.BaseOffset, b.BaseSequence, offset, next[b.ProducerID])
		}
		offset += int64(b.Count)
		next[b.ProducerID] += b.Count
	}
	if len(next) != producers {
		t.Errorf("partition %d has records of %d producers, want %d", partition, len(next), producers)
	}
	for id, n := range next {
		if int(n) != 2*batches {
			t.Errorf("partition %d has %d records of producer %d, want %d", partition, n, id, 2*batches)
		}
	}
	if got := len(c.Records("t", partition)); got != int(offset) {
		t.Errorf("partition %d ends at %d and has %d records", partition, offset, got)
	}
}
