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

// timer is a world.Timer. An event of a timer that was set anew or stopped is stale.
type timer struct {
	world   *World
	do      func()
	current uint64 // serial of its event; 0: it doesn't run
}

func (t *timer) Reset(d time.Duration) bool {
	was := t.current != 0
	w := t.world
	w.serial++
	t.current = w.serial
	if d > 1<<62-w.now {
		return was // never
	}
	w.later.push(event{at: w.now + max(d, 0), serial: w.serial, timer: t})
	return was
}

func (t *timer) Stop() bool {
	was := t.current != 0
	t.current = 0
	return was
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
			if e.timer.current != e.serial {
				continue
			}
			e.timer.current = 0
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

func (h timeline) before(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].serial < h[j].serial
}

func (h *timeline) push(e event) {
	*h = append(*h, e)
	s := *h
	for i := len(s) - 1; i > 0; {
		up := (i - 1) / 2
		if !s.before(i, up) {
			break
		}
		s[i], s[up] = s[up], s[i]
		i = up
	}
}

func (h *timeline) pop() event {
	s := *h
	top := s[0]
	last := len(s) - 1
	s[0] = s[last]
	s[last] = event{}
	s = s[:last]
	*h = s
	for i := 0; ; {
		next := 2*i + 1
		if next >= last {
			break
		}
		if next+1 < last && s.before(next+1, next) {
			next++
		}
		if !s.before(next, i) {
			break
		}
		s[i], s[next] = s[next], s[i]
		i = next
	}
	return top
}
