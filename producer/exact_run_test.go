package producer

import (
	"fmt"
	"hash"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"kafkaproducer/producer/internal/simulation"
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
	calls   []*exactCall // storage; calls[:called] are in use
	called  int
	stepped func() // does the next step
	steps   int    // that are done
	echoes  int    // records sent by callbacks, or tried
	flushes []exactFlush
	phase   exactPhase
	healed  time.Duration
	done    chan struct{}       // of Flush, or Close, in the phases that wait for it
	expires time.Duration       // when Close gives up; 0: it has, or doesn't
	aborted int                 // records that Close gave up, less those whose callbacks said so
	doubted int                 // records whose context ended when they may have been sent
	open    int                 // connections that the client hasn't closed
	divides bool                // batches may be divided
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
	x, _ := spareExacts.Get().(*exact)
	if x == nil {
		x = &exact{w: simulation.NewWorld(s.Seed, s.Latency), o: simulation.NewOracle(s)}
		x.stepped = x.nextStep
	} else {
		x.w.Reset(s.Seed, s.Latency)
		x.o.Reset(s)
		x.forgetCalls()
	}
	*x = exact{
		s: s, divides: s.Divides(), trace: trace, w: x.w, o: x.o,
		senders: x.senders[:0], calls: x.calls, stepped: x.stepped, flushes: x.flushes[:0],
	}
	return x
}

// spareExacts are runs that are over and that nobody looks at any more: what a world, an oracle and the records' callbacks need is memory
// of some size.
var spareExacts sync.Pool

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
	set.maxBlock = 0
	simulated(&set, &x.s.Settings)
	set.client.World, set.client.SocketConnectionSetupTimeout, set.client.SocketConnectionSetupTimeoutMax = x.w, 0, 0
	if x.p, err = start(set); err != nil {
		return err
	}
	for id := range 4 {
		x.addSender(id)
	}
	x.planStep()
	return nil
}

// planStep plans the next step.
func (x *exact) planStep() {
	i := x.steps
	if i == len(x.s.Steps) {
		x.w.After(x.s.Heal, x.heal)
		return
	}
	wait := x.s.Steps[i].At
	if i > 0 {
		wait -= x.s.Steps[i-1].At
	}
	x.w.After(wait, x.stepped)
}

func (x *exact) nextStep() {
	x.step(x.s.Steps[x.steps])
	x.steps++
	x.planStep()
}

// rest lets time pass, if the producer has nothing to do.
func (x *exact) rest(d time.Duration) bool {
	if x.phase >= closing || !rests(x.p) {
		return false
	}
	x.w.Leap(d)
	return true
}

// rests says that nothing is left to do: no batch, also none that was given up and is unanswered, and no callback.
func rests(p *Producer) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range *p.topics.Load() {
		for _, part := range t.view.Load().partitions {
			if !part.Idle() {
				return false
			}
		}
	}
	return p.core.Live() == 0 && !p.completer.running && len(p.completer.queue) == 0
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
		sender.add(stepRecord(&x.s, s), s.N)
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
	x.p.release(nil, aCall)
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
