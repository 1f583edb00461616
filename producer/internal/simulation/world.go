package simulation

import (
	"math/rand/v2"
	"time"

	"kafkaproducer/client/world"
)

// World is virtual time, a queue of events and seeded chance. It implements world.World: one goroutine, that of whoever calls
// Run or Step, does everything that happens, one event after the other.
type World struct {
	chance  rand.PCG
	random  *rand.Rand    // of chance
	latency time.Duration // up to how much later what is to run later runs

	now    time.Duration
	jumped time.Duration // how far the time of day has been put forward or back
	serial uint64
	ready  []func() // due now; ready[:first] has run
	first  int
	later  timeline
	Events int // how many have happened
}

// begins is the time of day at which every World begins: that of testing/synctest.
var begins = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// NewWorld returns a World at its beginning.
func NewWorld(seed uint64, latency time.Duration) *World {
	w := &World{ready: make([]func(), 0, 32), later: make(timeline, 0, 64)}
	w.random = rand.New(&w.chance)
	w.Reset(seed, latency)
	return w
}

// Reset puts a World that nobody uses any more back to a beginning. It keeps its memory.
func (w *World) Reset(seed uint64, latency time.Duration) {
	clear(w.ready)
	clear(w.later)
	w.chance.Seed(seed, 0x5eed)
	*w = World{chance: w.chance, random: w.random, latency: latency, ready: w.ready[:0], later: w.later[:0]}
}

// Elapsed implements world.World.
func (w *World) Elapsed() time.Duration { return w.now }

// Now implements world.World.
func (w *World) Now() time.Time { return begins.Add(w.now + w.jumped) }

// Jump puts the time of day forward, or back.
func (w *World) Jump(d time.Duration) { w.jumped += d }

// Leap lets so much time pass in which nothing happens: what is due meanwhile comes late, as when a machine sleeps.
func (w *World) Leap(d time.Duration) { w.now += d }

// Uint64 implements world.World.
func (w *World) Uint64() uint64 { return w.random.Uint64() }

// Go implements world.World. Half of what is to run later runs at once, the rest after up to the latency.
func (w *World) Go(f func()) {
	if w.latency > 0 {
		if r := w.random.Uint64(); r&1 == 0 {
			w.After(time.Duration(r>>1%uint64(w.latency)), f)
			return
		}
	}
	w.ready = append(w.ready, f)
}

// After has f called at a moment.
func (w *World) After(d time.Duration, f func()) {
	w.serial++
	w.later.push(event{at: w.now + max(d, 0), serial: w.serial, do: f})
}

// NewTimer implements world.World.
func (w *World) NewTimer(f func()) world.Timer { return &timer{world: w, do: f} }

// timer is a world.Timer. It has one event at most in the timeline that counts. Where it was put off since then that event comes too
// early, and makes way for another: a timer that is put off again and again costs nothing.
type timer struct {
	world   *World
	do      func()
	at      time.Duration // when it is due
	current uint64        // serial since it was set; 0: it doesn't run

	queued   uint64 // serial of its event; 0: it has none
	queuedAt time.Duration
}

func (t *timer) Reset(d time.Duration) bool {
	was := t.current != 0
	w := t.world
	w.serial++
	t.at, t.current = never, w.serial
	if d <= 1<<62-w.now {
		t.at = w.now + max(d, 0)
	}
	if t.queued == 0 || t.queuedAt > t.at {
		t.queue()
	}
	return was
}

// never is when a timer is due that isn't.
const never = time.Duration(1<<63 - 1)

// queue puts the timer into the timeline.
func (t *timer) queue() {
	t.queued, t.queuedAt = t.current, t.at
	if t.at < never {
		t.world.later.push(event{at: t.at, serial: t.current, timer: t})
	}
}

func (t *timer) Stop() bool {
	was := t.current != 0
	t.current = 0
	return was
}

// due is called when an event of the timer has come, and says whether it is the one that counts, and in time.
func (t *timer) due(serial uint64) bool {
	if t.queued != serial {
		return false
	}
	t.queued = 0
	if t.current != serial && t.current != 0 {
		t.queue()
	}
	if t.current != serial {
		return false
	}
	t.current = 0
	return true
}

// Step lets the next event happen, and returns false when there is none.
func (w *World) Step() bool {
	if w.first < len(w.ready) {
		w.runReady()
		return true
	}
	w.ready, w.first = w.ready[:0], 0
	for len(w.later) > 0 {
		e := w.later.pop()
		if e.timer != nil {
			if !e.timer.due(e.serial) {
				continue
			}
			e.do = e.timer.do
		}
		w.now = max(w.now, e.at)
		w.Events++
		e.do()
		return true
	}
	return false
}

// runReady runs one of what is due: mostly the first, at times any, since nobody knows which goroutine runs first.
func (w *World) runReady() {
	if waiting := len(w.ready) - w.first; waiting > 1 {
		if r := w.random.Uint64(); r&3 == 0 {
			i := w.first + int(r>>2%uint64(waiting))
			w.ready[w.first], w.ready[i] = w.ready[i], w.ready[w.first]
		}
	}
	f := w.ready[w.first]
	w.ready[w.first] = nil
	w.first++
	w.Events++
	f()
}

// event is something that happens at a moment.
type event struct {
	at     time.Duration
	serial uint64 // of two at the same moment the one that was planned first happens first
	do     func()
	timer  *timer // instead of do
}

// timeline is a heap of events, the next one in front.
type timeline []event

func (e *event) before(o *event) bool {
	return e.at < o.at || e.at == o.at && e.serial < o.serial
}

func (h *timeline) push(e event) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !e.before(&s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

func (h *timeline) pop() event {
	s := *h
	top := s[0]
	last := len(s) - 1
	e := s[last]
	s[last] = event{}
	s = s[:last]
	*h = s
	if last == 0 {
		return top
	}
	i := 0
	for {
		next := 2*i + 1
		if next >= last {
			break
		}
		if next+1 < last && s[next+1].before(&s[next]) {
			next++
		}
		if !s[next].before(&e) {
			break
		}
		s[i] = s[next]
		i = next
	}
	s[i] = e
	return top
}
