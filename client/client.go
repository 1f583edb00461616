package client

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"kafkaproducer/protocol"
)

// Handler hears what changes. Its methods are called one at a time, must not block, and may call every method of
// Client but Close.
type Handler interface {
	// NodeUp says that a broker is connected and its versions are known: requests may be sent. It comes without Connect
	// as well, when the client connects for its own needs.
	NodeUp(id int32, versions Versions)
	// NodeDown says that a broker is not connected any more, or that an attempt to connect failed, whoever wanted it. Every call the
	// connection had has been answered before (its Done has returned, or was handed off).
	NodeDown(id int32, err error)
	// MetadataChanged brings a new snapshot: after every answer to a request for metadata, whether or not it says
	// anything new, and after a hint that was taken (UpdateLeader).
	MetadataChanged(c *Cluster)
}

// Client holds the connections to the brokers of a cluster, and what is known about it. Its methods may be called
// from any goroutine.
type Client struct {
	cfg     Config
	log     *slog.Logger
	handler Handler
	servers []Broker
	lookup  lookup
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	clock   clock
	outbox  *outbox
	ctx     context.Context // ends when the client closes
	cancel  context.CancelCauseFunc
	running sync.WaitGroup // the control goroutine, attempts to connect, writers and readers

	conns   atomic.Pointer[map[int32]*conn] // connected brokers, by id; replaced by the control goroutine
	cluster atomic.Pointer[Cluster]         // replaced by the control goroutine

	wake    chan struct{} // the control goroutine has events; one slot
	woken   func()        // in a World, called when wake was filled; else nil
	mu      sync.Mutex    // guards the following
	events  []func(*control)
	closed  bool          // no more events are taken
	changed chan struct{} // closed when cluster, refused or fatal changes; nil: nobody has asked for it since
	trouble error         // what went wrong last on the way to metadata; nil: nothing since the last answer
	refused *AuthError    // no broker lets this client in, at present; nil: at least one may
	fatal   error         // the client is of no use any more
}

// New returns a client that has begun to look for the cluster in the background. It blocks only for the resolution of
// bootstrap servers' names, and only with Config.BootstrapResolveTimeout zero and no Dial of the user's own. The error is a
// *ConfigError or a *BootstrapError.
func New(cfg Config, h Handler) (*Client, error) {
	servers, err := cfg.validate()
	if err != nil {
		return nil, err
	}
	c := &Client{
		cfg: cfg, log: cfg.Logger, handler: h, servers: servers,
		lookup: newLookup(&cfg), dial: cfg.Dial,
		clock: worldClock(cfg.World), outbox: newOutbox(cfg.World),
		wake: make(chan struct{}, 1),
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.dial == nil {
		c.dial = new(net.Dialer).DialContext
	}
	if c.cfg.MaxResponseBytes == 0 {
		c.cfg.MaxResponseBytes = defaultMaxResponse
	}
	if c.cfg.SoftwareVersion == "" {
		c.cfg.SoftwareVersion = "unknown"
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.conns.Store(&map[int32]*conn{})
	c.cluster.Store(emptyCluster())
	s := newControl(c)
	if cfg.BootstrapResolveTimeout == 0 {
		if err := s.resolveServers(); err != nil {
			c.cancel(ErrClosed)
			return nil, err
		}
	}
	s.begin()
	return c, nil
}

// Close ends all connections, answers all calls that are left with ErrClosed, and waits for the client's goroutines.
// Only those that are inside a Done that was handed off may go on. It must not be called from a Done or a Handler.
func (c *Client) Close() {
	c.cancel(ErrClosed)
	c.post((*control).close)
	if c.cfg.World != nil {
		return
	}
	c.running.Wait()
	c.outbox.idle()
}

// post has the control goroutine run f. It reports whether it will be.
func (c *Client) post(f func(*control)) bool {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return false
	}
	c.events = append(c.events, f)
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
		if c.woken != nil {
			c.woken()
		}
	default:
	}
	return true
}

// Connect begins to connect to a broker of the cluster, no earlier than its backoff allows. NodeUp or NodeDown follows,
// unless there is a connection already.
func (c *Client) Connect(id int32) {
	c.post(func(s *control) { s.connect(id) })
}

