package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// section is what an experiment has found, ready to be shown.
type section struct {
	results *results
	about   string // what was measured
	head    string // when, where, with what settings
	tables  []string
	plots   []figurePlot
}

// figurePlot is a plot and its file.
type figurePlot struct {
	file, alt string
	svg       []byte
}

func newSection(b *bench, r *results, about string) *section {
	if r.versions["ours"] != "" {
		r.versions["ours"] = b.version
	}
	rounds := "measured once"
	if b.opts.rounds > 1 {
		rounds = fmt.Sprintf("medians of %d interleaved rounds", b.opts.rounds)
		if s := r.spread(); !math.IsNaN(s) {
			rounds += fmt.Sprintf(" (CPU times of a row differ by %.0f %% between rounds)", 100*s)
		}
	}
	head := fmt.Sprintf("%s, %s; %s, %v of sending each.", time.Now().Format("2006-01-02"), machine(), rounds, b.opts.each)
	if b.opts.note != "" {
		head += " " + b.opts.note
	}
	return &section{results: r, about: about, head: head}
}

// drawing is a plot of package plot.
type drawing interface {
	Name() string
	SVG() []byte
}

func (s *section) plot(name string, d drawing) {
	s.plots = append(s.plots, figurePlot{file: s.results.experiment + "-" + name + ".svg", alt: d.Name(), svg: d.SVG()})
}

// versions names the clients with their versions.
func (s *section) versions() string {
	var named []string
	for _, c := range s.results.clients() {
		if v := s.results.versions[c]; v != "" && v != c {
			named = append(named, v)
		}
	}
	return strings.Join(named, ", ")
}

// settings says what the clients were set to, and where they couldn't be.
func (s *section) settings() string {
	text := "All with acks=all, idempotence, linger.ms=5, batch.size=16384, buffer.memory=32 MiB and 5 requests in flight where " +
		"a row says nothing else"
	if len(s.results.notes) == 0 {
		return text + ".\n"
	}
	text += ", as far as a client can:\n\n"
	for _, c := range slices.Sorted(maps.Keys(s.results.notes)) {
		text += "- " + c + ": " + strings.Join(s.results.notes[c], "; ") + "\n"
	}
	return text
}

// markdown returns the section as text. images is where its plots are, seen from the text.
func (s *section) markdown(images string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s\n%s.\n\n%s", s.about, s.head, s.versions(), s.settings())
	for _, t := range s.tables {
		fmt.Fprintf(&b, "\n%s", t)
	}
	if failures := s.results.failures(); len(failures) > 0 {
		b.WriteString("\nFell short:\n\n")
		for _, f := range failures {
			fmt.Fprintf(&b, "- %s\n", f)
		}
	}
	for _, p := range s.plots {
		fmt.Fprintf(&b, "\n![%s](%s)\n", p.alt, images+p.file)
	}
	return b.String()
}

// A document shows sections between markers.
type document struct{ path, images string }

// The documents, seen from this module's directory.
var documents = []document{
	{filepath.Join("..", "..", "README.md"), "internal/bench/results/"},
	{filepath.Join("results", "README.md"), ""},
}

// write writes the results, the plots, and the section into each document that has a place for it.
func (s *section) write() error {
	name := s.results.experiment
	if err := os.WriteFile(filepath.Join("results", name+".tsv"), []byte(s.results.tsv()), 0o644); err != nil {
		return err
	}
	for _, p := range s.plots {
		if err := os.WriteFile(filepath.Join("results", p.file), p.svg, 0o644); err != nil {
			return err
		}
	}
	places := 0
	for _, d := range documents {
		old, err := os.ReadFile(d.path)
		if err != nil {
			return err
		}
		text, found := replaceBetween(string(old), name, s.markdown(d.images))
		if !found {
			continue
		}
		places++
		if err := os.WriteFile(d.path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if places == 0 {
		return fmt.Errorf("no document has the lines <!-- bench:begin %s --> and <!-- bench:end %s -->", name, name)
	}
	return nil
}

// replaceBetween replaces what is between the markers of an experiment.
func replaceBetween(text, name, with string) (string, bool) {
	begin, end := "<!-- bench:begin "+name+" -->\n", "<!-- bench:end "+name+" -->\n"
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return text, false
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return text, false
	}
	return before + begin + with + end + after, true
}
