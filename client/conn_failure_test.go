package client

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// What a peer must not do, and what is said of it. The first request was answered before.
func TestPeerMisbehaves(t *testing.T) {
	for _, tt := range []struct {
		name  string
		bytes func(good []byte) []byte // in place of the answer
		want  any                      // type of the cause
		text  string
	}{
		{"another correlation id", func(b []byte) []byte { b[7] = 9; return b }, new(*CorrelationError), "correlation id 9 came, the next one due is 1"},
		{"the same answer again", func(b []byte) []byte { b[7] = 0; return b }, new(*CorrelationError), "correlation id 0 came, the next one due is 1"},
		{"a length of 2 GiB", func(b []byte) []byte { return []byte{0x7f, 0xff, 0xff, 0xff} }, new(*FrameSizeError), "2147483647 bytes"},
		{"a negative length", func(b []byte) []byte { return []byte{0xff, 0xff, 0xff, 0xff} }, new(*FrameSizeError), "-1 bytes"},
		{"a length too small for a header", func(b []byte) []byte { return []byte{0, 0, 0, 3, 0, 0, 0} }, new(*FrameSizeError), "3 bytes"},
		{"half a body in a whole frame", func(b []byte) []byte { b[3] = 14; return b[:18] }, new(*protocol.DecodeError), "Produce response version 9"},
		{"bytes after the body", func(b []byte) []byte { b[3]++; return append(b, 0) }, new(*protocol.DecodeError), "1 bytes too many"},
		{"a length within a body that can't be", func(b []byte) []byte { b[9] = 0x7f; return b }, new(*protocol.DecodeError), "at byte"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, done := connect(t, nil), make(chan result, 10)
				for range 7 { // five in flight, two queued; then one answered: six and one
					p.send(produceCall(done))
				}
				for range 5 {
					p.request()
				}
				go p.answer(0)
				p.request()
				if r := <-done; r.err != nil {
					t.Fatal(r.err)
				}
				if _, err := p.Write(tt.bytes(answersTo(t, 1))); err != nil {
					t.Fatal(err)
				}
				for i := range 6 {
					e := ended(t, done)
					if !errors.As(e, tt.want) || !strings.Contains(e.Error(), tt.text) {
						t.Errorf("call %d: %v", i, e)
					}
					if wrote := i < 5; e.Wrote != wrote || Wrote(e) != wrote {
						t.Errorf("call %d: wrote is %v", i, e.Wrote)
					}
				}
				if _, err := p.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("the connection is still there: %v", err)
				}
			})
		})
	}
}

func TestAnswerNobodyAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 1)
		p.answer(0)
		synctest.Wait()
		if err := p.c.enqueue(produceCall(done)); err == nil || !strings.Contains(err.Error(), "none was due") {
			t.Errorf("got %v", err)
		}
	})
}

func TestPeerCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 2)
		p.send(produceCall(done))
		p.request()
		half := answersTo(t, 0)
		if _, err := p.Write(half[:len(half)/2]); err != nil {
			t.Fatal(err)
		}
		p.Close()
		e := ended(t, done)
		if !errors.Is(e, io.EOF) || !e.Wrote || e.Error() != "broker 1 (test:9092): read: closed by the peer" {
			t.Errorf("got %v, wrote %v", e, e.Wrote)
		}
	})
}

func TestRequestTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		p.send(produceCall(done))
		p.answer(p.request()) // arms the timer, but is no reason to time out
		<-done
		time.Sleep(20 * time.Second)
		begin := time.Now()
		p.send(produceCall(done))
		p.request()
		time.Sleep(10 * time.Second)
		p.send(produceCall(done))
		p.request()
		for range 2 {
			e := ended(t, done)
			var timeout *TimeoutError
			if !errors.As(e, &timeout) || timeout.After != 30*time.Second || timeout.Key != protocol.ProduceKey || !timeout.Timeout() || !e.Wrote {
				t.Errorf("got %v", e)
			}
		}
		if after := time.Since(begin); after != 30*time.Second {
			t.Errorf("timed out after %v, want 30s", after)
		}
	})
}

func TestShorterTimeoutOfALaterCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		begin := time.Now()
		p.send(produceCall(done))
		p.request()
		hasty := produceCall(done)
		hasty.Timeout = 3 * time.Second
		p.send(hasty)
		p.request()
		ended(t, done)
		ended(t, done)
		if after := time.Since(begin); after != 3*time.Second {
			t.Errorf("timed out after %v, want 3s", after)
		}
	})
}

// A peer that doesn't read: the write itself must time out, whether or not an answer is expected.
func TestWriteTimesOut(t *testing.T) {
	for _, silent := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			p, done := connect(t, nil), make(chan result, 3)
			begin := time.Now()
			stuck := produceCall(done)
			stuck.NoResponse = silent
			p.send(stuck)
			synctest.Wait()
			p.send(produceCall(done)) // waits behind it
			var timeout *TimeoutError
			for range 2 {
				if e := ended(t, done); !errors.As(e, &timeout) || e.Wrote {
					t.Errorf("silent %v: got %v, wrote %v", silent, e, e.Wrote)
				}
			}
			if after := time.Since(begin); after != 30*time.Second {
				t.Errorf("silent %v: timed out after %v, want 30s", silent, after)
			}
		})
	}
}

// The call that must be over first counts, although it is behind another in the same write.
func TestWriteTimesOutForALaterCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		begin := time.Now()
		for i := range 2 {
			stuck := produceCall(done)
			stuck.NoResponse = true
			if i == 1 {
				stuck.Timeout = 3 * time.Second
			}
			if err := p.c.enqueue(stuck); err != nil {
				t.Fatal(err)
			}
		}
		p.c.flush(ByWriter)
		ended(t, done)
		ended(t, done)
		if after := time.Since(begin); after != 3*time.Second {
			t.Errorf("timed out after %v, want 3s", after)
		}
	})
}

// What broke off in the middle of a write says which requests may have left.
func TestWriteBreaksOff(t *testing.T) {
	frame, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: 9}, produceCall(nil).Request)
	if err != nil {
		t.Fatal(err)
	}
	for n, wrote := range map[int][]bool{
		0:                  {false, false, false},
		1:                  {true, false, false},
		len(frame):         {true, false, false},
		len(frame) + 1:     {true, true, false},
		3*len(frame) - 1:   {true, true, true},
		2*len(frame) + 100: {true, true, true},
	} {
		c := testConn(&simConn{onWrite: func([]byte) (int, error) { return n, io.ErrClosedPipe }})
		c.ready(5)
		for i, r := range outcomes(t, c, 3) {
			var e *ConnError
			if !errors.As(r.err, &e) || e.Op != "write" || e.Wrote != wrote[i] {
				t.Errorf("%d bytes left, request %d: %v, wrote %v, want %v", n, i, r.err, e.Wrote, wrote[i])
			}
		}
	}
}
