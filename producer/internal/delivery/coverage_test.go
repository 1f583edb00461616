package delivery

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// testdata/other-clients.tsv says for the tests of other producers, and for what went wrong in them, which test of ours shows it.
// Each that it names is there.
func TestOtherClients(t *testing.T) {
	text, err := os.ReadFile("testdata/other-clients.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) < 3 || len(row) > 4 {
			t.Errorf("line %d: %d columns, want suite, test, shown by, remark", i+1, len(row))
			continue
		}
		if seen[row[0]+row[1]] {
			t.Errorf("line %d: %s is there twice", i+1, row[1])
		}
		seen[row[0]+row[1]] = true
		if row[2] == "-" {
			if len(row) < 4 {
				t.Errorf("line %d: %s is shown by nothing, and no remark says why", i+1, row[1])
			}
			continue
		}
		for _, name := range splitNames(row[2]) {
			if err := isTest(name); err != nil {
				t.Errorf("line %d: %s: %v", i+1, row[1], err)
			}
		}
	}
	for suite, want := range map[string]int{"SenderTest": 76, "RecordAccumulatorTest": 35, "TransactionManagerTest": 140} {
		got := 0
		for name := range seen {
			if strings.HasPrefix(name, suite) {
				got++
			}
		}
		if got != want {
			t.Errorf("%s has %d tests, the table %d", suite, want, got)
		}
	}
}

// splitNames splits a list of tests. The name of a setup may hold a comma.
func splitNames(list string) (names []string) {
	for _, name := range strings.Split(list, ", ") {
		last := len(names) - 1
		isName := strings.ContainsAny(name, ".:") || strings.HasPrefix(name, "Test")
		if last >= 0 && strings.HasPrefix(names[last], "explore: ") && !isName {
			names[last] += ", " + name
		} else {
			names = append(names, name)
		}
	}
	return names
}

// testFolders are where tests are that the table names by package.
var testFolders = map[string]string{
	"": ".", "producer": "../..", "producertest": "../../producertest", "client": "../../../client", "record": "../../../record",
	"interop": "../../../internal/interop",
}

// isTest says what is wrong with a name in the table.
func isTest(name string) error {
	if setup, is := strings.CutPrefix(name, "explore: "); is {
		for _, s := range setups {
			if s.name == setup {
				return nil
			}
		}
		return fmt.Errorf("TestExplore has no setup %q", setup)
	}
	if strings.HasSuffix(name, ".txt") {
		_, err := os.Stat(filepath.Join("testdata", name))
		return err
	}
	in, test, dotted := strings.Cut(name, ".")
	if !dotted {
		in, test = "", name
	}
	folder, known := testFolders[in]
	if !known {
		return fmt.Errorf("%s: no such package here", in)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		return err
	}
	declaration := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(t \*testing\.T\)`)
	if !slices.ContainsFunc(files, func(file string) bool {
		source, err := os.ReadFile(file)
		return err == nil && declaration.Match(source)
	}) {
		return fmt.Errorf("%s has no test %s", folder, test)
	}
	return nil
}

// The check of the table sees names that are not there.
func TestIsTest(t *testing.T) {
	for _, name := range []string{"TestIsTest", "producer.TestLeaderMoves", "acknowledged.txt", "explore: two leaders"} {
		if err := isTest(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"TestIs", "producer.TestIsTest", "nowhere.TestIsTest", "nothing.txt", "explore: nothing"} {
		if isTest(name) == nil {
			t.Errorf("%s is taken for a test", name)
		}
	}
}
