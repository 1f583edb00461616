package producer

import (
	"testing"
	"time"

	"kafkaproducer/client/world"
)

// standing is a World whose time stands still but where a test moves it. It has one timer.
type standing struct {
	world.World
	at    time.Duration
	reads int
	f     func()
	due   time.Duration // 0: the timer isn't running
}

func (s *standing) Now() time.Time {
	s.reads++
	return time.UnixMilli(1).Add(s.at)
}
func (s *standing) NewTimer(f func()) world.Timer { s.f = f; return s }
func (s *standing) Stop() bool                    { s.due = 0; return true }
func (s *standing) Reset(d time.Duration) bool    { s.due = s.at + d; return true }

func (s *standing) pass(d time.Duration) {
	if s.at += d; s.due != 0 && s.due <= s.at {
		s.due = 0
		s.f()
	}
}

// Records that come slowly have no timer run: as many a millisecond as with one in flight on loopback.
func TestClockWithoutATimer(t *testing.T) {
	w := &standing{}
	c := newClock(w)
	for i := range 1000 {
		if ms := c.wall(); ms != 1+w.at.Milliseconds() {
			t.Fatalf("reading %d is %d at %v", i, ms, w.at)
		}
		if w.due != 0 {
			t.Fatalf("a timer runs after %d readings in %v", i+1, w.at)
		}
		w.pass(40 * time.Microsecond)
	}
}

// Records that come fast share readings, none of which serves longer than a millisecond.
func TestClockShared(t *testing.T) {
	w := &standing{}
	c := newClock(w)
	const step, records = time.Microsecond / 4, 40_000
	for i := range records {
		if ms, now := c.wall(), 1+w.at.Milliseconds(); ms != now && ms != now-1 {
			t.Fatalf("reading %d is %d at %v", i, ms, w.at)
		}
		w.pass(step)
	}
	if most := 2 * shareFrom * int(records*step/time.Millisecond); w.reads > most {
		t.Errorf("the clock was read %d times for %d records, want at most %d", w.reads, records, most)
	}
	w.pass(500 * time.Millisecond)
	if ms := c.wall(); ms != 1+w.at.Milliseconds() || w.due != 0 {
		t.Errorf("after a pause the reading is %d at %v", ms, w.at)
	}
}

// Who reads the clock in any case renews what is shared, so that it doesn't fall behind where the timer runs late.
func TestClockReadAnew(t *testing.T) {
	w := &standing{}
	c := newClock(w)
	for range 2 * shareFrom {
		c.wall()
	}
	w.at += 100 * time.Millisecond // the timer is late
	if ms := c.wall(); ms != 1 {
		t.Fatalf("the reading isn't shared: %d", ms)
	}
	c.readAnew()
	if ms := c.wall(); ms != 101 {
		t.Errorf("the shared reading is %d", ms)
	}
}
