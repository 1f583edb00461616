package main

import "context"

// interrupts are contexts that end at the first and at the second interrupt.
type interrupts struct {
	reading, draining context.Context
	release           func() // to be called at the end
}

func (t *tool) watchInterrupts() interrupts {
	reading, stopReading := context.WithCancel(context.Background())
	draining, abort := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		for _, step := range []struct {
			text string
			end  context.CancelFunc
		}{
			{"waiting until what was read is done; once more gives it up", stopReading},
			{"giving up what is left", abort},
		} {
			select {
			case signal := <-t.interrupts:
				t.screen.say("%v: %s", signal, step.text)
				step.end()
			case <-over:
				return
			}
		}
	}()
	return interrupts{reading, draining, func() {
		close(over)
		stopReading()
		abort()
	}}
}
