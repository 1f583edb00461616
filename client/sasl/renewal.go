package sasl

import "time"

// renewal says when a token is due for another one.
type renewal struct {
	factor, jitter    float64 // parts of the token's life
	minPeriod, buffer time.Duration
}

// leastLeft is what a token has left when it is given out, where a new one can be had and it doesn't live for less than twice as
// long. Kafka's brokers end a session with its token and take one re-authentication a second: less would hold records up.
const leastLeft = 3 * time.Second

// due is the moment from which a token that came at now and ends at expiry is to be renewed: the rules of Kafka's
// ExpiringCredentialRefreshingLogin, and leastLeft. chance is 0 to 1.
func (r renewal) due(now, expiry time.Time, chance float64) time.Time {
	due, latest := r.window(now, expiry, chance), now.Add(max(expiry.Sub(now)-leastLeft, expiry.Sub(now)/2))
	if due.After(latest) {
		return latest
	}
	return due
}

// window is Kafka's part of due.
func (r renewal) window(now, expiry time.Time, chance float64) time.Time {
	life := expiry.Sub(now)
	due := now.Add(min(life, time.Duration(float64(life)*(r.factor+r.jitter*chance))))
	if r.minPeriod+r.buffer > life {
		return due
	}
	if latest := expiry.Add(-r.buffer); due.After(latest) {
		due = latest
	}
	if earliest := now.Add(r.minPeriod); due.Before(earliest) {
		due = earliest
	}
	return due
}

// doubled is the pause after n failures (n ≥ 1): first, doubled each time, at most most.
func doubled(first, most time.Duration, n int) time.Duration {
	pause := first
	for range n - 1 {
		if pause >= most/2 {
			return most
		}
		pause *= 2
	}
	return min(pause, most)
}
