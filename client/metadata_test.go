package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// requestLog records which topics are asked for, a request an element.
type requestLog struct {
	f    *fakeCluster
	seen []string // guarded by f.mu
}

func asked(f *fakeCluster) *requestLog {
	l := &requestLog{f: f}
	f.setScript(func(r *fakeRequest) bool {
		if m, ok := r.request.(*protocol.MetadataRequest); ok {
			var names []string
			for _, t := range m.Topics {
				names = append(names, *t.Name)
			}
			f.with(func() { l.seen = append(l.seen, strings.Join(names, " ")) })
			if m.Topics == nil || !m.AllowAutoTopicCreation {
				f.t.Errorf("a request for all topics, or one that doesn't allow creation: %+v", m)
			}
		}
		return false
	})
	return l
}

// take returns what was asked since the last time.
func (l *requestLog) take() []string {
	l.f.mu.Lock()
	defer l.f.mu.Unlock()
	seen := l.seen
	l.seen = nil
	return seen
}

func TestMetadataOfUsedTopicsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.topic("a", 1)
		f.topic("b", 1)
		f.topic("c", 1)
		log := asked(f)
		cfg := f.config()
		cfg.MetadataMaxAge, cfg.MetadataMaxIdle = 5*time.Minute, 8*time.Minute
		c := begin(t, cfg, newEvents())
		for _, name := range []string{"a", "a", "b", "b"} {
			if _, err := c.Topic(t.Context(), name); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(301 * time.Second)
		c.UseTopic("b")
		time.Sleep(300 * time.Second)
		synctest.Wait()
		if c.Cluster().Topics["a"] != nil || c.Cluster().Topics["b"] == nil {
			t.Errorf("known are %v", c.Cluster().Topics)
		}
		if got := strings.TrimPrefix(strings.Join(log.take(), ", "), ", "); got != "a, b, a b, b" {
			t.Errorf("asked for %q", got)
		}
	})
}

func TestUnknownTopicIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		log := asked(f)
		c := begin(t, f.config(), newEvents())
		begun := time.Now()
		time.AfterFunc(10*time.Second, func() { f.topic("late", 1) })
		topic, err := c.Topic(t.Context(), "late")
		if err != nil || len(topic.Partitions) != 1 {
			t.Fatal(err)
		}
		if d := time.Since(begun); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("known after %v", d)
		}
		if n := len(log.take()); n < 10 || n > 25 {
			t.Errorf("asked %d times in ten seconds", n)
		}
	})
}

// Who waits for a topic uses it.
func TestUnknownTopicIsWaitedForLongerThanIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		cfg := f.config()
		cfg.MetadataMaxIdle = 5 * time.Second
		c := begin(t, cfg, newEvents())
		time.AfterFunc(20*time.Second, func() { f.topic("late", 1) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := c.Topic(ctx, "late"); err != nil {
			t.Error(err)
		}
	})
}

// A name that no request can hold is refused, and is not in the way of other topics.
func TestNamesThatCannotBeAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.topic("topic", 1)
		c := begin(t, f.config(), newEvents())
		for _, name := range []string{strings.Repeat("a", protocol.MaxString+1), strings.Repeat("a", 1<<20), "a\xff"} {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err := c.Topic(ctx, name)
			cancel()
			if !errors.Is(err, protocol.InvalidTopicException) || len(err.Error()) > 1000 {
				t.Errorf("%.10q: got %.1000v", name, err)
			}
		}
		if _, err := c.Topic(t.Context(), "topic"); err != nil {
			t.Error(err)
		}
	})
}

