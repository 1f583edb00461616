package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"

	"kafkaproducer/internal/bench/load"
)

// exchange writes the same request for each record.
type exchange struct {
	conn    net.Conn
	request []byte
	answers *bufio.Reader
	inTurn  bool // each answer is read by Send itself

	mu      sync.Mutex
	waiting []func(error) // in the order of the requests
}

func newExchange(conn net.Conn, s load.Settings) *exchange {
	x := &exchange{conn: conn, request: requestWithOne(s.Topic, load.Values(1, s.Size)[0]), inTurn: s.Mode == load.OneByOne,
		answers: bufio.NewReaderSize(conn, 64<<10)}
	if !x.inTurn {
		go x.readAnswers()
	}
	return x
}

func (x *exchange) Callback(done func(error)) any { return done }

func (x *exchange) Send(_ int, _, _ []byte, callback any) {
	done := callback.(func(error))
	if x.inTurn {
		_, err := x.conn.Write(x.request)
		if err == nil {
			err = x.readAnswer()
		}
		done(err)
		return
	}
	x.mu.Lock()
	x.waiting = append(x.waiting, done)
	x.mu.Unlock()
	x.conn.Write(x.request) // an error ends the answers, too
}

func (x *exchange) readAnswer() error {
	var size [4]byte
	if _, err := io.ReadFull(x.answers, size[:]); err != nil {
		return err
	}
	_, err := x.answers.Discard(int(binary.BigEndian.Uint32(size[:])))
	return err
}

func (x *exchange) readAnswers() {
	for {
		err := x.readAnswer()
		x.mu.Lock()
		done := x.waiting
		if err == nil {
			done = done[:1]
		}
		x.waiting = x.waiting[len(done):]
		x.mu.Unlock()
		for _, d := range done {
			d(err)
		}
		if err != nil {
			return
		}
	}
}

func (x *exchange) Flush() {}
func (x *exchange) Close() { x.conn.Close() }
