package client

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// answersTo are the frames that answer Produce requests of version 9 with these correlation ids.
func answersTo(tb testing.TB, ids ...int32) []byte {
	var b []byte
	for _, id := range ids {
		var err error
		request := produceCall(nil).Request.(*protocol.ProduceRequest)
		if b, err = protocol.AppendResponse(b, 9, id, produced(request)); err != nil {
			tb.Fatal(err)
		}
	}
	return b
}

// outcomes has calls sent on a connection that then receives bytes and ends, and returns what became of them. All of it runs
// in one goroutine: nothing here needs a network or a clock.
func outcomes(tb testing.TB, c *conn, calls int) []result {
	var got []result
	for range calls {
		call := produceCall(nil)
		call.Done = func(call *Call, err error) { got = append(got, result{call, err}) }
		if err := c.enqueue(call); err != nil {
			tb.Fatal(err)
		}
	}
	for c.take() {
		c.writeTaken()
	}
	c.readers.Add(1)
	c.read()
	c.outbox.idle()
	return got
}

// FuzzSession gives a connection anything at all after any beginning of a valid exchange: every call must have one
// outcome, in order; what was wrong must be said; and memory follows what was received.
func FuzzSession(f *testing.F) {
	valid := answersTo(f, 0, 1, 2)
	f.Add(uint8(3), uint16(len(valid)), uint16(1), []byte{})
	f.Add(uint8(3), uint16(len(valid)/2), uint16(7), []byte("HTTP/1.1 400 Bad Request\r\n"))
	f.Add(uint8(2), uint16(len(valid)/3), uint16(100), []byte{0x7f, 0xff, 0xff, 0xff})
	f.Add(uint8(2), uint16(0), uint16(3), answersTo(f, 1))
	f.Add(uint8(2), uint16(0), uint16(3), answersTo(f, 0, 0))
	f.Add(uint8(0), uint16(0), uint16(3), answersTo(f, 0))
	f.Add(uint8(9), uint16(0), uint16(3), []byte{0, 0, 0, 6, 0, 0, 0, 0, 0, 0})
	f.Add(uint8(1), uint16(0), uint16(3), []byte{0, 0, 0, 0})
	f.Add(uint8(1), uint16(0), uint16(3), []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3})
	f.Fuzz(func(t *testing.T, calls uint8, prefix, chunk uint16, random []byte) {
		const window = 5
		n, whole := int(calls%10), min(int(prefix), len(valid))/(len(valid)/3)
		received := append(slices.Clone(valid[:min(int(prefix), len(valid))]), random...)
		c := testConn(&simConn{reads: chunks(received, int(chunk)+1)})
		c.inbox.limit = 1 << 20
		c.ready(window)
		got := outcomes(t, c, n)

		if len(got) != n {
			t.Fatalf("%d calls had %d outcomes", n, len(got))
		}
		if c.err == nil || c.err.Err == nil {
			t.Fatal("the connection has no reason for its end")
		}
		failed := false
		for i, r := range got {
			if r.err == nil {
				if failed {
					t.Fatalf("call %d has an answer, one before it has none", i)
				}
				continue
			}
			if i < whole {
				t.Fatalf("call %d was answered, but got %v", i, r.err)
			}
			failed = true
			var e *ConnError
			if !errors.As(r.err, &e) || e.Err == nil || e.Addr == "" || e.Error() == "" {
				t.Fatalf("call %d: %v", i, r.err)
			}
			if e.Wrote != (i < window) {
				t.Fatalf("call %d: wrote is %v", i, e.Wrote)
			}
		}
		if limit := max(inboxSize, 4*len(received)); cap(c.inbox.buf) > limit {
			t.Fatalf("%d bytes were received, %d of storage taken", len(received), cap(c.inbox.buf))
		}
	})
}

// FuzzHandshake gives the handshake anything at all for an answer: it must end, with versions or with an error that says
// what came.
func FuzzHandshake(f *testing.F) {
	answer := func(version int16, id int32, m *protocol.ApiVersionsResponse) []byte {
		b, err := protocol.AppendResponse(nil, version, id, m)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	good := offering(protocol.ApiVersion{ApiKey: protocol.ProduceKey, MaxVersion: 13}, protocol.ApiVersion{ApiKey: protocol.MetadataKey, MaxVersion: 13})
	refused := offering()
	refused.ErrorCode = protocol.UnsupportedVersion
	f.Add(answer(5, 0, good), uint16(3))
	f.Add(append(answer(0, 0, refused), answer(0, 1, good)...), uint16(100))
	f.Add([]byte{0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0x23, 1, 0, 0x12, 0, 0, 0, 2, 0, 0, 0, 0}, uint16(100)) // librdkafka's mock cluster
	f.Add([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"), uint16(3))
	f.Add([]byte{0x15, 3, 1, 0, 2, 2, 0x16}, uint16(1))
	f.Add([]byte("SSH-2.0-OpenSSH_9.6\r\n"), uint16(1))
	f.Fuzz(func(t *testing.T, received []byte, chunk uint16) {
		h := &handshake{nc: &simConn{reads: chunks(bytes.Clone(received), int(chunk)+1)}, inbox: inbox{limit: 1 << 20}, nodeID: -1, timeout: time.Minute, clock: newClock()}
		v, _, err := h.run(t.Context())
		if err == nil && (v.Max(protocol.ProduceKey, 99) < 3 || v.Max(protocol.MetadataKey, 99) < 4) {
			t.Fatalf("no error, but versions of no use: %+v", v)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
		if limit := max(inboxSize, 4*len(received)); cap(h.inbox.buf) > limit {
			t.Fatalf("%d bytes were received, %d of storage taken", len(received), cap(h.inbox.buf))
		}
	})
}
