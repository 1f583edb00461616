package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// pair is a client's connection through a proxy and the broker's end of it.
type pair struct {
	*Proxy
	client, broker *net.TCPConn
	accepted       chan *net.TCPConn // further ends of the broker
	addr           string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		return l
	}
	broker := listen()
	accepted := make(chan *net.TCPConn, 10)
	go func() {
		for {
			c, err := broker.Accept()
			if err != nil {
				return
			}
			accepted <- c.(*net.TCPConn)
		}
	}()
	p := New(listen(), func() (net.Conn, error) { return net.Dial("tcp", broker.Addr().String()) })
	t.Cleanup(func() { p.Close() })
	pp := &pair{Proxy: p, accepted: accepted, addr: p.Addr()}
	pp.client = pp.dial(t)
	pp.broker = <-accepted
	t.Cleanup(func() { pp.broker.Close() })
	write(t, pp.client, "x") // what passes has a link, which faults reach
	expect(t, pp.broker, "x")
	return pp
}

func (p *pair) dial(t *testing.T) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*net.TCPConn)
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("write %q: %v", text, err)
	}
}

func expect(t *testing.T, c net.Conn, text string) {
	t.Helper()
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("read %q, %v; want %q", b, err, text)
	}
}

func expectReset(t *testing.T, c net.Conn) {
	t.Helper()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("read: %v; want a reset", err)
	}
}

func expectEOF(t *testing.T, c net.Conn) {
	t.Helper()
	if n, err := c.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		t.Fatalf("read: %d bytes, %v; want the end", n, err)
	}
}

func TestPassesOn(t *testing.T) {
	p := newPair(t)
	write(t, p.client, "request")
	expect(t, p.broker, "request")
	write(t, p.broker, "answer")
	expect(t, p.client, "answer")

	// More than a backlog, unchanged, and the end behind it.
	big := bytes.Repeat([]byte("0123456789abcdef"), 2*backlog/16)
	go func() {
		p.client.Write(big)
		p.client.CloseWrite()
	}()
	if got, err := io.ReadAll(p.broker); err != nil || !bytes.Equal(got, big) {
		t.Fatalf("%d of %d bytes arrived: %v", len(got), len(big), err)
	}
	write(t, p.broker, "late answer") // one direction goes on after the other has ended
	expect(t, p.client, "late answer")
	p.broker.Close()
	expectEOF(t, p.client)
}

func TestCut(t *testing.T) {
	p := newPair(t)
	p.Cut()
	expectReset(t, p.client)
	expectReset(t, p.broker)
	again := p.dial(t)
	write(t, again, "hello")
	expect(t, <-p.accepted, "hello")
}

// Exactly as many bytes arrive as the fault lets through.
func TestCutAfter(t *testing.T) {
	p := newPair(t)
	p.CutAfter(Down, 5)
	write(t, p.client, "as long as one likes")
	expect(t, p.broker, "as long as one likes")
	write(t, p.broker, "12")
	expect(t, p.client, "12")
	write(t, p.broker, "34567")
	expect(t, p.client, "345")
	expectReset(t, p.client)
}

// A direction that is held up is silent; then everything comes, the end too, although the client has long gone.
func TestHold(t *testing.T) {
	p := newPair(t)
	lift := p.Hold(Up)
	write(t, p.client, "request")
	write(t, p.broker, "the other direction goes on")
	expect(t, p.client, "the other direction goes on")
	p.client.Close()
	p.broker.SetReadDeadline(time.Now()) // what is there at once
	if n, err := p.broker.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%d bytes came through, %v", n, err)
	}
	p.broker.SetReadDeadline(time.Time{})
	if n := p.Conns(); n != 1 {
		t.Fatalf("%d connections", n)
	}
	lift()
	expect(t, p.broker, "request")
	expectEOF(t, p.broker)
}

// Two faults of a kind must both be lifted.
func TestHoldTwice(t *testing.T) {
	p := newPair(t)
	first, second := p.Hold(Down), p.Hold(Down)
	write(t, p.broker, "answer")
	first()
	p.mu.Lock()
	holds := p.weather[Down].holds
	p.mu.Unlock()
	if holds != 1 {
		t.Fatalf("%d holds", holds)
	}
	second()
	expect(t, p.client, "answer")
}

func TestHalfClose(t *testing.T) {
	for _, d := range []Direction{Up, Down} {
		t.Run(d.String(), func(t *testing.T) {
			p := newPair(t)
			ends := [2]*net.TCPConn{p.client, p.broker}
			write(t, ends[d], "before")
			expect(t, ends[1-d], "before")
			p.HalfClose(d)
			expectEOF(t, ends[1-d])
			write(t, ends[1-d], "still open")
			expect(t, ends[d], "still open")
		})
	}
}

func TestRefuse(t *testing.T) {
	p := newPair(t)
	lift := p.Refuse()
	expectRefused(t, p.addr)
	write(t, p.client, "who was connected stays so")
	expect(t, p.broker, "who was connected stays so")
	lift()
	again := p.dial(t)
	write(t, again, "hello")
	expect(t, <-p.accepted, "hello")
}

// expectRefused connects to who cuts off at once: while the connection is made, or after it.
func expectRefused(t *testing.T, addr string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err == nil {
		defer c.Close()
		_, err = c.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("%v; want a reset", err)
	}
}

func TestBrokerAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := New(l, func() (net.Conn, error) { return nil, syscall.ECONNREFUSED })
	defer p.Close()
	expectRefused(t, p.Addr())
}

// pipes is a listener of one connection, and its other end; all in memory, so that time is virtual.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}
func (l *pipes) Close() error   { close(l.closed); return nil }
func (l *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func inBubble(t *testing.T, test func(t *testing.T, p *Proxy, client, broker net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		l := &pipes{make(chan net.Conn), make(chan struct{})}
		near, client := net.Pipe()
		far, broker := net.Pipe()
		p := New(l, func() (net.Conn, error) { return far, nil })
		l.conns <- near
		test(t, p, client, broker)
		p.Close()
		client.Close()
		broker.Close()
	})
}

// What is delayed comes later and not further apart.
func TestDelay(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Proxy, client, broker net.Conn) {
		defer p.Delay(Up, time.Second)()
		begin := time.Now()
		write(t, client, "a")
		time.Sleep(100 * time.Millisecond)
		write(t, client, "b")
		for i, text := range []string{"a", "b"} {
			expect(t, broker, text)
			if at, want := time.Since(begin), time.Second+time.Duration(i)*100*time.Millisecond; at != want {
				t.Errorf("%s after %v, want %v", text, at, want)
			}
		}
		write(t, broker, "answer")
		at := time.Now()
		expect(t, client, "answer")
		if late := time.Since(at); late != 0 {
			t.Errorf("the other direction took %v", late)
		}
	})
}

func TestNarrow(t *testing.T) {
	inBubble(t, func(t *testing.T, p *Proxy, client, broker net.Conn) {
		defer p.Narrow(Down, 1000)()
		begin := time.Now()
		go broker.Write(make([]byte, 3000))
		expect(t, client, string(make([]byte, 3000)))
		// The last piece, of a twentieth of a second, holds nobody up but the next.
		if took, want := time.Since(begin), 2950*time.Millisecond; took != want {
			t.Errorf("3000 bytes at 1000 a second took %v, want %v", took, want)
		}
	})
}
