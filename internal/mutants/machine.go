package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// machine is a test that tries to break the promise.
type machine struct {
	name  string
	pkg   string // of the test
	test  string
	seeds int                                     // schedules that it tries at most; 0: it has a bound of its own
	read  func(output string) (after, saw string) // how far it had come when it found something, and what that was; "", "": it doesn't say
}

const (
	delivery = "producer/internal/delivery"
	producer = "producer"
)

// machines, in the order of their cost. Those of one package are built once.
var machines = []machine{
	{"explore", delivery, "TestExplore", 0, readExplore},
	{"model", delivery, "TestModel", 5000, readSeed},
	{"exact", producer, "TestExact", 10_000, readSeed},
	{"regressions", producer, "TestExactRegressions", 0, readName}, // schedules that the exact simulation once needed very many for
	{"whole", producer, "TestWhole", 1000, readSeed},
}

// found is what a machine made of a mutant.
type found struct {
	after string // how many schedules or states it took; "": nothing was found
	saw   string
}

// build compiles the tests of a package with an overlay, and returns the program.
func build(root, pkg, overlay, dir string) (string, error) {
	binary := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "_")+".test")
	args := []string{"test", "-c", "-o", binary}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.Command("go", append(args, "./"+pkg)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return binary, nil
}

// title is what a reader can run.
func (m *machine) title() string {
	if m.seeds == 0 {
		return m.test
	}
	return fmt.Sprintf("%s -seeds %d", m.test, m.seeds)
}

// run has a machine look for what is wrong. An error means that it could not tell, since it took too long, say.
func (m *machine) run(root, binary string, patience time.Duration) (found, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, err := m.try(ctx, root, binary, m.seeds)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return found{}, nil
	case ctx.Err() != nil:
		return found{}, fmt.Errorf("%s found nothing in %v, and had not come to its end:\n%s", m.name, patience, lastLines(out, 20))
	case !errors.As(err, &exit):
		return found{}, err
	}
	if after, saw := m.read(out); after != "" {
		return found{after, saw}, nil
	}
	panicked := crash.FindStringSubmatch(out)
	if panicked == nil {
		return found{}, fmt.Errorf("%s failed, and doesn't say after how many schedules:\n%s", m.name, lastLines(out, 60))
	}
	if m.seeds == 0 {
		return found{"a panic", panicked[1]}, nil
	}
	// It ended before it could say how far it had come.
	after := 1 + sort.Search(m.seeds-1, func(n int) bool {
		_, err := m.try(ctx, root, binary, n+1)
		return err != nil
	})
	return found{strconv.Itoa(after), panicked[1]}, ctx.Err()
}

// try runs the test once, and returns what it said.
func (m *machine) try(ctx context.Context, root, binary string, seeds int) (string, error) {
	args := []string{"-test.run", "^" + m.test + "$", "-test.v", "-test.failfast", "-test.timeout", "0"}
	if seeds > 0 {
		args = append(args, "-seeds", strconv.Itoa(seeds))
	}
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Dir = filepath.Join(root, filepath.FromSlash(m.pkg))        // as go test has it
	cmd.Env = append(cmd.Environ(), "TMPDIR="+filepath.Dir(binary)) // flight records of what fails, which goes with the program
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func lastLines(s string, n int) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

var (
	searched = regexp.MustCompile(`: (\d+) states, \d+ moves from them`)
	shortest = regexp.MustCompile(`after (\d+ moves), and \d+ states: (.*)`)
	seeded   = regexp.MustCompile(`(?m)^ +\S+_test\.go:\d+: seed (\d+)(?:: (.*))?$`)
	named    = regexp.MustCompile(`=== RUN +\w+/(\S+)\n +\S+_test\.go:\d+: (.*)`)
	crash    = regexp.MustCompile(`(?m)^panic: (.*?)(?: \[recovered.*)?$`)
	said     = regexp.MustCompile(`(?m)^ +\S+_test\.go:\d+: (.*)$`)
)

// readExplore reads how many states TestExplore reached in all its setups before it found something.
func readExplore(out string) (after, saw string) {
	m := shortest.FindStringSubmatch(out)
	if m == nil {
		return "", ""
	}
	states := 0
	for _, s := range searched.FindAllStringSubmatch(out, -1) {
		n, _ := strconv.Atoi(s[1])
		states += n
	}
	return fmt.Sprintf("%d states, %s", states, m[1]), m[2]
}

// readName reads which of the named schedules failed.
func readName(out string) (after, saw string) {
	m := named.FindStringSubmatch(out)
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}

// readSeed reads the first seed that failed: seeds are taken in order, from 0.
func readSeed(out string) (after, saw string) {
	least := -1
	for _, s := range seeded.FindAllStringSubmatch(out, -1) {
		if n, _ := strconv.Atoi(s[1]); least < 0 || n < least {
			least, saw = n, s[2]
		}
	}
	if least < 0 {
		return "", ""
	}
	if first := said.FindStringSubmatch(out); saw == "" && first != nil { // TestModel says what was wrong before it says the seed
		saw = first[1]
	}
	return strconv.Itoa(least + 1), cmp.Or(saw, "?")
}
