package producertest

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// network is what brokers listen on and programs dial: TCP on loopback, or memory.
type network interface {
	// listen opens addr, or an address of its own choice when addr is empty.
	listen(addr string) (net.Listener, error)
	dial(ctx context.Context, network, addr string) (net.Conn, error)
}

// loopback is TCP on 127.0.0.1.
type loopback struct{ dialer net.Dialer }

// A broker that starts again at its old address may find its port taken for a moment, as the near end of somebody's
// connection. Such ports come free; relistenFor bounds the wait for one.
const (
	relistenFor   = 5 * time.Second
	relistenEvery = 20 * time.Millisecond
)

func (l *loopback) listen(addr string) (net.Listener, error) {
	if addr == "" {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	for end := time.Now().Add(relistenFor); ; time.Sleep(relistenEvery) {
		ln, err := net.Listen("tcp", addr)
		if err == nil || time.Now().After(end) {
			return ln, err
		}
	}
}

func (l *loopback) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return l.dialer.DialContext(ctx, network, addr)
}

// memory is a network inside the process. Its addresses are those that RFC 5737 sets aside for documentation, which
// lead nowhere: a program that was not given Cluster.Dial fails instead of reaching some other broker.
type memory struct {
	backlog   int // how many connections wait to be accepted before further ones are refused
	mu        sync.Mutex
	listeners map[string]*memListener
	servers   int // addresses given out so far
	clients   int // connections dialled so far
}

// place is where a broker listens.
type place struct {
	addr *net.TCPAddr
	host string // of addr
	name string // host:port of addr
}

func newPlace(addr *net.TCPAddr) *place { return &place{addr, addr.IP.String(), addr.String()} }

// placeOf returns where a listener is.
func placeOf(ln net.Listener) *place {
	if w, ok := ln.(*worldListener); ok {
		return w.at
	}
	return newPlace(ln.Addr().(*net.TCPAddr))
}

// memoryHosts is how many hosts the network in memory has.
const memoryHosts = 254

// memoryHost returns the address of the i-th of them, from 0.
func memoryHost(i int) net.IP { return net.IPv4(192, 0, 2, byte(1+i)) }

// memoryAddr returns the i-th address that is given out.
func memoryAddr(i int) *net.TCPAddr {
	return &net.TCPAddr{IP: memoryHost(i % memoryHosts), Port: 9092 + i/memoryHosts}
}

// backlog is memory's as a rule: what SOMAXCONN was for long.
const backlog = 128

func newMemory(backlog int) *memory {
	return &memory{backlog: backlog, listeners: map[string]*memListener{}}
}

func (m *memory) listen(addr string) (net.Listener, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var at *net.TCPAddr
	if addr == "" {
		at = memoryAddr(m.servers)
		addr = at.String()
		m.servers++
	} else {
		var err error
		if at, err = net.ResolveTCPAddr("tcp", addr); err != nil {
			return nil, err
		}
	}
	if m.listeners[addr] != nil {
		return nil, &net.OpError{Op: "listen", Net: "tcp", Addr: at, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
	}
	ln := &memListener{network: m, addr: at, backlog: make(chan *memConn, m.backlog), closed: make(chan struct{})}
	m.listeners[addr] = ln
	return ln, nil
}

// dial connects at once or fails at once: there is no distance in memory.
func (m *memory) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, dialError(network, addr, err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	ln := m.listeners[addr]
	if ln == nil {
		return nil, dialError(network, addr, errConnRefused)
	}
	client := &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1), Port: 1024 + m.clients%60000}
	m.clients++
	near, far := newMemConns(client, ln.addr)
	select {
	case ln.backlog <- far:
		return near, nil
	default:
		return nil, dialError(network, addr, errConnRefused)
	}
}

// dialError is how dialling an address fails.
func dialError(network, addr string, err error) error {
	return &net.OpError{Op: "dial", Net: network, Addr: memAddr(addr), Err: err}
}

// memAddr is an address nobody listens on.
type memAddr string

func (a memAddr) Network() string { return "tcp" }
func (a memAddr) String() string  { return string(a) }

type memListener struct {
	network *memory
	addr    *net.TCPAddr
	backlog chan *memConn // sent to under network.mu while the listener is registered there
	closed  chan struct{} // closed by Close, under network.mu
}

func (l *memListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	}
}

// Close frees the address and resets the connections that nobody has accepted.
func (l *memListener) Close() error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	select {
	case <-l.closed:
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.addr, Err: net.ErrClosed}
	default:
	}
	close(l.closed)
	delete(l.network.listeners, l.addr.String())
	for {
		select {
		case c := <-l.backlog:
			c.Reset()
		default:
			return nil
		}
	}
}

func (l *memListener) Addr() net.Addr { return l.addr }
