package producer

import (
	"math/rand/v2"
	"testing"
	"time"

	"kafkaproducer/producer/internal/simulation"
)

// besideRecords is how many records each sender sends in besideStalled.
const besideRecords = 400

// besideStalled is a schedule of three senders, each to the partition of another broker, and of a little more than the memory of a few
// batches. stall is what happens to the second broker early on; the zero Step: nothing.
func besideStalled(seed uint64, stall simulation.Step) simulation.Schedule {
	r := rand.New(rand.NewPCG(seed, 0xbe51de))
	s := simulation.Schedule{Settings: simulation.Settings{
		Seed: seed, Brokers: 3, Topics: 1, Partitions: 3, Release: "4.4", Heal: 20 * time.Second, Latency: time.Duration(1+r.IntN(5)) * time.Millisecond,
		Acks: -1, Idempotent: true, InFlight: 1 + r.IntN(5), Linger: time.Duration(r.IntN(3)) * time.Millisecond, Batch: 500 + r.IntN(1500),
		Memory: int64(30_000 + r.IntN(30_000)), RequestTimeout: time.Second, DeliveryTimeout: time.Minute, Backoff: 10 * time.Millisecond,
		Partitioner: "sticky", Block: time.Minute,
	}}
	for sender := range 3 {
		s.Steps = append(s.Steps, simulation.Step{Do: "send", Sender: sender, Partition: sender, N: 1, On: "produce"})
	}
	if stall.Do != "" {
		stall.At, stall.Broker, stall.For = 200*time.Millisecond, 2, time.Minute
		s.Steps = append(s.Steps, stall)
	}
	for sender := range 3 {
		s.Steps = append(s.Steps, simulation.Step{
			At: 210 * time.Millisecond, Do: "send", Sender: sender, Partition: sender, N: besideRecords, Size: 150, On: "produce",
		})
	}
	return s
}

// A broker that takes nothing for twenty seconds does not hold up the others. With what is left of the buffer their records take
// as long as beside a healthy broker, in the same schedules: a quarter longer at most over all, where a single one may take twice
// as long.
func TestExactHealthyBesideStalled(t *testing.T) {
	stalls := map[string]simulation.Step{
		"paused":     {Do: "pause", Partition: -1, On: "produce"},
		"stopped":    {Do: "stop", Partition: -1, On: "produce"},
		"leaderless": {Do: "leaderless", Partition: 1, On: "produce"},
		"silent":     {Do: "fault", Fault: "swallow", N: 1000, Partition: -1, On: "produce"},
	}
	for name, stall := range stalls {
		t.Run(name, func(t *testing.T) {
			var without, with time.Duration
			for seed := range uint64(10) {
				healthy, _ := besideRun(t, besideStalled(seed, simulation.Step{}))
				beside, stuck := besideRun(t, besideStalled(seed, stall))
				if without, with = without+healthy, with+beside; beside > 2*healthy {
					t.Errorf("seed %d: %v beside a stalled broker, %v beside a healthy one", seed, beside, healthy)
				}
				if stuck < 20*time.Second {
					t.Errorf("seed %d: the stalled broker took its records after %v", seed, stuck)
				}
			}
			if with > without*5/4 {
				t.Errorf("%v beside stalled brokers, %v beside healthy ones", with, without)
			}
			t.Logf("records a second beside a stalled broker, compared with a healthy one: %.2f", float64(without)/float64(with))
		})
	}
}

// besideRun runs a schedule, and returns how long the senders to the first and third broker took for their records, and the other one.
func besideRun(t *testing.T, s simulation.Schedule) (healthy, other time.Duration) {
	t.Helper()
	x := newExact(s, nil)
	if err := x.run(); err != nil {
		t.Fatalf("seed %d: %v", s.Seed, err)
	}
	var took [3]time.Duration
	for sender := range took {
		n, last := x.o.Acknowledged(sender)
		if n != 1+besideRecords {
			t.Fatalf("seed %d: %d records of sender %d are acknowledged", s.Seed, n, sender)
		}
		took[sender] = last - 210*time.Millisecond
	}
	return max(took[0], took[2]), took[1]
}
