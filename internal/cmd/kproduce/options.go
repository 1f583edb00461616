package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"kafkaproducer/producer"
)

// options are what the command line says.
type options struct {
	topic    string
	input    string            // a file; empty or "-": standard input
	set      map[string]string // properties: those of -F, then -X, then -b
	format   format
	failures int // how many failed records are reported one by one
	verbose  bool
}

// parseOptions reads the command line, and the file of -F. The error is flag.ErrHelp for -h.
func parseOptions(args []string) (*options, error) {
	var o options
	var bootstrap, file string
	var texts []string // of -X
	flags := flag.NewFlagSet("kproduce", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // usage is ours to print
	flags.StringVar(&bootstrap, "b", "", "")
	flags.StringVar(&o.topic, "t", "", "")
	flags.StringVar(&o.input, "i", "", "")
	flags.StringVar(&file, "F", "", "")
	flags.Func("X", "", func(s string) error { texts = append(texts, s); return nil }) // package flag would print what is wrong
	o.format.separator = "\t"
	flags.BoolVar(&o.format.keys, "keys", false, "")
	flags.Func("separator", "", func(s string) error {
		o.format.keys, o.format.separator = true, strings.ReplaceAll(s, `\t`, "\t")
		if s == "" {
			return errors.New("want at least one character")
		}
		return nil
	})
	flags.Func("null", "", func(s string) error { o.format.null = &s; return nil })
	flags.BoolVar(&o.format.crlf, "crlf", false, "")
	flags.IntVar(&o.failures, "failures", 10, "")
	flags.BoolVar(&o.verbose, "v", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is not an option; the input is given with -i", flags.Arg(0))
	}
	set, err := settings(texts)
	if err != nil {
		return nil, err
	}
	if o.set, err = properties(file, set); err != nil {
		return nil, err
	}
	if bootstrap != "" {
		o.set["bootstrap.servers"] = bootstrap
	}
	return &o, o.check()
}

// properties returns those of a file, if any, under those of -X.
func properties(file string, set map[string]string) (map[string]string, error) {
	if file == "" {
		return set, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := producer.ReadProperties(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	maps.Copy(all, set)
	return all, nil
}

// embedded says that no cluster was named: the sample goes to brokers in this process.
func (o *options) embedded() bool {
	return o.set["bootstrap.servers"] == "" && o.topic == "" && o.input == ""
}

func (o *options) check() error {
	switch {
	case o.embedded():
		return nil
	case o.set["bootstrap.servers"] == "":
		return errors.New("-b host:port is missing (or bootstrap.servers with -X or -F)")
	case o.topic == "":
		return errors.New("-t topic is missing")
	}
	return nil
}
