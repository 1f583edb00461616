package client

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/protocol"
)

// Of a list, any one that answers will do, in whatever state the others are.
func TestBootstrapTriesAll(t *testing.T) {
	for range 20 { // the order is random
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			f.refuse["hangs:9092"] = nil
			f.refuse["broken:9092"] = errors.New("no route to host")
			begun := time.Now()
			knowing(t, f, f.config("refuses:9092", "hangs:9092", "broker-1:9092", "broken:9092"))
			if d := time.Since(begun); d > 2*hedge {
				t.Errorf("took %v", d)
			}
		})
	}
}

func TestBootstrapSpreadsOverServers(t *testing.T) {
	first := map[string]bool{}
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1, 2, 3)
			knowing(t, f, f.config())
			f.with(func() { first[f.dialed[0]] = true })
		})
	}
	if len(first) != 3 {
		t.Errorf("of three servers only %v were ever tried first", first)
	}
}

// names is a lookup.
type names map[string][]string

func (n names) LookupHost(ctx context.Context, host string) ([]string, error) {
	if addrs := n[host]; addrs != nil {
		return addrs, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (n names) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return n.LookupHost(ctx, addr)
}

func TestNameWithSeveralAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t)
		f.start(1, "kafka:9092") // what the metadata say
		f.stop("kafka:9092")
		f.listening["[fd00::3]:9092"] = 1
		f.listening["10.0.0.4:9092"] = 1
		cfg := f.config("kafka:9092")
		cfg.lookup = names{"kafka": {"10.0.0.1", "10.0.0.2", "fd00::3", "10.0.0.4"}}
		begun := time.Now()
		c, h := knowing(t, f, cfg)
		if d := time.Since(begun); d != 0 {
			t.Errorf("the next address was tried only after %v", d)
		}
		c.Connect(1)
		h.awaitUp(1)
		synctest.Wait()
		drain(h.up) // told twice, since it was up when it was asked for
		f.with(func() { f.dialed = nil })
		f.dropAll()
		<-h.down
		c.Connect(1)
		h.awaitUp(1)
		f.mu.Lock()
		defer f.mu.Unlock()
		if want := []string{"10.0.0.4:9092"}; !slices.Equal(f.dialed, want) {
			t.Errorf("after a disconnection %v were tried, want the next address, %v", f.dialed, want)
		}
	})
}

// Where a connection has ended the name may stand for others.
func TestNameIsResolvedAfterAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t)
		f.start(1, "kafka:9092")
		f.stop("kafka:9092")
		f.listening["10.0.0.1:9092"] = 1
		cfg := f.config("kafka:9092")
		addrs := names{"kafka": {"10.0.0.1", "10.0.0.2", "10.0.0.3"}}
		cfg.lookup = addrs
		c, h := knowing(t, f, cfg)
		c.Connect(1)
		h.awaitUp(1)
		synctest.Wait()
		drain(h.up) // told twice, since it was up when it was asked for
		addrs["kafka"] = []string{"10.0.0.7"}
		f.with(func() { f.dialed, f.listening = nil, map[string]int32{"10.0.0.7:9092": 1} })
		f.dropAll()
		<-h.down
		c.Connect(1)
		h.awaitUp(1)
		f.mu.Lock()
		defer f.mu.Unlock()
		if want := []string{"10.0.0.7:9092"}; !slices.Equal(f.dialed, want) {
			t.Errorf("%v were tried, want %v", f.dialed, want)
		}
	})
}

// A login that was refused is not tried at the name's other addresses at once.
func TestRefusedLoginAtSeveralAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t)
		f.versions[protocol.SaslHandshakeKey] = [2]int16{0, 1}
		f.listening["10.0.0.1:9092"], f.listening["10.0.0.2:9092"] = 1, 1
		f.setScript(func(r *fakeRequest) bool {
			if r.header.Key == protocol.SaslHandshakeKey {
				r.answer(&protocol.SaslHandshakeResponse{ErrorCode: protocol.UnsupportedSaslMechanism})
			}
			return r.header.Key == protocol.SaslHandshakeKey
		})
		cfg := f.config("kafka:9092")
		cfg.lookup = names{"kafka": {"10.0.0.1", "10.0.0.2"}}
		cfg.SASL = sasl.Plain("alice", "secret")
		c := begin(t, cfg, newEvents())
		if err := topicWithin(t, c, "topic", time.Second); !isAuth(err) {
			t.Errorf("got %v", err)
		}
		synctest.Wait()
		f.with(func() {
			if len(f.dialed) != 1 {
				t.Errorf("%v were tried at once", f.dialed)
			}
		})
		time.Sleep(time.Second)
		if f.dials("10.0.0.2:9092") == 0 {
			t.Error("the other address was not tried at all")
		}
	})
}

