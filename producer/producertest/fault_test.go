package producertest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// TestFaultCounts: which of ten batches a fault befalls.
func TestFaultCounts(t *testing.T) {
	f := Fail(protocol.NotEnoughReplicas)
	for _, test := range []struct {
		name  string
		fault Fault
		want  []int
	}{
		{"until lifted", f, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"once", f.Once(), []int{0}},
		{"times", f.Times(3), []int{0, 1, 2}},
		{"skip", f.Skip(7), []int{7, 8, 9}},
		{"skip and once", f.Skip(7).Once(), []int{7}},
		{"every", f.Every(4), []int{0, 4, 8}},
		{"skip, every, times", f.Skip(1).Every(3).Times(2), []int{1, 4}},
		{"when", f.When(func(r Request) bool { return r.Header.CorrelationID%5 == 0 }), []int{4, 9}},
	} {
		t.Run(test.name, func(t *testing.T) {
			faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
				in := c.Inject(test.fault)
				var got []int
				for i := range 10 {
					if k.produce("t", 0, spec{}).ErrorCode != protocol.None {
						got = append(got, i)
					}
				}
				if !slices.Equal(got, test.want) || in.Hits() != len(test.want) {
					t.Errorf("befalls %v with %d hits, want %v", got, in.Hits(), test.want)
				}
			})
		})
	}
}

// TestChance: the same seed gives the same again, another one something else.
func TestChance(t *testing.T) {
	run := func(seed uint64) (befallen string) {
		c := Start(t, Options{Seed: seed, Topics: map[string]int32{"t": 1}})
		c.Inject(Fail(protocol.NotEnoughReplicas).Chance(0.3))
		k := dial(t, c, 1)
		for range 100 {
			befallen += string("-x"[min(1, k.produce("t", 0, spec{}).ErrorCode)])
		}
		return befallen
	}
	first, again, other := run(1), run(1), run(2)
	hits := 0
	for _, r := range first {
		if r == 'x' {
			hits++
		}
	}
	if first != again || first == other || hits < 10 || hits > 60 {
		t.Errorf("seed 1 gives\n%s and\n%s, seed 2\n%s", first, again, other)
	}
}

// TestFaultPlaces: to which of the requests that differ in broker, partition and API a fault happens.
func TestFaultPlaces(t *testing.T) {
	f := FailBeforeAppend(protocol.UnknownServerError)
	whole := EditAnswer(func(protocol.Response) {})
	for _, test := range []struct {
		name  string
		fault Fault
		hits  int // of: t-0 on 1, t-1 on 2, t-0 and u-0 in one request on 1, Metadata for u on 2, InitProducerId on 1
	}{
		{"batches", f, 4},
		{"batches on a broker", f.OnBroker(1), 3},
		{"batches of a topic", f.OnTopic("t"), 3},
		{"batches of a partition", f.On("t", 0), 2},
		{"batches of a partition on a broker", f.On("t", 0).OnBroker(2), 0},
		{"requests", whole, 3},
		{"requests on a broker", whole.OnBroker(2), 1},
		{"requests with a topic", whole.OnTopic("u"), 1},
		{"requests with a partition", whole.On("t", 0), 2},
		{"other requests", whole.OnRequests(protocol.MetadataKey, protocol.InitProducerIDKey), 2},
		{"other requests with a topic", whole.OnTopic("u").OnRequests(protocol.MetadataKey, protocol.InitProducerIDKey), 1},
		{"other requests on a broker", whole.OnBroker(1).OnRequests(protocol.MetadataKey, protocol.InitProducerIDKey), 1},
		{"any request", whole.OnAnyRequest(), 5},
		{"any request with a topic", whole.OnAnyRequest().OnTopic("u"), 2},
		{"batches and refusals of any request", f.OnAnyRequest(), 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			inVirtualTime(t, Options{Brokers: 2, Topics: map[string]int32{"t": 2, "u": 1}}, func(t *testing.T, c *Cluster) {
				in := c.Inject(test.fault)
				one, two := dial(t, c, 1), dial(t, c, 2)
				one.produce("t", 0, spec{})
				two.produce("t", 1, spec{})
				m := produceRequest("t", 0, spec{}.bytes(t))
				m.TopicData = append(m.TopicData, produceRequest("u", 0, spec{}.bytes(t)).TopicData...)
				one.ask(lastByName, m)
				two.metadata(12, false, "u")
				one.ask(3, &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1})
				if in.Hits() != test.hits {
					t.Errorf("%d hits, want %d", in.Hits(), test.hits)
				}
			})
		})
	}
}

// TestFaultByTopicID: a fault of a topic finds requests that name it by its id.
func TestFaultByTopicID(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		part, whole := c.Inject(Fail(protocol.NotEnoughReplicas).On("t", 0)), c.Inject(EditAnswer(func(protocol.Response) {}).OnTopic("t"))
		m := produceRequest("", 0, spec{}.bytes(t))
		m.TopicData[0].TopicID = c.TopicID("t")
		wantCode(t, only(t, k.ask(13, m)), protocol.NotEnoughReplicas)
		if part.Hits() != 1 || whole.Hits() != 1 {
			t.Errorf("%d and %d hits", part.Hits(), whole.Hits())
		}
	})
}

// TestFaultsTogether: all that apply do, and of two codes the first.
func TestFaultsTogether(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		first := c.Inject(Fail(protocol.NotEnoughReplicas).Once())
		second := c.Inject(Fail(protocol.KafkaStorageError).Once())
		c.Inject(DelayAnswer(time.Second))
		c.Inject(DelayAnswer(time.Second).Once())
		for i, want := range []protocol.ErrorCode{protocol.NotEnoughReplicas, protocol.KafkaStorageError, protocol.None} {
			start := time.Now()
			wantCode(t, k.produce("t", 0, spec{}), want)
			if got := time.Since(start); got != time.Second && (i > 0 || got != 2*time.Second) {
				t.Errorf("answer %d after %v", i, got)
			}
		}
		if first.Hits() != 1 || second.Hits() != 1 {
			t.Errorf("%d and %d hits", first.Hits(), second.Hits())
		}
	})
}

func TestLift(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		in := c.Inject(Fail(protocol.NotEnoughReplicas))
		wantCode(t, k.produce("t", 0, spec{}), protocol.NotEnoughReplicas)
		in.Lift()
		in.Lift()
		wantCode(t, k.produce("t", 0, spec{}), protocol.None)
	})
}

// TestFaultWithoutAnswer: faults of connections work with acks=0, too.
func TestFaultWithoutAnswer(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(DropAfter().Once())
		m := produceRequest("t", 0, spec{}.bytes(t))
		m.Acks = 0
		k.send(lastByName, m)
		k.closed()
		if got := c.EndOffset("t", 0); got != 1 {
			t.Errorf("the log ends at %d", got)
		}
	})
}

func TestWaitForAFault(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		in := c.Inject(Swallow().Times(2))
		go func() {
			for range 2 {
				time.Sleep(time.Minute)
				k.post(spec{})
			}
		}()
		start := time.Now()
		if err := c.Wait(t.Context(), func() bool { return in.Hits() == 2 }); err != nil {
			t.Fatal(err)
		}
		if got := time.Since(start); got != 2*time.Minute {
			t.Errorf("the second hit after %v", got)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := c.Wait(ctx, func() bool { return in.Hits() == 3 }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("waiting for a third one: %v", err)
		}
	})
}
