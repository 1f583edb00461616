package producer

import (
	"sync/atomic"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/producer/internal/delivery"
)

const (
	// staleAfter is how long a shared reading of the clock serves for the timestamps of records, which have milliseconds.
	staleAfter = time.Millisecond
	// shareFrom is how many readings in one millisecond have the next ones shared: where they cost more than a timer does.
	shareFrom = 32
)

// clock gives Send the time of day without asking for it each time: time.Now is 40 to 70 ns, half of what a record may cost. While
// records come fast a reading is shared, until a one-shot timer says it is stale. A busy process runs timers late; partitions
// therefore also read anew every 64th record. While they come slowly each is given a reading of its own: a timer that is due within a
// millisecond makes each sleep of an idle process dearer, by as much as a hundred readings.
type clock struct {
	start  time.Time    // origin of delivery.Time
	millis atomic.Int64 // the shared reading, in ms since the epoch; 0: there is none
	armed  atomic.Bool  // stale will run
	stale  world.Timer
	world  world.World // nil: the machine's time

	last  atomic.Int64 // the last reading for wall
	again atomic.Int64 // how many in succession were the same
}

func newClock(w world.World) *clock {
	c := &clock{start: time.Now(), world: w}
	c.stale = world.NewTimer(w, func() {
		c.armed.Store(false)
		c.millis.Store(0)
	})
	return c
}

// wall returns the time of day in milliseconds since the epoch, at most about staleAfter old.
func (c *clock) wall() int64 {
	if ms := c.millis.Load(); ms != 0 {
		return ms
	}
	return c.readOften()
}

// readOften is read, for wall: it finds out whether that is done so often that readings are better shared.
func (c *clock) readOften() int64 {
	ms := c.read()
	if c.last.Swap(ms) != ms {
		c.again.Store(0)
	} else if c.again.Add(1) >= shareFrom {
		c.share(ms)
	}
	return ms
}

// read asks for the time of day.
func (c *clock) read() int64 {
	if c.world != nil {
		return c.world.Now().UnixMilli()
	}
	return time.Now().UnixMilli()
}

// readAnew is read, and what is shared is the reading from now on.
func (c *clock) readAnew() int64 {
	ms := c.read()
	if c.millis.Load() != 0 {
		c.share(ms)
	}
	return ms
}

// moment is one look at the clock.
type moment struct {
	now  delivery.Time
	wall int64 // ms since the epoch
}

// look is now and readAnew.
func (c *clock) look() moment {
	if c.world != nil {
		return moment{c.now(), c.readAnew()}
	}
	t := time.Now()
	ms := t.UnixMilli()
	if c.millis.Load() != 0 {
		c.share(ms)
	}
	return moment{delivery.Time(t.Sub(c.start)), ms}
}

// share has wall return ms until the timer runs.
func (c *clock) share(ms int64) {
	if c.millis.Load() != ms { // else the line is left where all senders read it
		c.millis.Store(ms)
	}
	if !c.armed.Load() && !c.armed.Swap(true) {
		c.stale.Reset(staleAfter)
	}
}

// now returns the monotonic time for the core.
func (c *clock) now() delivery.Time {
	if c.world != nil {
		return delivery.Time(c.world.Elapsed())
	}
	return delivery.Time(time.Since(c.start))
}

// until returns how long it is until t, at least 0.
func (c *clock) until(t delivery.Time) time.Duration { return max(0, time.Duration(t-c.now())) }

func (c *clock) stop() { c.stale.Stop() }
