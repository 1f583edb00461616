package main

import (
	"time"

	"kafkaproducer/producer"
)

// The latencies of the first records are measured one by one. After so many reading the clock twice a record would cost more
// than sending it, so that one record stands for a stride of them.
const (
	timedEach   = 1000
	timedStride = 16
)

// ticket goes along with a record until its outcome is known: the argument that a callback doesn't have. Tickets are used
// again, so that a record costs no allocation but the ticket of another in flight.
type ticket struct {
	settled producer.Callback // made once a ticket
	line    int64
	bytes   int       // of key and value
	sent    time.Time // when Send was called, if weight isn't 0
	weight  int64     // how many records the latency of this one stands for; 0: it isn't measured
	next    *ticket   // in a list of free ones
}

// tickets hands out tickets to one goroutine.
type tickets struct {
	tally  *tally
	issued int64
	free   *ticket // a list of our own, so that the tally's lock is taken once for many
}

// issue returns a ticket for a record that is about to be sent.
func (s *tickets) issue(line int64, bytes int) *ticket {
	k := s.free
	if k == nil {
		k = s.refill()
	}
	s.free = k.next
	k.line, k.bytes, k.weight = line, bytes, 0
	switch {
	case s.issued < timedEach:
		k.weight = 1
	case s.issued%timedStride == 0:
		k.weight = timedStride
	}
	if k.weight > 0 {
		k.sent = time.Now()
	}
	s.issued++
	s.tally.inFlight.Add(1)
	return k
}

// refill takes over the tickets of records that are done, or makes a new one.
func (s *tickets) refill() *ticket {
	t := s.tally
	t.mu.Lock()
	k := t.free
	t.free = nil
	t.mu.Unlock()
	if k == nil {
		k = new(ticket)
		k.settled = func(m producer.RecordMetadata, err error) { t.settle(k, m, err) }
	}
	return k
}

// cancel takes back the ticket of a record that was not accepted.
func (s *tickets) cancel(k *ticket) {
	k.next, s.free = s.free, k
	s.tally.inFlight.Add(-1)
}
