package interop

import (
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

const (
	reauthLoad = 4 * reauth
	reauthTick = 2 * time.Millisecond
	reauthEach = 20 // records a tick
)

// A broker ends sessions after 3 s: every connection is authenticated anew while it is in use (KIP-368). A broker that isn't asked to
// in time closes the connection, and the client would connect anew.
func testReauth(t *testing.T, g *guarded) {
	type load struct {
		name  string
		topic string
		run   *numbered
		dials *dials
	}
	const n = int(reauthLoad/reauthTick) * reauthEach
	var loads []*load
	logins := []way{{"OAUTHBEARER with tokens of 10 s", g.bearer(shortLived, clientSecret)}}
	for _, mechanism := range mechanisms {
		logins = append(logins, way{mechanism, g.login(mechanism)})
	}
	for _, login := range logins {
		l := &load{name: login.name, topic: newTopic(t, g.Cluster, kafka.Topic{Partitions: 3}), dials: &dials{}}
		config := newConfig(t, g.Cluster, join(g.at("REAUTH", "SASL_SSL", trust(g.authority), login.properties), properties{"client.id": login.name}))
		config.Dial = l.dials.dial
		begin := time.Now()
		l.run = sendPaced(t, startProducer(t, config), l.topic, n, func(i int) {
			if i%reauthEach == 0 {
				time.Sleep(time.Until(begin.Add(time.Duration(i/reauthEach) * reauthTick)))
			}
		})
		loads = append(loads, l)
	}
	for _, l := range loads {
		t.Run(l.name, func(t *testing.T) {
			l.run.finish(t)
			// One to the bootstrap server, and one to the broker by its id.
			if n := l.dials.begun.Load(); n > 2 {
				t.Errorf("%d connections were made, not two", n)
			}
			verify(t, g.Cluster, l.topic, int64(n))
		})
	}
	// The first, and another before that ends.
	if n := g.tokens.clients[shortLived].issued.Load(); n < 2 {
		t.Errorf("%d tokens of 10 s were asked for in %v", n, reauthLoad)
	}
}

// dials counts connections.
type dials struct{ begun atomic.Int32 }

// await waits until n connections were begun.
func (d *dials) await(t *testing.T, n int32) {
	t.Helper()
	deadline := time.After(patience)
	for d.begun.Load() < n {
		select {
		case <-deadline:
			t.Fatalf("%d connections were begun in %v, not %d", d.begun.Load(), patience, n)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (d *dials) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d.begun.Add(1)
	return new(net.Dialer).DialContext(ctx, network, addr)
}
