package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"

	"kafkaproducer/producer"
)

// Exit statuses.
const (
	allDone   = 0
	notAll    = 1 // a record is not acknowledged, the input could not be read, or the topic doesn't hold what it should
	cantStart = 2
)

// tool is the program, with its surroundings as fields so that tests can be them.
type tool struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	interrupts     <-chan os.Signal                                                  // the first ends reading, the second all
	dial           func(ctx context.Context, network, addr string) (net.Conn, error) // nil: the producer's own

	screen *screen // over stderr
}

// run runs the program and returns its exit status.
func (t *tool) run(args []string) int {
	t.screen = &screen{w: t.stderr, terminal: isTerminal(t.stderr)}
	o, err := parseOptions(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(t.stdout, usage)
		return allDone
	case err != nil:
		return t.refuse(err)
	case o.embedded():
		return t.runEmbedded(o)
	}
	return t.runCluster(o)
}

// refuse reports what keeps the program from starting.
func (t *tool) refuse(err error) int {
	for line := range strings.Lines(err.Error()) {
		t.screen.say("%s", withoutPackage(strings.TrimSpace(line)))
	}
	t.screen.say("nothing was sent; kproduce -h explains the options")
	return cantStart
}

// runCluster sends the input to the cluster that was named.
func (t *tool) runCluster(o *options) int {
	cfg, err := t.config(o)
	if err != nil {
		return t.refuse(err)
	}
	in := t.stdin
	if o.input != "" && o.input != "-" {
		file, err := os.Open(o.input)
		if err != nil {
			return t.refuse(err)
		}
		defer file.Close()
		in = file
	}
	if isTerminal(in) {
		t.screen.terminal = false // what is typed has the terminal to itself
	}
	r, err := t.send(o, cfg, in)
	if err != nil {
		return t.refuse(err)
	}
	t.report(r)
	return r.status()
}

// config returns the settings of the producer.
func (t *tool) config(o *options) (producer.Config, error) {
	cfg, err := producer.FromProperties(o.set)
	if err != nil {
		return cfg, err
	}
	level := slog.LevelWarn
	if o.verbose {
		level = slog.LevelInfo
	}
	cfg.ClientID = cmp.Or(cfg.ClientID, "kproduce")
	cfg.Dial = t.dial
	cfg.Logger = slog.New(slog.NewTextHandler(t.screen, &slog.HandlerOptions{Level: level}))
	return cfg, nil
}
