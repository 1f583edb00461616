package producer

import (
	"context"
	"testing"
	"time"

	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/producer/producertest"
)

// way is a broker and the way to it: it takes so many bytes a second, and an answer is on its way for so long.
type way struct {
	rate    float64 // bytes a nanosecond
	delay   delivery.Time
	backlog int64 // expected at most
}

// drive sends batches over a way, five requests of up to 1 MiB in flight, from a program that encodes 2 GB/s and, with pausing, pauses
// when pace says so. It returns the bytes a nanosecond of the second half, the largest backlog in that time, and how many pauses it had.
func drive(w way, pausing bool) (rate float64, backlog int64, pauses int) {
	const batch, window, request, step = 16384, 5, 1 << 20, delivery.Time(8 * time.Microsecond)
	type flying struct {
		size, then      int64
		queued, arrives delivery.Time
	}
	var pace pace
	var flight []flying
	var waiting, drained int64
	var free, pausedTo delivery.Time // when the broker is free, when the sender's pause ends
	const end = delivery.Time(6 * time.Second)
	for now := delivery.Time(0); now < end; now += step {
		for len(flight) > 0 && flight[0].arrives <= now {
			f := flight[0]
			flight = flight[1:]
			pace.answered(now, f.queued, f.then, f.size)
			pace.left(int(f.size))
			if !pace.draining && pace.backlog <= pace.limit-paceLeast/2 {
				pausedTo = 0
			}
			if now > end/2 {
				drained += f.size
			}
		}
		if now >= pausedTo && pace.backlog < 32<<20 {
			pace.closed(batch)
			waiting += batch
			if pausing && pace.ahead() {
				pausedTo = now + delivery.Time(pauseAtMost)
				if now > end/2 {
					pauses++
				}
			}
		}
		for waiting > 0 && len(flight) < window {
			f := flying{size: min(waiting, request), then: pace.drained, queued: now}
			free = max(free, now) + delivery.Time(float64(f.size)/w.rate)
			f.arrives = free + w.delay
			waiting -= f.size
			flight = append(flight, f)
		}
		if now > end/2 {
			backlog = max(backlog, pace.backlog)
		}
	}
	return float64(drained) / float64(end/2), backlog, pauses
}

// Where hardly anything leaves in the time of a pause there are none.
func TestSlowWayHasNoPauses(t *testing.T) {
	for _, w := range []way{{rate: 0.001, delay: delivery.Time(time.Millisecond)}, {rate: 0.01, delay: delivery.Time(100 * time.Millisecond)}} {
		if _, backlog, pauses := drive(w, true); pauses > 0 || backlog < 8<<20 {
			t.Errorf("%+v: %d pauses, a backlog of %d bytes", w, pauses, backlog)
		}
	}
}

// Where answers come quickly the backlog fits the cache, and wherever they take long the rate is what it would be without pauses.
func TestPaceCostsNoThroughput(t *testing.T) {
	ms := delivery.Time(time.Millisecond)
	for name, w := range map[string]way{
		"loopback":    {rate: 1.2, delay: ms / 50, backlog: 4 << 20},
		"slow broker": {rate: 0.1, delay: ms / 10, backlog: 8 << 20},
		"1 ms":        {rate: 1.2, delay: ms, backlog: 8 << 20},
		"5 ms":        {rate: 1.2, delay: 5 * ms, backlog: 20 << 20},
		"20 ms":       {rate: 1.2, delay: 20 * ms, backlog: 20 << 20},
		"100 ms":      {rate: 1.2, delay: 100 * ms, backlog: 32 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			free, _, _ := drive(w, false)
			rate, backlog, _ := drive(w, true)
			t.Logf("%.3f GB/s, %.3f without pauses, backlog %d KiB", rate, free, backlog>>10)
			if rate < 0.97*free {
				t.Errorf("%.3f GB/s, and %.3f without pauses", rate, free)
			}
			if most := w.backlog; backlog > most {
				t.Errorf("a backlog of %d bytes, at most %d expected", backlog, most)
			}
		})
	}
}

// A pause lasts a millisecond at most, ends with the backlog or the context, and the record is accepted whatever ends it. There is
// none inside a callback.
func TestPause(t *testing.T) {
	opts := producertest.Options{Topics: map[string]int32{"t": 1}, Discard: true}
	inBubble(t, opts, Config{BatchSize: 1000}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		r := Record{Topic: "t", Value: make([]byte, 300_000)} // a batch of its own
		if _, err := p.SendSync(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		p.holdings[1].pace.limit = paceLeast
		p.mu.Unlock()
		send := func(ctx context.Context, paused time.Duration) {
			t.Helper()
			begin := time.Now()
			if err := p.Send(ctx, r, nil); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took != paused {
				t.Errorf("Send took %v, want %v", took, paused)
			}
		}
		c.PauseBroker(1)
		for range paceLeast / 300_000 {
			send(t.Context(), 0)
		}
		send(t.Context(), pauseAtMost)
		send(t.Context(), pauseAtMost)
		ctx, cancel := context.WithTimeout(t.Context(), pauseAtMost/4)
		defer cancel()
		send(ctx, pauseAtMost/4)
		time.AfterFunc(pauseAtMost/2, func() { c.ResumeBroker(1) })
		send(t.Context(), pauseAtMost/2)

		inside := make(chan struct{})
		if err := p.Send(t.Context(), r, func(RecordMetadata, error) {
			c.PauseBroker(1)
			for range 2 * paceLeast / 300_000 {
				send(context.Background(), 0)
			}
			close(inside)
		}); err != nil {
			t.Fatal(err)
		}
		<-inside
		c.ResumeBroker(1)
	})
}
