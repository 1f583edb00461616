package producertest

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"kafkaproducer/protocol"
)

// maxRequest is the largest request a broker reads (socket.request.max.bytes).
const maxRequest = 100 << 20

// conn is a connection that a broker has accepted. One goroutine reads, handles and answers its requests one after another,
// as Kafka does: the next request of a connection is looked at when the one before has been answered.
type conn struct {
	c      *Cluster
	b      *broker
	raw    net.Conn      // as it was accepted
	number int           // of the connection in the cluster, from 1
	done   chan struct{} // closed by close
	over   atomic.Bool   // done is closed, or about to be

	world *worldConn // the other end, in a World; else nil: serve is a goroutine

	turn chan struct{} // holds a token; whoever has taken it may write. nil in a World
	nc   net.Conn      // what is read and written: raw, or TLS over it once there was a handshake

	// Owned by the goroutine of serve.
	tls       *tls.Conn            // nil: there is none, or not yet
	tlsState  *tls.ConnectionState // nil as tls
	auth      authenticator
	principal string // who the client is
	r         *bufio.Reader
	buf       []byte                    // of the request, where it may be used again
	reused    requests                  // decoded into, where they may be used again
	at        exchange                  // the request that it is at
	produced  protocol.ProduceResponse  // filled anew for each answer
	told      protocol.MetadataResponse // likewise
	spoken    protocol.ApiVersionsResponse
	batch     batch        // the one that it is at
	out       []byte       // the answer's frame
	held      []byte       // frames that go after the next one
	muted     time.Time    // the client was told to be silent until then
	outlived  net.Listener // the broker's when its last request was orphaned; nil: none was. Guarded by the cluster's mu
}

// requests is storage for those that come again and again.
type requests struct {
	produce  protocol.ProduceRequest
	metadata protocol.MetadataRequest
	versions protocol.ApiVersionsRequest
}

// of returns what a request is decoded into.
func (r *requests) of(key protocol.Key) protocol.Request {
	switch key {
	case protocol.ProduceKey:
		return &r.produce
	case protocol.MetadataKey:
		return &r.metadata
	case protocol.ApiVersionsKey:
		return &r.versions
	}
	return protocol.NewRequest(key)
}

func newConn(c *Cluster, b *broker, nc net.Conn, number int) *conn {
	k := new(conn)
	k.init(c, b, nc, number)
	k.turn = make(chan struct{}, 1)
	k.turn <- struct{}{}
	return k
}

func (k *conn) init(c *Cluster, b *broker, nc net.Conn, number int) {
	k.c, k.b, k.raw, k.nc, k.number, k.principal, k.done = c, b, nc, nc, number, Anonymous, make(chan struct{})
	if c.authenticates {
		k.auth.state = authFresh
	}
}

// close ends the connection. It may be called any number of times, also with the cluster's mu held.
func (k *conn) close() { k.end(hangupClose) }

func (k *conn) end(how hangup) {
	if k.over.Swap(true) {
		return
	}
	close(k.done)
	if how == hangupReset {
		reset(k.raw)
	}
	k.raw.Close()
}

// reset makes the close that follows a reset.
func reset(nc net.Conn) {
	switch nc := nc.(type) {
	case *net.TCPConn:
		nc.SetLinger(0)
	case interface{ Reset() }: // in memory
		nc.Reset()
	}
}

// serve handles requests until the connection ends.
func (k *conn) serve() {
	defer k.c.locked(func() { k.b.forget(k) })
	defer k.close()
	k.r = bufio.NewReaderSize(k.nc, 64<<10)
	if !k.secure() {
		return
	}
	defer k.sayGoodbye()
	for {
		frame, err := k.read()
		if err != nil {
			if !errors.Is(err, io.EOF) && !k.ended() {
				k.log("the connection broke", "err", err)
			}
			return
		}
		arrived := k.c.now()
		throttled := arrived.Before(k.muted)
		if !k.sleep(k.muted.Sub(arrived)) || !k.running() {
			return
		}
		if err := k.handle(frame, arrived, throttled); err != nil {
			if err != errEnded {
				k.log("the broker closes the connection", "err", err)
			}
			return
		}
	}
}

// errEnded ends serving a connection that has ended, by a fault or otherwise, which is nothing to tell of.
var errEnded = errors.New("the connection has ended")

// errStalled says that the connection does nothing more until somebody ends it.
var errStalled = errors.New("the connection has stalled")

func (k *conn) log(msg string, args ...any) {
	k.c.opts.Logger.Info(msg, append(args, "broker", k.b.id, "connection", k.number)...)
}

func (k *conn) ended() bool { return k.over.Load() }

// sleep waits, and reports whether the connection is still there.
func (k *conn) sleep(d time.Duration) bool {
	if d <= 0 {
		return !k.ended()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-k.done:
		return false
	}
}

// after calls f in a while, if the connection is still there.
func (k *conn) after(d time.Duration, f func()) {
	if k.world != nil {
		k.world.after(d, f)
		return
	}
	k.c.running.Go(func() {
		if k.sleep(d) {
			f()
		}
	})
}

// running waits while the broker is paused, and reports whether the connection is still there.
func (k *conn) running() bool {
	for {
		k.c.mu.Lock()
		paused := k.b.paused
		k.c.mu.Unlock()
		if paused == nil {
			return !k.ended()
		}
		select {
		case <-paused:
		case <-k.done:
			return false
		}
	}
}

// firstRead bounds what a size field alone makes a connection allocate.
const firstRead = 1 << 20

// read returns the next frame without its size. Where no requests are kept the storage is used again for the next one, else it is the
// caller's, and the log keeps the batches in it: see keep.
func (k *conn) read() ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(k.r, size[:]); err != nil {
		return nil, err
	}
	n, err := k.frameSize(size)
	if err != nil {
		return nil, err
	}
	var frame []byte
	if k.c.opts.KeepRequests < 0 {
		frame = k.buf[:0]
	}
	for len(frame) < n {
		have := len(frame)
		next := min(n, max(firstRead, 2*have)) // memory follows the bytes that have come
		if cap(frame) < next {
			frame = append(make([]byte, 0, next), frame...)
		}
		frame = frame[:next]
		if _, err := io.ReadFull(k.r, frame[have:]); err != nil {
			return nil, err
		}
	}
	k.buf = frame
	return frame, nil
}

// frameSize reads a size field.
func (k *conn) frameSize(size [4]byte) (int, error) {
	n := int(int32(binary.BigEndian.Uint32(size[:])))
	most := maxRequest
	if k.auth.state != authNone && k.auth.state != authDone {
		most = authRequestMax
	}
	if n < 0 || n > most {
		return 0, &frameSizeError{n, most}
	}
	return n, nil
}

// write sends a frame as the plan says, and reports whether the connection can go on.
func (k *conn) write(frame []byte, p *plan) bool {
	cut := p.cut
	if p.half {
		cut = len(frame) / 2
	}
	if cut >= 0 {
		frame = frame[:min(cut, len(frame))]
	}
	if k.world == nil {
		select {
		case <-k.turn:
		case <-k.done:
			return false
		}
		defer func() { k.turn <- struct{}{} }()
	} else if k.ended() {
		return false
	}
	step := len(frame)
	if p.bytewise {
		step = 1
	}
	for len(frame) > 0 {
		n := min(step, len(frame))
		if _, err := k.nc.Write(frame[:n]); err != nil {
			return false
		}
		frame = frame[n:]
	}
	return cut < 0
}