func TestTopicErrors(t *testing.T) {
	for _, code := range []protocol.ErrorCode{protocol.InvalidTopicException, protocol.TopicAuthorizationFailed} {
		t.Run(code.Name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				f.topic("topic", 1).err = code
				log := asked(f)
				c := begin(t, f.config(), newEvents())
				begun := time.Now()
				for i := range 3 { // each time it is asked for anew, but no more often than the backoff allows
					_, err := c.Topic(t.Context(), "topic")
					var e *TopicError
					if !errors.As(err, &e) || !errors.Is(err, code) || e.Topic != "topic" {
						t.Errorf("got %v", err)
					}
					if d, least := time.Since(begun), time.Duration(i)*80*time.Millisecond; d < least || d > 3*least/2 {
						t.Errorf("asked %d times it took %v", i+1, d)
					}
				}
				if got := log.take(); len(got) > 4 {
					t.Errorf("asked %d times: %q", len(got), got)
				}
				c.RefreshMetadata()
				time.Sleep(time.Second)
				if got := log.take(); !slices.Equal(got, []string{""}) {
					t.Errorf("what can't be had is asked for again: %q", got)
				}
				for range 1000 { // a second, of one who doesn't wait for the answer
					_ = topicWithin(t, c, "topic", 1)
					time.Sleep(time.Millisecond)
				}
				if got := log.take(); len(got) < 8 || len(got) > 13 {
					t.Errorf("asked %d times in a second", len(got))
				}
				f.with(func() { f.topics["topic"].err = protocol.None })
				if _, err := c.Topic(t.Context(), "topic"); err != nil {
					t.Error(err)
				}
			})
		})
	}
	t.Run("another topic's answer is not the one that is waited for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			f.topic("topic", 1).err = protocol.TopicAuthorizationFailed
			f.topic("other", 1)
			c := begin(t, f.config(), newEvents())
			_ = topicWithin(t, c, "topic", time.Second)
			f.with(func() { f.topics["topic"].err = protocol.None })
			known := make(chan error, 1)
			go func() {
				_, err := c.Topic(t.Context(), "topic")
				known <- err
			}()
			synctest.Wait()
			if _, err := c.Topic(t.Context(), "other"); err != nil { // at once, as it is new
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if len(known) != 1 {
				t.Fatal("nobody has asked again")
			}
			if err := <-known; err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("the context's end comes with the last trouble", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			c := begin(t, f.config(), newEvents())
			err := topicWithin(t, c, "nowhere", 5*time.Second)
			if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, protocol.UnknownTopicOrPartition) {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("and so it does when nobody can be reached", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t)
			c := begin(t, f.config("nobody:9092"), newEvents())
			err := topicWithin(t, c, "topic", 5*time.Second)
			want := `no metadata for topic "topic": context deadline exceeded; the last trouble was: bootstrap server (nobody:9092): dial: dial tcp: connection refused`
			if err.Error() != want {
				t.Errorf("got  %v\nwant %v", err, want)
			}
		})
	})
}

func TestLeaderlessPartitionsAreAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		p := &f.topic("topic", 1).partitions[0]
		p.LeaderID, p.ErrorCode = -1, protocol.LeaderNotAvailable
		h := newEvents()
		c := begin(t, f.config(), h)
		topic, err := c.Topic(t.Context(), "topic") // it exists; which of its partitions to use is the caller's business
		if err != nil || topic.Partitions[0].Leader != -1 || topic.Partitions[0].Err != protocol.LeaderNotAvailable {
			t.Fatal(topic, err)
		}
		time.Sleep(time.Second)
		f.with(func() { p.LeaderID, p.ErrorCode = 1, protocol.None })
		time.Sleep(time.Second)
		if got := c.Cluster().Topics["topic"].Partitions[0]; got.Leader != 1 {
			t.Errorf("got %+v", got)
		}
	})
}

func TestRefreshesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		log := asked(f)
		c, h := knowing(t, f, f.config())
		synctest.Wait()
		log.take()
		for range 10_000 { // ten seconds
			c.RefreshMetadata()
			time.Sleep(time.Millisecond)
		}
		if n := len(log.take()); n < 10 || n > 20 {
			t.Errorf("asked %d times in ten seconds", n)
		}
		drain(h.meta)
		time.Sleep(2 * time.Second)
		if n := len(h.meta); n > 1 {
			t.Errorf("%d snapshots without a reason", n)
		}
	})
}

