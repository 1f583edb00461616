package client

import (
	"slices"
	"testing"
	"time"
)

func newSchedule() *schedule {
	return &schedule{backoff: backoff{100 * time.Millisecond, time.Second}, maxAge: 5 * time.Minute, maxIdle: time.Minute}
}

const (
	millisecond = instant(time.Millisecond)
	second      = instant(time.Second)
	minute      = instant(time.Minute)
)

// ask lets a request come and go, answered at once with something new.
func askOnce(s *schedule, now instant) []string {
	names := s.begin(now, nil)
	s.end(now, true, true, false, 0.5)
	return names
}

func TestScheduleAsksForTopicsInUse(t *testing.T) {
	s := newSchedule()
	if s.next() != 0 {
		t.Error("the first request waits")
	}
	if got := askOnce(s, second); len(got) != 0 {
		t.Errorf("without topics it asks for %v", got)
	}
	if s.next() != second+5*minute {
		t.Errorf("the next request is due at %v, want metadata.max.age.ms later", s.next())
	}
	s.add("b", second)
	if s.next() != 0 {
		t.Error("a new topic waits")
	}
	if got := askOnce(s, second); !slices.Equal(got, []string{"b"}) {
		t.Errorf("asks for %v", got)
	}
	s.add("a", second)
	s.add("b", second)
	if got := askOnce(s, second); !slices.Equal(got, []string{"a"}) {
		t.Errorf("asks for %v, want the new topic only", got)
	}
	if s.next() != second+5*minute {
		t.Error("a request for a new topic put off the one for all")
	}
	s.refresh()
	if s.next() != second+100*millisecond {
		t.Errorf("a refresh is due at %v, want retry.backoff.ms after the last", s.next())
	}
	s.add("c", second)
	if got := askOnce(s, second); !slices.Equal(got, []string{"c"}) {
		t.Errorf("asks for %v before the backoff is over, want the new topic only", got)
	}
	if got := askOnce(s, 2*second); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("asks for %v, want all in use", got)
	}
}

func TestScheduleIsSingleFlight(t *testing.T) {
	s := newSchedule()
	s.begin(second, nil)
	s.add("a", second)
	s.refresh()
	if s.next() != never {
		t.Error("asks while it asks")
	}
	s.end(second, true, true, false, 0.5)
	if s.next() != 0 {
		t.Error("the topic that came meanwhile waits")
	}
	askOnce(s, second)
	s.begin(second, nil)
	s.refresh() // for a reason that may be younger than the answer
	s.end(second, true, true, false, 0.5)
	if s.next() != second+100*millisecond {
		t.Errorf("the refresh wanted meanwhile is due at %v", s.next())
	}
}

func TestScheduleForgetsIdleTopics(t *testing.T) {
	s := newSchedule()
	s.add("idle", second)
	s.add("used", second)
	askOnce(s, second)
	s.add("used", 50*second)
	s.refresh()
	if got := askOnce(s, 62*second); !slices.Equal(got, []string{"used"}) {
		t.Errorf("asks for %v", got)
	}
	if s.used("idle") || !s.used("used") {
		t.Error("the wrong topic was forgotten")
	}
	s.add("idle", 63*second)
	if got := askOnce(s, 63*second); !slices.Equal(got, []string{"idle"}) {
		t.Errorf("a topic that is used again is not asked for: %v", got)
	}
}

// A topic that couldn't be asked for, since there was no broker, is not forgotten before it was.
func TestScheduleForgetsNothingUnasked(t *testing.T) {
	s := newSchedule()
	s.add("late", second)
	if got := askOnce(s, 5*minute); !slices.Equal(got, []string{"late"}) {
		t.Errorf("asks for %v", got)
	}
}

func TestScheduleBacksOff(t *testing.T) {
	for _, tt := range []struct {
		name              string
		answered, changed bool
	}{{"failures", false, false}, {"answers that change nothing", true, false}} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSchedule()
			askOnce(s, second)
			now := second
			for i, want := range []instant{100, 200, 400, 800, 1000, 1000} {
				s.refresh()
				s.begin(now, nil)
				s.end(now, tt.answered, tt.changed, true, 0.5)
				if s.next() != now+want*millisecond {
					t.Fatalf("after %d: due in %v, want %v ms", i+1, s.next().sub(now), want)
				}
				now = s.next()
			}
			s.begin(now, nil)
			s.end(now, true, true, false, 0.5)
			s.refresh()
			if s.next() != now+100*millisecond {
				t.Errorf("after a success: due in %v, want 100ms", s.next().sub(now))
			}
		})
	}
}

