// Package world lets a client take from a simulation what it otherwise takes from the machine.
package world

import (
	"errors"
	"net"
	"time"
)

// World is what a client.Client otherwise takes from the machine: time, chance, and to have something run later. With a World
// (client.Config.World) it has no goroutines and no timers of its own and waits for nothing: all it does, it does in functions that the
// World calls one after the other, so that a simulation with a seed is the same run each time. Everything else is the same code.
//
// What blocks otherwise doesn't: Close returns at once, and the rest follows; Topic is to be called with a context that has ended.
// client.Config.Dial connects or fails at once, to an Arriver. There is no TLS and no SASL.
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
