package proxy

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Direction is one of the two ways through a connection.
type Direction int

const (
	Up   Direction = iota // from the client to the broker
	Down                  // from the broker to the client
)

// String returns "up" or "down".
func (d Direction) String() string { return [...]string{"up", "down"}[d] }

// weather is what lasts in one direction of all connections. It is guarded by Proxy.mu.
type weather struct {
	holds  int           // faults that let nothing through
	delay  time.Duration // of each byte
	narrow int           // bytes a second; 0: no limit
}

// Proxy listens at one address and connects every client that comes to a broker. Its methods may be called by any goroutine.
type Proxy struct {
	listener net.Listener
	dial     func() (net.Conn, error)
	wg       sync.WaitGroup

	mu       sync.Mutex // guards what follows, and the links' state
	changed  *sync.Cond // the weather, or the state of a link
	weather  [2]weather
	refusals int // faults that refuse new connections
	links    map[*link]bool
	closed   bool
}

// New serves listener until Close; dial connects to the broker.
func New(listener net.Listener, dial func() (net.Conn, error)) *Proxy {
	p := &Proxy{listener: listener, dial: dial, links: map[*link]bool{}}
	p.changed = sync.NewCond(&p.mu)
	p.wg.Go(p.accept)
	return p
}

// Addr is where clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // of files or memory there is a lack that may pass
			continue
		}
		p.wg.Go(func() { p.connect(client) })
	}
}

// connect makes a link for a client. A broker that can't be reached looks as a proxy must make it look: the client was
// connected, and is cut off.
func (p *Proxy) connect(client net.Conn) {
	p.mu.Lock()
	refused := p.closed || p.refusals > 0
	p.mu.Unlock()
	if refused {
		reset(client)
		return
	}
	broker, err := p.dial()
	if err != nil {
		reset(client)
		return
	}
	l := newLink(p, client, broker)
	p.mu.Lock()
	if p.closed {
		l.cut = true
	}
	p.links[l] = true
	p.mu.Unlock()
	l.run()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// Conns returns how many connections there are. One whose end is held up is one of them.
func (p *Proxy) Conns() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Close takes no more connections, cuts those that there are, and waits until their goroutines have ended.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.Cut()
	p.wg.Wait()
	return err
}

// reset ends a connection with RST, where it is one of TCP.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	c.Close()
}
