package producer_test

import (
	"errors"

	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/producer"
	"kafkaproducer/producer/internal/simulation"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// The promise, with the whole producer in virtual time: senders, a cluster that is disturbed in every way for a while,
// random settings. See the package documentation for what is checked.
func TestRandomSchedules(t *testing.T) {
	for seed := range max(20, *simulation.Seeds/50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 2))
			opts := producertest.Options{Brokers: 1 + random.IntN(4), Topics: map[string]int32{"t": 1 + random.Int32N(6)}, Seed: seed + 1}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) { runSchedule(t, c, random) })
		})
	}
}

func randomConfig(t *testing.T, c *producertest.Cluster, random *rand.Rand) producer.Config {
	cfg := config(t, c)
	cfg.Logger = nil
	cfg.Linger = time.Duration(random.IntN(3)) * 5 * time.Millisecond
	cfg.BatchSize = []int{0, 200, 2000, 16384}[random.IntN(4)]
	cfg.BufferMemory = []int64{0, 30_000, 200_000}[random.IntN(3)]
	cfg.CompressionType = compress.Codec(random.IntN(5))
	cfg.MaxInFlightRequestsPerConnection = 1 + random.IntN(5)
	cfg.RequestTimeout = time.Duration(1+random.IntN(3)) * time.Second
	cfg.DeliveryTimeout = time.Duration(5+random.IntN(30)) * time.Second
	cfg.MaxBlock = time.Hour
	if random.IntN(5) == 0 {
		cfg.Retries = 1 + random.IntN(3)
	}
	return cfg
}

func runSchedule(t *testing.T, c *producertest.Cluster, random *rand.Rand) {
	cfg := randomConfig(t, c, random)
	cfg.Logger = config(t, c).Logger
	p := open(t, cfg)
	const senders, each = 3, 200
	results := make([]outcomes, senders)
	var wg sync.WaitGroup
	for s := range senders {
		pace := rand.New(rand.NewPCG(random.Uint64(), 3))
		wg.Go(func() {
			for i := range each {
				v := fmt.Sprintf("%d.%05d", s, i)
				r := producer.Record{Topic: "t", Value: []byte(v)}
				if s > 0 {
					r.Key = fmt.Append(nil, i%7)
				}
				if err := p.Send(t.Context(), r, results[s].callback(v)); err != nil {
					t.Errorf("Send of %s: %v", v, err)
				}
				if pace.IntN(10) == 0 {
					time.Sleep(time.Duration(pace.IntN(100)) * time.Millisecond)
				}
			}
		})
	}
	disturb(c, random)
	wg.Wait()
	flush(t, p)
	for s := range senders {
		judge(t, c, fmt.Sprint(s), each, &results[s])
	}
	saveIfFailed(t, p)
}

// disturb does bad things to the cluster for some seconds, and leaves it healthy.
func disturb(c *producertest.Cluster, random *rand.Rand) {
	brokers := c.BrokerIDs()
	some := func() int32 { return brokers[random.IntN(len(brokers))] }
	faults := append(producertest.BrokenAnswers(4*time.Second),
		producertest.DropBefore(), producertest.Throttle(time.Second), producertest.DelayAnswer(700*time.Millisecond),
		producertest.Fail(protocol.NotEnoughReplicas), producertest.Fail(protocol.RequestTimedOut),
		producertest.Fail(protocol.KafkaStorageError), producertest.FailAfterAppend(protocol.NotEnoughReplicasAfterAppend),
		producertest.FailAfterAppend(protocol.NotLeaderOrFollower),
		producertest.Fail(protocol.InvalidRecord), producertest.Fail(protocol.UnknownTopicOrPartition))
	for range 3 + random.IntN(8) {
		switch random.IntN(6) {
		case 0:
			id := some()
			c.StopBroker(id)
			time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
			c.StartBroker(id)
		case 1:
			c.MoveLeader("t", random.Int32N(c.Partitions("t")), some())
		case 2:
			c.CloseConnections(some())
		default:
			f := faults[random.IntN(len(faults))]
			if f.String() == producertest.Corrupt().String() {
				continue // a corrupt answer may say anything, also what is not true
			}
			i := c.Inject(f.Times(1 + random.IntN(4)).Chance(0.5))
			time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond)
			i.Lift()
		}
		time.Sleep(time.Duration(random.IntN(300)) * time.Millisecond)
	}
}

// judge compares what the callbacks of one sender said with what the brokers hold.
func judge(t *testing.T, c *producertest.Cluster, sender string, sent int, o *outcomes) {
	t.Helper()
	stored := map[string]int{}
	offsets := map[string]int64{}
	for i := range c.Partitions("t") {
		last := ""
		for _, r := range c.Records("t", i) {
			v := string(r.Value)
			if v[:len(sender)] != sender {
				continue
			}
			stored[v]++
			offsets[v] = r.Offset
			if v <= last && sender != "0" { // without key: may have been moved off a partition without leader
				t.Errorf("t-%d: %s stands behind %s", i, v, last)
			}
			last = v
		}
	}
	if len(o.all) != sent {
		t.Errorf("%d callbacks for %d records", len(o.all), sent)
	}
	at := map[int32]int64{}
	for _, x := range o.all {
		var e *producer.DeliveryError
		switch n := stored[x.value]; {
		case o.seen[x.value] != 1:
			t.Errorf("%s: %d callbacks", x.value, o.seen[x.value])
		case n > 1:
			t.Errorf("%s is stored %d times", x.value, n)
		case x.err == nil && n == 0:
			t.Errorf("%s was acknowledged, but is not stored", x.value)
		case x.err == nil && x.m.Offset >= 0 && x.m.Offset != offsets[x.value]:
			t.Errorf("%s is at %d, its callback said %d", x.value, offsets[x.value], x.m.Offset)
		case x.err != nil && !errors.As(x.err, &e):
			t.Errorf("%s failed with %T", x.value, x.err)
		case x.err != nil && n == 1 && e.Status == producer.NotPersisted:
			t.Errorf("%s is stored, but its callback said %v", x.value, x.err)
		}
		if x.err == nil && x.m.Offset >= 0 {
			if last, ok := at[x.m.Partition]; ok && x.m.Offset <= last {
				t.Errorf("%s: the callback for offset %d of %d came behind that for %d", x.value, x.m.Offset, x.m.Partition, last)
			}
			at[x.m.Partition] = x.m.Offset
		}
	}
}
