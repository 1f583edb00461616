package client

import (
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// testConn is a connection without a Client around it; ready and serve are left to the test.
func testConn(nc net.Conn) *conn {
	return &conn{
		node: 1, addr: "test:9092", nc: nc, clock: newClock(), outbox: newOutbox(nil), timeout: 30 * time.Second, maxIdle: -1,
		finished: func() {}, readers: new(sync.WaitGroup), inbox: inbox{limit: defaultMaxResponse},
	}
}

// peer is the broker's end of a connection in memory.
type peer struct {
	t testing.TB
	net.Conn
	c *conn
}

// connect serves a connection in memory, with five requests in flight.
func connect(t testing.TB, change func(*conn)) *peer {
	ours, theirs := net.Pipe()
	c := testConn(ours)
	if change != nil {
		change(c)
	}
	return begun(t, c, theirs)
}

// serve serves a connection over what is given, with five requests in flight.
func serve(t testing.TB, ours, theirs net.Conn) *peer { return begun(t, testConn(ours), theirs) }

func begun(t testing.TB, c *conn, theirs net.Conn) *peer {
	c.ready(5)
	c.readers.Go(c.serve)
	t.Cleanup(func() {
		c.fail("close", ErrClosed)
		theirs.Close()
		c.readers.Wait()
		c.outbox.idle()
	})
	return &peer{t, theirs, c}
}

// send sends a call to the peer.
func (p *peer) send(call *Call) *Call {
	p.t.Helper()
	if err := p.c.enqueue(call); err != nil {
		p.t.Fatal(err)
	}
	p.c.flush(call.By)
	return call
}

// request reads a request and returns its correlation id.
func (p *peer) request() int32 {
	p.t.Helper()
	var size [4]byte
	if _, err := io.ReadFull(p, size[:]); err != nil {
		p.t.Fatal(err)
	}
	frame := make([]byte, int(size[2])<<8|int(size[3]))
	if _, err := io.ReadFull(p, frame); err != nil {
		p.t.Fatal(err)
	}
	h, _, err := protocol.DecodeRequestHeader(frame)
	if err != nil {
		p.t.Fatal(err)
	}
	return h.CorrelationID
}

// answer answers Produce requests.
func (p *peer) answer(ids ...int32) {
	p.t.Helper()
	if _, err := p.Write(answersTo(p.t, ids...)); err != nil {
		p.t.Fatal(err)
	}
}

// ended waits for an outcome that is an error, and returns it as the *ConnError it must be.
func ended(t testing.TB, done <-chan result) *ConnError {
	t.Helper()
	r := <-done
	var e *ConnError
	if !errors.As(r.err, &e) {
		t.Fatalf("outcome %v, want a *ConnError", r.err)
	}
	return e
}

func TestAnswersComeInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 10)
		var sent []*Call
		for range 5 {
			sent = append(sent, p.send(produceCall(done)))
		}
		var ids []int32
		for range 5 {
			ids = append(ids, p.request())
		}
		if want := []int32{0, 1, 2, 3, 4}; !slices.Equal(ids, want) {
			t.Fatalf("correlation ids %v, want %v", ids, want)
		}
		for _, b := range answersTo(t, ids...) { // a byte at a time
			if _, err := p.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range sent {
			if r := <-done; r.err != nil || r.call != sent[i] {
				t.Fatalf("outcome %d: %v", i, r.err)
			}
		}
	})
}

func TestWindowIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 10)
		for range 7 {
			p.send(produceCall(done))
		}
		for range 5 {
			p.request()
		}
		early := make(chan int32, 2)
		go func() { early <- p.request(); early <- p.request() }()
		synctest.Wait()
		if len(early) > 0 {
			t.Fatal("a sixth request was sent while five were unanswered")
		}
		p.answer(0)
		if id := <-early; id != 5 {
			t.Fatalf("request %d came, want 5", id)
		}
		p.answer(1, 2, 3, 4, 5)
		p.answer(<-early)
		for range 7 {
			if r := <-done; r.err != nil {
				t.Fatal(r.err)
			}
		}
	})
}

func TestIdleConnectionCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ends := make(chan time.Time, 1)
		p := connect(t, func(c *conn) {
			c.maxIdle = time.Minute
			c.finished = func() { ends <- time.Now() }
		})
		done := make(chan result, 1)
		time.Sleep(50 * time.Second)
		used := time.Now()
		slow := produceCall(done)
		slow.Timeout = 3 * time.Minute
		p.send(slow)
		id := p.request()
		time.Sleep(2 * time.Minute) // in flight is in use
		p.answer(id)
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
		if at := (<-ends).Sub(used); at != 3*time.Minute {
			t.Errorf("ended %v after the last use", at)
		}
		if err := p.c.enqueue(produceCall(done)); err == nil || !errors.Is(err, ErrIdle) {
			t.Errorf("got %v", err)
		}
	})
}

// What is queued, and not flushed yet, is in use.
func TestQueuedConnectionIsNotIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := connect(t, func(c *conn) { c.maxIdle = time.Minute })
		done := make(chan result, 1)
		if err := p.c.enqueue(produceCall(done)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		p.c.flush(ByWriter)
		p.answer(p.request())
		if r := <-done; r.err != nil {
			t.Error(r.err)
		}
	})
}

