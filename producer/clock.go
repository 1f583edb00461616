package producer

import (
	"sync/atomic"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/producer/internal/delivery"
)

// staleAfter is how long a reading of the clock serves for the timestamps of records, which have milliseconds.
const staleAfter = time.Millisecond

// clock gives Send the time of day without asking for it each time: time.Now is 40 to 70 ns, half of what a
// record may cost. A reading serves until a one-shot timer says it is stale, so that an idle producer has no
// timer running. A busy process runs timers late; partitions therefore also read anew every 16th record.
type clock struct {
	start  time.Time    // origin of delivery.Time
	millis atomic.Int64 // time of day in ms since the epoch; 0: stale
	armed  atomic.Bool  // stale will run
	stale  world.Timer
	world  world.World // nil: the machine's time
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
	return c.read()
}

// read asks for the time of day, and remembers it for wall.
func (c *clock) read() int64 {
	var ms int64
	if c.world != nil {
		ms = c.world.Now().UnixMilli()
	} else {
		ms = time.Now().UnixMilli()
	}
	c.millis.Store(ms)
	if !c.armed.Swap(true) {
		c.stale.Reset(staleAfter)
	}
	return ms
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
