package producer

import (
	"context"
	"math"
	"slices"
	"time"

	"kafkaproducer/producer/internal/delivery"
)

// pace keeps what waits for one broker within the processor's cache, as long as that costs no throughput. A program that encodes
// faster than its records leave would fill buffer.memory, 32 MiB, and from then on every byte is fetched from main
// memory again when it is checksummed and written: a fifth of the CPU of a record of 1,000 bytes. So a Send that has
// opened a batch behind a backlog above the limit pauses, for a millisecond at most, until it is below. Its record is in
// the batch already: a pause keeps nobody else from sending, and has nothing to do with those who wait for room (waiters).
//
// No fixed limit is right. With a backlog of B bytes and answers after T, no more than B/T can flow: over a long way much must be
// buffered. How much is known from congestion control (BBR: Cardwell et al., 2016): the highest drain rate times the time of
// the quickest answer is what must be in flight, and a limit of a multiple of that lets the rate grow as far as it can. Where
// much is always in front of it, even the quickest answer takes long, for that reason alone. So once in a while senders drain the
// backlog, to see. Over a long way that fails, and costs a hundredth of their time. Guarded by Producer.mu.
type pace struct {
	backlog int64     // bytes of the buffers of batches that take no more records, until they come back
	drained int64     // bytes that came back, ever
	paused  []*waiter // in no order: all are woken at once

	now, before epoch // what is remembered of answers
	draining    bool  // until the backlog is half of paceLeast, or drainEnds
	drainEnds   delivery.Time
	limit       int64 // 0: too few answers yet, no pauses
}

// epoch is what some answers say.
type epoch struct {
	began   delivery.Time
	answers int
	rate    float64       // bytes a nanosecond, the highest
	took    delivery.Time // from handing a request to the client to its answer, the shortest
}

const (
	// paceLeast is a backlog that fits second-level caches and lets an answer find the next request ready.
	paceLeast = 2 << 20
	// paceGain is the limit as a multiple of what must be in flight. BBR has 2; here as much again waits to be written.
	paceGain    = 3
	pauseAtMost = time.Millisecond
	// paceSlowest is how much must leave in a pause for pauses to be of use. Where less does they hold the backlog back for a
	// while only, each of them costs more than a batch does, and bytes fetched from main memory are few.
	paceSlowest = 16 << 10

	// An epoch has at least so many answers and lasts at least so long; two are remembered. Each begins with draining, which
	// ends after so long.
	epochAnswers = 16
	epochLasts   = delivery.Time(2 * time.Second)
	drainLasts   = delivery.Time(20 * time.Millisecond)
)

// closed counts a batch that takes no more records.
func (x *pace) closed(size int) { x.backlog += int64(size) }

// ahead says whether who has just opened a batch should pause.
func (x *pace) ahead() bool {
	return x.limit > 0 && (x.backlog > x.limit || x.draining && x.backlog > paceLeast)
}

// left counts a buffer that came back, and ends the pauses when the backlog is small enough.
func (x *pace) left(size int) {
	x.backlog -= int64(size)
	x.drained += int64(size)
	if x.backlog <= paceLeast/2 {
		x.draining = false
	}
	if !x.draining && x.backlog <= x.limit-paceLeast/2 {
		for i, w := range x.paused {
			w.wake <- struct{}{} // has a slot
			x.paused[i] = nil
		}
		x.paused = x.paused[:0]
	}
}

// answered takes what an answer says: to a request that was queued at a time when drained was then, and has this size.
func (x *pace) answered(now, queued delivery.Time, then, size int64) {
	took := max(now-queued, 1)
	x.now.add(took, float64(x.drained-then+size)/float64(took))
	x.draining = x.draining && now < x.drainEnds
	if x.now.answers >= epochAnswers && (x.limit == 0 || now-x.now.began >= epochLasts) {
		x.draining, x.drainEnds = true, now+drainLasts
		x.before, x.now = x.now, epoch{began: now}
	}
	if x.before.answers == 0 {
		return
	}
	both := x.before
	if x.now.answers > 0 {
		both.add(x.now.took, x.now.rate)
	}
	x.limit = max(paceLeast, int64(paceGain*both.rate*float64(both.took)))
	if both.rate*float64(pauseAtMost) < paceSlowest {
		x.limit, x.draining = math.MaxInt64, false
	}
}

func (e *epoch) add(took delivery.Time, rate float64) {
	if e.answers == 0 || took < e.took {
		e.took = took
	}
	e.rate = max(e.rate, rate)
	e.answers++
}

// shouldPause says whether a Send that has opened b pauses: not one that never waits, nor one inside a callback, which would hold up
// others. In a World there is no cache to fit. Holds p.mu.
func (p *Producer) shouldPause(b *batch, o Overflow) bool {
	return b.part.holding.pace.ahead() && o == OverflowBlock && p.set.maxBlock > 0 && p.set.client.World == nil &&
		!(p.completer.running && inCallback())
}

// pause waits until the backlog is small enough, pauseAtMost has passed, or ctx has ended. It takes over p.mu.
func (p *Producer) pause(ctx context.Context, x *pace) {
	w := p.waiters.get()
	x.paused = append(x.paused, w)
	w.timer.Reset(pauseAtMost)
	p.release(nil, aCall)
	select {
	case <-w.wake:
	case <-ctx.Done():
	case <-w.timer.C:
	}
	p.mu.Lock()
	if i := slices.Index(x.paused, w); i >= 0 {
		x.paused = slices.Delete(x.paused, i, i+1)
	}
	p.waiters.put(w)
	p.mu.Unlock()
}
