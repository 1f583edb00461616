package producertest

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// memConn is one end of a connection in memory: buffered, full duplex, with deadlines and half-close. Where a Kafka
// client can tell, it behaves as a *net.TCPConn on loopback: what was written before Close is still read by the other
// end, Reset loses it, and errors are *net.OpError around the causes TCP has.
type memConn struct {
	in, out       *stream
	local, remote net.Addr
	cut           func(size int) (n int, then wire) // what becomes of a write: CutRequest, LoseRequest; nil: nothing
	dead          atomic.Bool                       // nothing more that is written gets through: LoseRequest
}

// newMemConns returns the two ends of a connection.
func newMemConns(client, server net.Addr) (*memConn, *memConn) {
	up, down := newStream(), newStream()
	return &memConn{in: down, out: up, local: client, remote: server},
		&memConn{in: up, out: down, local: server, remote: client}
}

func (c *memConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.opError("read", err)
}

func (c *memConn) Write(p []byte) (int, error) {
	if c.dead.Load() {
		return len(p), nil
	}
	if c.cut != nil {
		switch n, then := c.cut(len(p)); then {
		case wireCut:
			n, _ = c.out.write(p[:n])
			c.in.abandon(syscall.ECONNRESET, syscall.EPIPE)
			c.out.end(syscall.ECONNRESET)
			if n == len(p) {
				return n, nil
			}
			return n, c.opError("write", syscall.ECONNRESET)
		case wireDead:
			c.dead.Store(true)
			_, err := c.out.write(p[:n])
			return len(p), c.opError("write", err)
		}
	}
	n, err := c.out.write(p)
	return n, c.opError("write", err)
}

func (c *memConn) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		err = os.NewSyscallError(op, err)
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

// Close ends both directions. The other end reads what was written before, then io.EOF; its writes fail.
func (c *memConn) Close() error {
	c.in.abandon(net.ErrClosed, syscall.EPIPE)
	c.out.end(net.ErrClosed)
	return nil
}

// Reset closes the connection as a TCP RST does: what the other end has not read yet is lost to it, and both its
// reads and its writes fail.
func (c *memConn) Reset() {
	c.in.abandon(net.ErrClosed, syscall.ECONNRESET)
	c.out.abandon(syscall.ECONNRESET, net.ErrClosed)
}

// CloseWrite ends the direction away from this end, as *net.TCPConn's does.
func (c *memConn) CloseWrite() error {
	c.out.end(syscall.EPIPE)
	return nil
}

func (c *memConn) LocalAddr() net.Addr  { return c.local }
func (c *memConn) RemoteAddr() net.Addr { return c.remote }

func (c *memConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *memConn) SetReadDeadline(t time.Time) error {
	return c.setDeadline(c.in, &c.in.readDeadline, &c.in.readErr, t)
}

func (c *memConn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(c.out, &c.out.writeDeadline, &c.out.writeErr, t)
}

// setDeadline moves one deadline of s; a closed end has none, so that no timer outlives it.
func (c *memConn) setDeadline(s *stream, d *deadline, closed *error, t time.Time) error {
	var err error
	s.update(func() {
		if *closed == net.ErrClosed {
			err = c.opError("set", net.ErrClosed)
			return
		}
		d.set(t, func() { s.update(func() {}) })
	})
	return err
}
