package main

import (
	"context"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/internal/bench/load"
)

func TestOptions(t *testing.T) {
	o, err := parseOptions([]string{"-works", "plain, lz4", "-clients=ours java", "-rounds=5"})
	if err != nil || !slices.Equal(o.works, []string{"plain", "lz4"}) || !slices.Equal(o.clients, []string{"ours", "java"}) ||
		o.rounds != 5 || !slices.Equal(o.experiments, []string{"peers"}) {
		t.Errorf("%+v, %v", o, err)
	}
	if o, err := parseOptions([]string{"-all"}); err != nil || len(o.experiments) != len(experimentList) || !o.all {
		t.Errorf("-all: %+v, %v", o, err)
	}
	if o, err := parseOptions([]string{"-all", "-experiment=far"}); err != nil || !slices.Equal(o.experiments, []string{"far"}) {
		t.Errorf("-all of one: %+v, %v", o, err)
	}
	for _, wrong := range [][]string{
		{"-experiment=x"}, {"-clients=ours,x"}, {"-rounds=0"}, {"-each=0s"}, {"more"}, {"-write", "-works=plain"},
	} {
		if _, err := parseOptions(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// testBench measures nothing: the runner given to run does.
func testBench(rounds int, works ...string) *bench {
	return &bench{opts: options{rounds: rounds, works: works, each: time.Second}, progress: io.Discard}
}

func TestRunInterleaves(t *testing.T) {
	b := testBench(2)
	var order []string
	all := trials([]string{"ours", "floor"}, time.Second, func(w string) bool { return w == "plain" || w == "keyed" })
	r, err := b.run(t.Context(), "peers", all, func(_ context.Context, tr trial) (load.Result, error) {
		order = append(order, tr.String())
		return load.Result{Figures: map[string]float64{load.CPU: float64(len(order))}}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	round := []string{"plain, ours", "plain, floor", "keyed, ours"} // the floor has no keys
	if want := slices.Concat(round, round); !slices.Equal(order, want) {
		t.Errorf("measured %q, want %q", order, want)
	}
	if s := r.summary(place{row: "keyed", client: "ours"}, load.CPU); s.Median != 4.5 || s.Min != 3 || s.Max != 6 {
		t.Errorf("%+v", s)
	}
	if _, err := b.run(t.Context(), "peers", nil, nil); err == nil {
		t.Error("nothing to measure is no error")
	}
}

// sample is results of two clients, of which one fell short once.
func sample(t *testing.T) *results {
	b := testBench(2)
	n := 0
	plain := trials([]string{"ours", "franz-go", "sarama"}, time.Second, func(w string) bool { return w == "plain" })
	r, err := b.run(t.Context(), "peers", plain, func(_ context.Context, tr trial) (load.Result, error) {
		n++
		if tr.client == "sarama" && n > 3 {
			return load.Result{}, errors.New("hung")
		}
		cpu := map[string]float64{"ours": 100, "franz-go": 500, "sarama": 2000}[tr.client]
		figures := map[string]float64{load.CPU: cpu + float64(n)}
		return load.Result{Version: tr.client + " v1", Notes: []string{"slow"}, Figures: figures}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWorksTable(t *testing.T) {
	r := sample(t)
	const want = "" +
		"|                          | ours |   franz-go |     sarama |\n" +
		"| ------------------------ | ---: | ---------: | ---------: |\n" +
		"| **CPU, ns a record**     |      |            |            |\n" +
		"| plain: 100 bytes, no key |  103 | 504 (0.20) | fell short |\n"
	if got := worksTable(r); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := r.failures(); !slices.Equal(got, []string{"plain, sarama: hung"}) {
		t.Errorf("failures %q", got)
	}
	if got, want := r.spread(), (3./102.5+3./503.5)/2; math.Abs(got-want) > 1e-9 {
		t.Errorf("spread %v, want %v", got, want)
	}
	tsv := r.tsv()
	if want := "peers\tplain\t\tours\tcpu_ns\t102.5\t101\t104\t2\n"; !strings.Contains(tsv, want) || strings.Contains(tsv, "sarama") {
		t.Errorf("%s", tsv)
	}
}

func TestSection(t *testing.T) {
	s := newSection(testBench(2), sample(t), "About it.")
	s.tables = append(s.tables, "| a |\n")
	s.plot("cpu", dots("CPU", "ns", s.results, load.CPU))
	text := s.markdown("here/")
	for _, part := range []string{
		"About it.", "medians of 2 interleaved rounds", "franz-go v1, sarama v1", "- sarama: slow\n", "| a |\n", "- plain, sarama: hung\n",
		"![CPU](here/peers-cpu.svg)",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%q isn't in\n%s", part, text)
		}
	}
}

func TestReplaceBetween(t *testing.T) {
	const text = "a\n<!-- bench:begin x -->\nold\n<!-- bench:end x -->\nb\n"
	got, found := replaceBetween(text, "x", "new\n")
	if want := strings.Replace(text, "old", "new", 1); !found || got != want {
		t.Errorf("%v, got\n%s", found, got)
	}
	for _, other := range []string{"y", "begin"} {
		if got, found := replaceBetween(text, other, "new\n"); found || got != text {
			t.Errorf("%s: %v, got\n%s", other, found, got)
		}
	}
}

// Every work that a table names is there, and is in a table.
func TestBlocks(t *testing.T) {
	var named []string
	for _, b := range blocks {
		named = append(named, b.works...)
	}
	for _, w := range append(named, brokerWorks...) {
		if !slices.ContainsFunc(workList, func(x work) bool { return x.name == w }) {
			t.Errorf("there is no work %q", w)
		}
	}
	for _, w := range workList {
		if !slices.Contains(named, w.name) {
			t.Errorf("the work %q is in no table", w.name)
		}
	}
}

func TestWindow(t *testing.T) {
	for _, test := range []struct {
		way  way
		want float64
	}{
		{way{100 * time.Millisecond, 1, 16 << 10}, 8 * 16384 * 10},
		{way{20 * time.Millisecond, 5, 64 << 10}, 5 * 8 * 65536 * 50},
		{way{20 * time.Millisecond, 5, 256 << 10}, 5 * (1 << 20) * 50}, // max.request.size
	} {
		if got := test.way.window(); math.Abs(got-test.want) > 1 {
			t.Errorf("%+v: %v, want %v", test.way, got, test.want)
		}
	}
}

func TestInFlightCells(t *testing.T) {
	count := func(works ...string) int {
		n := 0
		for _, c := range inFlightCells() {
			if c.picked(works) {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		works string
		want  int
	}{{"", 48}, {"64B", 12}, {"64B 9p", 4}, {"64B 9p 1p acks=1", 4}, {"full", 24}, {"7B", 0}} {
		if got := count(strings.Fields(test.works)...); got != test.want {
			t.Errorf("%q picks %d cells, want %d", test.works, got, test.want)
		}
	}
	c := cell{size: 10_000, partitions: 9, acks: "1", paced: true}
	tr := c.trial(3, 2*time.Second)
	if s := tr.load; s.Idempotent || s.InFlight != 3 || s.Rate != 500 || s.Records != 1000 || tr.x != "3" {
		t.Errorf("%+v", tr)
	}
}

// Each experiment has a place in a document.
func TestDocuments(t *testing.T) {
	for _, e := range experimentList {
		found := false
		for _, d := range documents {
			text, err := os.ReadFile(d.path)
			if err != nil {
				t.Fatal(err)
			}
			_, here := replaceBetween(string(text), e.name, "")
			found = found || here
		}
		if !found {
			t.Errorf("%s has no place in any of %v", e.name, documents)
		}
	}
}
