package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	experiments []string
	works       []string // of those of the experiment; empty: all
	clients     []string // empty: the experiment's own choice
	all         bool     // which is then everyone, where clients are compared
	rounds      int
	each        time.Duration // how long records are sent for in a trial
	write       bool
	note        string // goes with the date and the machine
	keep        string // directory for the peers' CPU profiles
}

func parseOptions(args []string) (options, error) {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.Usage = func() { usage(f) }
	experiments := f.String("experiment", "peers", "which, separated by spaces or commas")
	works := f.String("works", "", "rows to measure, of those the experiment has; empty: all")
	clients := f.String("clients", "", "who is measured; empty: a few, or with -all everyone")
	o := options{}
	f.BoolVar(&o.all, "all", false, "every experiment (unless some are named), with every client where clients are compared")
	f.IntVar(&o.rounds, "rounds", 3, "how often everything is measured; the median counts")
	f.DurationVar(&o.each, "each", 2*time.Second, "how long records are sent for in a trial")
	f.BoolVar(&o.write, "write", false, "write results/, and the tables in README.md")
	f.StringVar(&o.note, "note", "", "what is to be known of this run, beside date and machine")
	f.StringVar(&o.keep, "profiles", "", "write a CPU profile of every Go peer into this directory; they cost a little")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag", f.Arg(0))
	}
	named := false
	f.Visit(func(f *flag.Flag) { named = named || f.Name == "experiment" })
	o.experiments, o.works, o.clients = list(*experiments), list(*works), list(*clients)
	if o.all && !named {
		o.experiments = names(experimentList)
	}
	return o, o.check()
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
}

func names[T interface{ Name() string }](all []T) []string {
	var s []string
	for _, t := range all {
		s = append(s, t.Name())
	}
	return s
}

func (o options) check() error {
	if err := known("experiment", o.experiments, names(experimentList)); err != nil {
		return err
	}
	if err := known("client", o.clients, names(clientList)); err != nil {
		return err
	}
	if o.write && len(o.works) > 0 {
		return errors.New("-write with -works would leave holes in the tables")
	}
	if o.rounds < 1 || o.each <= 0 {
		return fmt.Errorf("-rounds %d and -each %v must be more than zero", o.rounds, o.each)
	}
	return nil
}

// known returns an error that names what there is, unless all that was given is.
func known(what string, given, all []string) error {
	for _, g := range given {
		if !slices.Contains(all, g) {
			return fmt.Errorf("there is no %s %q, only %s", what, g, strings.Join(all, " "))
		}
	}
	return nil
}

func usage(f *flag.FlagSet) {
	fmt.Fprintln(os.Stderr, "Measures the producer beside other clients; see go doc kafkaproducer/internal/bench.\n\nExperiments:")
	for _, e := range experimentList {
		fmt.Fprintf(os.Stderr, "  %-11s %s\n", e.name, e.about)
	}
	fmt.Fprintln(os.Stderr, "\nClients:")
	for _, c := range clientList {
		fmt.Fprintf(os.Stderr, "  %-11s %s\n", c.name, c.about)
	}
	fmt.Fprintln(os.Stderr, "\nFlags:")
	f.PrintDefaults()
}
