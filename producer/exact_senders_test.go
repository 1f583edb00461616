package producer

import (
	"context"
	"errors"
	"slices"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/internal/simulation"
)

// exactSender is a caller that sends.
type exactSender struct {
	id      int
	queue   []exactRecord // to be sent
	storage []exactRecord // that queue begins with when it is empty
	next    int           // number of the first of queue
	waiting *waiter       // its Send waits for room
	cancel  bool          // the wait is to end
	until   time.Duration // max.block.ms
	asleep  bool          // tries again when something has changed, or later
	since   time.Duration // when it fell asleep
	seen    changes       // what there was then
	stopped error         // why it sent no more

	watch *exactCall    // the record that is being sent; nil: it has no context
	ends  time.Duration // its context
}

// changes is what a Send that was refused depends on.
type changes struct {
	metadata *client.Cluster
	room     int64
}

// addSender returns another sender, with the storage of one of the run before.
func (x *exact) addSender(id int) *exactSender {
	n := len(x.senders)
	x.senders = slices.Grow(x.senders, 1)[:n+1]
	s := x.senders[n]
	if s == nil {
		s = new(exactSender)
		x.senders[n] = s
	}
	*s = exactSender{id: id, storage: s.storage}
	return s
}

// add has a sender send a record n times.
func (s *exactSender) add(r exactRecord, n int) {
	if len(s.queue) == 0 {
		s.queue = s.storage[:0]
	}
	for range n {
		s.queue = append(s.queue, r)
	}
	if cap(s.queue) > cap(s.storage) {
		s.storage = s.queue
	}
}

type exactRecord struct {
	topic    string
	size     int
	within   time.Duration // of its context; 0: it has none
	overflow Overflow
	pinned   int // to a partition, plus one; 0: it isn't
}

// stepRecord is a record of a step.
func stepRecord(x *simulation.Schedule, s simulation.Step) exactRecord {
	return exactRecord{simulation.Topic(s.Topic % x.Topics), s.Size, s.Within, overflowNamed(s.Overflow), s.Partition%x.Partitions + 1}
}

// overflowNamed is the Overflow that a schedule calls by a name.
func overflowNamed(name string) Overflow { return Overflow(slices.Index(simulation.Overflows, name)) }

// send sends what a sender has to send, until it must wait.
func (x *exact) send(s *exactSender) {
	for len(s.queue) > 0 && s.waiting == nil && !s.asleep {
		r, done := x.record(s.id, s.next, s.queue[0])
		if s.watch = nil; r.withdrawal != nil {
			s.watch, s.ends = x.calls[x.called-1], x.w.Elapsed()+s.queue[0].within
		}
		x.o.Try(s.id, s.next)
		err := x.p.Send(context.Background(), r, done)
		_, unknown := errors.AsType[*client.TopicError](err)
		switch {
		case err == nil:
			x.accepted(s)
		case !unknown && errors.Is(err, ErrBufferFull) && x.s.Block > 0 && r.Overflow.or(x.p.topic(r.Topic).overflow) == OverflowBlock:
			x.wait(s, r, done)
		case unknown && !errors.Is(err, client.ErrClosed), errors.Is(err, ErrBufferFull):
			x.met.Count("Send found no room", 1)
			x.sleep(s)
		default:
			x.logf("sender %d stops: %v", s.id, err)
			s.queue, s.stopped = nil, err
		}
	}
}

// accepted goes on with a sender whose record was accepted. From now on its context is watched.
func (x *exact) accepted(s *exactSender) {
	x.o.Accept(s.id, s.next, x.w.Elapsed())
	s.queue, s.next = s.queue[1:], s.next+1
	if c := s.watch; c != nil && !c.watch.over {
		x.w.After(s.ends-x.w.Elapsed(), c.expire)
	}
}

// A sender that was refused waits for a nap, and then until something has changed, or for again.
const (
	nap   = 3 * time.Millisecond
	again = 100 * time.Millisecond
)

// sleep has a sender try again when there are new metadata or other room, which is when a Send that waits goes on, too, and now and then
// in any case.
func (x *exact) sleep(s *exactSender) {
	now := x.w.Elapsed()
	s.asleep, s.since, s.seen = true, now, x.changes()
	x.w.After(nap, func() {}) // so that look looks
	x.w.After(again, func() {
		if s.since == now { // else it has been awake
			x.wakeUp(s)
		}
	})
}

