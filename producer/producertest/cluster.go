package producertest

import (
	"context"
	"crypto/tls"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// Cluster is one or several Kafka brokers in this process. Its methods may be called by any goroutine at any time. Those
// that change it panic when they are asked for what can't be, such as a topic that doesn't exist: that is a mistake
// in the test.
type Cluster struct {
	opts          Options // with defaults; final
	release       release
	versions      []protocol.ApiVersion // that are spoken, by key; final
	log           *partitionLog         // that of a new partition; final
	authenticates bool                  // clients must, with SASL; final
	id            string
	network       network
	running       sync.WaitGroup // listeners, connections, answers and requests that are late
	closing       chan struct{}  // closed by Close

	mu       sync.Mutex // guards what follows; held for an instant, never while waiting or for I/O
	closed   bool
	random   *rand.Rand
	brokers  []*broker // in the order of their ids
	lastID   int32     // of the broker added last
	topics   map[string]*topic
	topicIDs map[protocol.UUID]*topic
	placed   int         // partitions created so far: leaders go round robin
	shown    *view       // what Metadata shows now; nil: to be made anew
	next     producerIDs // what InitProducerId gives out next
	faults   []*Injection
	tls      *tls.Config // of connections to come; nil: plain text
	accounts accounts
	seen     observations
	kept     []byte        // storage for batches: see conn.keep
	changed  chan struct{} // closed at the next change of what can be observed; nil: nobody waits
}

// producerIDs is where producer ids come from.
type producerIDs struct {
	id    int64
	epoch int16 // of the next one only; later ones begin with 0
}

// firstProducerID is not 0, so that a program which forgets to take the id over shows.
const firstProducerID = 1000

// Start starts a cluster that is closed when the test ends. It fails the test when that is not possible.
func Start(tb testing.TB, opts Options) *Cluster {
	tb.Helper()
	c, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// New starts a cluster, for use outside tests. Close ends it. The error is an *OptionError, or what the system said
// when an address on loopback could not be opened.
func New(opts Options) (*Cluster, error) {
	r, err := findRelease(opts.Release)
	if err != nil {
		return nil, err
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	c := &Cluster{
		opts:     opts.withDefaults(r),
		release:  r,
		random:   rand.New(rand.NewPCG(opts.Seed, 0)),
		topics:   map[string]*topic{},
		topicIDs: map[protocol.UUID]*topic{},
		next:     producerIDs{id: firstProducerID},
		tls:      opts.TLS,
		accounts: newAccounts(&opts),
		seen:     observations{counts: Stats{Requests: map[protocol.Key]int{}, Refused: map[protocol.ErrorCode]int{}}},
		closing:  make(chan struct{}),
	}
	c.authenticates = len(c.accounts.mechanisms) > 0
	c.seen.keep = c.opts.KeepRequests
	c.versions = announced(&c.opts, r)
	c.log = newLog(c.opts.Discard, r)
	switch {
	case opts.World != nil:
		c.network = new(worldNetwork)
	case opts.InMemory:
		c.network = newMemory(backlog)
	default:
		c.network = new(loopback)
	}
	if c.id = opts.ClusterID; c.id == "" {
		c.id = c.newID().String()
	}
	for range c.opts.Brokers {
		if _, err := c.addBroker(); err != nil {
			c.Close()
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(opts.Topics)) {
		c.CreateTopic(name, TopicConfig{Partitions: opts.Topics[name]})
	}
	return c, nil
}

// Close stops the brokers, closes their connections, and returns when no goroutine of the cluster is left. What was
// recorded can still be read. It must not be called from a hook.
func (c *Cluster) Close() {
	c.locked(func() {
		if !c.closed {
			close(c.closing)
		}
		c.closed = true
		for _, b := range c.brokers {
			c.halt(b)
		}
	})
	c.running.Wait()
}

// locked runs f under mu and wakes those who wait for a change.
func (c *Cluster) locked(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	c.notify()
}

// notify wakes those who wait for a change. Called with mu held.
func (c *Cluster) notify() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// newID makes a random id.
func (c *Cluster) newID() (id protocol.UUID) {
	for i := range id {
		id[i] = byte(c.random.Uint32())
	}
	return id
}

// BootstrapServers returns the addresses of the brokers that the cluster has now, in the order of their ids.
func (c *Cluster) BootstrapServers() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	servers := make([]string, 0, len(c.brokers))
	for _, b := range c.brokers {
		servers = append(servers, b.name)
	}
	return servers
}

// errConnRefused is what dialling an address says where nobody listens.
var errConnRefused = os.NewSyscallError("connect", syscall.ECONNREFUSED)

// now returns the brokers' time.
func (c *Cluster) now() time.Time {
	if w := c.opts.World; w != nil {
		return worldBegins.Add(w.Elapsed())
	}
	return time.Now()
}

// ID returns the cluster's id.
func (c *Cluster) ID() string { return c.id }

// Dial connects to a broker: the function to give to a producer's Dial. It works for both kinds of network; with
// InMemory there is no other way, and only brokers can be reached.
func (c *Cluster) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	switch c.dialFault(addr) {
	case dialRefused:
		return nil, dialError(network, addr, errConnRefused)
	case dialHangs:
		if c.opts.World != nil {
			return nil, dialError(network, addr, os.ErrDeadlineExceeded)
		}
		<-ctx.Done()
		return nil, dialError(network, addr, ctx.Err())
	}
	at, err := c.resolve(addr)
	if err != nil {
		return nil, dialError(network, addr, err)
	}
	if c.opts.World != nil {
		return c.connect(ctx, at)
	}
	nc, err := c.network.dial(ctx, network, at)
	if m, ok := nc.(*memConn); ok {
		broker := c.brokerAt(at)
		m.cut = func(size int) (int, wire) { return c.cutWrite(broker, size) }
	}
	return nc, err
}

// resolve returns the address of the broker that goes by a name of Options.Hosts, and other addresses as they are.
func (c *Cluster) resolve(addr string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.brokers {
		if b.name == addr {
			return b.addr, nil
		}
	}
	if host, _, err := net.SplitHostPort(addr); err == nil && slices.Contains(c.opts.Hosts, host) {
		return "", errConnRefused
	}
	return addr, nil
}

// Wait returns when cond is true, or with an error that wraps ctx's when it isn't by then. cond is called at first and whenever
// something may have changed that can be observed; it may call the cluster's methods.
func (c *Cluster) Wait(ctx context.Context, cond func() bool) error {
	for {
		c.mu.Lock()
		if c.changed == nil {
			c.changed = make(chan struct{})
		}
		changed := c.changed
		c.mu.Unlock()
		if cond() {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("producertest: what was waited for has not come: %w", ctx.Err())
		}
	}
}
