package client

import (
	"time"

	"kafkaproducer/client/world"
)

// instant is a moment on the client's monotonic clock, in nanoseconds. The pure parts of the package are given
// instants and never read a clock; zero means "never" or "not set".
type instant int64

// never is later than every moment.
const never = instant(1<<63 - 1)

// add returns the moment d after t, never when that is beyond the clock.
func (t instant) add(d time.Duration) instant {
	if s := t + instant(d); s >= t || d < 0 {
		return s
	}
	return never
}

// sub returns the time from u to t.
func (t instant) sub(u instant) time.Duration { return time.Duration(t - u) }

// clock reads the monotonic clock only: half of what time.Now costs.
type clock struct {
	start time.Time   // some time before the first reading, so that no reading is zero
	world world.World // whose time it is; nil: the machine's
}

func newClock() clock { return clock{start: time.Now().Add(-time.Second)} }

// worldClock is the clock of a World, of the machine where w is nil.
func worldClock(w world.World) clock {
	c := newClock()
	c.world = w
	return c
}

func (c clock) now() instant {
	if c.world != nil {
		return instant(c.world.Elapsed() + time.Second)
	}
	return instant(time.Since(c.start))
}
