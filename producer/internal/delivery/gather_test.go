package delivery

import (
	"slices"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// server answers the requests of node 1: each after the way there and back, and after it was served.
type server struct {
	way      time.Duration // there and back
	serves   time.Duration // a request
	oneByOne bool
	free     Time   // when it will have served all that has come
	due      []Time // when the answers to what is unanswered come back
}

// take takes a request, and returns when its answer comes.
func (s *server) take(now Time) Time {
	arrives := now.after(Time(s.way / 2))
	if s.oneByOne {
		arrives = max(arrives, s.free)
	}
	s.free = arrives.after(Time(s.serves))
	return s.free.after(Time(s.way - s.way/2))
}

// run sends records to eight partitions in turn, and returns how many requests that took, and how long the first records of batches, on
// average.
func (s server) run(t *testing.T, g Gather, records int, each time.Duration) (requests int, took time.Duration) {
	cfg := defaults()
	cfg.Gather = g
	h, p := start(t, cfg)
	parts := []*Partition{p}
	for i := range int32(7) {
		parts = append(parts, h.partition("t", i+1, 1))
	}
	opened := map[*Batch]Time{}
	var total Time
	for next := h.now; records > 0 || len(h.requests) > 0; {
		if len(s.due) > 0 && (records == 0 || s.due[0] <= next) {
			h.now, s.due = s.due[0], s.due[1:]
			batches := slices.Clone(h.requests[0].Batches)
			for _, b := range batches {
				total += h.now - opened[b]
			}
			h.answer(make([]protocol.ErrorCode, len(batches))...)
		} else {
			h.now, next, records = next, next.after(Time(each)), records-1
			p := parts[records%len(parts)]
			if b := p.queue.tail; b == nil || b.state != Open {
				b = &Batch{Partition: p, Count: 1}
				opened[b] = h.now
				h.core.Opened(h.now, b)
				h.take()
			}
		}
		for len(s.due) < len(h.requests) {
			requests++
			s.due = append(s.due, s.take(h.now))
		}
	}
	return requests, time.Duration(total) / time.Duration(len(opened))
}

// Where requests only wait for each other, what comes meanwhile gathers: records take not even half as long as when each goes at once. Where
// requests are under way at the same time, for the length of the way or since a server does several at once, all goes as it comes.
func TestGather(t *testing.T) {
	const us, ms = time.Microsecond, time.Millisecond
	for _, test := range []struct {
		name   string
		server server
		each   time.Duration
		least  time.Duration // how long the first record of a batch takes when each goes at once
		most   time.Duration // how long it may take
	}{
		{"near, one by one", server{way: 20 * us, serves: 200 * us, oneByOne: true}, 50 * us, 1000 * us, 350 * us},
		{"near, at the same time", server{way: 20 * us, serves: 200 * us}, 50 * us, 220 * us, 223 * us},
		{"the way as long as the work, one by one", server{way: 200 * us, serves: 200 * us, oneByOne: true}, 50 * us, 1000 * us, 750 * us},
		{"far, one by one", server{way: 10 * ms, serves: 200 * us, oneByOne: true}, ms, 12 * ms, 12400 * us},
		{"few records", server{way: 20 * us, serves: 200 * us, oneByOne: true}, ms, 220 * us, 220 * us},
	} {
		t.Run(test.name, func(t *testing.T) {
			requests, took := test.server.run(t, GatherNever, 20_000, test.each)
			if took < test.least {
				t.Errorf("when each goes at once records take %v, want %v at least", took, test.least)
			}
			gathered, took := test.server.run(t, GatherWhereQueued, 20_000, test.each)
			t.Logf("%v, %d requests instead of %d", took, gathered, requests)
			if took > test.most {
				t.Errorf("records take %v, want %v at most", took, test.most)
			}
		})
	}
}

// What was found out holds only as long as it is true: a server that gets faster, or farther away, has all at once again.
func TestGatherForgets(t *testing.T) {
	var s serving
	request := func(behind int, took Time) {
		r := new(Request)
		s.sent(0, r, behind, false)
		s.answered(took*1000, r)
	}
	for range 20 {
		request(0, 100)
		request(1, 200)
	}
	if !s.queues(1) {
		t.Fatalf("requests take twice as long behind another one, and aren't held back: %+v", s)
	}
	tried := 0
	for range 40 * mostAlones {
		if s.queues(1) {
			request(0, 100)
		} else {
			request(1, 100)
			tried++
		}
	}
	if s.queues(1) && s.alones <= mostAlones || tried < 30 {
		t.Errorf("%d requests were sent behind another one and took no longer, the next is held back: %+v", tried, s)
	}
	for range mostOthers + 1 {
		request(2, 100)
	}
	if !s.queues(2) {
		t.Error("nothing was sent alone for long, and nothing waits to be")
	}
	request(0, 100)
	if s.queues(2) {
		t.Error("one was sent alone, and others still wait to be")
	}
}
