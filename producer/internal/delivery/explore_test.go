package delivery

import (
	"flag"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/internal/race"
)

var (
	exploreFor    = flag.Duration("explore", 0, "how long TestExplore goes on, with ever more batches and faults; 0: its setups once")
	exploreFaults = flag.Int("faults", -1, "faults in a history that TestExplore follows; -1: the setup's")
	exploreDepth  = flag.Int("depth", 0, "moves of a history that TestExplore follows; 0: to the end")
	exploreStates = flag.Int("states", 4e6, "states of one setup after which TestExplore with -explore takes the next: they take 200 bytes each")
)

// TestExplore follows all histories of each setup: every order of sends, answers of every class, lost connections, elections,
// expiries and whatever else moves_test.go names, with up to a number of faults. It looks at the invariants in every state, and
// at the promise in the last ones. States that were seen before, however they came about, are not followed again.
// The search is breadth first, so that a violation is printed with the shortest history that leads to it, as a transcript
// that can be put into testdata. For a longer search, and for one of an hour in which batches and faults grow:
//
//	go test ./producer/internal/delivery -run Explore -v -args -faults 3
//	go test ./producer/internal/delivery -run Explore -v -timeout 2h -args -explore 1h
//
// The latter is also make test EXPLORE=1h.
func TestExplore(t *testing.T) {
	if *exploreFor > 0 {
		exploreLong(t)
		return
	}
	for _, s := range setups {
		t.Run(s.name, func(t *testing.T) {
			s.depth = *exploreDepth
			if *exploreFaults >= 0 {
				s.faults = *exploreFaults
			} else if race.Enabled {
				s.faults-- // a tenth of the speed
			}
			newSearch(&s, time.Time{}).report(t)
		})
	}
}

// exploreLong follows all setups again and again, with a fault more each time, and a batch more every second time.
func exploreLong(t *testing.T) {
	end := time.Now().Add(*exploreFor)
	for round := 1; time.Now().Before(end) && !t.Failed(); round++ {
		for _, s := range setups {
			if !time.Now().Before(end) {
				return
			}
			s.faults += (round + 1) / 2
			s.records = slices.Clone(s.records)
			for i, batches := range s.records {
				s.records[i] = slices.Concat(batches, []int32{1, 2, 1, 1}[:min(round/2, 4)])
			}
			newSearch(&s, end).report(t)
		}
	}
}

// What TestExplore would say if brokers acknowledged what they don't keep: it sees, and its transcript can be replayed.
func TestExploreSees(t *testing.T) {
	x := newSearch(&setup{name: "brokers that lose", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 1}}, loses: true}, time.Time{})
	x.run()
	if len(x.found) == 0 {
		t.Fatal("nothing was found")
	}
	if v := x.shortest(); len(v.path) != 2 || !strings.Contains(v.err.Error(), "a is acknowledged and not in the log") {
		t.Errorf("after %d moves: %v", len(v.path), v.err)
	}
	text := x.transcript(x.shortest())
	if again, err := replay(text); err != nil || again != text || !strings.Contains(text, "a acknowledged, offset 0") {
		t.Errorf("the transcript\n%s\nis replayed as\n%s\n%v", text, again, err)
	}
}

// search is one exploration.
type search struct {
	setup    *setup
	deadline time.Time
	nodes    []reached // all states that were reached, in order

	mu     sync.Mutex      // guards what follows, and nodes
	fewest map[uint64]int8 // states that were reached, and the fewest faults it took
	found  []violation
	moves  int // that were made from a state
	ends   int // states in which nothing is left to do
	healed int
}

// reached is a state by how it was reached: the move that made it from another.
type reached struct {
	from uint32
	move move
}

type violation struct {
	path []move
	err  error
}

func newSearch(s *setup, deadline time.Time) *search {
	return &search{setup: s, deadline: deadline, nodes: []reached{{}}, fewest: map[uint64]int8{}}
}

// run searches, level by level, and returns how far it came, and the states of the last level, which were not followed any more.
func (x *search) run() (depth int, level []uint32) {
	w := newWorld(x.setup, nil)
	w.check()
	new(canonical).hash(w) // learns the types before several goroutines ask
	level = []uint32{0}
	for len(level) > 0 && len(x.found) == 0 && (x.setup.depth == 0 || depth < x.setup.depth) && !x.over() {
		level = x.expand(level)
		depth++
	}
	if len(x.found) == 0 && !x.late() {
		x.heal(level)
	}
	return depth, level
}

func (x *search) late() bool { return !x.deadline.IsZero() && time.Now().After(x.deadline) }

// over says whether the search has used up its time or its memory.
func (x *search) over() bool {
	return x.late() || !x.deadline.IsZero() && len(x.nodes) > *exploreStates
}

// report searches and reports.
func (x *search) report(t *testing.T) {
	begin := time.Now()
	depth, level := x.run()
	left := ""
	if len(level) > 0 && len(x.found) == 0 {
		left = fmt.Sprintf(" (not to the end: %d states were not followed, %d of them brought to an end by one history)", len(level), x.healed)
	}
	t.Logf("%s, %v records, %d faults: %d states, %d moves from them, %d ends, the farthest after %d moves%s, in %v", x.setup.name,
		x.setup.records, x.setup.faults, len(x.nodes), x.moves, x.ends, depth, left, time.Since(begin).Round(time.Millisecond))
	if len(x.found) > 0 {
		v := x.shortest()
		t.Errorf("after %d moves, and %d states: %v\n%s", len(v.path), len(x.nodes), v.err, x.transcript(v))
	}
}

