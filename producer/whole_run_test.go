package producer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/producer/internal/simulation"
)

// The whole simulation runs the same schedules as the exact one, with the same cluster and the same oracle, on the producer as
// programs have it: its goroutines, timers and connections in testing/synctest, called from several goroutines at once.

// whole is one run of a schedule.
type whole struct {
	s     simulation.Schedule
	c     *simulation.Cluster
	p     *Producer
	o     *simulation.Oracle
	begun time.Time

	senders []*wholeSender
	sending sync.WaitGroup // senders, and Flushes
	echoes  atomic.Int64   // records sent by callbacks, or tried
	sent    atomic.Int64   // records sent
	closing atomic.Bool
	closed  bool                // by a step
	met     simulation.Coverage // what happened; nil: nobody counts
}

// wholeSender is a goroutine that sends.
type wholeSender struct {
	id     int
	queue  chan exactRecord
	next   atomic.Int64                       // number of the record that is sent next
	cancel atomic.Pointer[context.CancelFunc] // of the Send that is going on
}

// runWhole runs a schedule and returns what was wrong. trace hears what the producer logs.
func runWhole(t *testing.T, s simulation.Schedule, trace io.Writer) error {
	_, err := runWholeProducer(t, s, trace)
	return err
}

// runWholeProducer returns the producer, too, which has ended.
func runWholeProducer(t *testing.T, s simulation.Schedule, trace io.Writer) (p *Producer, err error) {
	return runWholeCounted(t, s, trace, nil)
}

func runWholeCounted(t *testing.T, s simulation.Schedule, trace io.Writer, met simulation.Coverage) (p *Producer, err error) {
	synctest.Test(t, func(t *testing.T) {
		x := &whole{s: s, o: simulation.NewOracle(s), begun: time.Now(), met: met}
		err = x.run(trace)
		p = x.p
	})
	return p, err
}

func (x *whole) run(trace io.Writer) (err error) {
	after := func(d time.Duration, f func()) { time.AfterFunc(d, f) }
	if x.c, err = simulation.NewCluster(x.s.Settings, nil, after, x.rest); err != nil {
		return err
	}
	defer x.c.Close()
	config := exactConfig(x.s.Settings, x.c.Dial, trace)
	config.letIn(&x.s.Settings)
	set, err := config.resolve()
	if err != nil {
		return err
	}
	simulated(&set, &x.s.Settings)
	if x.p, err = start(set); err != nil {
		return err
	}
	for id := range 4 {
		s := &wholeSender{id: id, queue: make(chan exactRecord, 1000)}
		x.senders = append(x.senders, s)
		x.sending.Go(func() { x.send(s) })
	}
	at := time.Duration(0)
	for _, step := range x.s.Steps {
		time.Sleep(step.At - at)
		at = step.At
		x.step(step)
	}
	time.Sleep(x.s.Heal)
	x.end()
	x.met.Faults(x.c)
	x.met.Logins(x.c)
	x.o.Moved = func() bool { return moved(x.p) }
	return x.o.Judge(x.c)
}

// end heals the cluster, and has everything come to its end.
func (x *whole) end() {
	x.c.Heal()
	for _, s := range x.senders {
		close(s.queue)
	}
	time.Sleep(settle)
	x.sending.Wait()
	if !x.closed {
		x.probe()
		x.close(time.Hour)
	}
	x.p.mu.Lock()
	defer x.p.mu.Unlock()
	if err := leftOver(x.p); err != nil {
		x.o.Fail("%w", err)
	}
}

func (x *whole) elapsed() time.Duration { return time.Since(x.begun) }

// rest lets time pass, if the producer has nothing to do and gets nothing to do meanwhile.
func (x *whole) rest(d time.Duration) bool {
	before := x.sent.Load()
	if !rests(x.p) {
		return false
	}
	time.Sleep(d)
	return rests(x.p) && x.sent.Load() == before
}

func (x *whole) step(s simulation.Step) {
	sender := x.senders[s.Sender%len(x.senders)]
	switch s.Do {
	case "send":
		for range s.N {
			sender.queue <- stepRecord(&x.s, s)
		}
	case "flush":
		x.sending.Go(x.flush)
	case "cancel":
		if cancel := sender.cancel.Load(); cancel != nil {
			(*cancel)()
		}
	case "close":
		if !x.closed {
			x.closed = true
			x.close(s.For)
		}
	case "jump": // time is the bubble's
	default:
		x.c.Apply(s)
	}
}

// send sends what its queue says, each record until it is accepted or its Send is cancelled.
func (x *whole) send(s *wholeSender) {
	for r := range s.queue {
		for x.try(s, r) {
			time.Sleep(3 * time.Millisecond)
		}
	}
}

// try sends a record, and returns whether to try again.
func (x *whole) try(s *wholeSender, r exactRecord) (again bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.cancel.Store(&cancel)
	n := int(s.next.Load())
	record, done := x.record(s.id, n, r)
	if r.within > 0 {
		var withdraw context.CancelFunc
		record.Context, withdraw = context.WithTimeout(context.Background(), r.within)
		context.AfterFunc(record.Context, withdraw)
	}
	x.o.Try(s.id, n)
	x.sent.Add(1)
	err := x.p.Send(ctx, record, done)
	var unknown *client.TopicError
	var refused *client.AuthError
	switch {
	case err == nil:
		x.o.Accept(s.id, n, x.elapsed())
		s.next.Add(1)
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, ErrClosed), errors.Is(err, client.ErrClosed):
		return false
	}
	return errors.Is(err, ErrBufferFull) || errors.As(err, &unknown) || errors.As(err, &refused)
}

