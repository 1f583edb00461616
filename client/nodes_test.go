package client

import (
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

func TestReconnectBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.stop("broker-1:9092")
		c, h := knowing(t, f, f.config("broker-2:9092"))
		for range 9 {
			c.Connect(1)
			c.Connect(1) // more of them changes nothing
			if err := h.awaitDown(1); err == nil {
				t.Fatal("down for no reason")
			}
		}
		times := f.timesOf("broker-1:9092")
		for i, want := range []time.Duration{50, 100, 200, 400, 800, 1000, 1000, 1000} {
			want *= time.Millisecond
			gap := times[i+1].Sub(times[i])
			if gap < want*8/10 || gap > min(want*12/10, time.Second) {
				t.Errorf("attempt %d came after %v, want %v ± 20%%, 1s at most", i+1, gap, want)
			}
		}
		f.start(1, "broker-1:9092")
		c.Connect(1)
		h.awaitUp(1)
		f.dropAll()
		h.awaitDown(1)
		last := time.Now()
		c.Connect(1)
		h.awaitUp(1)
		if gap := time.Since(last); gap < 40*time.Millisecond || gap > 60*time.Millisecond {
			t.Errorf("after a success the pause is %v, want 50ms ± 20%% again", gap)
		}
	})
}

// Who waits for a broker's backoff to be over doesn't hear of another broker's failure.
func TestFailureOfAnotherBroker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2, 3)
		f.stop("broker-1:9092")
		f.stop("broker-2:9092")
		c, h := knowing(t, f, f.config("broker-3:9092"))
		c.Connect(1)
		h.awaitDown(1)
		c.Connect(1)
		c.Connect(2)
		synctest.Wait()
		if d := <-h.down; d.id != 2 || len(h.down) > 0 {
			t.Errorf("broker %d is down, and %d more", d.id, len(h.down))
		}
		h.awaitDown(1)
	})
}

// While bootstrap.servers are the way to the cluster they are kept, whatever a hint or an answer says.
func TestBootstrapServersAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		s := newControl(begin(t, f.config(), newEvents())) // beside the client's own
		s.arrange()
		if n := s.nodes.get(-1); n == nil || n.retired {
			t.Error("the bootstrap server is gone")
		}
		s.boot = false
		if s.arrange(); len(s.nodes) > 1 || s.nodes.get(-1) != nil {
			t.Error("it stays when it is not needed any more")
		}
	})
}

func TestSetupTimeoutGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.refuse["broker-1:9092"] = nil // swallows packets
		c, h := knowing(t, f, f.config("broker-2:9092"))
		for i, want := range []time.Duration{10, 20, 30, 30} {
			want *= time.Second
			c.Connect(1)
			h.awaitDown(1)
			times := f.timesOf("broker-1:9092")
			if d := time.Since(times[i]); d < want*8/10 || d > min(want*12/10, 30*time.Second) {
				t.Errorf("attempt %d was given up after %v, want %v ± 20%%, 30s at most", i, d, want)
			}
		}
		f.with(func() { delete(f.refuse, "broker-1:9092") })
		c.Connect(1)
		h.awaitUp(1)
		f.with(func() { f.refuse["broker-1:9092"] = nil })
		f.dropAll()
		h.awaitDown(1)
		c.Connect(1)
		h.awaitDown(1)
		times := f.timesOf("broker-1:9092")
		if d := time.Since(times[len(times)-1]); d < 8*time.Second || d > 12*time.Second {
			t.Errorf("the first attempt after a connection was given up after %v, want 10s ± 20%%", d)
		}
	})
}

func TestSendWithoutConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.stop("broker-2:9092")
		c, h := knowing(t, f, f.config())
		done := make(chan result)
		for _, id := range []int32{2, 77} {
			c.Send(id, produceCall(done)) // Done comes on another goroutine, or this would hang
			if e := ended(t, done); !errors.Is(e, ErrNotConnected) || e.NodeID != id || e.Wrote {
				t.Errorf("got %v", e)
			}
		}
		for range 3 { // as who tries again at once: metadata are asked for no more often than the backoff allows
			begun := time.Now()
			c.Connect(77)
			if err := h.awaitDown(77); !errors.Is(err, ErrUnknownBroker) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begun); took < f.config().RetryBackoff*8/10 {
				t.Errorf("told after %v", took)
			}
		}
	})
}

// NodeDown comes after the outcomes of all calls, and says why.
func TestNodeDownComesLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		c, h := knowing(t, f, f.config())
		c.Connect(1)
		h.awaitUp(1)
		f.setScript(func(r *fakeRequest) bool { return r.header.Key == protocol.ProduceKey })
		done := make(chan result, 10)
		for range 3 {
			call := produceCall(done)
			call.Done = func(call *Call, err error) {
				time.Sleep(lookAgain / 2)
				done <- result{call, err}
			}
			c.Send(1, call)
		}
		time.Sleep(time.Second)
		f.dropAll()
		d := <-h.down
		if len(done) != 3 || d.id != 1 {
			t.Errorf("%d outcomes before NodeDown, want 3", len(done))
		}
		if e := new(ConnError); !errors.As(d.err, &e) || e.NodeID != 1 || e.Addr != "broker-1:9092" {
			t.Errorf("got %v", d.err)
		}
	})
}

// A broker that the metadata no longer names finishes what it has begun.
func TestBrokerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		c, h := knowing(t, f, f.config())
		c.Connect(1)
		c.Connect(2)
		h.awaitUp(1, 2)
		var pending *fakeRequest
		f.setScript(func(r *fakeRequest) bool {
			if r.header.Key == protocol.ProduceKey {
				pending = r
			}
			return r.header.Key == protocol.ProduceKey
		})
		done := make(chan result, 10)
		c.Send(2, produceCall(done))
		synctest.Wait()
		f.leaveMetadata(2)
		c.RefreshMetadata()
		<-h.meta
		synctest.Wait()
		if len(h.down) > 0 {
			t.Fatalf("a request was in flight, but %+v", <-h.down)
		}
		pending.answer(produced(pending.request.(*protocol.ProduceRequest)))
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
		if d := <-h.down; d.id != 2 || !errors.Is(d.err, ErrRetired) {
			t.Errorf("got %+v", d)
		}
		c.Connect(2)
		if d := <-h.down; !errors.Is(d.err, ErrUnknownBroker) {
			t.Errorf("got %+v", d)
		}
	})
}

func TestBrokerMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		c, h := knowing(t, f, f.config())
		c.Connect(2)
		h.awaitUp(2)
		f.start(2, "elsewhere:9092")
		c.RefreshMetadata()
		if d := <-h.down; d.id != 2 || !errors.Is(d.err, ErrRetired) {
			t.Errorf("got %+v", d)
		}
		drain(h.up) // told twice, since it may have been up when it was asked for
		c.Connect(2)
		h.awaitUp(2)
		if f.dials("elsewhere:9092") != 1 {
			t.Errorf("dialled %v", f.dialed)
		}
	})
}

// A broker that moves, or leaves, at the very moment at which it is connected to.
func TestBrokerMovesWhileConnecting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		h := newEvents()
		s := newControl(begin(t, f.config(), h)) // beside the client's own: its nodes are the test's
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := testConn(ours)
		c.of = "old:9092"
		c.ready(5)
		s.connected(&node{id: 1, state: nodeConnecting, broker: Broker{ID: 1, Host: "new", Port: 9092}, at: new(place), via: new(place)}, c)
		if err := c.enqueue(produceCall(nil)); err == nil || !errors.Is(err, ErrRetired) || len(h.up) > 0 {
			t.Errorf("a connection to the old address is taken for the new one's: %v", err)
		}

		s.nodes.add(&node{id: 1, wanted: true, at: new(place)})
		s.retire(s.nodes.get(1))
		if d := <-h.down; d.id != 1 || !errors.Is(d.err, ErrRetired) || s.nodes.get(1) != nil {
			t.Errorf("who wants a broker that leaves hears %+v", d)
		}
	})
}

