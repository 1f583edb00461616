package load

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"
)

// Main is the whole of a peer: it reads the settings from the command line, does the work and prints the result.
// version describes the client; it is called at the end.
func Main(version func() string, connect Connect) {
	execute(version, func(s Settings) (Result, error) { return run(s, connect) })
}

// MainBare is Main for a peer that is no client: send does the work, with nothing of this package around it.
func MainBare(version func() string, dial func(Settings) (send func() (records int64, err error), err error)) {
	execute(version, func(s Settings) (Result, error) {
		send, err := dial(s)
		if err != nil {
			return Result{}, err
		}
		from := measure()
		n, err := send()
		if err != nil {
			return Result{}, err
		}
		return Result{Sent: n, Figures: figures(from, measure(), n)}, nil
	})
}

func execute(version func() string, run func(Settings) (Result, error)) {
	s := Parse(os.Args[1:])
	time.AfterFunc(s.Timeout, func() {
		fmt.Fprintf(os.Stderr, "not done after %v\n", s.Timeout)
		os.Exit(3)
	})
	result, err := run(s)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	result.Version = version()
	line, err := json.Marshal(result)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s\n", line)
}

// run connects and does the work, profiled where asked for.
func run(s Settings, connect Connect) (Result, error) {
	goroutines := runtime.NumGoroutine()
	c, notes, err := connect(s)
	if err != nil {
		return Result{}, err
	}
	defer c.Close()
	if s.Profile != "" {
		f, err := os.Create(s.Profile)
		if err != nil {
			return Result{}, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return Result{}, err
		}
		defer pprof.StopCPUProfile()
	}
	result, err := newWork(s, c, goroutines).run()
	result.Notes = notes
	return result, err
}

// Module returns a function for Main that names a client and the version of its module in this binary.
func Module(name, path string) func() string {
	return func() string {
		info, ok := debug.ReadBuildInfo()
		if !ok {
			return name
		}
		for _, m := range info.Deps {
			if m.Path == path {
				return name + " " + m.Version
			}
		}
		return name
	}
}
