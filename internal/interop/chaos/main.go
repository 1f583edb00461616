package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"kafkaproducer/internal/interop/chaos/netns"
	"kafkaproducer/internal/interop/kafka"
)

// options are the command line.
type options struct {
	load     Load
	seed     uint64
	clients  string
	results  string
	noKernel bool
	keep     bool
}

func parse() options {
	o := options{load: Load{Goroutines: 8, Partitions: 24}}
	flag.IntVar(&o.load.Records, "records", 3_000_000, "records of each producer")
	flag.DurationVar(&o.load.Length, "time", 150*time.Second, "over which they are sent, and faults made")
	flag.IntVar(&o.load.Goroutines, "goroutines", o.load.Goroutines, "that send")
	flag.IntVar(&o.load.Partitions, "partitions", o.load.Partitions, "of the topic")
	flag.Uint64Var(&o.seed, "seed", 0, "of the schedule; 0: any")
	flag.StringVar(&o.clients, "clients", "kafkaproducer,franz-go,java", "the producers, in this order")
	flag.StringVar(&o.results, "results", "", "a file for the report, beside standard output")
	flag.BoolVar(&o.noKernel, "no-kernel", false, "no network namespaces, and no faults made by the kernel")
	flag.BoolVar(&o.keep, "keep", false, "keep logs and data also after a good run")
	flag.Parse()
	for o.seed == 0 {
		o.seed = rand.Uint64N(1 << 20)
	}
	return o
}

func main() {
	if job := os.Getenv(workerEnv); job != "" {
		os.Exit(work(job))
	}
	o := parse()
	status, err := enter(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		status = 2
	}
	os.Exit(status)
}

// enter goes into a network namespace where that is possible, and runs there.
func enter(o options) (status int, err error) {
	if netns.Inside() {
		network, err := netns.Open(brokers + 1)
		if err != nil {
			return 0, err
		}
		status, err = run(o, network, nil)
		return status, errors.Join(err, network.Close())
	}
	why := errors.New("-no-kernel was given")
	if !o.noKernel {
		why = netns.Check()
	}
	if why != nil {
		return run(o, nil, why)
	}
	// In a namespace nothing could be fetched any more.
	if err := kafka.Build(); err != nil {
		return 0, err
	}
	os.Args = append(os.Args, fmt.Sprintf("-seed=%d", o.seed)) // the same one inside, where 0 stood for any
	return netns.Enter()
}

// run plays the schedule for each producer. why says why there is no network.
func run(o options, network *netns.Network, why error) (status int, err error) {
	dir, err := os.MkdirTemp("", "chaos-")
	if err != nil {
		return 0, err
	}
	logFile, err := os.Create(filepath.Join(dir, "chaos.log"))
	if err != nil {
		return 0, err
	}
	defer logFile.Close()
	log := slog.New(slog.NewTextHandler(logFile, nil))

	fmt.Printf("seed %d, %v, %d records each, logs in %s\n", o.seed, o.load.Length, o.load.Records, dir)
	f, err := OpenField(network)
	if err != nil {
		return 0, err
	}
	setting := Setting{Seed: o.seed, Length: o.load.Length, Brokers: brokers, Outage: deliveryTimeout + 4*time.Second, Kernel: network != nil}
	steps := Plan(setting)
	var results []*Result
	for _, name := range strings.Split(o.clients, ",") {
		fmt.Printf("%s: %d faults on %s …\n", time.Now().Format(time.TimeOnly), len(steps), name)
		log.Info("run", "client", name)
		r := play(f, name, o.load, steps, dir, log)
		fmt.Println(r.Line())
		results = append(results, r)
		if r.Err != nil {
			break // the cluster may not be fit for another one
		}
	}
	report := &Report{Options: o, Kafka: f.Cluster.Brokers[0].Version(), Kernel: why, Results: results, Date: time.Now()}
	report.Write(os.Stdout)
	if o.results != "" {
		err = writeFile(o.results, report.Write)
	}
	broken := slices.ContainsFunc(results, func(r *Result) bool { return r.Client == "kafkaproducer" && r.Broken() != nil || r.Err != nil })
	if broken {
		status = 1
		fmt.Printf("broken; again with: make chaos SEED=%d. Ledgers and logs: %s, brokers' logs: %s\n", o.seed, dir, f.Cluster.Dir())
		fmt.Printf("Flight records, one for each %v, to be replayed with go run ./internal/cmd/kreplay FILE: %s\n",
			flightEvery, flightName(filepath.Join(dir, "kafkaproducer.ledger"), "*"))
	}
	keep := broken || o.keep
	err = errors.Join(err, f.Close(keep))
	if !keep {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return status, err
}

func writeFile(name string, write func(io.Writer)) error {
	var b strings.Builder
	write(&b)
	return os.WriteFile(name, []byte(b.String()), 0o644)
}
