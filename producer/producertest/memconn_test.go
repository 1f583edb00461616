package producertest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// inMemory runs a test in virtual time with the two ends of a connection in memory.
func inMemory(t *testing.T, test func(t *testing.T, a, b *memConn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := newMemConns(memAddr("a:1"), memAddr("b:2"))
		test(t, a, b)
		a.Close()
		b.Close()
	})
}

func TestMemConnBuffersBothWays(t *testing.T) {
	inMemory(t, func(t *testing.T, a, b *memConn) {
		for _, ends := range [][2]*memConn{{a, b}, {b, a}} {
			for _, s := range []string{"one ", "two ", "three"} {
				if n, err := ends[0].Write([]byte(s)); n != len(s) || err != nil {
					t.Fatalf("Write returned %d, %v", n, err)
				}
			}
			ends[0].CloseWrite()
			got, err := io.ReadAll(ends[1])
			if string(got) != "one two three" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
		}
	})
}

func TestMemConnWriteWaitsForRoom(t *testing.T) {
	inMemory(t, func(t *testing.T, a, b *memConn) {
		sent := bytes.Repeat([]byte("0123456789"), streamLimit/4)
		written := make(chan error, 1)
		go func() {
			n, err := a.Write(sent)
			if n != len(sent) {
				t.Errorf("Write wrote %d bytes of %d", n, len(sent))
			}
			a.CloseWrite()
			written <- err
		}()
		synctest.Wait() // returns only because the wait for room is durable
		select {
		case <-written:
			t.Fatalf("Write of %d bytes did not wait at %d", len(sent), streamLimit)
		default:
		}
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %d bytes, %v, want the %d that were sent", len(got), err, len(sent))
		}
		if err := <-written; err != nil {
			t.Error(err)
		}
	})
}

func TestMemConnWritesDontMix(t *testing.T) {
	inMemory(t, func(t *testing.T, a, b *memConn) {
		const size, writers = streamLimit + 5000, 4
		for _, c := range []byte("wxyz") {
			go a.Write(bytes.Repeat([]byte{c}, size))
		}
		var got []byte
		for len(got) < writers*size {
			synctest.Wait() // now all wait for room
			chunk := make([]byte, 1000)
			n, err := b.Read(chunk)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, chunk[:n]...)
		}
		for i := range writers {
			if part := got[i*size:][:size]; !bytes.Equal(part, bytes.Repeat(part[:1], size)) {
				t.Errorf("write %d is mixed with others", i)
			}
		}
	})
}

// TestMemConnEnds: what the other end sees of each way to end a connection, before and after it has read what was written.
func TestMemConnEnds(t *testing.T) {
	for _, test := range []struct {
		name            string
		end             func(*memConn)
		left            bool  // what was written before can still be read
		read, write     error // of the other end, then
		ownRead, ownWri error
	}{
		{"close", func(c *memConn) { c.Close() }, true, io.EOF, syscall.EPIPE, net.ErrClosed, net.ErrClosed},
		{"reset", func(c *memConn) { c.Reset() }, false, syscall.ECONNRESET, syscall.ECONNRESET, net.ErrClosed, net.ErrClosed},
		{"close write", func(c *memConn) { c.CloseWrite() }, true, io.EOF, nil, nil, syscall.EPIPE},
	} {
		t.Run(test.name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, a, b *memConn) {
				a.Write([]byte("last words"))
				test.end(a)
				if test.left {
					got := make([]byte, len("last words"))
					if _, err := io.ReadFull(b, got); err != nil || string(got) != "last words" {
						t.Errorf("read %q, %v", got, err)
					}
				}
				_, writeErr := b.Write([]byte("x"))
				_, ownWriteErr := a.Write([]byte("y"))
				want := func(what string, got, want error) {
					if !errors.Is(got, want) {
						t.Errorf("%s: %v, want %v", what, got, want)
					}
				}
				one := make([]byte, 1)
				_, readErr := b.Read(one)
				_, ownReadErr := a.Read(one)
				want("the other end writes", writeErr, test.write)
				want("the other end reads", readErr, test.read)
				want("this end writes", ownWriteErr, test.ownWri)
				want("this end reads", ownReadErr, test.ownRead)
			})
		})
	}
}

