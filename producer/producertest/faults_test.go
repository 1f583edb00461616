package producertest

import (
	"context"
	"errors"
	"io"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// faulty starts a broker in memory with topic "t", and a client of it, in virtual time.
func faulty(t *testing.T, test func(t *testing.T, c *Cluster, k *testClient)) {
	t.Helper()
	inVirtualTime(t, Options{Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *Cluster) {
		test(t, c, dial(t, c, 1))
	})
}

// TestFail: which codes are appended for, and that a retry is recognised where the batch is in the log.
func TestFail(t *testing.T) {
	for _, test := range []struct {
		fault    Fault
		code     protocol.ErrorCode
		appended bool
	}{
		{Fail(protocol.NotEnoughReplicas), protocol.NotEnoughReplicas, false},
		{Fail(protocol.OutOfOrderSequenceNumber), protocol.OutOfOrderSequenceNumber, false},
		{Fail(protocol.KafkaStorageError), protocol.KafkaStorageError, false},
		{Fail(1234), 1234, false},
		{Fail(protocol.RequestTimedOut), protocol.RequestTimedOut, true},
		{Fail(protocol.NotEnoughReplicasAfterAppend), protocol.NotEnoughReplicasAfterAppend, true},
		{FailBeforeAppend(protocol.RequestTimedOut), protocol.RequestTimedOut, false},
		{FailAfterAppend(protocol.UnknownServerError), protocol.UnknownServerError, true},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
				in := c.Inject(test.fault.On("t", 0).Once())
				got := k.produce("t", 0, spec{id: 7})
				wantCode(t, got, test.code)
				if got.BaseOffset != -1 {
					t.Errorf("base offset %d with an error", got.BaseOffset)
				}
				if end := c.EndOffset("t", 0); (end == 1) != test.appended {
					t.Errorf("the log ends at %d", end)
				}
				wantOffset(t, k.produce("t", 0, spec{id: 7}), 0)
				if in.Hits() != 1 {
					t.Errorf("%d hits", in.Hits())
				}
				a := c.Attempts("t", 0)
				if len(a) != 2 || a[0].Appended != test.appended || a[0].Code != test.code || a[1].Duplicate != test.appended ||
					a[1].Appended == test.appended || a[0].ProducerID != 7 {
					t.Errorf("attempts %+v", a)
				}
			})
		})
	}
}

// TestFailAfterAppendOfABadBatch: what isn't valid is not appended, and the answer says why.
func TestFailAfterAppendOfABadBatch(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		k.produce("t", 0, spec{id: 7})
		c.Inject(FailAfterAppend(protocol.RequestTimedOut))
		wantCode(t, k.produce("t", 0, spec{id: 7, seq: 5}), protocol.OutOfOrderSequenceNumber)
	})
}

func TestFailOtherRequests(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.SetNextProducer(5, 6)
		c.Inject(Fail(protocol.CoordinatorLoadInProgress).OnRequests(protocol.InitProducerIDKey).Once())
		for _, want := range []protocol.InitProducerIDResponse{
			{ErrorCode: protocol.CoordinatorLoadInProgress, ProducerID: -1, ProducerEpoch: -1}, {ProducerID: 5, ProducerEpoch: 6},
		} {
			got := k.ask(5, &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1}).(*protocol.InitProducerIDResponse)
			if *got != want {
				t.Errorf("InitProducerId answers %+v, want %+v", *got, want)
			}
		}
		for key, ask := range map[protocol.Key]func() protocol.ErrorCode{
			protocol.ApiVersionsKey: func() protocol.ErrorCode {
				return k.ask(3, &protocol.ApiVersionsRequest{}).(*protocol.ApiVersionsResponse).ErrorCode
			},
			protocol.SaslHandshakeKey: func() protocol.ErrorCode {
				return k.ask(1, &protocol.SaslHandshakeRequest{}).(*protocol.SaslHandshakeResponse).ErrorCode
			},
			protocol.SaslAuthenticateKey: func() protocol.ErrorCode {
				return k.ask(1, &protocol.SaslAuthenticateRequest{}).(*protocol.SaslAuthenticateResponse).ErrorCode
			},
		} {
			c.Inject(Fail(protocol.UnknownServerError).OnRequests(key).Once())
			if got := ask(); got != protocol.UnknownServerError {
				t.Errorf("%v answers %v", key, got)
			}
			if got := ask(); got == protocol.UnknownServerError {
				t.Errorf("%v answers %v once more", key, got)
			}
		}
	})
}

