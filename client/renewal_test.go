package client

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/producer/producertest"
)

func TestRenewalIsDue(t *testing.T) {
	for _, tt := range []struct {
		lifetime  time.Duration
		earliest  time.Duration // after the session's beginning; zero: at any time
		random    float64
		due, hold time.Duration
	}{
		{time.Hour, 0, 0, 51 * time.Minute, time.Hour - 500*time.Millisecond},
		{time.Hour, 0, 1, 57 * time.Minute, time.Hour - 500*time.Millisecond},
		{5 * time.Second, 0, 0, 4 * time.Second, 4500 * time.Millisecond},                                       // a second before its end
		{1600 * time.Millisecond, 0, 0, 800 * time.Millisecond, 1200 * time.Millisecond},                        // at half its life
		{1600 * time.Millisecond, 1050 * time.Millisecond, 0, 1050 * time.Millisecond, 1200 * time.Millisecond}, // when it is taken
		{1200 * time.Millisecond, 1050 * time.Millisecond, 0, 900 * time.Millisecond, 900 * time.Millisecond},   // held until then
		{200 * time.Millisecond, 1050 * time.Millisecond, 0, 150 * time.Millisecond, 150 * time.Millisecond},
	} {
		const began = 10 * second
		r := &renewal{}
		if tt.earliest > 0 {
			r.earliest = began.add(tt.earliest)
		}
		r.schedule(session{began, tt.lifetime}, tt.random)
		if due, hold := r.due.sub(began), r.hold.sub(began); due != tt.due || hold != tt.hold {
			t.Errorf("a session of %v: due after %v and held after %v, want %v and %v", tt.lifetime, due, hold, tt.due, tt.hold)
		}
	}
	r := &renewal{}
	if r.schedule(session{10 * second, 0}, 0); r.due != never || r.hold != never {
		t.Errorf("a session without end is due at %v and held at %v", r.due, r.hold)
	}
}

// preparing is a mechanism that takes its time to begin on a connection to a broker, or fails to, again and again.
type preparing struct {
	sasl.Mechanism
	start func(n int) (time.Duration, error) // the n-th time: 1 is when the connection is made

	mu sync.Mutex
	n  int // guarded by mu
}

func (p *preparing) Start(ctx context.Context, b sasl.Broker) (sasl.Session, []byte, error) {
	if b.NodeID < 0 {
		return p.Mechanism.Start(ctx, b)
	}
	p.mu.Lock()
	p.n++
	n := p.n
	p.mu.Unlock()
	wait, err := p.start(n)
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	return p.Mechanism.Start(ctx, b)
}

// slowRenewal is a mechanism that takes its time to begin, and what becomes of the connection.
type slowRenewal struct {
	name     string
	start    func(n int) (time.Duration, error)
	lost     error         // why the connection ends; nil: it doesn't
	longest  time.Duration // that a call takes
	warnings int
}

// A renewal takes as long as its mechanism does to begin, and as many attempts as the session has time for. Calls go on meanwhile, wait
// from shortly before the session's end, and fail unwritten where it can't be continued.
func TestRenewalTakesItsTime(t *testing.T) {
	errNone := errors.New("no token today")
	for _, tt := range []slowRenewal{
		{"no time", func(int) (time.Duration, error) { return 0, nil }, nil, 0, 0},
		{"less than the session has", func(int) (time.Duration, error) { return 400 * time.Millisecond, nil }, nil, 0, 0},
		{"more than the session has", func(n int) (time.Duration, error) {
			return map[bool]time.Duration{true: 3 * time.Second}[n == 2], nil
		}, nil, 2500 * time.Millisecond, 0},
		{"several attempts", func(n int) (time.Duration, error) {
			if n > 1 && n < 4 {
				return 0, errNone
			}
			return 0, nil
		}, nil, 0, 1},
		{"no attempt succeeds", func(n int) (time.Duration, error) {
			if n > 1 && n < 1000 {
				return 0, errNone
			}
			return 0, nil
		}, errNone, 600 * time.Millisecond, 3}, // it fails, it is lost, and bootstrap.servers are next
	} {
		t.Run(tt.name, func(t *testing.T) { synctest.Test(t, tt.run) })
	}
}

// run sends calls for three sessions.
func (r *slowRenewal) run(t *testing.T) {
	var log logBook
	k := loginCluster(t, func(o *producertest.Options) {
		o.SessionLifetime, o.Topics = 4*time.Second, map[string]int32{"topic": 1}
	})
	cfg := new(fakeCluster).config(k.BootstrapServers()...)
	cfg.Dial, cfg.SASL = k.Dial, &preparing{Mechanism: loginMechanisms[1], start: r.start}
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	h := newEvents()
	c := begin(t, cfg, h)
	if _, err := c.Topic(t.Context(), "topic"); err != nil {
		t.Fatal(err)
	}
	c.Connect(1)
	h.awaitUp(1)
	done := make(chan result, 1)
	longest := time.Duration(0)
	var failed error
	for end := time.Now().Add(12 * time.Second); failed == nil && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		begun := time.Now()
		c.Send(1, produceCall(done))
		failed = (<-done).err
		longest = max(longest, time.Since(begun))
	}
	var refused *AuthError
	switch {
	case r.lost == nil && failed != nil:
		t.Errorf("a call failed: %v", failed)
	case r.lost != nil && (!errors.Is(failed, r.lost) || !errors.As(failed, &refused) || Wrote(failed)):
		t.Errorf("a call failed: %v", failed)
	case r.lost != nil && !errors.Is(h.awaitDown(1), r.lost):
		t.Error("the connection ended for another reason")
	}
	if longest > r.longest {
		t.Errorf("a call took %v", longest)
	}
	if s := k.Stats(); s.ExpiredSessions > 0 || r.lost == nil && (s.Connections != 2 || s.Reauthentications < 2) {
		t.Errorf("the brokers saw %+v", s)
	}
	if n := strings.Count(strings.Join(log.lines(), "\n"), "level=WARN"); n != r.warnings {
		t.Errorf("logged %q", log.lines())
	}
}
