package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// experiment is a set of measurements that belong together.
type experiment struct {
	name  string
	about string
	run   func(context.Context, *bench) (*section, error)
}

// Name is the experiment's name.
func (e experiment) Name() string { return e.name }

var experimentList []experiment

func init() { // an experiment's errors name the experiments there are, which a plain declaration would make a cycle
	experimentList = []experiment{
		{"peers", "every work with every client, against a sink that acknowledges at once", peers},
		{"broker", "the same against a broker of Kafka", broker},
		{"goroutines", "cost and throughput by the number of goroutines that send", goroutines},
		{"spread", "cost by the number of partitions, topics and brokers", spread},
		{"far", "throughput to a broker far away, by batch.size and requests in flight", far},
		{"inflight", "three brokers of Kafka: requests in flight, acks, sizes and partitions", inFlight},
	}
}

func main() {
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	b, err := newBench(ctx, o, os.Stderr)
	if err != nil {
		return err
	}
	defer b.close()
	for _, e := range experimentList {
		if !slices.Contains(o.experiments, e.name) {
			continue
		}
		s, err := e.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		fmt.Printf("# %s: %s\n\n%s\n", e.name, e.about, s.markdown("results/"))
		if o.write {
			if err := s.write(); err != nil {
				return err
			}
		}
	}
	return nil
}
