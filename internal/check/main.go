// Command check is what `make check` runs: whatever a reviewer would otherwise have to look for, and the tests with the race
// detector in shuffled order. It needs nothing but Go.
//
//	go run ./internal/check            every step, at the top of the repository
//	go run ./internal/check -list      only print the names of the steps
//	go run ./internal/check gofmt vet  only these steps
//
// Each step is printed with its time and what it found. A finding makes the exit status 1; the lengths of files
// and functions are only shown.
package main

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"time"
)

// A step looks for one kind of fault in the repository at root and returns what it found, one string each. An error
// means that it could not look.
type step struct {
	name string
	what string
	run  func(root string) (faults []string, err error)
}

var steps = []step{
	{"gofmt", "every Go file is formatted", checkFormat},
	{"vet", "go vet, in each module", checkVet},
	{"ports", "go vet of the main module for other systems, and for 32 bits", checkPorts},
	{"32bits", "tests of the packages that read foreign bytes, with an int of 32 bits", check32Bits},
	{"tidy", "go.mod and go.sum are what go mod tidy makes, in each module", checkTidy},
	{"modules", "the main module depends on the four named modules only", checkModules},
	{"imports", "imports point down only", checkImports},
	{"pure", "the core imports nothing that acts, and takes its time from outside", checkPure},
	{"length", "files below 400 lines, functions below 60 (a list, not a fault)", printLengths},
	{"bench", "tests of what measures, in internal/bench", checkBench},
	{"mutants", "deliberate bugs are found: a few of those that go run ./internal/mutants tries", checkMutants},
	{"race", "tests, with the race detector, shuffled", checkTests},
}

func main() {
	list := flag.Bool("list", false, "print the names of the steps and what they look for")
	flag.Parse()
	if *list {
		for _, s := range steps {
			fmt.Printf("%-8s %s\n", s.name, s.what)
		}
		return
	}
	for _, name := range flag.Args() {
		if !slices.ContainsFunc(steps, func(s step) bool { return s.name == name }) {
			fmt.Fprintf(os.Stderr, "check: no step is named %q; -list prints them\n", name)
			os.Exit(2)
		}
	}
	var red []string
	for _, s := range steps {
		if flag.NArg() == 0 || slices.Contains(flag.Args(), s.name) {
			if !runStep(s) {
				red = append(red, s.name)
			}
		}
	}
	if len(red) > 0 {
		fmt.Printf("check: red: %v\n", red)
		os.Exit(1)
	}
	fmt.Println("check: all green")
}

// runStep runs a step at the top of the repository, prints how it went, and tells whether it is green.
func runStep(s step) bool {
	fmt.Printf("== %s: %s\n", s.name, s.what)
	begin := time.Now()
	faults, err := s.run(".")
	for _, f := range faults {
		fmt.Println(f)
	}
	if err != nil {
		fmt.Println("could not look:", err)
	}
	green := err == nil && len(faults) == 0
	verdict := "ok"
	if !green {
		verdict = "RED"
	}
	fmt.Printf("== %s: %s (%.1fs)\n", s.name, verdict, time.Since(begin).Seconds())
	return green
}
