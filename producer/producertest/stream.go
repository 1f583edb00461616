package producertest

import (
	"io"
	"os"
	"sync"
	"time"
)

// streamLimit is how many bytes one direction of a memConn holds before Write waits: about what a socket's two
// buffers hold on loopback, so that a program that writes to a broker which doesn't read is stopped here as there.
const streamLimit = 256 << 10

// stream is one direction of a memConn: one end reads what the other end writes. Both wait on cond and on nothing
// else: such a wait is durable to testing/synctest, and mu is held for an instant only.
type stream struct {
	mu      sync.Mutex
	cond    sync.Cond // signalled when anything below changes
	buf     []byte    // buf[off:] is written and not read yet
	off     int
	writing bool // a Write is under way; others wait, so that two never mix

	ended         bool  // no more will be written: io.EOF after what is buffered
	readErr       error // what reads fail with, at once
	writeErr      error // what writes fail with
	readDeadline  deadline
	writeDeadline deadline
}

func newStream() *stream {
	s := &stream{}
	s.cond.L = &s.mu
	return s
}

// update changes the stream under its lock and wakes whoever waits on it.
func (s *stream) update(change func()) {
	s.mu.Lock()
	change()
	s.cond.Broadcast()
	s.mu.Unlock()
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.readErr != nil:
			return 0, s.readErr
		case s.readDeadline.passed():
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case s.off < len(s.buf):
			n := copy(p, s.buf[s.off:])
			if s.off += n; s.off == len(s.buf) {
				s.buf, s.off = s.buf[:0], 0
			}
			s.cond.Broadcast()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		s.cond.Wait()
	}
}

func (s *stream) write(p []byte) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing && s.writeFailure() == nil {
		s.cond.Wait()
	}
	if err := s.writeFailure(); err != nil {
		return 0, err
	}
	s.writing = true
	defer func() {
		s.writing = false
		s.cond.Broadcast()
	}()
	for {
		m := min(streamLimit-(len(s.buf)-s.off), len(p)-n)
		s.put(p[n : n+m])
		if n += m; n == len(p) {
			return n, nil
		}
		s.cond.Broadcast()
		s.cond.Wait()
		if err := s.writeFailure(); err != nil {
			return n, err
		}
	}
}

// put appends p, moving what is unread to the front before the buffer would grow.
func (s *stream) put(p []byte) {
	if s.off > 0 && len(s.buf)+len(p) > cap(s.buf) {
		s.buf = s.buf[:copy(s.buf, s.buf[s.off:])]
		s.off = 0
	}
	s.buf = append(s.buf, p...)
}

func (s *stream) writeFailure() error {
	if s.writeErr == nil && s.writeDeadline.passed() {
		return os.ErrDeadlineExceeded
	}
	return s.writeErr
}

// end is the writer's half-close: the reader gets io.EOF after what is buffered, writes fail with err.
func (s *stream) end(err error) {
	s.update(func() {
		s.ended, s.writeErr = true, err
		s.writeDeadline.set(time.Time{}, nil)
	})
}

// abandon is the reader's close: what is buffered is lost, reads fail with readErr and writes with writeErr.
func (s *stream) abandon(readErr, writeErr error) {
	s.update(func() {
		s.buf, s.off = nil, 0
		s.readErr = readErr
		if s.writeErr == nil {
			s.writeErr = writeErr
		}
		s.readDeadline.set(time.Time{}, nil)
	})
}

// deadline is a point in time at which waiting on a stream ends. Guarded by the stream's mu.
type deadline struct {
	at    time.Time // zero: none
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set moves the deadline; wake is called when it comes.
func (d *deadline) set(at time.Time, wake func()) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.at = at
	if left := time.Until(at); !at.IsZero() && left > 0 {
		d.timer = time.AfterFunc(left, wake)
	}
}
