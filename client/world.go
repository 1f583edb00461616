package client

import (
	"errors"
	"math/rand/v2"
	"net"
	"time"
)

// World is what a Client otherwise takes from the machine: time, chance, and to have something run later. With a World
// (Config.World) it has no goroutines and no timers of its own and waits for nothing: all it does, it does in functions that the
// World calls one after the other, so that a simulation with a seed is the same run each time. Everything else is the same code.
//
// What blocks otherwise doesn't: Close returns at once, and the rest follows; Topic is to be called with a context that has ended.
// Config.Dial connects or fails at once, to an Arriver. There is no TLS and no SASL.
type World interface {
	// Elapsed returns the time since an origin. It never goes back.
	Elapsed() time.Duration
	// Now returns the time of day, which may be changed.
	Now() time.Time
	// Go has f called later: where otherwise a goroutine begins, or one that waits wakes up.
	Go(f func())
	// NewTimer returns a timer that calls f. It isn't running.
	NewTimer(f func()) Timer
	// Uint64 returns a random number.
	Uint64() uint64
}

// Timer is a *time.Timer, or a World's.
type Timer interface {
	Reset(d time.Duration) bool
	Stop() bool
}

// Arriver is a connection of a World. Until Arrive is called it is as any other whose peer takes no time: Read returns what
// came in answer to Write, and an error when nothing did. From then on arrived is called when there may be something to read, the end
// included, and Read returns ErrNothing when there isn't.
type Arriver interface {
	net.Conn
	Arrive(arrived func())
}

// ErrNothing is what Read of an Arriver returns when nothing has arrived.
var ErrNothing = errors.New("nothing has arrived")

// NewTimer returns a timer that calls f and isn't running: of w, or of package time where w is nil.
func NewTimer(w World, f func()) Timer {
	if w != nil {
		return w.NewTimer(f)
	}
	t := time.AfterFunc(time.Hour, f)
	t.Stop()
	return t
}

// random returns a random number in [0, 1).
func (c *Client) random() float64 {
	if w := c.cfg.World; w != nil {
		return float64(w.Uint64()>>11) / (1 << 53)
	}
	return rand.Float64()
}

// spawn has f run on a goroutine that Close waits for.
func (c *Client) spawn(f func()) {
	if w := c.cfg.World; w != nil {
		w.Go(f)
		return
	}
	c.running.Go(f)
}
