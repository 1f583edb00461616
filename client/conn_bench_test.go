package client

import (
	"encoding/binary"
	"io"
	"net"
	"testing"

	"kafkaproducer/protocol"
)

// echo is a peer on loopback that answers each Produce request as fast as it can: with the bytes of one answer, the
// correlation id put in.
func echo(tb testing.TB) net.Conn {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	request := produceCall(nil).Request.(*protocol.ProduceRequest)
	answer, err := protocol.AppendResponse(nil, 9, 0, produced(request))
	if err != nil {
		tb.Fatal(err)
	}
	ours, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		tb.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		tb.Fatal(err)
	}
	go func() {
		defer c.Close()
		buf := make([]byte, 1<<20)
		r, w := 0, 0
		var out []byte
		for {
			n, err := c.Read(buf[w:])
			if err != nil {
				return
			}
			w += n
			out = out[:0]
			for w-r >= 4 {
				size := 4 + int(binary.BigEndian.Uint32(buf[r:]))
				if w-r < size {
					break
				}
				copy(answer[4:8], buf[r+8:r+12])
				out = append(out, answer...)
				r += size
			}
			w = copy(buf, buf[r:w])
			r = 0
			if _, err := c.Write(out); err != nil {
				return
			}
		}
	}()
	return ours
}

// echoConn is a connection to an echo, without a Client around it.
func echoConn(tb testing.TB, inFlight int) *conn {
	c := testConn(echo(tb))
	c.ready(inFlight)
	c.readers.Go(c.serve)
	tb.Cleanup(func() {
		c.fail("close", ErrClosed)
		c.readers.Wait()
	})
	return c
}

func benchmarkConn(b *testing.B, inFlight int, by Writer, records int) {
	c := echoConn(b, inFlight)
	free := make(chan *Call, inFlight)
	for range inFlight {
		call := produceCall(nil)
		call.Request.(*protocol.ProduceRequest).TopicData[0].PartitionData[0].Records = make([]byte, records)
		call.Done = func(call *Call, err error) {
			if err != nil {
				b.Error(err)
			}
			free <- call
		}
		free <- call
	}
	b.ReportAllocs()
	for b.Loop() {
		call := <-free
		if err := c.enqueue(call); err != nil {
			b.Fatal(err)
		}
		c.flush(by)
	}
	for range inFlight {
		<-free
	}
}

func BenchmarkOneInFlightInline(b *testing.B)  { benchmarkConn(b, 1, ByCaller, 200) }
func BenchmarkOneInFlightWriter(b *testing.B)  { benchmarkConn(b, 1, ByWriter, 200) }
func BenchmarkFiveInFlight(b *testing.B)       { benchmarkConn(b, 5, ByWriter, 16<<10) }
func BenchmarkFiveInFlightReader(b *testing.B) { benchmarkConn(b, 5, ByReader, 16<<10) }

// BenchmarkBareWriteRead is the floor of BenchmarkOneInFlightInline: the same bytes, by one goroutine, nothing else.
func BenchmarkBareWriteRead(b *testing.B) {
	c := echo(b)
	defer c.Close()
	call := produceCall(nil)
	call.Request.(*protocol.ProduceRequest).TopicData[0].PartitionData[0].Records = make([]byte, 200)
	frame, err := protocol.AppendRequest(nil, protocol.RequestHeader{Version: 9}, call.Request)
	if err != nil {
		b.Fatal(err)
	}
	buf := make([]byte, 1024)
	for b.Loop() {
		if _, err := c.Write(frame); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf[:4]); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(c, buf[:binary.BigEndian.Uint32(buf)]); err != nil {
			b.Fatal(err)
		}
	}
}
