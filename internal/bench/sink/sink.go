package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"sync/atomic"
	"time"

	"kafkaproducer/internal/bench/pause"
)

// maxRequest is the largest request that is read, as with Kafka (socket.request.max.bytes).
const maxRequest = 100 << 20

// sink is the cluster.
type sink struct {
	delay     time.Duration
	listeners []net.Listener // of brokers 1, 2, …; complete before serve
	counts    counts
	producers atomic.Int64 // ids given out
}

// counts are what arrived.
type counts struct{ requests, batches, records, bytes atomic.Int64 }

// taken is counts as they are printed.
type taken struct {
	Requests int64 `json:"requests"` // to produce
	Batches  int64 `json:"batches"`
	Records  int64 `json:"records"`
	Bytes    int64 `json:"bytes"` // of these requests
}

// take returns the counts and begins anew.
func (c *counts) take() taken {
	return taken{Requests: c.requests.Swap(0), Batches: c.batches.Swap(0), Records: c.records.Swap(0), Bytes: c.bytes.Swap(0)}
}

// newSink returns a cluster that listens.
func newSink(delay time.Duration, brokers int) (*sink, error) {
	s := &sink{delay: delay}
	for range brokers {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			s.close()
			return nil, err
		}
		s.listeners = append(s.listeners, l)
	}
	return s, nil
}

func (s *sink) addrs() []string {
	var addrs []string
	for _, l := range s.listeners {
		addrs = append(addrs, l.Addr().String())
	}
	return addrs
}

func (s *sink) close() {
	for _, l := range s.listeners {
		l.Close()
	}
}

// serve takes connections until close.
func (s *sink) serve() {
	for _, l := range s.listeners {
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					if err := s.read(conn); err != nil && err != io.EOF {
						log.Print(err)
					}
				}()
			}
		}()
	}
}

// answer is a frame that goes out at its time.
type answer struct {
	due   time.Time // zero: at once
	frame []byte
}

// read takes the requests of a connection. Answers are written on another goroutine, so that those with a delay hold up no request.
func (s *sink) read(conn net.Conn) error {
	answers := make(chan answer, 1024)
	defer close(answers)
	go write(conn, answers)
	r := bufio.NewReaderSize(conn, 1<<20)
	var size [4]byte
	var buf []byte
	h := handler{sink: s}
	for {
		if _, err := io.ReadFull(r, size[:]); err != nil {
			return err
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > maxRequest {
			return fmt.Errorf("a request of %d bytes, more than the %d allowed", n, maxRequest)
		}
		if int(n) > cap(buf) {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		if _, err := io.ReadFull(r, buf); err != nil {
			return err
		}
		a, err := h.handle(buf)
		if err != nil {
			return err
		}
		if a.frame != nil {
			answers <- a
		}
	}
}

// write writes answers in their order. After an error it closes the connection, which ends the reader, and takes what is left.
func write(conn net.Conn, answers <-chan answer) {
	for a := range answers {
		if !a.due.IsZero() {
			pause.Until(a.due)
		}
		if _, err := conn.Write(a.frame); err != nil {
			conn.Close()
			for range answers {
			}
			return
		}
	}
}
