package client

import (
	"errors"
	"testing"
	"testing/synctest"
)

// blocked is a call whose Done reports that it has begun and then waits.
func blocked(begun chan<- *Call, release <-chan struct{}) *Call {
	call := produceCall(nil)
	call.Done = func(c *Call, err error) {
		begun <- c
		<-release
	}
	return call
}

func TestHandoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		begun, release := make(chan *Call, 1), make(chan struct{})
		slow := p.send(blocked(begun, release))
		p.send(produceCall(done))
		p.request()
		p.request()
		go p.answer(0, 1)
		<-begun
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("two Dones of a connection run at once")
		}
		slow.Handoff()
		slow.Handoff() // once is enough
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
		close(release)
		synctest.Wait()
		slow.Handoff() // not running any more
		p.send(produceCall(done))
		p.answer(p.request())
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
	})
}

// The end of a connection is answered to all its calls although one of them doesn't return.
func TestHandoffAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished := make(chan struct{})
		p := connect(t, func(c *conn) { c.finished = func() { close(finished) } })
		begun, release, done := make(chan *Call, 1), make(chan struct{}), make(chan result, 3)
		slow := p.send(blocked(begun, release))
		p.send(produceCall(done))
		p.request()
		p.request()
		p.Close()
		<-begun
		slow.Handoff()
		if e := ended(t, done); !e.Wrote {
			t.Errorf("got %v", e)
		}
		<-finished
		p.c.readers.Wait() // the goroutine inside Done is nobody's any more
		close(release)
	})
}

// A reader that has been replaced must not read again, even when its call is in use again.
func TestHandoffOfACallThatIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		begun, release := make(chan *Call, 1), make(chan struct{})
		slow := p.send(blocked(begun, release))
		p.answer(p.request())
		<-begun
		slow.Handoff()
		close(release) // the old reader returns from Done while the new one waits for the next answer
		synctest.Wait()
		slow.Done = func(c *Call, err error) { done <- result{c, err} }
		for range 3 {
			p.send(slow)
			p.answer(p.request())
			if r := <-done; r.err != nil {
				t.Fatal(r.err)
			}
		}
	})
}

func TestHandoffWithoutAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		new(Call).Handoff() // never sent

		o := newOutbox(nil)
		begun, release, done := make(chan *Call, 1), make(chan struct{}), make(chan result, 3)
		slow := blocked(begun, release)
		o.put(outcome{call: slow})
		why := errors.New("why")
		o.put(outcome{call: produceCall(done), err: why})
		<-begun
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("two Dones run at once")
		}
		slow.Handoff()
		if r := <-done; r.err != why {
			t.Errorf("got %v", r.err)
		}
		o.idle() // the blocked Done is not waited for
		close(release)
		synctest.Wait()
		o.put(outcome{call: produceCall(done)})
		<-done
		o.idle()
	})
}
