package delivery

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "TestTranscripts writes what the core asks for into testdata/*.txt")

// TestTranscripts runs each file of testdata through a session. A file is comments (#), and steps: commands, a line
// of four dashes, and what the core asks for until the next empty line, as in etcd raft's testdata. After a change that
// was meant,
//
//	go test ./producer/internal/delivery -run Transcripts -args -rewrite
//
// writes them anew, for the author to read what has changed.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			old, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := replay(string(old))
			if err != nil {
				t.Fatal(err)
			}
			if got == string(old) {
				return
			}
			if *rewrite {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("the core asked for something else (see -rewrite above):\n%s", firstDifference(string(old), got))
		})
	}
}

// replay runs a transcript and returns it with the outputs that came.
func replay(text string) (string, error) {
	s := newSession()
	var out strings.Builder
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var printed []string
	pending := false // commands whose output is not yet written
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "----":
			fmt.Fprintln(&out, line)
			for _, l := range printed {
				fmt.Fprintln(&out, l)
			}
			printed, pending = nil, false
			for i+1 < len(lines) && lines[i+1] != "" { // what was asked for before
				i++
			}
			continue
		case line == "" && pending:
			return "", fmt.Errorf("line %d: commands without ----", i+1)
		case line != "" && !strings.HasPrefix(line, "#"):
			asked, err := s.run(line)
			if err != nil {
				return "", fmt.Errorf("line %d: %w", i+1, err)
			}
			printed, pending = append(printed, asked...), true
			if s.core == nil {
				break
			}
			if err := checkCore(s.core, slices.Collect(maps.Values(s.partitions))); err != nil {
				return "", fmt.Errorf("line %d: after %s: %w", i+1, line, err)
			}
		}
		fmt.Fprintln(&out, line)
	}
	if pending {
		return "", fmt.Errorf("the last commands are without ----")
	}
	return out.String(), nil
}

// firstDifference shows where two texts begin to differ.
func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(w) && i < len(g) && w[i] == g[i] {
		i++
	}
	around := func(lines []string) string {
		return strings.Join(lines[min(len(lines), max(0, i-4)):min(len(lines), i+5)], "\n")
	}
	return fmt.Sprintf("line %d\n--- want\n%s\n--- got\n%s", i+1, around(w), around(g))
}

// A transcript whose output is not what the core asks for fails: the comparison sees.
func TestTranscriptSeesADifference(t *testing.T) {
	const text = "producer-id 7\npartition email-0 leader=1\nconnected 1\nsend a email-0\n----\n" +
		"request 1 to node 1: email-0 a sequence 1 (id 7 epoch 0)\n"
	got, err := replay(text)
	if err != nil {
		t.Fatal(err)
	}
	if got == text || !strings.Contains(got, "sequence 0") {
		t.Errorf("replayed as\n%s", got)
	}
}