// TestMemConnEndWakes: whoever waits when a connection ends stops waiting.
func TestMemConnEndWakes(t *testing.T) {
	for name, end := range map[string]func(a, b *memConn){
		"closed here":  func(a, _ *memConn) { a.Close() },
		"closed there": func(_, b *memConn) { b.Close() },
		"reset there":  func(_, b *memConn) { b.Reset() },
	} {
		t.Run(name, func(t *testing.T) {
			inMemory(t, func(t *testing.T, a, b *memConn) {
				ended := make(chan error, 2)
				go func() { _, err := a.Read(make([]byte, 1)); ended <- err }()
				go func() { _, err := a.Write(make([]byte, 2*streamLimit)); ended <- err }()
				synctest.Wait()
				end(a, b)
				for range 2 {
					if err := <-ended; err == nil {
						t.Error("ended without an error")
					}
				}
			})
		})
	}
}

// As with TCP, a write that got through whole doesn't fail, whatever becomes of the connection then.
func TestMemConnCut(t *testing.T) {
	for _, cut := range []int{0, 3, 5} {
		inMemory(t, func(t *testing.T, a, b *memConn) {
			a.cut = func(int) (int, wire) { return cut, wireCut }
			if n, err := a.Write([]byte("hello")); n != cut || (err == nil) != (cut == 5) || err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("cut after %d bytes: Write returned %d, %v", cut, n, err)
			}
			if got, err := io.ReadAll(b); string(got) != "hello"[:cut] {
				t.Errorf("cut after %d bytes: %q came, %v", cut, got, err)
			}
			a.cut = nil
			if _, err := a.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("cut after %d bytes: the next Write returned %v", cut, err)
			}
		})
	}
}

func TestMemConnDeadlines(t *testing.T) {
	inMemory(t, func(t *testing.T, a, b *memConn) {
		start := time.Now()
		want := func(what string, err error, after time.Duration) {
			t.Helper()
			var timeout net.Error
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
				t.Errorf("%s: %v, want a timeout", what, err)
			}
			if d := time.Since(start); d != after {
				t.Errorf("%s: after %v, want %v", what, d, after)
			}
		}
		a.SetReadDeadline(start.Add(time.Second))
		_, err := a.Read(make([]byte, 1))
		want("read", err, time.Second)
		_, err = a.Read(make([]byte, 1))
		want("read after its deadline", err, time.Second)

		a.SetWriteDeadline(start.Add(2 * time.Second))
		n, err := a.Write(make([]byte, 2*streamLimit))
		want("write", err, 2*time.Second)
		if n != streamLimit {
			t.Errorf("wrote %d bytes until the deadline, want %d", n, streamLimit)
		}
		io.CopyN(io.Discard, b, streamLimit)

		a.SetReadDeadline(time.Time{})
		go func() {
			time.Sleep(time.Second)
			a.SetReadDeadline(time.Now()) // wakes the read below
		}()
		_, err = a.Read(make([]byte, 1))
		want("read that a new deadline ends", err, 3*time.Second)

		a.SetDeadline(time.Time{})
		go b.Write([]byte("x"))
		if _, err := a.Read(make([]byte, 1)); err != nil {
			t.Errorf("read without a deadline: %v", err)
		}
	})
}

func TestMemoryNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(backlog)
		if _, err := m.dial(t.Context(), "tcp", "192.0.2.1:9092"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial where nobody listens: %v", err)
		}
		ln, err := m.listen("")
		if err != nil {
			t.Fatal(err)
		}
		addr := ln.Addr().String()
		if _, err := m.listen(addr); !errors.Is(err, syscall.EADDRINUSE) {
			t.Errorf("listen twice: %v", err)
		}
		near, err := m.dial(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		far, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if near.RemoteAddr().String() != addr || far.RemoteAddr().String() != near.LocalAddr().String() {
			t.Errorf("addresses %v-%v and %v-%v", near.LocalAddr(), near.RemoteAddr(), far.LocalAddr(), far.RemoteAddr())
		}
		waiting, err := m.dial(t.Context(), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		ln.Close()
		if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("read on a connection that nobody accepted: %v", err)
		}
		if _, err := ln.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept after close: %v", err)
		}
		if err := ln.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("second close: %v", err)
		}
		if again, err := m.listen(addr); err != nil {
			t.Errorf("listen at an address that is free again: %v", err)
		} else {
			again.Close()
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.dial(ctx, "tcp", addr); !errors.Is(err, context.Canceled) {
			t.Errorf("dial with an ended context: %v", err)
		}
		far.Close()
		near.Close()
	})
}