func TestScheduleBacksOffWithReason(t *testing.T) {
	t.Run("a new topic doesn't wait for answers that change nothing", func(t *testing.T) {
		s := newSchedule()
		askOnce(s, second)
		s.refresh()
		s.begin(second, nil)
		s.end(second, true, false, false, 0.5)
		s.add("a", second)
		if s.next() != 0 {
			t.Errorf("due at %v", s.next())
		}
	})
	t.Run("but for the end of a failure's pause", func(t *testing.T) {
		s := newSchedule()
		s.begin(second, nil)
		s.end(second, false, false, false, 0.5)
		s.add("a", second)
		if s.next() != second+100*millisecond {
			t.Errorf("due at %v", s.next())
		}
	})
	t.Run("age alone is no reason", func(t *testing.T) {
		s := newSchedule()
		now := second
		askOnce(s, now)
		for range 10 {
			now += 6 * minute
			s.begin(now, nil)
			s.end(now, true, false, false, 0.5)
		}
		s.refresh()
		if s.next() != now+100*millisecond {
			t.Errorf("due in %v", s.next().sub(now))
		}
	})
}

func TestScheduleKnowsHowLongItFails(t *testing.T) {
	s := newSchedule()
	if s.overdue(time.Minute) != never {
		t.Error("overdue before anything was due")
	}
	s.due(second)
	s.due(2 * second)
	s.begin(3*second, nil)
	s.end(4*second, false, false, false, 0.5)
	if got := s.overdue(time.Minute); got != 61*second {
		t.Errorf("overdue at %v, want a minute after it was first due", got)
	}
	askOnce(s, 5*second)
	if s.overdue(time.Minute) != never {
		t.Error("overdue after a success")
	}
}

func TestScheduleAsksAgain(t *testing.T) {
	s := newSchedule()
	s.add("a", second)
	s.add("b", second)
	askOnce(s, second)
	s.ask("a", second)
	s.ask("a", second)
	due := second + 100*millisecond
	if s.next() != due {
		t.Errorf("due in %v, want the backoff", s.next().sub(second))
	}
	s.add("c", second)
	if s.next() != 0 {
		t.Errorf("due in %v, there is a topic that nobody has asked for", s.next().sub(second))
	}
	if got := askOnce(s, second); !slices.Equal(got, []string{"c"}) {
		t.Errorf("asks for %v before the backoff is over", got)
	}
	if got := askOnce(s, due); !slices.Equal(got, []string{"a"}) {
		t.Errorf("asks for %v", got)
	}
	pause := s.pause
	s.refuse("a")
	if s.used("a") || s.next() != second+5*minute {
		t.Error("a topic that was refused is in use")
	}
	s.ask("a", due)
	if s.next() != pause || pause <= due {
		t.Errorf("what was refused is due at %v, want %v, after the backoff", s.next(), pause)
	}
	if got := askOnce(s, pause); !slices.Equal(got, []string{"a"}) {
		t.Errorf("asks for %v", got)
	}
	s.refuse("a")
	s.ask("a", 2*second)
	if s.next() != 0 {
		t.Errorf("what was refused long ago is due at %v", s.next())
	}
	if got := askOnce(s, 2*second); !slices.Equal(got, []string{"a"}) || len(s.refused) > 0 {
		t.Errorf("asks for %v, and holds %v for refused", got, s.refused)
	}
	due = 2 * second
	s.forget("c")
	s.ask("a", due)
	s.forget("a")
	s.forget("a")
	if s.next() != second+5*minute || s.used("a") {
		t.Error("a topic that was forgotten is asked for")
	}
	if s.missing(func(string) bool { return true }) || !s.missing(func(name string) bool { return name != "b" }) {
		t.Error("does not see what is missing")
	}
}
