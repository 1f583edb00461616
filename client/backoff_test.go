package client

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name     string
		b        backoff
		failures int
		r        float64
		want     time.Duration
	}{
		{"first failure, middle of the jitter", backoff{100 * ms, 1000 * ms}, 0, 0.5, 100 * ms},
		{"lowest jitter", backoff{100 * ms, 1000 * ms}, 0, 0, 80 * ms},
		{"doubles", backoff{100 * ms, 1000 * ms}, 2, 0.5, 400 * ms},
		{"jitter reaches up", backoff{100 * ms, 1000 * ms}, 1, 0.75, 220 * ms},
		{"at the maximum the jitter reaches down only", backoff{100 * ms, 1000 * ms}, 10, 0.99, 1000 * ms},
		{"the maximum has a jitter too", backoff{100 * ms, 1000 * ms}, 10, 0, 800 * ms},
		{"absurdly many failures", backoff{100 * ms, 1000 * ms}, 1 << 30, 0.5, 1000 * ms},
		{"no base, no delay", backoff{0, 1000 * ms}, 5, 0.5, 0},
		{"base above the maximum: the maximum, without jitter", backoff{500 * ms, 200 * ms}, 3, 0, 200 * ms},
		{"maximum of zero", backoff{50 * ms, 0}, 3, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.b.after(tt.failures, tt.r); got.Round(time.Microsecond) != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
