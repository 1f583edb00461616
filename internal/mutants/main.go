// Command mutants shows that the machines which look for breaches of the producer's promise see them. It puts deliberate bugs
// (testdata/mutants) into the code, one at a time, and has the machines look: TestExplore and TestModel at the core, TestExact,
// TestExactRegressions and TestWhole at the whole. It needs nothing but Go, and touches nothing in the tree: go test -overlay
// compiles the changed file instead.
//
//	go run ./internal/mutants                    every mutant, each until a package's tests have found it
//	go run ./internal/mutants -all               every machine looks at every mutant
//	go run ./internal/mutants -list              only print what the bugs are
//	go run ./internal/mutants no-rest split-...  only these
//
// A table of what was found, and after how many schedules, goes to standard output; testdata/mutants/results.md keeps one. The
// exit status is 1 when a mutant is not found, doesn't apply to the code any more, or when the code as it is has something to be
// found.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

func main() {
	all := flag.Bool("all", false, "have every machine look at every mutant, also when another has found it")
	list := flag.Bool("list", false, "only print what the mutants are")
	trust := flag.Bool("trust", false, "don't have the machines look at the code as it is, in which they must find nothing")
	patience := flag.Duration("timeout", 5*time.Minute, "how long a machine may look at a mutant")
	flag.Parse()
	mutants, err := readMutants("testdata/mutants")
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	}
	if flag.NArg() > 0 {
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !slices.Contains(flag.Args(), m.name) })
		if len(mutants) != flag.NArg() {
			fmt.Fprintf(os.Stderr, "mutants: not all of %q are names of mutants; -list prints them\n", flag.Args())
			os.Exit(2)
		}
	}
	if *list {
		for _, m := range mutants {
			fmt.Printf("%-30s %s\n", m.name, m.what)
		}
		return
	}
	h := hunter{root: ".", all: *all, trust: *trust, patience: *patience, out: os.Stdout}
	if !h.hunt(mutants) {
		os.Exit(1)
	}
}

// hunter has machines look at mutants.
type hunter struct {
	root     string
	all      bool
	trust    bool
	patience time.Duration
	out      io.Writer
}

// hunt looks at the code as it is, in which nothing may be found, and then at each mutant. It tells whether all of those were found.
func (h *hunter) hunt(mutants []mutant) bool {
	h.head()
	sane := h.trust || h.report(mutant{name: "(none)", what: "the code as it is"}, h.look(mutant{}, h.needed(mutants)), false)
	missed := 0
	for _, m := range mutants {
		if !h.report(m, h.look(m, machines), true) {
			missed++
		}
	}
	fmt.Fprintf(h.out, "\n%d of %d mutants found\n", len(mutants)-missed, len(mutants))
	return sane && missed == 0
}

// needed are the machines that are used for some of the mutants.
func (h *hunter) needed(mutants []mutant) []machine {
	core := !h.all && !slices.ContainsFunc(mutants, func(m mutant) bool { return !m.within(delivery) })
	return slices.DeleteFunc(slices.Clone(machines), func(x machine) bool { return core && x.pkg != delivery })
}

// look has the machines look at a mutant until one has found it, in the order of their cost. Those of one package share a
// program, and all of them look. Who looks only at the core can't see a bug that is elsewhere.
func (h *hunter) look(m mutant, with []machine) map[string]result {
	results := map[string]result{}
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return map[string]result{"": {err: err}}
	}
	defer os.RemoveAll(dir)
	overlay := ""
	if m.name != "" {
		if overlay, err = m.overlay(h.root, dir); err != nil {
			return map[string]result{"": {err: err}}
		}
	}
	binaries := map[string]string{}
	for _, x := range with {
		if x.pkg == delivery && !m.within(delivery) || !h.all && h.enough(x, results) {
			continue
		}
		binary := binaries[x.pkg]
		if binary == "" {
			if binary, err = build(h.root, x.pkg, overlay, dir); err != nil {
				return map[string]result{"": {err: err}}
			}
			binaries[x.pkg] = binary
		}
		f, err := x.run(h.root, binary, h.patience)
		results[x.name] = result{f, err}
	}
	return results
}

// result is what a machine found, or why it can't tell.
type result struct {
	found
	err error
}

// enough says that a mutant was found so that a machine needn't look: by one of an earlier package, or by the cheaper one of the
// two that take long.
func (h *hunter) enough(x machine, results map[string]result) bool {
	for _, y := range machines {
		if r := results[y.name]; r.after != "" && (y.pkg != x.pkg || x.pkg == producer) {
			return true
		}
	}
	return false
}

func (h *hunter) head() {
	fmt.Fprint(h.out, "| mutant | the bug |")
	for _, x := range machines {
		fmt.Fprintf(h.out, " %s |", x.title())
	}
	fmt.Fprint(h.out, " what was seen |\n| --- | --- |", strings.Repeat(" --- |", len(machines)), " --- |\n")
}

// report prints a row of the table, and tells whether it is as it must be.
func (h *hunter) report(m mutant, results map[string]result, wanted bool) bool {
	saw := ""
	cells := make([]string, len(machines))
	sound := results[""].err == nil
	for i, x := range machines {
		r, looked := results[x.name]
		switch {
		case !looked:
		case r.err != nil:
			cells[i], sound = "?", sound && wanted
		case r.after == "":
			cells[i] = "–"
		default:
			cells[i] = r.after
			if saw == "" {
				saw = r.saw
			}
		}
	}
	bars := strings.NewReplacer("|", `\|`)
	fmt.Fprintf(h.out, "| %s | %s | %s | %s |\n", m.name, bars.Replace(m.what), strings.Join(cells, " | "), bars.Replace(saw))
	for _, name := range append([]string{""}, names(machines)...) {
		if err := results[name].err; err != nil {
			fmt.Fprintf(os.Stderr, "mutants: %s: %v\n", m.name, err)
		}
	}
	return sound && (saw != "") == wanted
}

func names(machines []machine) (all []string) {
	for _, x := range machines {
		all = append(all, x.name)
	}
	return all
}