// shortest returns the violation with the shortest history.
func (x *search) shortest() violation {
	return slices.MinFunc(x.found, func(a, b violation) int { return len(a.path) - len(b.path) })
}

// expand makes all moves from the states of a level, on all processors, and returns the new states.
func (x *search) expand(level []uint32) (next []uint32) {
	each(level, func(worker *canonical, list []uint32) {
		var moves []move
		for _, at := range list {
			if x.late() {
				return
			}
			path := x.path(at)
			w := x.world(path)
			moves = w.moves(moves[:0])
			if len(moves) == 0 || moves[0].kind >= faultless {
				x.end(path, w)
			}
			for _, m := range moves {
				if w == nil {
					w = x.world(path)
				}
				w.make(m)
				x.arrive(worker, at, path, m, w, &next)
				w = nil
			}
		}
	})
	return next
}

// arrive takes a world that was reached from a state by a move.
func (x *search) arrive(worker *canonical, from uint32, path []move, m move, w *world, next *[]uint32) {
	if w.err != nil {
		x.mu.Lock()
		x.found = append(x.found, violation{append(slices.Clone(path), m), w.err})
		x.mu.Unlock()
		return
	}
	hash := worker.hash(w)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.moves++
	if fewest, known := x.fewest[hash]; known && fewest <= int8(w.faults) {
		return
	}
	x.fewest[hash] = int8(w.faults)
	x.nodes = append(x.nodes, reached{from, m})
	*next = append(*next, uint32(len(x.nodes)-1))
}

// end takes a state in which no move but faults is possible: everything must be over.
func (x *search) end(path []move, w *world) {
	w.over()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.ends++
	if w.err != nil {
		x.found = append(x.found, violation{path, w.err})
	}
}

// over checks that nothing is left undone.
func (w *world) over() {
	if n := w.core.Live(); n > 0 {
		w.fail("nothing more happens, and %d batches have no outcome", n)
	}
	for _, p := range w.parts {
		for i, batch := range p.batches {
			for _, f := range batch {
				if f.told == untold {
					w.fail("nothing more happens, and batch %d of %s has no outcome", i, partitionName(&p.p))
				}
			}
		}
	}
}

// heal lets the states at the bound go on without faults, by one history each: they must come to an end, too.
func (x *search) heal(level []uint32) {
	each(level, func(_ *canonical, list []uint32) {
		var moves []move
		for _, at := range list {
			if x.late() {
				return
			}
			path := x.path(at)
			w := x.world(path)
			for range 400 {
				if moves = w.freeMoves(moves[:0]); len(moves) == 0 || w.err != nil {
					break
				}
				// New metadata and the end of a backoff are possible again and again: last, and in turn.
				m := moves[0]
				if m.kind == moveLearn && len(moves) > 1 && path[len(path)-1] == m {
					m = moves[1]
				}
				w.make(m)
				path = append(path, m)
			}
			w.over()
			x.mu.Lock()
			x.healed++
			if w.err != nil {
				x.found = append(x.found, violation{path, w.err})
			}
			x.mu.Unlock()
		}
	})
}

// each has work done on a list by as many goroutines as there are processors.
func each(list []uint32, work func(*canonical, []uint32)) {
	const share = 64
	var group sync.WaitGroup
	shares := make(chan []uint32, len(list)/share+1)
	for part := range slices.Chunk(list, share) {
		shares <- part
	}
	close(shares)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			worker := new(canonical)
			for part := range shares {
				work(worker, part)
			}
		})
	}
	group.Wait()
}

// path returns the moves that lead to a state.
func (x *search) path(at uint32) []move {
	x.mu.Lock()
	defer x.mu.Unlock()
	var path []move
	for ; at != 0; at = x.nodes[at].from {
		path = append(path, x.nodes[at].move)
	}
	slices.Reverse(path)
	return path
}

// world makes the world at the end of a path.
func (x *search) world(path []move) *world {
	w := newWorld(x.setup, nil)
	for _, m := range path {
		w.do(m)
		w.collect()
		if m.kind >= faultless {
			w.faults++
		}
	}
	return w
}

// transcript writes a violation as a file for testdata.
func (x *search) transcript(v violation) string {
	var s strings.Builder
	fmt.Fprintf(&s, "# %s: %v\n\n", x.setup.name, v.err)
	w := newWorld(x.setup, func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) })
	for _, m := range v.path {
		s.WriteString("----\n\n")
		w.make(m)
	}
	s.WriteString("----\n")
	text, err := replay(s.String())
	if err != nil {
		return s.String() + err.Error()
	}
	return text
}

// What was moved to another partition and back stands behind what was sent to its own meanwhile: its place is lost, and that is no
// violation.
func TestWorldMovedAndBack(t *testing.T) {
	w := newWorld(&setup{nodes: 1, leaders: []int32{1, 1}, records: [][]int32{{1, 1}, {}}, next: 1}, nil)
	for _, m := range []move{
		{kind: moveElect, at: 0, i: -1}, {kind: moveElect, at: 1, i: -1}, {kind: moveLearn},
		{kind: moveSend, at: 0}, {kind: moveElected, at: 0}, {kind: moveEvacuate, at: 0},
		{kind: moveSend, at: 0}, {kind: moveLearn}, {kind: moveEvacuate, at: 1},
		{kind: moveServe, at: 1}, {kind: moveServe, at: 1},
	} {
		w.make(m)
	}
	want := []recordID{{part: 0, batch: 1}, {part: 0, batch: 0}}
	if got := w.parts[0].log.records; !slices.Equal(got, want) {
		t.Errorf("the log holds %v, not %v", got, want)
	}
	if w.err != nil {
		t.Error(w.err)
	}
}
