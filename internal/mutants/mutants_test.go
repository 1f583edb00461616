package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Every mutant is of the code as it is now: the lines that it changes are there, once.
func TestMutantsApply(t *testing.T) {
	mutants, err := readMutants("../../testdata/mutants")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if _, err := m.apply("../.."); err != nil {
			t.Error(err)
		}
	}
}

// The report has a row for every mutant, and README.md says how many there are.
func TestMutantsAreReported(t *testing.T) {
	mutants, err := readMutants("../../testdata/mutants")
	if err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile("../../testdata/mutants/results.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if !strings.Contains(string(report), "\n| "+m.name+" | ") {
			t.Errorf("the report doesn't say what found %s", m.name)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for text, where := range map[string]string{
		fmt.Sprintf("puts %d deliberate bugs", len(mutants)):  string(readme),
		fmt.Sprintf("\n%d of %[1]d are found.", len(mutants)): string(report),
	} {
		if !strings.Contains(where, text) {
			t.Errorf("nowhere it says %q", text)
		}
	}
}

func TestApply(t *testing.T) {
	root := t.TempDir()
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(root, "a.go"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, err := parseMutant("x", "What it\nis.\n\n--- a.go\n one\n-two\n+three\n+four\n\n five\n--- a.go\n-six\n")
	if err != nil {
		t.Fatal(err)
	}
	if m.what != "What it is." || len(m.hunks) != 2 {
		t.Errorf("read as %+v", m)
	}
	write("zero\none\ntwo\n\nfive\nsix\nseven\n")
	switch changed, err := m.apply(root); {
	case err != nil:
		t.Error(err)
	case changed["a.go"] != "zero\none\nthree\nfour\n\nfive\nseven\n":
		t.Errorf("changed into %q", changed["a.go"])
	}
	for text, want := range map[string]string{
		"one\ntwo\n\nfive\n":                          "six",     // gone
		"one\ntwo\n\nfive\none\ntwo\n\nfive\nsix\n":   "2 times", // twice
		"one\ntwo\n\nfive\nsix, or not\n":             "0 times", // not a whole line
		"none\ntwo\n\nfive\nsix\n":                    "0 times",
		"one\ntwo\n\nfive\nsix\nsixteen\nis\nnot six": "",
	} {
		write(text)
		if _, err := m.apply(root); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", text, err, want)
		}
	}
}

func TestParseMutantRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "what the bug is",
		"--- a.go\n-x\n":                        "what the bug is",
		"A bug without a change.\n":             "then the change",
		"A bug.\n\n--- a.go\n x\n":              "nothing of a.go",
		"A bug.\n\n--- a.go\n+x\n":              "nothing of a.go",
		"A bug.\n\n--- a.go\n-x\ny\n":           `"y\n"`,
		"A bug.\n\n--- a.go\n@@ -1 +1 @@\n-x\n": "@@",
	} {
		if _, err := parseMutant("x", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %s", text, err, want)
		}
	}
}

// What the machines print, in their own forms.
func TestRead(t *testing.T) {
	const explore = `
    explore_test.go:143: a, [[2 1 1]] records, 2 faults: 100 states, 300 moves from them, 2 ends, the farthest after 12 moves, in 6ms
    explore_test.go:143: b, [[1]] records, 2 faults: 23 states, 40 moves from them, 0 ends, the farthest after 4 moves, in 1ms
    explore_test.go:147: after 4 moves, and 23 states: a is in a log twice
        # b: a is in a log twice
`
	const model = `
=== RUN   TestModel
    model_test.go:419: 0.004 is twice in the log
    model_test.go:441: seed 16
    model_test.go:443: 0s send 1 [0.001]
`
	const exact = `
    exact_test.go:56: seed 40: at 3s: memory
    exact_test.go:56: seed 38: record 0.1 is lost
        The smallest schedule that fails:
            settings seed=3
    exact_test.go:43: 41 schedules, 90 a second
`
	const regressions = `
=== RUN   TestExactRegressions
=== RUN   TestExactRegressions/one
=== RUN   TestExactRegressions/two
    exact_regressions_test.go:29: record 1.4 is twice in t0-0
--- FAIL: TestExactRegressions (0.02s)
`
	for _, test := range []struct {
		read            func(string) (string, string)
		out, after, saw string
	}{
		{readExplore, explore, "123 states, 4 moves", "a is in a log twice"},
		{readExplore, "--- FAIL: TestExplore\n", "", ""},
		{readSeed, model, "17", "0.004 is twice in the log"},
		{readSeed, exact, "39", "record 0.1 is lost"},
		{readName, regressions, "two", "record 1.4 is twice in t0-0"},
		{readName, "panic: no\n", "", ""},
		{readSeed, "panic: no\n", "", ""},
	} {
		if after, saw := test.read(test.out); after != test.after || saw != test.saw {
			t.Errorf("%q, %q; want %q, %q, of\n%s", after, saw, test.after, test.saw, test.out)
		}
	}
}