// The bootstrap connection goes when the brokers are known, and connections nobody uses go in time.
func TestConnectionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		const front = 99
		f.listening["front:9092"] = front
		cfg := f.config("front:9092")
		cfg.MetadataMaxAge = time.Hour
		c, h := knowing(t, f, cfg)
		synctest.Wait()
		if n := f.connections(front); n != 0 {
			t.Errorf("%d connections to the bootstrap server when the brokers are known, want none", n)
		}
		c.Connect(1)
		c.Connect(2)
		h.awaitUp(1, 2)
		time.Sleep(8 * time.Minute)
		done := make(chan result, 1)
		c.Send(2, produceCall(done))
		<-done
		if d := <-h.down; d.id != 1 || !errors.Is(d.err, ErrIdle) {
			t.Errorf("got %+v", d)
		}
		begun := time.Now()
		c.Connect(1)
		h.awaitUp(1)
		if d := time.Since(begun); d != 0 { // nothing was wrong with it
			t.Errorf("connected again only after %v", d)
		}
		time.Sleep(7 * time.Minute)
		if f.connections(1) != 1 || f.connections(2) != 1 || len(h.down) > 0 {
			t.Error("a connection ended that was used")
		}
	})
}

func TestSendAny(t *testing.T) {
	t.Run("waits for a broker", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			cfg := f.config()
			f.stop("broker-1:9092")
			c := begin(t, cfg, newEvents())
			done := make(chan result, 1)
			c.SendAny(anyCallTo(done))
			time.Sleep(20 * time.Second)
			f.start(1, "broker-1:9092")
			if r := <-done; r.err != nil || r.call.Version != 5 {
				t.Errorf("version %d, %v", r.call.Version, r.err)
			}
		})
	})
	t.Run("but not for ever", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			cfg := f.config()
			f.stop("broker-1:9092")
			c := begin(t, cfg, newEvents())
			begun, done := time.Now(), make(chan result, 2)
			hasty := anyCallTo(done)
			hasty.Timeout = 3 * time.Second
			c.SendAny(anyCallTo(done))
			c.SendAny(hasty)
			if r := <-done; r.call != hasty || !errors.Is(r.err, ErrNoBroker) || time.Since(begun) != 3*time.Second {
				t.Errorf("after %v: %v", time.Since(begun), r.err)
			}
			r := <-done
			if time.Since(begun) != 30*time.Second || !errors.Is(r.err, ErrNoBroker) || Wrote(r.err) {
				t.Errorf("after %v: %v", time.Since(begun), r.err)
			}
			if want := "any broker: send: no broker could be reached: bootstrap server (broker-1:9092): dial: dial tcp: connection refused"; r.err.Error() != want {
				t.Errorf("got  %v\nwant %v", r.err, want)
			}
		})
	})
}

func TestSendAnyChoosesTheVersion(t *testing.T) {
	t.Run("and says when there is none", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			delete(f.versions, protocol.InitProducerIDKey)
			c := begin(t, f.config(), newEvents())
			done := make(chan result, 1)
			c.SendAny(anyCallTo(done))
			var e *VersionError
			if r := <-done; !errors.As(r.err, &e) || e.Key != protocol.InitProducerIDKey || e.Offered {
				t.Errorf("got %v", r.err)
			}
		})
	})
	t.Run("before Prepare", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			f.versions[protocol.InitProducerIDKey] = [2]int16{0, 2}
			c := begin(t, f.config(), newEvents())
			done := make(chan result, 1)
			call := anyCallTo(done)
			var seen int16 = -1
			call.Prepare = func(c *Call) error { seen = c.Version; return nil }
			c.SendAny(call)
			if r := <-done; r.err != nil || seen != 2 {
				t.Errorf("version %d, %v", seen, r.err)
			}
		})
	})
}
