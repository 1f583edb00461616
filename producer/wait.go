package producer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kafkaproducer/producer/internal/delivery"
)

// waiter is a Send that waits for room. The record is kept by value, and the goroutine that frees room adds it to its
// batch: who waits is served in order, without running for the room when woken. Guarded by Producer.mu.
type waiter struct {
	topic      *topic
	part       *partition // nil: the sticky partitioner's
	record     Record
	done       Callback
	inCallback bool          // waits inside a callback, which holds up all other callbacks
	served     bool          // the record is in a batch
	err        error         // or the producer ended
	wake       chan struct{} // one slot
	timer      *time.Timer   // max.block.ms

	prev, next *waiter
}

// waiters are the Sends that wait for room, first come first.
type waiters struct {
	head, tail *waiter
	callbacks  int           // how many are inCallback
	all        bool          // are given the room there is: see passedOver
	allFrom    delivery.Time // when that becomes so
	pressing   bool          // the core was told that there are some
	free       sync.Pool     // of *waiter; needs no lock
}

func (l *waiters) push(w *waiter) {
	w.prev, w.next = l.tail, nil
	if l.tail != nil {
		l.tail.next = w
	} else {
		l.head = w
	}
	l.tail = w
	if w.inCallback {
		l.callbacks++
	}
}

func (l *waiters) remove(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		l.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		l.tail = w.prev
	}
	w.prev, w.next = nil, nil
	if w.inCallback {
		l.callbacks--
	}
}

// get returns a waiter to use, with a stopped timer.
func (l *waiters) get() *waiter {
	if w, ok := l.free.Get().(*waiter); ok {
		return w
	}
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &waiter{wake: make(chan struct{}, 1), timer: t}
}

// put takes back a waiter that is in no list.
func (l *waiters) put(w *waiter) {
	select {
	case <-w.wake:
	default:
	}
	w.timer.Stop()
	*w = waiter{wake: w.wake, timer: w.timer}
	l.free.Put(w)
}

// waitForRoom ends a Send for whose record there is no room yet. It takes over p.mu.
func (p *Producer) waitForRoom(ctx context.Context, t *topic, part *partition, r Record, done Callback) error {
	if p.set.maxBlock <= 0 {
		p.mu.Unlock()
		return ErrBufferFull
	}
	w := p.beginWait(t, part, r, done)
	w.timer.Reset(p.set.maxBlock)
	var err error
	select {
	case <-w.wake:
	case <-ctx.Done():
		err = fmt.Errorf("kafkaproducer: waiting for room in buffer.memory: %w", ctx.Err())
	case <-w.timer.C:
		err = ErrBufferFull
	}
	return p.endWait(w, err)
}

// beginWait puts a Send behind those that wait. It takes over p.mu. The wait is over when the waiter's wake is filled.
func (p *Producer) beginWait(t *topic, part *partition, r Record, done Callback) *waiter {
	w := p.waiters.get()
	w.topic, w.part, w.record, w.done = t, part, r, done
	w.inCallback = p.completer.running && inCallback()
	if w.inCallback {
		p.waitsInCallback()
	}
	p.waiters.push(w)
	p.waiters.all, p.waiters.allFrom = false, p.clock.now()+passedOver
	p.release(nil, aCall)
	return w
}

// endWait returns what became of the Send; err is why the wait ended, nil when it was woken.
func (p *Producer) endWait(w *waiter, err error) error {
	if err == nil { // who woke it is done with it
		err = w.err
		p.waiters.put(w)
		return err
	}
	p.mu.Lock()
	switch {
	case w.served: // also when the wait ended in the same moment
		err = nil
	case w.err != nil:
		err = w.err
	default:
		if err == ErrBufferFull {
			err = p.errFull(w.topic, w.part)
		}
		p.waiters.remove(w)
	}
	p.waiters.put(w)
	p.release(nil, aCall)
	return err
}

// mayPass says that a Send needn't wait behind those that do: there are none, or none that waits for more than its broker's share.
// Holds p.mu.
func (p *Producer) mayPass() bool {
	for w := p.waiters.head; w != nil; w = w.next {
		if !p.waitsForShare(w) {
			return false
		}
	}
	return true
}

// passedOver is for how long a Send may wait although there is room for its record. Room that comes back is given to one at a time. It goes on to
// send as a rule, and fills the batch that was opened for it without waiting again; who runs out of room after it has the next one woken. Were
// all woken for which there is room, most would find it taken when they run: with 64 goroutines one record in nine cost a wake-up. Where who was
// woken sends no more, all are served after that time, until the next one has to wait. (Against the sink, 256 KiB of buffer: 64 goroutines
// 1.9 to 2.9 million records a second, one goroutine a record 340 to 700 thousand. Bursts of a thousand goroutines that send one record each
// and no more lose a tenth.)
const passedOver = delivery.Time(time.Millisecond)

// serve gives room to those who wait for it, in order: to one of them, if one is set, or to all. It returns whether the core has heard
// something. Holds p.mu.
func (p *Producer) serve(one bool) (heard bool) {
	l := &p.waiters
	if l.head != nil {
		heard = p.giveRoom(one)
	}
	if waiting := l.head != nil; waiting != l.pressing {
		l.pressing = waiting
		p.core.Pressure(p.clock.now(), waiting)
		heard = true
	}
	return heard
}

// giveRoom returns whether anybody got some.
func (p *Producer) giveRoom(one bool) bool {
	served := false
	at := p.clock.look()
	for w := p.waiters.head; w != nil && (one || p.waiters.all); {
		next := w.next
		switch {
		case p.waitsForShare(w): // whom it doesn't hold up
		case p.place(at, w.topic, w.part, &w.record, w.done, 0).ok:
			p.serveOne(w)
			served, one = true, false
		default:
			next = nil
		}
		w = next
	}
	if p.waiters.callbacks > 0 && p.serveCallbacks(at) {
		served = true
	}
	return served
}

// serveCallbacks lets a Send from inside a callback through where all that stands in its way is what is owed to callbacks:
// they would be waiting for each other.
func (p *Producer) serveCallbacks(at moment) bool {
	served := false
	for w := p.waiters.head; w != nil; {
		next := w.next
		if w.inCallback && p.place(at, w.topic, w.part, &w.record, w.done, p.memory.owed).ok {
			p.serveOne(w)
			served = true
		}
		w = next
	}
	return served
}

func (p *Producer) serveOne(w *waiter) {
	p.waiters.remove(w)
	w.served = true
	w.wake <- struct{}{}
}

// dismiss ends all waits with err. Holds p.mu.
func (p *Producer) dismiss(err error) {
	for w := p.waiters.head; w != nil; w = p.waiters.head {
		p.waiters.remove(w)
		w.err = err
		w.wake <- struct{}{}
	}
}