// Send sends a call to a broker. It never blocks; see Writer for who writes. When the broker is not connected, Done
// gets an error, soon.
func (c *Client) Send(id int32, call *Call) {
	by := call.By // it may be the caller's again before Flush
	c.Queue(id, call)
	c.Flush(id, by)
}

// Queue is the first half of Send: it takes the call over and gives it its place behind those before it, but writes
// nothing until Flush is called for the same broker. It may be called with a lock held that Done takes.
func (c *Client) Queue(id int32, call *Call) {
	var ended *ConnError
	if conn := (*c.conns.Load())[id]; conn != nil {
		if ended = conn.enqueue(call); ended == nil {
			return
		}
	}
	c.refuse(id, call, ended)
}

// refuse answers a call to a broker that has no connection, or one that has ended. Apart from Queue, where the error would
// be allocated for each call.
func (c *Client) refuse(id int32, call *Call, ended *ConnError) {
	err := &ConnError{Op: "send", NodeID: id, Err: ErrNotConnected}
	if ended != nil {
		err.Addr, err.Err = ended.Addr, ended.Err
	}
	c.outbox.put(outcome{call: call, err: err})
}

// Flush is the second half of Send: what is queued is written, by by or the connection's writer.
func (c *Client) Flush(id int32, by Writer) {
	if conn := (*c.conns.Load())[id]; conn != nil {
		conn.flush(by)
	}
}

// Writer is who writes what is queued for a connection. All but ByWriter is for plain TCP connections to which nobody writes at the
// moment. The caller then runs Prepare, and makes one attempt that doesn't block: what the socket doesn't take is left to the
// connection's writer.
type Writer int8

const (
	// ByWriter is the connection's writer, a goroutine that must be woken.
	ByWriter Writer = iota
	// ByCaller is the caller of Flush, if a single call is queued, of at most 64 KiB, that doesn't follow upon several others at once.
	ByCaller
	// ByReader is the caller of Flush as well, for all that is queued: a Done, whose goroutine would have nothing to do but to wait for the
	// answers to what it wakes the writer for.
	ByReader
)

// SendAny sends a call to any broker, connecting to one if need be. Version is chosen then, before Prepare: the
// highest that the broker and this module have in common. By does not matter. While no broker can be reached the
// call waits, for as long as its Timeout says.
func (c *Client) SendAny(call *Call) {
	if !c.post(func(s *control) { s.sendAny(call) }) {
		c.outbox.put(outcome{call: call, err: &ConnError{Op: "send", NodeID: anyBroker, Err: ErrClosed}})
	}
}

// Cluster returns what is known now.
func (c *Client) Cluster() *Cluster { return c.cluster.Load() }

// UseTopic says that a topic was just used. A topic that is not for Config.MetadataMaxIdle is forgotten. It need not be
// called more often than a few times in that time.
func (c *Client) UseTopic(name string) {
	c.post(func(s *control) { s.meta.add(name, s.now) })
}

// RefreshMetadata has metadata asked for, soon: no more often than retry.backoff.ms allows. MetadataChanged follows.
func (c *Client) RefreshMetadata() {
	c.post(func(s *control) { s.meta.refresh() })
}

// UpdateLeader passes a hint on that a broker gave with an answer (KIP-951). It is taken if it is newer than what is
// known; then MetadataChanged follows. endpoints is where the leader may be found, if it isn't known; it is not kept.
func (c *Client) UpdateLeader(topic string, partition, leader, leaderEpoch int32, endpoints []protocol.NodeEndpoint) {
	var at []protocol.NodeEndpoint
	for _, e := range endpoints {
		if e.NodeID == leader {
			at = append(at, e)
		}
	}
	c.post(func(s *control) { s.hint(topic, partition, leader, leaderEpoch, at) })
}

// timeout is how long a call may take.
func (c *Client) timeout(call *Call) time.Duration {
	if call.Timeout > 0 {
		return call.Timeout
	}
	return c.cfg.RequestTimeout
}