// An answer that overtakes the return of its write must not complete the call: the write still reads its buffers.
func TestAnswerBeforeTheWriteReturns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, done := make(chan struct{}), make(chan result, 1)
		p := connect(t, func(c *conn) {
			ours := c.nc
			c.nc = writerConn{ours, func(b []byte) (int, error) {
				n, err := ours.Write(b)
				<-release
				return n, err
			}}
		})
		p.send(produceCall(done))
		p.answer(p.request())
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("the call was completed while its write was going on")
		}
		close(release)
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
	})
}

// writerConn is a connection whose writes are the test's.
type writerConn struct {
	net.Conn
	write func([]byte) (int, error)
}

func (c writerConn) Write(b []byte) (int, error) { return c.write(b) }

func TestPrepareRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		refusal := errors.New("no")
		bad, worse := produceCall(done), produceCall(done)
		bad.Prepare = func(*Call) error { return refusal }
		worse.Version = 99
		p.send(bad)
		if r := <-done; r.err != refusal || r.call != bad {
			t.Errorf("got %v", r.err)
		}
		p.send(worse)
		var version *protocol.VersionError
		if r := <-done; !errors.As(r.err, &version) {
			t.Errorf("got %v", r.err)
		}
		p.send(produceCall(done)) // the connection goes on
		p.answer(p.request())
		if r := <-done; r.err != nil {
			t.Error(r.err)
		}
	})
}

func TestPrepareRunsInTheOrderOfTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 10)
		var order []int32
		for i := range int32(7) {
			call := produceCall(done)
			call.Prepare = func(c *Call) error {
				order = append(order, i)
				c.Request.(*protocol.ProduceRequest).TimeoutMs = i
				return nil
			}
			p.send(call)
		}
		for range 5 {
			p.request()
		}
		go p.answer(0, 1, 2, 3, 4)
		p.request()
		p.request()
		p.answer(5, 6)
		for range 7 {
			<-done
		}
		if want := []int32{0, 1, 2, 3, 4, 5, 6}; !slices.Equal(order, want) {
			t.Errorf("prepared %v", order)
		}
	})
}

func TestNoResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		first, second := produceCall(done), produceCall(done)
		first.NoResponse, first.Response = true, nil
		p.send(first)
		p.request()
		if r := <-done; r.call != first || r.err != nil {
			t.Fatalf("got %v", r.err)
		}
		p.send(second)
		p.answer(p.request()) // the next answer is the next request's
		if r := <-done; r.call != second || r.err != nil {
			t.Fatalf("got %v", r.err)
		}
	})
}

func TestCloseAnswersWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 10)
		for range 7 {
			p.send(produceCall(done))
		}
		for range 5 {
			p.request()
		}
		p.c.fail("close", ErrClosed)
		for i := range 7 {
			if e := ended(t, done); !errors.Is(e, ErrClosed) || e.Wrote != (i < 5) {
				t.Errorf("call %d: %v, wrote %v", i, e, e.Wrote)
			}
		}
	})
}

func TestRetiredConnectionFinishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 10)
		for range 6 {
			p.send(produceCall(done))
		}
		for range 5 {
			p.request()
		}
		p.c.retire()
		go p.answer(0, 1, 2, 3, 4)
		p.answer(p.request())
		for range 6 {
			if r := <-done; r.err != nil {
				t.Fatal(r.err)
			}
		}
		synctest.Wait()
		if err := p.c.enqueue(produceCall(done)); err == nil || !errors.Is(err, ErrRetired) {
			t.Errorf("got %v", err)
		}
	})
}

// With acks=0 the last write is the end.
func TestRetiredConnectionFinishesWriting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 1)
		call := produceCall(done)
		call.NoResponse = true
		p.send(call)
		synctest.Wait()
		p.c.retire()
		p.request()
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
		synctest.Wait()
		if err := p.c.enqueue(produceCall(done)); err == nil || !errors.Is(err, ErrRetired) {
			t.Errorf("got %v", err)
		}
	})
}

// In steady state a request costs no allocation, however it is written.
func TestSendAllocatesNothing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		by      Writer
		records int
	}{
		{"by the caller", ByCaller, 200},
		{"by the writer, gathered", ByWriter, 20_000},
		{"begun by the caller, too large for it", ByCaller, 200_000},
		{"by the reader", ByReader, 20_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := new(Client)
			c.conns.Store(&map[int32]*conn{1: echoConn(t, 5)})
			done := make(chan error, 1)
			call := produceCall(nil)
			call.Request.(*protocol.ProduceRequest).TopicData[0].PartitionData[0].Records = make([]byte, tt.records)
			call.Done = func(_ *Call, err error) { done <- err }
			send := func() {
				c.Queue(1, call)
				c.Flush(1, tt.by)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
			for range 100 { // buffers grow, pools fill
				send()
			}
			if n := testing.AllocsPerRun(1000, send); n >= 0.1 { // a garbage collection may empty protocol's pool
				t.Errorf("%.2f allocations a request, want none", n)
			}
		})
	}
}
