//go:build !linux

package client

import "net"

// gatherWriter writes pieces to a TCP socket, in few system calls where the system has one for that.
type gatherWriter struct {
	nc      *net.TCPConn
	buffers net.Buffers
}

// newGatherWriter returns nil where it can't be used: for anything but plain TCP.
func newGatherWriter(nc net.Conn) *gatherWriter {
	t, ok := nc.(*net.TCPConn)
	if !ok {
		return nil
	}
	return &gatherWriter{nc: t}
}

// write writes all of pieces, which are used up, and returns how many bytes have left.
func (w *gatherWriter) write(pieces [][]byte) (int64, error) {
	w.buffers = pieces
	return w.finish()
}

// begin writes nothing: net.Buffers would wait for the socket.
func (w *gatherWriter) begin(pieces [][]byte) (n int64, all bool, err error) {
	w.buffers = pieces
	return 0, false, nil
}

// begun says that finish must follow.
func (w *gatherWriter) begun() bool { return w.buffers != nil }

// finish writes what is left, and returns how many bytes have left since write or begin.
func (w *gatherWriter) finish() (int64, error) {
	n, err := w.buffers.WriteTo(w.nc)
	w.buffers = nil
	return n, err
}
