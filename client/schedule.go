package client

import (
	"maps"
	"slices"
	"time"
)

// schedule decides when metadata is asked for, and for which topics: those in use only, one request at a time, not more
// often than the backoff allows unless there is a topic nobody has asked for yet. It is pure: the moments are given.
type schedule struct {
	backoff backoff       // retry.backoff.ms
	maxAge  time.Duration // metadata.max.age.ms
	maxIdle time.Duration // metadata.max.idle.ms

	topics  map[string]*use    // those in use
	refused map[string]instant // those that no longer are, as brokers refuse them for good: whoever wants one all the same waits until then
	fresh   int                // how many of them nobody has asked for yet
	again   int                // how many of them somebody has asked for, and somebody wants asked for again

	wanted   bool    // all topics must be asked for again
	asking   bool    // a request is under way
	full     bool    // it asks for all topics
	failed   bool    // the last one failed
	asked    bool    // it was wanted, rather than due by age
	attempts int     // requests in a row that were wanted, and failed or changed nothing
	pause    instant // no request for topics asked for before until then
	updated  instant // when all topics were last known; zero: never
	since    instant // when a request was first due after the last success; zero: none was
}

// use is a topic in use.
type use struct {
	last  instant // when it was last used
	asked bool    // a request for it has been sent
	again bool    // another is wanted
}

// add notes that a topic was used.
func (s *schedule) add(topic string, now instant) {
	if u := s.topics[topic]; u != nil {
		u.last = now
		return
	}
	if s.topics == nil {
		s.topics = map[string]*use{}
	}
	u := &use{last: now}
	s.topics[topic] = u
	if now < s.refused[topic] {
		u.asked, u.again = true, true
		s.again++
		return
	}
	s.fresh++
}

// ask has a topic asked for although it has been asked for before: then no more often than the backoff allows, since a caller
// that tries again whenever it was refused would have the brokers do nothing else.
func (s *schedule) ask(topic string, now instant) {
	s.add(topic, now)
	if u := s.topics[topic]; u.asked && !u.again {
		u.again = true
		s.again++
	}
}

// forget takes a topic out of use.
func (s *schedule) forget(topic string) {
	if u := s.topics[topic]; u != nil {
		s.met(u)
		delete(s.topics, topic)
	}
}

// refuse forgets a topic since waiting doesn't heal what is wrong with it: who wants it asks again. But not at once, or whoever tries again
// whenever it was refused would be the first to ask for it, each time.
func (s *schedule) refuse(topic string) {
	s.forget(topic)
	if s.refused == nil {
		s.refused = map[string]instant{}
	}
	s.refused[topic] = s.pause
}

// met notes that nobody waits for a request for a topic any more.
func (s *schedule) met(u *use) {
	if !u.asked {
		s.fresh--
	}
	if u.again {
		s.again--
	}
	u.asked, u.again = true, false
}

// used reports whether a topic is in use.
func (s *schedule) used(topic string) bool { return s.topics[topic] != nil }

// refresh has all topics asked for again, soon. What is under way doesn't count: it may have been answered before the
// reason arose.
func (s *schedule) refresh() { s.wanted = true }

// next returns when a request is due; never while one is under way.
func (s *schedule) next() instant {
	switch {
	case s.asking:
		return never
	case s.fresh > 0 && !s.failed:
		return 0
	case s.updated == 0 || s.wanted || s.fresh > 0 || s.again > 0:
		return s.pause
	}
	return max(s.updated.add(s.maxAge), s.pause)
}

// due notes that a request is due, whether or not there is a broker to send it to.
func (s *schedule) due(now instant) {
	if s.since == 0 {
		s.since = now
	}
}

// begin starts a request and appends the topics to ask for to names, which is empty, sorted: all in use, or those only that somebody waits
// for. Topics that were not used for long are no longer in use.
func (s *schedule) begin(now instant, names []string) []string {
	s.full = s.updated == 0 || s.wanted && s.pause <= now || s.updated.add(s.maxAge) <= now
	s.asking, s.asked = true, s.wanted
	if s.full {
		s.wanted = false
	}
	for name, u := range s.topics {
		switch {
		case u.asked && u.last.add(s.maxIdle) <= now:
			s.forget(name)
		case s.full || !u.asked || u.again && s.pause <= now:
			names = append(names, name)
			s.met(u)
		}
	}
	maps.DeleteFunc(s.refused, func(_ string, until instant) bool { return until <= now })
	slices.Sort(names)
	return names
}

// missing reports whether a topic was asked for that an answer did not mention.
func (s *schedule) missing(answered func(topic string) bool) bool {
	for name, u := range s.topics {
		if u.asked && !answered(name) {
			return true
		}
	}
	return false
}

// end takes the outcome of a request: whether it was answered, whether that changed anything, and whether what it said
// must be asked again. r is a random number in [0, 1).
func (s *schedule) end(now instant, answered, changed, unsettled bool, r float64) {
	s.asking = false
	s.failed = !answered
	if !answered || s.asked && !changed {
		s.attempts++
	} else {
		s.attempts = 0
	}
	s.pause = now.add(s.backoff.after(max(s.attempts-1, 0), r))
	switch {
	case !answered:
		s.wanted = true
	case s.full:
		s.updated, s.since = now, 0
	default:
		s.since = 0
	}
	s.wanted = s.wanted || unsettled
}

// overdue returns when metadata will have failed for so long as trigger says; never when it doesn't fail.
func (s *schedule) overdue(trigger time.Duration) instant {
	if s.since == 0 {
		return never
	}
	return s.since.add(trigger)
}
