package producer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/world"
	"kafkaproducer/compress"
	"kafkaproducer/producer/internal/simulation"
	"kafkaproducer/protocol"
)

// The exact simulation runs this package, package client and the test kit's brokers on one goroutine: each thing that happens is an
// event of a simulation.World, so that a schedule is the same run each time, to the byte. What blocks in a program is done in its
// halves here: beginWait and endWait for a Send that waits for room, startFlush, beginClose and abort.

// exact is one run of a schedule.
type exact struct {
	s simulation.Schedule
	w *simulation.World
	c *simulation.Cluster
	p *Producer
	o *simulation.Oracle

	senders []*exactSender
	echoes  int // records sent by callbacks, or tried
	flushes []exactFlush
	phase   exactPhase
	healed  time.Duration
	done    chan struct{}       // of Flush, or Close, in the phases that wait for it
	expires time.Duration       // when Close gives up; 0: it has, or doesn't
	aborted int                 // records that Close gave up, less those whose callbacks said so
	doubted int                 // records whose context ended when they may have been sent
	open    int                 // connections that the client hasn't closed
	wire    hash.Hash64         // of all that was written and read, and when; nil: nobody asks
	trace   io.Writer           // nil: nobody looks
	met     simulation.Coverage // what happened; nil: nobody counts
}

// exactPhase is how far a run is.
type exactPhase int8

const (
	troubled exactPhase = iota // the schedule's steps happen
	healing                    // they have happened: senders end
	probing                    // a record a topic must get through
	closing
	drained
)

// exactSender is a caller that sends.
type exactSender struct {
	id      int
	queue   []exactRecord // to be sent
	next    int           // number of the first of queue
	waiting *waiter       // its Send waits for room
	cancel  bool          // the wait is to end
	until   time.Duration // max.block.ms
	asleep  bool          // tries again when something has changed, or later
	since   time.Duration // when it fell asleep
	seen    changes       // what there was then
	stopped error         // why it sent no more

	watch *withdrawal   // of the record that is being sent; nil: it has no context
	ends  time.Duration // its context
}

// changes is what a Send that was refused depends on.
type changes struct {
	metadata *client.Cluster
	room     int64
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

// exactFlush is a Flush that waits, and the records it waits for.
type exactFlush struct {
	done   chan struct{}
	counts map[int]int // by sender
}

const (
	echoSender  = 8 // whose records callbacks send
	probeSender = 9
	mostEchoes  = 20
	mostEvents  = 300_000

	patience = 5 * time.Second // delivery.timeout.ms from which on a record gets through when all is well

	settle = time.Minute // from the end of what goes wrong until nothing is wrong
)

// runExact runs a schedule and returns what was wrong.
func runExact(s simulation.Schedule, trace io.Writer) error { return newExact(s, trace).run() }

func newExact(s simulation.Schedule, trace io.Writer) *exact {
	return &exact{s: s, trace: trace, w: simulation.NewWorld(s.Seed, s.Latency), o: simulation.NewOracle(s)}
}

func (x *exact) run() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if err := x.begin(); err != nil {
		return err
	}
	for x.w.Step() {
		x.look()
		if err := x.check(); err != nil {
			return fmt.Errorf("at %v: %w", x.w.Elapsed(), err)
		}
	}
	x.metAtEnd()
	return x.judge()
}

// begin makes the cluster and the producer, and plans what happens.
func (x *exact) begin() (err error) {
	if x.c, err = simulation.NewCluster(x.s.Settings, x.w, x.w.After, x.rest); err != nil {
		return err
	}
	set, err := exactConfig(x.s.Settings, x.dial, x.trace).resolve()
	if err != nil {
		return err
	}
	set.maxBlock, set.firstSequence = 0, int32(x.s.Sequence)
	set.client.World, set.client.SocketConnectionSetupTimeout = x.w, 0
	if x.p, err = start(set); err != nil {
		return err
	}
	for id := range 4 {
		x.senders = append(x.senders, &exactSender{id: id})
	}
	x.next(0)
	return nil
}

