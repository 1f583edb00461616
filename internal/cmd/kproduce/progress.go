package main

import (
	"fmt"
	"time"
)

const (
	redraw  = 200 * time.Millisecond // on a terminal
	newLine = 5 * time.Second        // elsewhere, with -v
	recent  = 2 * time.Second        // what the rate is of
)

// showProgress shows how a run goes until hide is called: on a terminal in a line that is written over, elsewhere, if verbose,
// in a line every few seconds.
func (t *tool) showProgress(look func() snapshot, verbose bool) (hide func()) {
	show, interval := t.screen.show, redraw
	if !t.screen.terminal {
		show, interval = func(line string) { t.screen.say("%s", line) }, newLine
		if !verbose {
			return func() {}
		}
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick(interval, stop, look, show)
	}()
	return func() {
		close(stop)
		<-stopped
		if t.screen.terminal {
			show("")
		}
	}
}

// tick shows how it goes at an interval until stop is closed.
func tick(interval time.Duration, stop <-chan struct{}, look func() snapshot, show func(string)) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	speed := speedometer{marks: []mark{{at: time.Now()}}}
	for {
		select {
		case now := <-ticker.C:
			seen := look()
			show(progressLine(seen, speed.rate(now, seen.records)))
		case <-stop:
			return
		}
	}
}

// progressLine fits 80 columns below a billion records.
func progressLine(now snapshot, rate float64) string {
	return fmt.Sprintf("%s records  %s/s  %s  %s in flight  %s failed",
		group(now.records), group(int64(rate)), size(now.bytes), group(now.inFlight), group(now.failed))
}

// mark is how many records there were at one time.
type mark struct {
	at      time.Time
	records int64
}

// speedometer tells the rate of the last seconds.
type speedometer struct{ marks []mark }

// rate returns records per second since the newest mark that is recent ago, or the only one there is.
func (s *speedometer) rate(now time.Time, records int64) float64 {
	for len(s.marks) > 1 && now.Sub(s.marks[1].at) >= recent {
		s.marks = s.marks[1:]
	}
	since := s.marks[0]
	s.marks = append(s.marks, mark{now, records})
	return float64(records-since.records) / now.Sub(since.at).Seconds()
}