func TestFailMetadata(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.CreateTopic("u", TopicConfig{})
		codes := func(version int16) (codes []protocol.ErrorCode) {
			m := k.metadata(version, false, "t", "u")
			codes = append(codes, m.ErrorCode)
			for _, topic := range m.Topics {
				codes = append(codes, topic.ErrorCode)
				for _, p := range topic.Partitions {
					codes = append(codes, p.ErrorCode)
				}
			}
			return codes
		}
		const none, down, denied = protocol.None, protocol.LeaderNotAvailable, protocol.TopicAuthorizationFailed
		for _, test := range []struct {
			name  string
			fault Fault
			want  []protocol.ErrorCode // the whole's, t's, t-0's, t-1's, u's, u-0's
		}{
			{"a partition", Fail(down).On("t", 1), []protocol.ErrorCode{none, none, none, down, none, none}},
			{"a topic", Fail(denied).OnTopic("t"), []protocol.ErrorCode{none, denied, none, none}},
			{"all topics", Fail(denied), []protocol.ErrorCode{none, denied, denied}},
			{"another topic", Fail(denied).OnTopic("v"), []protocol.ErrorCode{none, none, none, none, none, none}},
			{"the whole", Fail(protocol.RebootstrapRequired), []protocol.ErrorCode{protocol.RebootstrapRequired, none, none, none, none, none}},
		} {
			in := c.Inject(test.fault.OnRequests(protocol.MetadataKey))
			if got := codes(13); !slices.Equal(got, test.want) {
				t.Errorf("%s: codes %v, want %v", test.name, got, test.want)
			}
			in.Lift()
		}
	})
}

func TestFailRecords(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(FailRecords(protocol.InvalidRecord, "by order", RecordFailure{1, "too blue"}, RecordFailure{2, ""}).Times(2))
		got := k.produce("t", 0, spec{n: 3})
		wantCode(t, got, protocol.InvalidRecord)
		if len(got.RecordErrors) != 2 || got.RecordErrors[0].BatchIndex != 1 || *got.RecordErrors[0].BatchIndexErrorMessage != "too blue" ||
			got.ErrorMessage == nil || *got.ErrorMessage != "by order" {
			t.Errorf("answer %+v", got)
		}
		before := only(t, k.ask(7, produceRequest("t", 0, spec{n: 3}.bytes(t))))
		wantCode(t, before, protocol.InvalidRecord)
		if len(before.RecordErrors) > 0 {
			t.Errorf("Produce v7 answers %+v", before)
		}
	})
}

// TestHangups: how the connection ends, and whether the batch is in the log.
func TestHangups(t *testing.T) {
	for _, test := range []struct {
		fault    Fault
		err      error
		appended bool
	}{
		{DropBefore(), io.EOF, false},
		{ResetBefore(), syscall.ECONNRESET, false},
		{DropAfter(), io.EOF, true},
		{ResetAfter(), syscall.ECONNRESET, true},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			bothNetworks(t, Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *Cluster) {
				c.Inject(test.fault.Once())
				k := dial(t, c, 1)
				k.post(spec{})
				if err := k.closed(); !errors.Is(err, test.err) {
					t.Errorf("the connection ends with %v, want %v", err, test.err)
				}
				if end := c.EndOffset("t", 0); (end == 1) != test.appended {
					t.Errorf("the log ends at %d", end)
				}
				wantCode(t, dial(t, c, 1).produce("t", 0, spec{}), protocol.None)
			})
		})
	}
}