func TestCanonicalNames(t *testing.T) {
	l := names{"kafka": {"10.0.0.1", "fd00::2", "10.0.0.3"}, "10.0.0.1": {"b1.example.com."}, "fd00::2": {"b2.example.com."}}
	targets, err := resolve(t.Context(), l, Broker{Host: "kafka", Port: 9092}, true)
	want := []target{{"b1.example.com", "10.0.0.1:9092"}, {"b2.example.com", "[fd00::2]:9092"}, {"10.0.0.3", "10.0.0.3:9092"}}
	if err != nil || !slices.Equal(targets, want) {
		t.Errorf("got %v %v, want %v", targets, err, want)
	}
	targets, err = resolve(t.Context(), l, Broker{Host: "kafka", Port: 9092}, false)
	if err != nil || len(targets) != 3 || targets[1] != (target{"kafka", "[fd00::2]:9092"}) {
		t.Errorf("got %v %v", targets, err)
	}
	targets, err = resolve(t.Context(), names{}, Broker{Host: "fe80::1%eth0", Port: 1}, false)
	if err != nil || len(targets) != 1 || targets[0].addr != "[fe80::1%eth0]:1" {
		t.Errorf("an address is not taken as it is: %v %v", targets, err)
	}
}

func TestUnresolvableServers(t *testing.T) {
	t.Run("all of them are an error of New", func(t *testing.T) {
		f := newFakeCluster(t, 1)
		cfg := f.config("nowhere:9092", "never:9092")
		cfg.lookup = names{}
		_, err := New(cfg, newEvents())
		var e *BootstrapError
		var dns *net.DNSError
		if !errors.As(err, &e) || !errors.As(err, &dns) || !strings.Contains(err.Error(), "nowhere:9092") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("one of them is not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			f.topic("topic", 1)
			f.listening["10.0.0.1:9092"] = 1
			cfg := f.config("nowhere:9092", "broker-1:9092")
			cfg.lookup = names{"broker-1": {"10.0.0.1"}}
			knowing(t, f, cfg)
		})
	})
}

func TestBootstrapResolveTimeout(t *testing.T) {
	t.Run("is the end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			cfg := f.config("nowhere:9092")
			cfg.lookup, cfg.BootstrapResolveTimeout = names{}, time.Minute
			begun := time.Now()
			c := begin(t, cfg, newEvents())
			done := make(chan result, 1)
			waiting := anyCallTo(done)
			waiting.Timeout = time.Hour
			c.SendAny(waiting)
			_, err := c.Topic(t.Context(), "topic")
			var e *BootstrapError
			if !errors.As(err, &e) || time.Since(begun) != time.Minute {
				t.Errorf("after %v: %v", time.Since(begun), err)
			}
			if r := <-done; !errors.As(r.err, &e) {
				t.Errorf("got %v", r.err)
			}
			c.SendAny(anyCallTo(done)) // for good
			if r := <-done; !errors.As(r.err, &e) {
				t.Errorf("got %v", r.err)
			}
			if _, err := c.Topic(t.Context(), "topic"); !errors.As(err, &e) {
				t.Errorf("got %v", err)
			}
		})
	})
	t.Run("is time to become resolvable", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			f := newFakeCluster(t, 1)
			f.topic("topic", 1)
			f.listening["10.0.0.1:9092"] = 1
			cfg := f.config("broker-1:9092")
			cfg.BootstrapResolveTimeout = time.Minute
			cfg.lookup = lateNames{names{"broker-1": {"10.0.0.1"}}, time.Now().Add(40 * time.Second)}
			knowing(t, f, cfg)
		})
	})
}

// lateNames knows nothing until a moment.
type lateNames struct {
	names
	from time.Time
}

func (l lateNames) LookupHost(ctx context.Context, host string) ([]string, error) {
	if time.Now().Before(l.from) {
		return names{}.LookupHost(ctx, host)
	}
	return l.names.LookupHost(ctx, host)
}

func anyCallTo(done chan<- result) *Call {
	return &Call{Request: new(protocol.InitProducerIDRequest), Response: new(protocol.InitProducerIDResponse),
		Done: func(c *Call, err error) { done <- result{c, err} }}
}

func TestIPv6(t *testing.T) {
	l, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	defer l.Close()
	f := newFakeCluster(t)
	f.with(func() { f.brokers[1] = l.Addr().String() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			f.serve(1, nc)
		}
	}()
	cfg := f.config()
	cfg.Dial = nil
	c, h := knowing(t, f, cfg)
	c.Connect(1)
	if id := <-h.up; id != 1 {
		t.Errorf("broker %d is up", id)
	}
}
