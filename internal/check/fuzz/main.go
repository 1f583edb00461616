// Command fuzz runs every fuzz target of every package, one after another, and prints a line for each.
//
//	go run ./internal/check/fuzz [-time 10s] [packages]
//
// A finding makes the exit status 1; go test has then written the input to testdata/fuzz of the target's package, where it belongs
// once the fault is mended.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// A target is a fuzz function of a package.
type target struct{ pkg, name string }

func main() {
	duration := flag.Duration("time", 10*time.Second, "how long each target runs")
	flag.Parse()
	packages := flag.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	lister := exec.Command("go", append([]string{"test", "-list", "^Fuzz"}, packages...)...)
	lister.Stderr = os.Stderr
	list, err := lister.Output()
	if err != nil {
		fmt.Printf("fuzz: %v: %v\n%s", lister, err, list)
		os.Exit(1)
	}
	failed := 0
	targets := parseList(string(list))
	for _, t := range targets {
		if !run(t, *duration) {
			failed++
		}
	}
	fmt.Printf("fuzz: %d targets of %v each: %d passed, %d failed\n", len(targets), *duration, len(targets)-failed, failed)
	if failed > 0 || len(targets) == 0 {
		os.Exit(1)
	}
}

// parseList reads what go test -list prints: the targets of a package, and then a line that names the package.
func parseList(list string) []target {
	var targets []target
	var names []string
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 1 && strings.HasPrefix(fields[0], "Fuzz"):
			names = append(names, fields[0])
		case len(fields) >= 2 && fields[0] == "ok":
			for _, name := range names {
				targets = append(targets, target{fields[1], name})
			}
			names = nil
		}
	}
	return targets
}

// progress is what go test prints while it fuzzes, with the number of executions; it prints none of this before all seeds and what
// earlier runs found have been tried.
var progress = regexp.MustCompile(`execs: (\d+)`)

// run fuzzes one target and tells whether nothing was found.
func run(t target, duration time.Duration) bool {
	begin := time.Now()
	// Minimizing an input that is merely new takes up to a minute of the target's time, in which nothing is tried.
	out, err := exec.Command("go", "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", duration.String(),
		"-fuzzminimizetime", "1x", t.pkg).CombinedOutput()
	execs := "only seed" // an honest name for a time that is too short
	if all := progress.FindAllSubmatch(out, -1); len(all) > 0 {
		execs = string(all[len(all)-1][1])
	}
	fmt.Printf("%-30s %-40s %12s runs  %4.0fs", t.pkg, t.name, execs, time.Since(begin).Seconds())
	if err != nil && !ranOut(out) {
		fmt.Printf("  FOUND\n%s", out)
		return false
	}
	fmt.Println("  ok")
	return true
}

// ranOut says that go test failed only because a worker was busy when the time was over, which a loaded machine makes likely
// (golang.org/issue/75804, mended in Go 1.27): it names no input and nothing but the deadline.
func ranOut(out []byte) bool {
	return bytes.Contains(out, []byte("context deadline exceeded")) &&
		!bytes.Contains(out, []byte("Failing input written")) && !bytes.Contains(out, []byte("panic"))
}
