package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"time"

	"kafkaproducer/internal/interop/chaos/netns"
	"kafkaproducer/internal/interop/chaos/proxy"
	"kafkaproducer/internal/interop/kafka"
)

// Injected is a fault that was made, or could not be.
type Injected struct {
	Step
	Began, Ended time.Time
	Err          error
}

// storm makes the faults of a schedule.
type storm struct {
	field      *Field
	topic      string
	partitions int
	log        *slog.Logger
	admin      sync.Mutex // Field.Admin is for one at a time

	mu   sync.Mutex // guards done
	done []Injected
}

// run makes all faults, lifts all of them, and returns when that is done; earlier when ctx ends. Heavy faults wait for the
// cluster to be complete again, so that they may be late; all others come at their time.
func (s *storm) run(ctx context.Context, steps []Step) []Injected {
	begin := time.Now()
	var wg sync.WaitGroup
	var heavy []Step
	for _, step := range steps {
		if classOf(step.Kind).heavy {
			heavy = append(heavy, step)
			continue
		}
		wg.Go(func() {
			if sleep(ctx, time.Until(begin.Add(step.At))) {
				s.make(ctx, step)
			}
		})
	}
	wg.Go(func() {
		for _, step := range heavy {
			if !sleep(ctx, time.Until(begin.Add(step.At))) {
				return
			}
			s.make(ctx, step)
			if err := s.field.Cluster.Await(patience); err != nil {
				s.log.Error("cluster not complete", "after", step, "err", err)
			}
		}
	})
	wg.Wait()
	return s.done
}

// sleep waits, and tells whether ctx still goes on.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// make puts a fault in force and lifts it after its time, or when ctx ends.
func (s *storm) make(ctx context.Context, step Step) {
	s.log.Info("fault", "step", step)
	began := time.Now()
	lift, err := s.inject(step)
	if lift != nil {
		sleep(ctx, step.For)
		err = errors.Join(err, lift())
	}
	if err != nil {
		s.log.Warn("fault", "step", step, "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, Injected{step, began, time.Now(), err})
}

// lift ends a fault.
type lift func() error

// inject makes a fault. A nil lift: there is nothing to lift.
func (s *storm) inject(step Step) (lift, error) {
	p := s.field.Proxies[step.Broker-1]
	lasting := func(end func()) (lift, error) { return func() error { end(); return nil }, nil }
	switch step.Kind {
	case Kill, Restart, Freeze, KillController, FreezeController, Isolate, Outage:
		return s.injectHeavy(step)
	case Elect, Reassign, Drain:
		return s.injectAdmin(step)
	case Cut:
		p.Cut()
	case CutInside:
		p.CutAfter(step.Direction, step.Amount)
	case HalfClose:
		p.HalfClose(step.Direction)
	case Hold:
		return lasting(p.Hold(step.Direction))
	case Delay:
		return lasting(p.Delay(step.Direction, time.Duration(step.Amount)*time.Millisecond))
	case Narrow:
		return lasting(p.Narrow(step.Direction, step.Amount))
	case Refuse:
		return lasting(p.Refuse())
	default:
		return s.injectKernel(step)
	}
	return nil, nil
}

func (s *storm) injectHeavy(step Step) (lift, error) {
	id := step.Broker
	if step.Kind == KillController || step.Kind == FreezeController {
		controller, err := s.field.Cluster.Java.Controller()
		if err != nil || controller < 1 || controller > brokers {
			return nil, fmt.Errorf("the controller is %d: %w", controller, err)
		}
		id = controller
	}
	broker := s.field.Cluster.Brokers[id-1]
	switch step.Kind {
	case Kill, KillController:
		return broker.Start, broker.Kill()
	case Restart:
		return broker.Start, broker.Stop()
	case Freeze, FreezeController:
		return broker.Resume, broker.Pause()
	case Isolate:
		return twice(func(in bool) (func() error, error) { return s.field.Network.Nodes[id-1].Drop(netns.Packets{In: in}) })
	}
	// An outage: what is asked does not arrive, or what is answered, or both.
	var lifts []func()
	for _, p := range s.field.Proxies {
		for _, d := range []proxy.Direction{proxy.Up, proxy.Down} {
			if step.Amount == 2 || step.Amount == int(d) {
				lifts = append(lifts, p.Hold(d))
			}
		}
	}
	return func() error {
		for _, lift := range lifts {
			lift()
		}
		return nil
	}, nil
}

func (s *storm) injectAdmin(step Step) (lift, error) {
	s.admin.Lock()
	defer s.admin.Unlock()
	admin, random := s.field.Admin, rand.New(rand.NewPCG(step.Seed, 4))
	switch step.Kind {
	case Elect:
		_, err := admin.Elect(s.topic)
		return nil, err
	case Reassign:
		err := admin.Reassign(s.topic, s.shuffled(random))
		if err == nil {
			_, err = admin.Elect(s.topic)
		}
		return nil, err
	}
	whole := s.shuffled(random)
	drained := make([][]int32, len(whole))
	for i, replicas := range whole {
		for _, id := range replicas {
			if id != step.Broker {
				drained[i] = append(drained[i], id)
			}
		}
	}
	err := admin.Reassign(s.topic, drained)
	return func() error { return s.restore(admin, whole) }, err
}

// restore gives partitions all their replicas again. While the cluster is in disorder it can be refused for a while.
func (s *storm) restore(admin *kafka.Java, whole [][]int32) error {
	s.admin.Lock()
	defer s.admin.Unlock()
	var err error
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Second) {
		if err = admin.Reassign(s.topic, whole); err == nil {
			return nil
		}
	}
	return err
}

// shuffled gives each partition all brokers, in an order of its own.
func (s *storm) shuffled(random *rand.Rand) [][]int32 {
	replicas := make([][]int32, s.partitions)
	for i := range replicas {
		for _, k := range random.Perm(brokers) {
			replicas[i] = append(replicas[i], int32(k+1))
		}
	}
	return replicas
}

func (s *storm) injectKernel(step Step) (lift, error) {
	client, port := s.field.Client(), 0
	if _, text, err := net.SplitHostPort(s.field.Proxies[step.Broker-1].Addr()); err == nil {
		port, _ = strconv.Atoi(text)
	}
	switch step.Kind {
	case KernelLoss:
		return twice(func(in bool) (func() error, error) {
			return client.Lose(netns.Packets{In: in, Port: port}, step.Amount)
		})
	case KernelLossy:
		node := s.field.Network.Nodes[step.Broker-1]
		return twice(func(in bool) (func() error, error) { return node.Lose(netns.Packets{In: in}, step.Amount) })
	case KernelDrop:
		return client.Drop(netns.Packets{In: step.Direction == proxy.Down, Port: port})
	case KernelReset:
		return client.Reset(port)
	case KernelNarrow:
		return client.Narrow(step.Amount)
	}
	return nil, fmt.Errorf("no such fault: %s", step.Kind)
}

// twice makes a fault for packets out and in, and lifts the second first.
func twice(do func(in bool) (func() error, error)) (lift, error) {
	out, err := do(false)
	if err != nil {
		return nil, err
	}
	in, err := do(true)
	if err != nil {
		return out, err
	}
	return func() error { return errors.Join(in(), out()) }, nil
}
