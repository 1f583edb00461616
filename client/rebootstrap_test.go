package client

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// KIP-899: when the only known broker is gone, bootstrap.servers are asked again, and lead to where it is now.
func TestRebootstrapWhenNobodyIsLeft(t *testing.T) {
	for _, strategy := range []RecoveryStrategy{Rebootstrap, RecoverNone} {
		t.Run(strategy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t)
				f.start(1, "old:9092")
				f.listening["front:9092"] = 1
				cfg := f.config("front:9092")
				cfg.MetadataRecoveryStrategy = strategy
				c, h := knowing(t, f, cfg)
				c.Connect(1)
				h.awaitUp(1)

				f.stop("old:9092")
				f.start(1, "new:9092")
				f.dropAll()
				<-h.down
				time.Sleep(10 * time.Second)
				synctest.Wait()
				moved := c.Cluster().Brokers[1].Host == "new"
				if moved != (strategy == Rebootstrap) {
					t.Errorf("broker 1 is known at %s", c.Cluster().Brokers[1].Addr())
				}
				if c.Cluster().Topics["topic"] == nil {
					t.Error("the topic was forgotten")
				}
				if strategy == RecoverNone && f.dials("front:9092") != 1 {
					t.Error("the bootstrap server was asked again")
				}
			})
		})
	}
}

// While bootstrap.servers are silent, a known broker that has come back will do as well.
func TestKnownBrokerComesBackFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.listening["front:9092"] = 99
		c, h := knowing(t, f, f.config("front:9092"))
		var once sync.Once
		for range 2 { // the second time after the cluster had asked to begin again
			c.Connect(1)
			h.awaitUp(1)
			f.stop("front:9092")
			f.stop("broker-1:9092")
			f.dropAll()
			time.Sleep(10 * time.Second)
			f.start(1, "broker-1:9092")
			c.Connect(1)
			h.awaitUp(1)
			drain(h.meta)
			c.RefreshMetadata()
			<-h.meta

			f.with(func() { f.listening["front:9092"] = 99 })
			f.setScript(func(r *fakeRequest) (said bool) {
				if r.header.Key == protocol.MetadataKey {
					once.Do(func() { said = true; r.answer(required(f, r)) })
				}
				return said
			})
			c.RefreshMetadata()
			time.Sleep(10 * time.Second)
			drain(h.up)
			f.dropAll()
			synctest.Wait()
		}
	})
}

// KIP-1102: brokers that take connections but never answer lead to bootstrap.servers as well, later.
func TestRebootstrapAfterTrigger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.listening["front:9092"] = 1
		cfg := f.config("front:9092")
		cfg.RequestTimeout = 7 * time.Second
		cfg.MetadataRecoveryRebootstrapTrigger = time.Minute
		c, h := knowing(t, f, cfg)
		f.setScript(func(r *fakeRequest) bool { return r.header.Key == protocol.MetadataKey })
		c.RefreshMetadata()
		time.Sleep(time.Second)
		begun := time.Now()
		for f.dials("front:9092") == 1 {
			time.Sleep(time.Second)
		}
		if d := time.Since(begun); d < 58*time.Second || d > 62*time.Second {
			t.Errorf("bootstrap servers were asked after %v", d)
		}
		f.setScript(nil)
		drain(h.meta)
		<-h.meta
	})
}

// Without patience the first failure is enough.
func TestRebootstrapAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1, 2)
		f.listening["front:9092"] = 1
		cfg := f.config("front:9092")
		cfg.RequestTimeout = 7 * time.Second
		cfg.MetadataRecoveryRebootstrapTrigger = 0
		c, h := knowing(t, f, cfg)
		c.Connect(1)
		c.Connect(2)
		h.awaitUp(1, 2)
		f.setScript(func(r *fakeRequest) bool { return r.header.Key == protocol.MetadataKey })
		c.RefreshMetadata()
		time.Sleep(time.Second)
		c.UseTopic("topic") // has it look at what is due
		time.Sleep(5 * time.Second)
		if n := f.dials("front:9092"); n != 1 {
			t.Errorf("bootstrap servers were asked %d times before anything failed", n)
		}
		time.Sleep(2 * time.Second)
		if n := f.dials("front:9092"); n != 2 {
			t.Errorf("bootstrap servers were asked %d times, want again after the first failure", n)
		}
	})
}

// A broker may say so itself: in an answer to Metadata (KIP-1102), or when it is not whom the connection was meant for
// (KIP-1242).
func TestRebootstrapRequired(t *testing.T) {
	for _, key := range []protocol.Key{protocol.MetadataKey, protocol.ApiVersionsKey} {
		t.Run(key.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakeCluster(t, 1)
				f.listening["front:9092"] = 1
				c, h := knowing(t, f, f.config("front:9092"))
				c.Connect(1)
				h.awaitUp(1)
				var once sync.Once
				f.setScript(func(r *fakeRequest) (said bool) {
					if r.header.Key == key {
						once.Do(func() { said = true; r.answer(required(f, r)) })
					}
					return said
				})
				if key == protocol.MetadataKey {
					c.RefreshMetadata()
					if err := h.awaitDown(1); !strings.Contains(err.Error(), "REBOOTSTRAP_REQUIRED") {
						t.Errorf("got %v", err)
					}
				} else {
					f.dropAll()
					h.awaitDown(1)
					c.Connect(1)
					var e *MisroutedError
					if err := h.awaitDown(1); !errors.As(err, &e) || e.NodeID != 1 || e.ClusterID != f.id || !errors.Is(err, protocol.RebootstrapRequired) {
						t.Errorf("got %v", err)
					}
				}
				for f.dials("front:9092") != 2 { // and then there is an answer
					<-h.meta
				}
			})
		})
	}
}

// required is an answer that says REBOOTSTRAP_REQUIRED.
func required(f *fakeCluster, r *fakeRequest) protocol.Response {
	if r.header.Key == protocol.ApiVersionsKey {
		m := offering()
		m.ErrorCode = protocol.RebootstrapRequired
		return m
	}
	m := f.metadata(&protocol.MetadataRequest{}, r.header.Version)
	m.ErrorCode = protocol.RebootstrapRequired
	return m
}

// Nothing of a cluster survives the step into another one: its epochs mean nothing there.
func TestRebootstrapIntoAnotherCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeCluster(t, 1)
		f.topic("topic", 1).partitions[0].LeaderEpoch = 50
		f.topics["topic"].id = protocol.UUID{}
		c, h := knowing(t, f, f.config())
		f.with(func() {
			f.id = "cluster-2"
			f.brokers = map[int32]string{9: "broker-1:9092"}
			p := &f.topics["topic"].partitions[0]
			p.LeaderID, p.LeaderEpoch = 9, 3
		})
		f.stop("broker-1:9092")
		f.dropAll()
		c.Connect(1)
		<-h.down
		f.with(func() { f.listening["broker-1:9092"] = 9 })
		for c.Cluster().ID != "cluster-2" {
			<-h.meta
		}
		if p := c.Cluster().Topics["topic"].Partitions[0]; p.Leader != 9 || p.LeaderEpoch != 3 {
			t.Errorf("got %+v", p)
		}
	})
}