// next plans the i-th step.
func (x *exact) next(i int) {
	if i == len(x.s.Steps) {
		x.w.After(x.s.Heal, x.heal)
		return
	}
	wait := x.s.Steps[i].At
	if i > 0 {
		wait -= x.s.Steps[i-1].At
	}
	x.w.After(wait, func() {
		x.step(x.s.Steps[i])
		x.next(i + 1)
	})
}

// rest lets time pass, if the producer has nothing to do.
func (x *exact) rest(d time.Duration) bool {
	if c := &x.p.completer; x.p.core.Live() > 0 || c.running || len(c.queue) > 0 || x.phase >= closing {
		return false
	}
	x.w.Leap(d)
	return true
}

func (x *exact) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	nc, err := x.c.Dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	x.open++
	return &exactConn{Arriver: nc.(world.Arriver), x: x}, nil
}

// exactConn is the client's end of a connection, counted and listened to.
type exactConn struct {
	world.Arriver
	x      *exact
	closed bool
}

func (c *exactConn) Read(b []byte) (int, error) {
	n, err := c.Arriver.Read(b)
	c.x.heard(b[:n])
	return n, err
}

func (c *exactConn) Write(b []byte) (int, error) {
	n, err := c.Arriver.Write(b)
	c.x.heard(b[:n])
	return n, err
}

func (c *exactConn) Close() error {
	if !c.closed {
		c.closed = true
		c.x.open--
	}
	return c.Arriver.Close()
}

func (x *exact) heard(b []byte) {
	if x.wire != nil {
		binary.Write(x.wire, binary.BigEndian, int64(x.w.Elapsed()))
		x.wire.Write(b)
	}
}

// exactConfig is the Config of a schedule.
func exactConfig(s simulation.Settings, dial func(context.Context, string, string) (net.Conn, error), trace io.Writer) Config {
	log := slog.New(slog.DiscardHandler)
	if trace != nil {
		log = slog.New(slog.NewTextHandler(trace, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		}}))
	}
	cfg := Config{
		BootstrapServers: []string{simulation.Bootstrap}, Dial: dial, Logger: log,
		EnableIdempotence: Off, Retries: s.Retries, MaxInFlightRequestsPerConnection: s.InFlight,
		Linger: s.Linger, BatchSize: s.Batch, BufferMemory: s.Memory,
		RequestTimeout: s.RequestTimeout, DeliveryTimeout: s.DeliveryTimeout,
		RetryBackoff: s.Backoff, RetryBackoffMax: 10 * s.Backoff, ReconnectBackoff: s.Backoff, ReconnectBackoffMax: 10 * s.Backoff,
		CompressionType: compress.Codec(s.Compression), MaxBlock: s.Block,
	}
	if s.Idempotent && s.Retries >= 0 {
		cfg.EnableIdempotence = On
	}
	if s.Batch == 0 {
		cfg.BatchSize = 1
	}
	switch s.Acks {
	case 0:
		cfg.Acks = AcksNone
	case 1:
		cfg.Acks = AcksLeader
	}
	if s.Gapless {
		cfg.Gapless = On
	}
	cfg.Overflow = overflowNamed(s.Overflow)
	cfg.Topics = map[string]TopicConfig{simulation.Topic(s.Topics - 1): {Overflow: overflowNamed(s.TopicOverflow)}}
	return cfg
}

// logf is for where somebody looks, which callers find out themselves where there is much to say.
func (x *exact) logf(format string, args ...any) {
	if x.trace != nil {
		fmt.Fprintf(x.trace, "%v "+format+"\n", append([]any{x.w.Elapsed()}, args...)...)
	}
}

// step does what a step says.
func (x *exact) step(s simulation.Step) {
	if x.trace != nil {
		x.logf("step %+v", s)
	}
	x.under(s)
	sender := x.senders[s.Sender%len(x.senders)]
	switch s.Do {
	case "send":
		for range s.N {
			sender.queue = append(sender.queue, stepRecord(&x.s, s))
		}
		x.send(sender)
	case "flush":
		x.flush()
	case "cancel":
		sender.cancel = true
	case "close":
		x.close(s.For)
	case "jump":
		x.w.Jump(s.For)
	default:
		x.c.Apply(s)
	}
}