// A broker that answers half is asked again; so is another one when one gives no answer.
func TestMetadataIsAskedForUntilItComes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse)
	}{
		{"no brokers yet", func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse) {
			m.Brokers = nil
			r.answer(m)
		}},
		{"the topic is missing", func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse) {
			m.Topics = nil
			r.answer(m)
		}},
		{"closed instead of answered", func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse) { r.hangUp() }},
		{"no answer", func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse) {}},
		{"what can't be read", func(f *fakeCluster, r *fakeRequest, m *protocol.MetadataResponse) {
			b := r.frame(r.header.CorrelationID, m)
			b[len(b)-1], b[len(b)/2] = 0xff, 0xff
			r.send(b)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				n := 0
				f.setScript(func(r *fakeRequest) bool {
					m, ok := r.request.(*protocol.MetadataRequest)
					if !ok || n == 3 {
						return false
					}
					n++
					tt.answer(f, r, f.metadata(m, r.header.Version))
					return true
				})
				knowing(t, f, f.config())
				if n != 3 {
					t.Errorf("%d bad answers", n)
				}
			})
		})
	}
}

// KIP-219: the client keeps its own requests from a broker that asks for silence, whoever was told so. What can't be meant isn't
// believed.
func TestThrottle(t *testing.T) {
	for _, tt := range []struct {
		key  protocol.Key
		ms   int32
		want time.Duration
	}{
		{protocol.MetadataKey, 5000, 5 * time.Second},
		{protocol.ProduceKey, 5000, 5 * time.Second},
		{protocol.InitProducerIDKey, 5000, 5 * time.Second},
		{protocol.MetadataKey, 1<<31 - 1, 25 * time.Second},
	} {
		t.Run(fmt.Sprint(tt.key, tt.ms), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				f.topic("other", 1)
				cfg := f.config()
				cfg.RequestTimeout = 25 * time.Second
				c, h := knowing(t, f, cfg)
				c.Connect(1)
				h.awaitUp(1)
				f.setScript(func(r *fakeRequest) bool { return r.header.Key == tt.key && throttled(f, r, tt.ms) })
				done := make(chan result, 1)
				switch tt.key {
				case protocol.MetadataKey:
					_, err := c.Topic(t.Context(), "other")
					done <- result{err: err}
				case protocol.ProduceKey:
					c.Send(1, produceCall(done))
				default:
					c.SendAny(anyCallTo(done))
				}
				if r := <-done; r.err != nil {
					t.Fatal(r.err)
				}
				f.setScript(nil)
				begun, call := time.Now(), anyCallTo(done)
				call.Timeout = time.Minute
				c.SendAny(call)
				if r := <-done; r.err != nil || time.Since(begun) != tt.want {
					t.Errorf("sent after %v: %v", time.Since(begun), r.err)
				}
			})
		})
	}
}

// throttled answers a request, and asks for silence.
func throttled(f *fakeCluster, r *fakeRequest, ms int32) bool {
	switch q := r.request.(type) {
	case *protocol.MetadataRequest:
		m := f.metadata(q, r.header.Version)
		m.ThrottleTimeMs = ms
		r.answer(m)
	case *protocol.ProduceRequest:
		m := produced(q)
		m.ThrottleTimeMs = ms
		r.answer(m)
	case *protocol.InitProducerIDRequest:
		r.answer(&protocol.InitProducerIDResponse{ProducerID: 42, ThrottleTimeMs: ms})
	}
	return true
}

func TestUpdateLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.topic("topic", 1, 1)
		f.listening["broker-9:9092"] = 9
		c, h := knowing(t, f, f.config())
		synctest.Wait()
		drain(h.meta)
		endpoints := []protocol.NodeEndpoint{{NodeID: 8, Host: "x", Port: 1}, {NodeID: 9, Host: "broker-9", Port: 9092}}
		c.UpdateLeader("topic", 1, 9, 2, endpoints)
		clear(endpoints) // the caller's again
		snapshot := <-h.meta
		if p := snapshot.Topics["topic"].Partitions[1]; p.Leader != 9 || p.LeaderEpoch != 2 || snapshot != c.Cluster() {
			t.Fatalf("got %+v", p)
		}
		c.Connect(9)
		h.awaitUp(9)
		c.UpdateLeader("topic", 1, 1, 1, nil) // older
		synctest.Wait()
		if len(h.meta) > 0 {
			t.Error("an older hint was taken")
		}
		c.RefreshMetadata() // and what a broker says that lags behind does not undo it
		if p := (<-h.meta).Topics["topic"].Partitions[1]; p.LeaderEpoch != 2 {
			t.Errorf("got %+v", p)
		}
	})
}
