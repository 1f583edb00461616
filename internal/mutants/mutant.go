package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is a deliberate bug: a change of some files.
type mutant struct {
	name  string
	what  string // the bug, in words
	hunks []hunk
}

// hunk is one change of a file, told by its text and not by its line: it stays right as long as nobody touches these very lines.
type hunk struct {
	file     string // from the top of the repository
	old, new string // whole lines
}

// readMutants reads all files of a folder, in the order of their names.
func readMutants(dir string) ([]mutant, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.diff"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no mutant in %s", dir)
	}
	var all []mutant
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := parseMutant(strings.TrimSuffix(filepath.Base(file), ".diff"), string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, m)
	}
	return all, nil
}

// parseMutant reads a file of testdata/mutants: what the bug is, and then hunks as in a unified diff without numbers of lines.
// Each begins with "--- " and the file; its lines with a blank for what stays, "-" for what goes and "+" for what comes.
func parseMutant(name, text string) (mutant, error) {
	m := mutant{name: name}
	head, rest, found := strings.Cut(text, "--- ")
	if m.what = strings.Join(strings.Fields(head), " "); m.what == "" || !found {
		return m, errors.New("what the bug is comes first, then the change, after a line of --- and the file")
	}
	for part := range strings.SplitSeq(rest, "\n--- ") {
		file, lines, _ := strings.Cut(part, "\n")
		h := hunk{file: strings.TrimSpace(file)}
		for line := range strings.Lines(strings.TrimRight(lines, "\n") + "\n") {
			switch {
			case line == "\n":
				h.old, h.new = h.old+line, h.new+line
			case line[0] == ' ':
				h.old, h.new = h.old+line[1:], h.new+line[1:]
			case line[0] == '-':
				h.old += line[1:]
			case line[0] == '+':
				h.new += line[1:]
			default:
				return m, fmt.Errorf("a line begins with none of blank, - and +: %q", line)
			}
		}
		if h.old == "" || h.old == h.new {
			return m, fmt.Errorf("nothing of %s is changed", h.file)
		}
		m.hunks = append(m.hunks, h)
	}
	return m, nil
}

// apply returns the changed files by name. That a text is gone, or is there twice, is an error: the mutant must follow the code.
func (m *mutant) apply(root string) (map[string]string, error) {
	changed := map[string]string{}
	for _, h := range m.hunks {
		text, ok := changed[h.file]
		if !ok {
			b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(h.file)))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.name, err)
			}
			text = string(b)
		}
		at, n := find(text, h.old)
		if n != 1 {
			return nil, fmt.Errorf("%s: %s has these lines %d times, it must be once:\n%s", m.name, h.file, n, h.old)
		}
		changed[h.file] = text[:at] + h.new + text[at+len(h.old):]
	}
	return changed, nil
}

// find returns where whole lines stand in a text, the last time, and how often they do.
func find(text, lines string) (at, times int) {
	for i := 0; ; i++ {
		next := strings.Index(text[i:], lines)
		if next < 0 {
			return at, times
		}
		if i += next; i == 0 || text[i-1] == '\n' {
			at, times = i, times+1
		}
	}
}

// overlay writes the changed files, and what tells the go command to compile them instead of those in the tree, which nobody touches.
func (m *mutant) overlay(root, dir string) (file string, err error) {
	changed, err := m.apply(root)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for name, text := range changed {
		at, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		replace[at] = filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(replace[at], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, text, 0o600)
}

// within says whether all that is changed is in a folder.
func (m *mutant) within(dir string) bool {
	return !slices.ContainsFunc(m.hunks, func(h hunk) bool { return !strings.HasPrefix(h.file, dir+"/") })
}