func (x *exact) wakeUp(s *exactSender) {
	if s.asleep {
		s.asleep = false
		x.send(s)
	}
}

func (x *exact) changes() changes { return changes{x.p.client.Cluster(), x.p.memory.used} }

// wait is waitForRoom, its first half.
func (x *exact) wait(s *exactSender, r Record, done Callback) {
	t := x.p.topic(r.Topic)
	part, err := x.p.choose(t, &r)
	if err != nil {
		s.queue = nil
		return
	}
	s.until, s.cancel = x.w.Elapsed()+x.s.Block, false
	x.p.mu.Lock()
	s.waiting = x.p.beginWait(t, part, r, done)
	x.w.After(x.s.Block, func() {}) // so that look looks
	if s.watch != nil {
		x.w.After(s.ends-x.w.Elapsed(), func() {})
	}
}

// waited is its second half.
func (x *exact) waited(s *exactSender) {
	var err error
	select {
	case <-s.waiting.wake:
	default:
		switch {
		case s.cancel, s.watch != nil && x.w.Elapsed() >= s.ends:
			err = context.Canceled
		case x.w.Elapsed() >= s.until:
			err = ErrBufferFull
		default:
			return
		}
	}
	err = x.p.endWait(s.waiting, err)
	s.waiting = nil
	switch {
	case err == nil:
		x.met.Count("Send waited", 1)
		x.accepted(s)
	case errors.Is(err, ErrBufferFull):
		x.met.Count("Send waited in vain", 1)
		x.sleep(s)
	case errors.Is(err, context.Canceled):
		x.met.Count("Send was cancelled", 1)
		s.queue = s.queue[1:] // this record is given up; its number goes to the next
	default:
		s.queue = nil
	}
	x.send(s)
}

// exactCall is a record that a sender tries to send, with its callbacks.
type exactCall struct {
	x         *exact
	sender, n int
	q         exactRecord
	partition *int32 // nil: any
	value     []byte
	watch     withdrawal // of its context, if it has one

	done    Callback // called
	outcome Callback // of watch
	expire  func()   // ends its context
}

// record returns a record and its callback. One with a context is watched, as sendWithContext does it.
func (x *exact) record(sender, n int, q exactRecord) (Record, Callback) {
	if x.called == len(x.calls) {
		c := &exactCall{x: x}
		c.done, c.outcome, c.expire = c.called, c.watch.outcome, c.expired
		x.calls = append(x.calls, c)
	}
	c := x.calls[x.called]
	x.called++
	r := scheduledRecord(&x.s, sender, n, q, c.value)
	c.sender, c.n, c.q, c.partition, c.value = sender, n, q, r.Partition, r.Value
	if q.within == 0 {
		return r, c.done
	}
	c.watch = withdrawal{p: x.p, done: c.done}
	r.withdrawal = &c.watch
	return r, c.outcome
}

// forgetCalls leaves nothing of a run but storage.
func (x *exact) forgetCalls() {
	for _, c := range x.calls[:x.called] {
		*c = exactCall{x: x, value: c.value, done: c.done, outcome: c.outcome, expire: c.expire}
	}
}

func (c *exactCall) expired() { c.watch.end(context.DeadlineExceeded) }

// called is every callback.
func (c *exactCall) called(m RecordMetadata, err error) {
	x, sender, n := c.x, c.sender, c.n
	if x.trace != nil {
		x.logf("callback %d.%d: %s-%d/%d %v", sender, n, m.Topic, m.Partition, m.Offset, err)
	}
	tellOracle(x.o, sender, n, c.q.topic, c.partition, x.w.Elapsed(), m, err)
	x.metInCallback(c.q, err)
	switch _, delivered := errors.AsType[*DeliveryError](err); {
	case errors.Is(err, ErrAborted):
		x.aborted--
	case delivered && errors.Is(err, context.DeadlineExceeded):
		x.doubted++
	}
	if x.s.Echo > 0 && n%x.s.Echo == 0 && sender < echoSender && x.echoes < mostEchoes {
		x.echo(c.q.topic)
	}
}

// echo sends a record from inside a callback.
func (x *exact) echo(topic string) {
	n := x.echoes
	x.echoes++
	r, done := x.record(echoSender, n, exactRecord{topic: topic, size: 10})
	x.o.Try(echoSender, n)
	if err := x.p.Send(context.Background(), r, done); err == nil {
		x.met.Count("Send in a callback", 1)
		x.o.Accept(echoSender, n, x.w.Elapsed())
	}
}
