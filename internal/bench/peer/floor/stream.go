package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"time"

	"kafkaproducer/internal/bench/load"
)

// partitions that a stream writes to, and the least that its topic must have.
const partitions = 8

// stream writes batches as fast as they are acknowledged.
type stream struct {
	conn     net.Conn
	topic    string
	inFlight chan struct{} // holds a token for each request that is not answered
	failed   chan error    // holds why no more answers come

	correlation uint32
	batches     [partitions][]byte
	head        []byte              // what stands around the batches
	marks       [partitions + 1]int // where in head the batches belong
	pieces      [2*partitions + 1][]byte
}

func dialStream(s load.Settings) (send func() (int64, error), err error) {
	conn, err := net.Dial("tcp", s.Bootstrap)
	if err != nil {
		return nil, err
	}
	t := &stream{conn: conn, topic: s.Topic, inFlight: make(chan struct{}, s.InFlight), failed: make(chan error, 1)}
	for i := range t.batches {
		t.batches[i] = make([]byte, batchHeader, s.Batch+2*s.Size+batchHeader)
	}
	go t.readAnswers()
	values := load.Values(s.Values, s.Size)
	return func() (int64, error) { return t.send(s, values) }, nil
}

func (t *stream) readAnswers() {
	r := bufio.NewReaderSize(t.conn, 64<<10)
	var size [4]byte
	for {
		_, err := io.ReadFull(r, size[:])
		if err == nil {
			_, err = r.Discard(int(binary.BigEndian.Uint32(size[:])))
		}
		if err != nil {
			t.failed <- err
			return
		}
		<-t.inFlight
	}
}

// send sends until the records or the time are used up, and returns how many records it sent.
func (t *stream) send(s load.Settings, values [][]byte) (int64, error) {
	begin := time.Now()
	p, n, sent := 0, 0, 0
	for last := false; !last; {
		b := appendRecord(t.batches[p], n, values[sent%len(values)])
		t.batches[p] = b
		n++
		sent++
		last = sent == s.Records
		if len(b) <= s.Batch-s.Size-16 && !last {
			continue
		}
		finishBatch(b, n)
		n = 0
		if p++; p < partitions && !last {
			continue
		}
		if err := t.write(p); err != nil {
			return 0, err
		}
		p = 0
		last = last || s.For > 0 && time.Since(begin) >= s.For
	}
	for range cap(t.inFlight) {
		if err := t.acquire(); err != nil {
			return 0, err
		}
	}
	return int64(sent), nil
}

// acquire waits until another request may be in flight.
func (t *stream) acquire() error {
	select {
	case t.inFlight <- struct{}{}:
		return nil
	case err := <-t.failed:
		return err
	}
}

// write sends the first n batches in one request, and empties them.
func (t *stream) write(n int) error {
	t.correlation++
	t.head = appendRequestHead(t.head[:0], t.correlation, t.topic, n)
	total := 0
	for i, b := range t.batches[:n] {
		t.head = appendPartition(t.head, i, len(b))
		t.marks[i] = len(t.head)
		t.head = append(t.head, 0) // tagged fields of the partition
		total += len(b)
	}
	t.head = append(t.head, 0, 0) // and of topic and request
	binary.BigEndian.PutUint32(t.head, uint32(len(t.head)+total-4))
	pieces := net.Buffers(t.pieces[:0])
	from := 0
	for i, b := range t.batches[:n] {
		pieces = append(pieces, t.head[from:t.marks[i]], b)
		from = t.marks[i]
		t.batches[i] = b[:batchHeader]
	}
	pieces = append(pieces, t.head[from:])
	if err := t.acquire(); err != nil {
		return err
	}
	_, err := pieces.WriteTo(t.conn)
	return err
}
