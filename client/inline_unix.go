//go:build unix

package client

import (
	"net"
	"syscall"
)

// inlineWriter writes to a TCP socket without ever blocking. The function handed to the runtime is made once, so
// that a write allocates nothing. Owned by the holder of the connection's token.
type inlineWriter struct {
	raw     syscall.RawConn
	attempt func(fd uintptr) bool
	buf     []byte
	n       int
	err     error
}

// newInlineWriter returns nil where callers cannot write: anything but plain TCP.
func newInlineWriter(nc net.Conn) *inlineWriter {
	raw := plainTCP(nc)
	if raw == nil {
		return nil
	}
	w := &inlineWriter{raw: raw}
	w.attempt = func(fd uintptr) bool {
		for {
			w.n, w.err = syscall.Write(int(fd), w.buf)
			if w.err != syscall.EINTR {
				return true // also when it would block: never wait
			}
		}
	}
	return w
}

// plainTCP returns the socket of a connection that is nothing but TCP, else nil.
func plainTCP(nc net.Conn) syscall.RawConn {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// write makes one attempt and returns how many bytes the socket took.
func (w *inlineWriter) write(b []byte) (int, error) {
	w.buf, w.n, w.err = b, 0, nil
	err := w.raw.Write(w.attempt)
	w.buf = nil
	switch {
	case err != nil:
		return 0, err
	case w.err == syscall.EAGAIN:
		return 0, nil
	case w.err != nil:
		return 0, w.err
	}
	return w.n, nil
}
