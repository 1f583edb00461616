package client

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/protocol"
)

// loopback is a TCP connection with buffers so small that a socket soon takes no more, but no smaller than loopback's
// segments of 64 KiB: with less TCP crawls.
func loopback(t *testing.T) (*net.TCPConn, *net.TCPConn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ours, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []net.Conn{ours, theirs} {
		_ = c.(*net.TCPConn).SetReadBuffer(256 << 10)
		_ = c.(*net.TCPConn).SetWriteBuffer(64 << 10)
	}
	return ours.(*net.TCPConn), theirs.(*net.TCPConn)
}

// Callers write what a socket takes without waiting; the rest follows, whole and in order.
func TestCallersNeverBlock(t *testing.T) {
	for _, by := range []Writer{ByCaller, ByReader} {
		for _, size := range []int{100, 60_000, 500_000} {
			t.Run(fmt.Sprintf("%d/%d bytes each", by, size), func(t *testing.T) { testCallersNeverBlock(t, by, size) })
		}
	}
}

func testCallersNeverBlock(t *testing.T, by Writer, size int) {
	ours, theirs := loopback(t)
	c := testConn(ours)
	c.ready(100)
	if c.out.inline == nil {
		t.Skip("callers don't write on this system")
	}
	c.readers.Go(c.serve)
	const calls = 50
	done := make(chan result, calls)
	for i := range calls { // nobody reads yet
		call := produceCall(done)
		call.By = by
		records := bytes.Repeat([]byte{byte(i)}, size)
		call.Request.(*protocol.ProduceRequest).TopicData[0].PartitionData[0].Records = records
		if err := c.enqueue(call); err != nil {
			t.Fatal(err)
		}
		c.flush(by)
	}
	for i := range int32(calls) {
		var head [4]byte
		if _, err := io.ReadFull(theirs, head[:]); err != nil {
			t.Fatal(err)
		}
		frame := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(theirs, frame); err != nil {
			t.Fatal(err)
		}
		h, body, err := protocol.DecodeRequestHeader(frame)
		if err != nil || h.CorrelationID != i {
			t.Fatalf("request %d came as %+v, %v", i, h, err)
		}
		var m protocol.ProduceRequest
		if err := protocol.Decode(body, h.Version, &m); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(m.TopicData[0].PartitionData[0].Records, bytes.Repeat([]byte{byte(i)}, size)) {
			t.Fatalf("request %d is damaged", i)
		}
		if _, err := theirs.Write(answersTo(t, i)); err != nil {
			t.Fatal(err)
		}
	}
	for range calls {
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
	}
	c.fail("close", ErrClosed)
	c.readers.Wait()
	theirs.Close()
}

// What is written inline when the peer is gone ends the connection like any other write.
func TestInlineWriteFails(t *testing.T) {
	for _, by := range []Writer{ByCaller, ByReader} {
		t.Run(fmt.Sprint(by), func(t *testing.T) { testInlineWriteFails(t, by) })
	}
}

func testInlineWriteFails(t *testing.T, by Writer) {
	ours, theirs := loopback(t)
	c := testConn(ours)
	c.ready(5)
	if c.out.inline == nil {
		t.Skip("callers don't write on this system")
	}
	ours.Close() // before anybody reads: the write finds out
	done := make(chan result, 1)
	if err := c.enqueue(produceCall(done)); err != nil {
		t.Fatal(err)
	}
	c.flush(by)
	c.readers.Go(c.serve)
	if e := ended(t, done); e.Wrote || e.Op != "write" {
		t.Errorf("got %v, wrote %v", e, e.Wrote)
	}
	c.readers.Wait()
	theirs.Close()
}

// What is queued while a caller writes is not forgotten.
func TestQueuedWhileACallerWrites(t *testing.T) {
	ours, theirs := loopback(t)
	defer theirs.Close()
	p := serve(t, ours, theirs)
	done := make(chan result, 2)
	first, second := produceCall(done), produceCall(done)
	first.Prepare = func(*Call) error { // runs while the caller holds the token
		second.By = ByCaller
		p.send(second)
		return nil
	}
	first.By = ByCaller
	p.send(first)
	p.request()
	p.request() // although the first has no answer yet
	p.answer(0, 1)
	for _, call := range []*Call{first, second} {
		if r := <-done; r.call != call || r.err != nil {
			t.Errorf("got %v", r.err)
		}
	}
}

// While a connection is authenticated again a caller doesn't write either.
func TestCallersWaitForARenewal(t *testing.T) {
	ours, theirs := loopback(t)
	defer theirs.Close()
	c := testConn(ours)
	c.renewal = new(renewal)
	c.ready(5)
	if c.out.inline == nil {
		t.Skip("callers don't write on this system")
	}
	c.renewal.running = true
	c.holdQueue()
	for _, by := range []Writer{ByCaller, ByReader} {
		if err := c.enqueue(produceCall(nil)); err != nil {
			t.Fatal(err)
		}
		if c.flush(by); c.queue.len() != 1 || !c.window.empty() {
			t.Errorf("%d: it is written", by)
		}
		c.queue.pop()
	}
	c.fail("close", ErrClosed)
}

// standing is a World whose time doesn't pass by itself.
type standing struct {
	world.World
	at time.Duration
}

func (s *standing) Elapsed() time.Duration { return s.at }

// Callers leave a call to the writer where it follows upon several others at once, and nowhere else.
func TestBurst(t *testing.T) {
	w := &standing{at: time.Hour}
	c := &conn{clock: worldClock(w)}
	c.lastUsed = c.clock.now()
	if c.burst() {
		t.Error("nothing is in flight")
	}
	c.window.begin(inflight{call: new(Call)})
	for range 2 {
		for i := range burstBegins + 3 {
			if w.at += burstGap - 1; c.burst() != (i >= burstBegins) {
				t.Errorf("call %d that follows at once: %v", i+1, i < burstBegins)
			}
			c.lastUsed = c.clock.now()
		}
		if w.at += burstGap; c.burst() {
			t.Error("the request in flight was written a while ago")
		}
		c.lastUsed = c.clock.now()
	}
}