func (x *whole) record(sender, n int, q exactRecord) (Record, Callback) {
	r := scheduledRecord(&x.s, sender, n, q, nil)
	return r, func(m RecordMetadata, err error) {
		tellOracle(x.o, sender, n, r.Topic, r.Partition, x.elapsed(), m, err)
		if x.s.Echo > 0 && n%x.s.Echo == 0 && sender < echoSender && !x.closing.Load() {
			x.echo(q.topic)
		}
	}
}

// echo sends a record from inside a callback. Callbacks run one at a time.
func (x *whole) echo(topic string) {
	n := int(x.echoes.Load())
	if n >= mostEchoes {
		return
	}
	x.echoes.Add(1)
	r, done := x.record(echoSender, n, exactRecord{topic: topic, size: 10})
	x.o.Try(echoSender, n)
	x.sent.Add(1)
	begun := x.elapsed()
	err := x.p.Send(context.Background(), r, done)
	x.o.HeldUp(x.elapsed() - begun)
	if err == nil {
		x.o.Accept(echoSender, n, x.elapsed())
	}
}

func (x *whole) flush() {
	counts := make([]int, len(x.senders))
	for i, s := range x.senders {
		counts[i] = int(s.next.Load())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	if err := x.p.Flush(ctx); err != nil {
		x.o.Fail("Flush: %w", err)
		return
	}
	for i, n := range counts {
		x.o.Flushed(i, n)
	}
}

// close is Close, which must end by its context's deadline, and two times grace for callbacks and connections.
func (x *whole) close(within time.Duration) {
	x.closing.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	begun := x.elapsed()
	err := x.p.Close(ctx)
	if took := x.elapsed() - begun; took > within+2*grace {
		x.o.Fail("Close took %v, its context ended after %v: %w", took, within, err)
	}
}

// probe sends a record to each topic, which must get through.
func (x *whole) probe() {
	for i := range x.s.Topics {
		r, done := x.record(probeSender, i, exactRecord{topic: simulation.Topic(i), size: 10, overflow: OverflowBlock})
		x.o.Try(probeSender, i)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		if err := x.p.Send(ctx, r, done); err == nil {
			x.o.Accept(probeSender, i, x.elapsed())
		}
		cancel()
	}
	x.flush()
	if x.s.DeliveryTimeout < patience || x.s.Retries != 0 || x.s.Lies() {
		return
	}
	for i := range x.s.Topics {
		x.p.mu.Lock()
		fatal := x.p.core.Fatal()
		x.p.mu.Unlock()
		if err := x.o.Outcome(probeSender, i).Err; err != nil && fatal == nil && !mayFail(&x.s, err) {
			x.o.Fail("nothing was wrong any more, but a record sent then failed: %w", err)
		}
	}
}

// scheduledRecord returns the n-th record of a sender. Its value takes the storage, if it fits.
func scheduledRecord(s *simulation.Schedule, sender, n int, q exactRecord, storage []byte) Record {
	r := Record{Topic: q.topic, Value: simulation.AppendValue(storage[:0], sender, n, q.size), Overflow: q.overflow}
	if q.pinned > 0 {
		r.Partition = new(int32)
		*r.Partition = int32(q.pinned - 1)
	} else if s.Partitioner == "keyed" || s.Partitioner == "mixed" && n%3 == 0 {
		r.Key = scheduledKeys[n%len(scheduledKeys)]
	} else if s.Partitioner == "mixed" && n%3 == 1 && sender != probeSender {
		r.Partition = new(int32)
		*r.Partition = int32(n % s.Partitions)
	}
	return r
}

var scheduledKeys = [][]byte{[]byte("k0"), []byte("k1"), []byte("k2"), []byte("k3"), []byte("k4"), []byte("k5"), []byte("k6")}

// tellOracle tells what a callback said.
func tellOracle(o *simulation.Oracle, sender, n int, topic string, partition *int32, at time.Duration, m RecordMetadata, err error) {
	out := simulation.Outcome{Topic: m.Topic, Partition: m.Partition, Offset: m.Offset, Err: err}
	if err != nil {
		out.Certainty = certainty(o, sender, n, err)
		out.Aside = errors.Is(err, ErrDropped) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, delivery.ErrOtherLog)
	}
	if m.Topic != topic || partition != nil && m.Partition != *partition {
		o.Fail("record %d.%d is for %s, its callback is about %s-%d", sender, n, destination(topic, partition), m.Topic, m.Partition)
	}
	o.Called(sender, n, at, out)
}

// certainty is what an error says of whether the record is in the log.
func certainty(o *simulation.Oracle, sender, n int, err error) simulation.Certainty {
	e, ok := errors.AsType[*DeliveryError](err)
	if !ok || e.Err == nil {
		o.Fail("record %d.%d failed with %T: %v", sender, n, err, err)
		return simulation.NotPersisted
	}
	if e.Attempts == 0 && e.Status != NotPersisted {
		o.Fail("record %d.%d was in no request, but its callback said %v", sender, n, err)
	}
	return simulation.Certainty(e.Status)
}

func destination(topic string, partition *int32) string {
	if partition == nil {
		return topic
	}
	return fmt.Sprintf("%s-%d", topic, *partition)
}

// whatFailed describes a schedule that failed, for a test's log.
func whatFailed(s simulation.Schedule, err error) string {
	exactly := "the exact simulation sees nothing wrong with it"
	if e := runExact(s, nil); e != nil {
		exactly = fmt.Sprintf("the exact simulation says: %v", e)
	}
	return fmt.Sprintf("seed %d: %v\n%s\n\n%v", s.Seed, err, exactly, s)
}