// TestDelays: when requests take effect and when answers come, with two requests sent at once.
func TestDelays(t *testing.T) {
	const d = time.Minute
	for _, test := range []struct {
		fault           Fault
		effects, answer [2]time.Duration
		ids             [2]int32
	}{
		{DelayAnswer(d), [2]time.Duration{0, d}, [2]time.Duration{d, d}, [2]int32{1, 2}},
		{DelayRequest(d), [2]time.Duration{d, d}, [2]time.Duration{d, d}, [2]int32{1, 2}},
		{Late(d), [2]time.Duration{0, 0}, [2]time.Duration{0, d}, [2]int32{2, 1}},
	} {
		t.Run(test.fault.String(), func(t *testing.T) {
			faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
				c.Inject(test.fault.Once())
				start := time.Now()
				for range 2 {
					k.post(spec{})
				}
				for i := range 2 {
					k.receive(lastByName, protocol.ProduceKey, test.ids[i])
					if got := time.Since(start); got != test.answer[i] {
						t.Errorf("answer %d after %v, want %v", i, got, test.answer[i])
					}
				}
				for i, a := range c.Attempts("t", 0) {
					if got := a.Time.Sub(start); got != test.effects[i] {
						t.Errorf("request %d took effect after %v, want %v", i, got, test.effects[i])
					}
				}
			})
		})
	}
}

// TestDelayedRequestOutlivesItsConnection: the request takes effect when the client has long gone, and after its retry.
func TestDelayedRequestOutlivesItsConnection(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(DelayRequest(time.Minute).Once())
		k.post(spec{id: 7})
		synctest.Wait()
		k.conn.Close()
		wantOffset(t, dial(t, c, 1).produce("t", 0, spec{id: 7}), 0)
		if err := c.Wait(t.Context(), func() bool { return c.Stats().Duplicates == 1 }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestThrottle(t *testing.T) {
	for _, test := range []struct {
		version int16
		answer  time.Duration // when it comes
	}{{6, 0}, {5, time.Minute}} {
		faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
			c.Inject(Throttle(time.Minute).Once())
			start := time.Now()
			m := k.ask(test.version, produceRequest("t", 0, spec{}.bytes(t))).(*protocol.ProduceResponse)
			if got := time.Since(start); got != test.answer || m.ThrottleTimeMs != 60_000 {
				t.Errorf("v%d: answer after %v with throttle time %d ms", test.version, got, m.ThrottleTimeMs)
			}
			time.Sleep(30*time.Second - test.answer/2)
			k.ask(test.version, produceRequest("t", 0, spec{}.bytes(t))) // too early where the client should wait
			if got := time.Since(start); got != time.Minute {
				t.Errorf("v%d: the next answer after %v", test.version, got)
			}
			r := c.Requests(protocol.ProduceKey)
			if early := test.version >= 6; r[1].Throttled != early || r[0].Throttled {
				t.Errorf("v%d: throttled %v, %v", test.version, r[0].Throttled, r[1].Throttled)
			}
		})
	}
}

func TestThrottleOtherRequests(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(Throttle(time.Second).OnAnyRequest())
		if m := k.metadata(12, false); m.ThrottleTimeMs != 1000 {
			t.Errorf("Metadata: %d ms", m.ThrottleTimeMs)
		}
		if m := k.ask(3, &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1}).(*protocol.InitProducerIDResponse); m.ThrottleTimeMs != 1000 {
			t.Errorf("InitProducerId: %d ms", m.ThrottleTimeMs)
		}
		if m := k.ask(3, &protocol.ApiVersionsRequest{}).(*protocol.ApiVersionsResponse); m.ThrottleTimeMs != 1000 {
			t.Errorf("ApiVersions: %d ms", m.ThrottleTimeMs)
		}
	})
}

func TestDialFaults(t *testing.T) {
	bothNetworks(t, Options{Brokers: 2}, func(t *testing.T, c *Cluster) {
		c.Inject(RefuseDial().OnBroker(2).Once())
		dial(t, c, 1)
		if _, err := c.Dial(t.Context(), "tcp", c.Addr(2)); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial: %v", err)
		}
		dial(t, c, 2)
	})
	inVirtualTime(t, Options{}, func(t *testing.T, c *Cluster) {
		c.Inject(HangDial())
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		if _, err := c.Dial(ctx, "tcp", c.Addr(1)); !errors.Is(err, ctx.Err()) || time.Since(start) != time.Minute {
			t.Errorf("dial: %v after %v", err, time.Since(start))
		}
	})
}