// send sends what a sender has to send, until it must wait.
func (x *exact) send(s *exactSender) {
	for len(s.queue) > 0 && s.waiting == nil && !s.asleep {
		r, done := x.record(s.id, s.next, s.queue[0])
		done = x.watched(s, &r, done)
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

// watched gives the next record of a sender a context, as sendWithContext does, and returns its callback.
func (x *exact) watched(s *exactSender, r *Record, done Callback) Callback {
	s.watch = nil
	within := s.queue[0].within
	if within == 0 {
		return done
	}
	s.watch, s.ends = &withdrawal{p: x.p, done: done}, x.w.Elapsed()+within
	r.withdrawal = s.watch
	return s.watch.outcome
}

// accepted goes on with a sender whose record was accepted. From now on its context is watched.
func (x *exact) accepted(s *exactSender) {
	x.o.Accept(s.id, s.next, x.w.Elapsed())
	s.queue, s.next = s.queue[1:], s.next+1
	if w := s.watch; w != nil && !w.over {
		x.w.After(s.ends-x.w.Elapsed(), func() { w.end(context.DeadlineExceeded) })
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
	s.asleep, s.since, s.seen = true, x.w.Elapsed(), x.changes()
	x.w.After(nap, func() {}) // so that look looks
	x.w.After(again, func() { x.wakeUp(s) })
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

// record returns a record and its callback.
func (x *exact) record(sender, n int, q exactRecord) (Record, Callback) {
	r := scheduledRecord(&x.s, sender, n, q)
	return r, func(m RecordMetadata, err error) { x.called(sender, n, r, m, err) }
}

// called is every callback.
func (x *exact) called(sender, n int, r Record, m RecordMetadata, err error) {
	if x.trace != nil {
		x.logf("callback %d.%d: %s-%d/%d %v", sender, n, m.Topic, m.Partition, m.Offset, err)
	}
	tellOracle(x.o, sender, n, r, x.w.Elapsed(), m, err)
	x.metInCallback(r, err)
	switch _, delivered := errors.AsType[*DeliveryError](err); {
	case errors.Is(err, ErrAborted):
		x.aborted--
	case delivered && errors.Is(err, context.DeadlineExceeded):
		x.doubted++
	}
	if x.s.Echo > 0 && n%x.s.Echo == 0 && sender < echoSender && x.echoes < mostEchoes {
		x.echo(r.Topic)
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

func (x *exact) flush() {
	if x.phase >= closing {
		return
	}
	f := exactFlush{counts: map[int]int{}}
	for _, s := range x.senders {
		f.counts[s.id] = s.next
	}
	x.p.mu.Lock()
	f.done = x.p.startFlush()
	x.p.release(nil, true)
	x.flushes = append(x.flushes, f)
}

func (x *exact) close(within time.Duration) {
	if x.phase >= closing {
		return
	}
	x.phase, x.expires = closing, x.w.Elapsed()+within+1
	x.p.mu.Lock()
	x.done = x.p.beginClose()
	x.w.After(within+1, func() {}) // so that look looks
}

func (x *exact) heal() {
	x.logf("healed")
	x.c.Heal()
	x.healed = x.w.Elapsed()
	x.w.After(settle, func() { // what is under way may still be lost
		if x.phase == troubled {
			x.phase = healing
		}
	})
}

func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// look does what callers do whose wait is over.
func (x *exact) look() {
	for _, s := range x.senders {
		switch {
		case s.waiting != nil:
			x.waited(s)
		case s.asleep && s.seen != x.changes() && x.w.Elapsed() >= s.since+nap:
			x.wakeUp(s)
		}
	}
	left := x.flushes[:0]
	for _, f := range x.flushes {
		if !closed(f.done) {
			left = append(left, f)
			continue
		}
		for sender, n := range f.counts {
			x.o.Flushed(sender, n)
		}
	}
	x.flushes = left
	switch x.phase {
	case healing:
		if x.quiet() {
			x.probe()
		}
	case probing:
		switch {
		case x.done != nil && closed(x.done):
			x.checkProbes()
			x.close(time.Hour)
		case x.done == nil && x.quiet():
			x.probed()
		}
	case closing:
		switch {
		case closed(x.done):
			if x.aborted < 0 || x.aborted > x.doubted {
				x.o.Fail("Close gave up %d records more than callbacks had ErrAborted; the contexts of %d had ended", x.aborted, x.doubted)
			}
			x.phase = drained
			x.p.client.Close()
		case x.expires > 0 && x.w.Elapsed() >= x.expires:
			x.expires = 0
			x.aborted += x.p.abort()
			x.w.After(grace, func() {
				if x.phase == closing {
					x.o.Fail("Close has not ended %v after its context", grace)
				}
			})
		}
	}
}

// quiet says that the senders are through.
func (x *exact) quiet() bool {
	for _, s := range x.senders {
		if len(s.queue) > 0 {
			return false
		}
	}
	return true
}

// probe sends a record to each topic, which must get through.
func (x *exact) probe() {
	x.phase = probing
	s := &exactSender{id: probeSender}
	for i := range x.s.Topics {
		s.queue = append(s.queue, exactRecord{topic: simulation.Topic(i), size: 10, overflow: OverflowBlock})
	}
	x.senders = append(x.senders, s)
	x.send(s)
}

// probed has the probes flushed once they are accepted.
func (x *exact) probed() {
	x.p.mu.Lock()
	x.done = x.p.startFlush()
	x.p.release(nil, true)
}

// checkProbes: once nothing is wrong any more, records get through.
func (x *exact) checkProbes() {
	if x.s.DeliveryTimeout < patience {
		return // too short for what must be found out first: a leader, a connection
	}
	if x.p.core.Fatal() != nil || x.s.Retries != 0 || x.s.Lies() {
		return
	}
	prober := x.senders[len(x.senders)-1]
	err := prober.stopped
	for n := 0; n < prober.next && err == nil; n++ {
		err = x.o.Outcome(probeSender, n).Err
	}
	if x.s.Fences() && errors.Is(err, protocol.InvalidProducerEpoch) {
		return // it may be in the log, and can't be sent again
	}
	if err != nil && !errors.Is(err, ErrBehindFailed) {
		x.o.Fail("nothing was wrong any more, but a record sent then failed: %w", err)
	}
}

// check looks for what must hold at each moment.
func (x *exact) check() error {
	m := &x.p.memory
	switch {
	case x.o.Failed() != nil:
		return x.o.Failed()
	case x.w.Events > mostEvents:
		return fmt.Errorf("%d events, and no end", x.w.Events)
	case m.used < 0, m.owed < 0, m.owed > m.used, m.used > m.limit+m.owed+int64(x.p.set.maxRequestSize):
		return fmt.Errorf("memory: %d of %d bytes are used, %d of them owed", m.used, m.limit, m.owed)
	case x.healed > 0 && x.phase < drained && x.w.Elapsed() > x.healed+2*time.Hour:
		return errors.New("two hours after all was well it isn't done")
	}
	return nil
}

// judge is called when nothing more happens.
func (x *exact) judge() error {
	p := x.p
	switch {
	case x.phase < drained:
		return fmt.Errorf("nothing more happens, but the run is at phase %d: %d batches live, %d in senders' queues", x.phase, p.core.Live(), len(x.senders[0].queue))
	case p.memory.used != 0 || p.memory.owed != 0:
		return fmt.Errorf("in the end %d bytes of memory are used, %d owed", p.memory.used, p.memory.owed)
	case p.core.Live() != 0 || p.waiters.head != nil || p.completer.running || len(p.completer.queue) > 0:
		return fmt.Errorf("in the end %d batches live, %d outcomes wait", p.core.Live(), len(p.completer.queue))
	case x.open != 0:
		return fmt.Errorf("in the end %d connections are open", x.open)
	}
	return x.o.Judge(x.c)
}
