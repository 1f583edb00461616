package client

import (
	"net"
	"os"
	"syscall"
	"unsafe"
)

const (
	// gatherPieces is how many pieces a system call takes at most (IOV_MAX of Linux).
	gatherPieces = 1024
	// gatherAtOnce is how many bytes a system call is given at most: the scheduler doesn't hear of it, and whoever wants to stop the
	// world waits for it. It takes some 50 µs.
	gatherAtOnce = 256 << 10
)

// gatherWriter writes pieces to a TCP socket, in few system calls. It does what net.Buffers does, but a call is one of
// syscall.RawSyscall: sockets of package net don't block, so that there is no need to have the goroutine counted as one that may.
// That costs: a call that lasts longer than 20 µs, as those that are worth it do, has its processor taken away, for which
// another thread wakes up and finds nothing to do, and keeps the runtime's monitor from sleeping: a tenth of the CPU time of records
// of 1,000 bytes. Owned by the holder of the connection's token.
type gatherWriter struct {
	raw     syscall.RawConn
	attempt func(fd uintptr) bool // made once, so that a write allocates nothing
	pieces  [][]byte              // what is left of the write
	vectors []syscall.Iovec       // storage
	once    bool                  // attempt doesn't wait for the socket
	full    bool                  // it took no more, and something is left
	n       int64
	err     error
}

// newGatherWriter returns nil where it can't be used: for anything but plain TCP.
func newGatherWriter(nc net.Conn) *gatherWriter {
	raw := plainTCP(nc)
	if raw == nil {
		return nil
	}
	w := &gatherWriter{raw: raw}
	w.attempt = w.try
	return w
}

// write writes all of pieces, which are used up, and returns how many bytes have left.
func (w *gatherWriter) write(pieces [][]byte) (int64, error) {
	w.pieces, w.n = pieces, 0
	return w.finish()
}

// begin writes of pieces what the socket takes without waiting. If that isn't all, and there is no error, finish must follow.
func (w *gatherWriter) begin(pieces [][]byte) (n int64, all bool, err error) {
	w.pieces, w.n, w.once = pieces, 0, true
	n, err = w.finish()
	w.once = false
	return n, !w.full, err
}

// begun says that finish must follow.
func (w *gatherWriter) begun() bool { return w.full }

// finish writes what is left, and returns how many bytes have left since write or begin.
func (w *gatherWriter) finish() (int64, error) {
	w.full, w.err = false, nil
	err := w.raw.Write(w.attempt)
	if err == nil {
		err = w.err
	}
	if err != nil || !w.full {
		w.pieces, w.full = nil, false
	}
	return w.n, err
}

// try writes until there is nothing left or the socket takes no more: then it returns false, to be called again when that has changed,
// unless it is not to wait for that.
func (w *gatherWriter) try(fd uintptr) bool {
	for w.fill() {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&w.vectors[0])), uintptr(len(w.vectors)))
		clear(w.vectors) // fill lays them out anew
		switch errno {
		case 0:
			w.took(int(n))
		case syscall.EINTR:
		case syscall.EAGAIN:
			w.full = w.once
			return w.once
		default:
			w.err = os.NewSyscallError("writev", errno)
			return true
		}
	}
	return true
}

// fill lays out what the next system call is given; false: there is nothing left.
func (w *gatherWriter) fill() bool {
	w.vectors = w.vectors[:0]
	room := gatherAtOnce
	for _, p := range w.pieces {
		if len(w.vectors) == gatherPieces || room == 0 {
			break
		}
		if n := min(len(p), room); n > 0 {
			v := syscall.Iovec{Base: &p[0]}
			v.SetLen(n)
			w.vectors = append(w.vectors, v)
			room -= n
		}
	}
	return len(w.vectors) > 0
}

// took takes the n bytes that have left off the front.
func (w *gatherWriter) took(n int) {
	w.n += int64(n)
	for len(w.pieces) > 0 && n >= len(w.pieces[0]) {
		n -= len(w.pieces[0])
		w.pieces = w.pieces[1:]
	}
	if n > 0 {
		w.pieces[0] = w.pieces[0][n:]
	}
}
