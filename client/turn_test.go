package client

import (
	"testing"
	"testing/synctest"
	"time"
)

// holdUp is how long a blocked Done may hold up others: two looks.
const holdUp = lookAfter + lookAgain

// What waits behind a Done that blocks gets on without being told: answers that were due already, those of requests that are
// written later, and the connection's end.
func TestBlockedDone(t *testing.T) {
	for name, tt := range map[string]struct {
		behind bool // another answer is due when the Done begins
		later  func(p *peer, done chan result)
	}{
		"an answer":                {behind: true},
		"a later request's answer": {later: func(p *peer, done chan result) { p.send(produceCall(done)); p.answer(p.request()) }},
		"the end":                  {later: func(p *peer, done chan result) { p.c.fail("close", ErrClosed); p.c.readers.Wait(); done <- result{} }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, done := connect(t, nil), make(chan result, 3)
				begun, release := make(chan *Call, 1), make(chan struct{})
				p.send(blocked(begun, release))
				due := []int32{p.request()}
				if tt.behind {
					p.send(produceCall(done))
					due = append(due, p.request())
				}
				go p.answer(due...)
				<-begun
				if tt.later != nil {
					time.Sleep(time.Hour)
					go tt.later(p, done)
				}
				start := time.Now()
				<-done
				if d := time.Since(start); d == 0 || d > holdUp {
					t.Errorf("it was held up for %v", d)
				}
				close(release)
			})
		})
	}
}

// A Done that blocks while nothing waits for its goroutine keeps it: it is the connection's reader still when it returns.
func TestBlockedDoneThatNothingWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 3)
		begun, release := make(chan *Call, 1), make(chan struct{})
		p.send(blocked(begun, release))
		p.answer(p.request())
		<-begun
		time.Sleep(time.Hour)
		if p.c.turn.holder != 0 || p.c.turn.watched {
			t.Errorf("the right to call Dones has passed on, or the timer runs")
		}
		close(release)
		synctest.Wait()
		p.send(produceCall(done))
		p.answer(p.request())
		if r := <-done; r.err != nil {
			t.Fatal(r.err)
		}
	})
}

// Dones that are quick keep their goroutine, however many there are, and leave no timer running.
func TestQuickDones(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, done := connect(t, nil), make(chan result, 2)
		for range 200 { // two in flight, each for half a look: one of them begins behind the other
			p.send(produceCall(done))
			p.send(produceCall(done))
			first, second := p.request(), p.request()
			time.Sleep(lookAfter / 2)
			p.answer(first, second)
			for range 2 {
				if r := <-done; r.err != nil {
					t.Fatal(r.err)
				}
			}
		}
		time.Sleep(holdUp)
		synctest.Wait()
		p.c.turn.mu.Lock()
		defer p.c.turn.mu.Unlock()
		if p.c.turn.holder != 0 || p.c.turn.watched {
			t.Errorf("the right to call Dones has passed on %d times, or the timer runs", p.c.turn.holder)
		}
	})
}

// An outbox whose Done blocks goes on with what is behind it.
func TestBlockedDoneOfAnOutbox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOutbox(nil)
		begun, release, done := make(chan *Call, 1), make(chan struct{}), make(chan result, 3)
		o.put(outcome{call: blocked(begun, release)})
		<-begun
		start := time.Now()
		o.put(outcome{call: produceCall(done)})
		<-done
		if d := time.Since(start); d == 0 || d > holdUp {
			t.Errorf("it was held up for %v", d)
		}
		o.idle()
		close(release)
	})
}

// Who waits for an outbox to be idle, as Close does, doesn't wait for a Done that takes long.
func TestBlockedDoneThatIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, release, begun := newOutbox(nil), make(chan struct{}), time.Now()
		o.put(outcome{call: &Call{Done: func(*Call, error) { <-release }}})
		synctest.Wait()
		o.idle()
		if d := time.Since(begun); d != lookAfter {
			t.Errorf("waited for %v", d)
		}
		close(release)
	})
}
