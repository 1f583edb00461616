package client

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// simConn is a net.Conn without a network, for tests that need to say what each system call does. The zero value takes
// every write and has nothing to read.
type simConn struct {
	// reads are what Read returns, one element a call, cut to the space there is; then io.EOF.
	reads [][]byte
	// onWrite, when not nil, is the outcome of a write.
	onWrite func(b []byte) (int, error)

	mu      sync.Mutex // guards the following
	written bytes.Buffer
	closed  bool
}

func (c *simConn) Read(b []byte) (int, error) {
	if len(c.reads) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.reads[0])
	if c.reads[0] = c.reads[0][n:]; len(c.reads[0]) == 0 {
		c.reads = c.reads[1:]
	}
	return n, nil
}

func (c *simConn) Write(b []byte) (int, error) {
	if c.onWrite != nil {
		return c.onWrite(b)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	return c.written.Write(b)
}

func (c *simConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	return nil
}

func (c *simConn) LocalAddr() net.Addr              { return nil }
func (c *simConn) RemoteAddr() net.Addr             { return nil }
func (c *simConn) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (c *simConn) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (c *simConn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// chunks cuts b into pieces of n bytes.
func chunks(b []byte, n int) (pieces [][]byte) {
	for len(b) > n {
		pieces = append(pieces, b[:n])
		b = b[n:]
	}
	return append(pieces, b)
}
