package producer

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// counting draws 0, 1, 2 … modulo n, so that every value comes up equally often.
func counting() func(n uint64) uint64 {
	next := uint64(0)
	return func(n uint64) uint64 {
		next++
		return (next - 1) % n
	}
}

// seeded draws the same numbers in every run.
func seeded(seed uint64) func(n uint64) uint64 {
	return rand.New(rand.NewPCG(seed, seed)).Uint64N
}

// topicOf is a topic of which the partitions given are without a leader.
func topicOf(partitions int32, down ...int32) TopicInfo {
	t := TopicInfo{Name: "t", Partitions: partitions}
	for p := range partitions {
		if !slices.Contains(down, p) {
			t.Available = append(t.Available, p)
		}
	}
	return t
}

// send does what Send does with records of the sizes given, each into an open batch that never fills, and returns where
// they went.
func send(s *sticky, sizes ...int) []int32 {
	var to []int32
	for _, n := range sizes {
		for s.moved(s.pick(), n, false) {
		}
		to = append(to, s.pick())
		s.appended(s.pick(), n, false)
	}
	return to
}

func TestStickyStaysForABatch(t *testing.T) {
	for _, test := range []struct {
		name      string
		batchSize int
		sizes     []int
		want      []int32
	}{
		{"switch when batch.size is reached", 100, []int{60, 39, 1, 50, 50, 10}, []int32{0, 0, 0, 1, 1, 2}},
		{"a record larger than a batch is a turn", 100, []int{500, 500, 500, 500}, []int32{0, 1, 2, 0}},
		{"batch.size 0: each record elsewhere", 0, []int{1, 1, 1, 1}, []int32{0, 1, 2, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSticky(test.batchSize, "", topicOf(3), nil, counting())
			if got := send(s, test.sizes...); !slices.Equal(got, test.want) {
				t.Errorf("records went to %v, want %v", got, test.want)
			}
		})
	}
}

func TestStickyWithOnePartition(t *testing.T) {
	s := newSticky(10, "", topicOf(1), nil, counting())
	if got := send(s, 4, 8, 20, 1); !slices.Equal(got, []int32{0, 0, 0, 0}) {
		t.Errorf("records went to %v", got)
	}
	if s.moved(0, 10, true) {
		t.Error("a new batch in the only partition must go there")
	}
}

// linger would otherwise send what is beyond the first batch as a fraction of one (KIP-794).
func TestStickyWaitsForAFillingBatch(t *testing.T) {
	s := newSticky(100, "", topicOf(3), nil, counting())
	s.appended(0, 90, true)
	s.appended(0, 90, true)
	if s.moved(0, 10, false) {
		t.Error("switched after 180 bytes though a batch is filling")
	}
	s.appended(0, 20, true)
	if got := s.pick(); got != 1 {
		t.Errorf("after twice batch.size the partition is %d, want 1", got)
	}
}

func TestStickySwitchesBetweenBatches(t *testing.T) {
	for _, test := range []struct {
		name     string
		produced int
		record   int
		want     bool
	}{
		{"the turn is over", 100, 1, true},
		{"the record would exceed the turn's batch", 95, 6, true},
		{"the turn's batch still has room", 50, 50, false},
		{"nothing was produced, however large the record", 0, 1000, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSticky(100, "", topicOf(3), nil, counting())
			s.appended(0, test.produced, true)
			if got := s.moved(0, test.record, true); got != test.want {
				t.Errorf("moved = %v, want %v", got, test.want)
			}
		})
	}
}

func TestStickyCountsOnlyItsOwn(t *testing.T) {
	s := newSticky(100, "", topicOf(3), nil, counting())
	s.appended(2, 1000, false)
	if got := s.pick(); got != 0 {
		t.Errorf("a record of another partition moved the turn to %d", got)
	}
	if !s.moved(2, 1, false) {
		t.Error("partition 2 isn't the current one, yet moved says so")
	}
}

func TestStickyAvoidsWhatHasNoLeader(t *testing.T) {
	for _, test := range []struct {
		name  string
		info  TopicInfo
		racks []string
		want  []int32 // all that may be chosen
	}{
		{"some down", topicOf(4, 1, 3), nil, []int32{0, 2}},
		{"all down: any", topicOf(3, 0, 1, 2), nil, []int32{0, 1, 2}},
		{"some in the rack (KIP-1123)", topicOf(4, 1), []string{"a", "b", "a"}, []int32{0, 3}},
		{"none in the rack: all that are available", topicOf(3, 0), []string{"b", ""}, []int32{1, 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSticky(1, "a", test.info, test.racks, seeded(1))
			got := send(s, slices.Repeat([]int{1}, 200)...)
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, test.want) {
				t.Errorf("chosen were %v, want %v", got, test.want)
			}
		})
	}
}

func TestStickyLeavesAPartitionThatLostItsLeader(t *testing.T) {
	s := newSticky(1000, "", topicOf(3), nil, counting())
	s.appended(0, 10, true)
	s.updateTopic(topicOf(3, 1), nil)
	s.leave(0)
	if got := s.pick(); got != 0 {
		t.Errorf("left partition 0 for %d though it has a leader", got)
	}
	s.updateTopic(topicOf(3, 0), nil)
	s.leave(1)
	if got := s.pick(); got != 0 {
		t.Errorf("leaving partition 1 moved 0 to %d", got)
	}
	s.leave(0)
	if got := s.pick(); got == 0 {
		t.Error("stayed with a partition without leader")
	}
}

func TestStickyPicksUpNewPartitions(t *testing.T) {
	s := newSticky(1, "", topicOf(1), nil, seeded(1))
	s.updateTopic(topicOf(3), nil)
	got := send(s, slices.Repeat([]int{1}, 100)...)
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, []int32{0, 1, 2}) {
		t.Errorf("chosen were %v", got)
	}
}

// The queues and frequencies of BuiltInPartitionerTest.adaptivePartitionsTest, and corner cases of
// BuiltInPartitioner.updatePartitionLoadStats.
func TestStickyPrefersShortQueues(t *testing.T) {
	for _, test := range []struct {
		name       string
		queued     []int32
		partitions []int32
		total      int
		racks      []string // of partitions 0 to 4; nil: no rack
		want       []int    // choices of partitions 0 to 4 in a cycle
	}{
		{"weights", []int32{5, 0, 3, 0, 1}, []int32{0, 1, 2, 3, 4}, 5, nil, []int{1, 6, 3, 6, 5}},
		{"in any order", []int32{1, 0, 3}, []int32{4, 1, 2}, 5, nil, []int{0, 4, 1, 0, 3}},
		{"all alike: even", []int32{2, 2, 2, 2, 2}, []int32{0, 1, 2, 3, 4}, 5, nil, []int{1, 1, 1, 1, 1}},
		{"alike, but one left out", []int32{2, 2, 2, 2}, []int32{0, 1, 3, 4}, 5, nil, []int{1, 1, 0, 1, 1}},
		{"one left", []int32{7}, []int32{3}, 5, nil, []int{0, 0, 0, 1, 0}},
		{"none left: even", nil, nil, 5, nil, []int{1, 1, 1, 1, 1}},
		{"in the rack", []int32{5, 0, 3, 0, 1}, []int32{0, 1, 2, 3, 4}, 5, []string{"a", "b", "a", "b", "a"}, []int{1, 0, 3, 0, 5}},
		{"in the rack, evenly", []int32{1, 1, 1, 1, 1}, []int32{0, 1, 2, 3, 4}, 5, []string{"a", "b", "a", "b", "b"}, []int{1, 0, 1, 0, 0}},
		{"in the rack none is left", []int32{0, 1}, []int32{1, 3}, 5, []string{"a", "b", "a", "b", "a"}, []int{0, 2, 0, 1, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSticky(1, "a", topicOf(5), test.racks, counting())
			queued, partitions := slices.Clone(test.queued), slices.Clone(test.partitions)
			s.updateLoad(queued, partitions, test.total)
			if !slices.Equal(queued, test.queued) || !slices.Equal(partitions, test.partitions) {
				t.Error("updateLoad changed its arguments")
			}
			cycle := 0
			for _, n := range test.want {
				cycle += n
			}
			s.random = counting()
			s.next()
			got := make([]int, 5)
			for _, p := range send(s, slices.Repeat([]int{1}, 2*cycle)...) {
				got[p]++
			}
			for p := range got {
				if got[p] != 2*test.want[p] {
					t.Errorf("in two cycles %v, want twice %v", got, test.want)
					break
				}
			}
		})
	}
}

// stickyPartition is a partition as Send sees it.
type stickyPartition struct {
	mu    sync.Mutex
	bytes int
	room  int // of the open batch; 0: none is open
}

// sendLocked is the loop that sticky's comment prescribes.
func sendLocked(s *sticky, partitions []stickyPartition, bytes, batchSize int) {
	for {
		i := s.pick()
		p := &partitions[i]
		p.mu.Lock()
		opens := p.room < bytes
		if s.moved(i, bytes, opens) {
			p.mu.Unlock()
			continue
		}
		if opens {
			p.room = max(batchSize, bytes)
		}
		p.room -= bytes
		p.bytes += bytes
		s.appended(i, bytes, p.room > 0)
		p.mu.Unlock()
		return
	}
}

// Every partition must get the same number of bytes, not of records, from however many senders.
func TestStickyIsUniformByBytes(t *testing.T) {
	const partitions, batchSize = 12, 16384
	for _, test := range []struct {
		name    string
		senders int
		records int // of each sender
		largest int // record
		size    func(r *rand.Rand) int
	}{
		{"one sender, 100 bytes", 1, 500_000, 100, func(*rand.Rand) int { return 100 }},
		{"one sender, 10 to 5,000 bytes", 1, 100_000, 5010, func(r *rand.Rand) int { return 10 + r.IntN(5000) }},
		{"one sender, now and then 100,000 bytes", 1, 200_000, 100_000, func(r *rand.Rand) int {
			if r.IntN(100) == 0 {
				return 100_000
			}
			return 200
		}},
		{"64 senders, 10 to 1,000 bytes", 64, 5_000, 1010, func(r *rand.Rand) int { return 10 + r.IntN(1000) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSticky(batchSize, "", topicOf(partitions), nil, seeded(7))
			parts := make([]stickyPartition, partitions)
			var wg sync.WaitGroup
			for sender := range test.senders {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(1, uint64(sender)))
					for range test.records {
						sendLocked(s, parts, test.size(r), batchSize)
					}
				})
			}
			wg.Wait()
			total := 0
			for i := range parts {
				total += parts[i].bytes
			}
			// Turns are drawn at random: a partition's number of turns varies by its square root. Chi² of 11
			// degrees of freedom exceeds 31 once in a thousand; turn is no less than the largest.
			turn := float64(batchSize + test.largest)
			chi2 := 0.0
			want := float64(total) / partitions
			for i := range parts {
				d := (float64(parts[i].bytes) - want) / turn
				chi2 += d * d / (want / turn)
			}
			if chi2 > 31 {
				t.Errorf("chi² %.1f of %d bytes over %d partitions", chi2, total, partitions)
			}
		})
	}
}

func TestStickyAllocatesNothing(t *testing.T) {
	s := newSticky(1000, "a", topicOf(4), []string{"a", "b", "a", "b"}, rand.Uint64N)
	queued, partitions := []int32{3, 1, 2, 0}, []int32{0, 1, 2, 3}
	s.updateLoad(queued, partitions, 4)
	info, racks := topicOf(4), []string{"a", "b", "a", "b"}
	for name, run := range map[string]func(){
		"send": func() {
			if p := s.pick(); !s.moved(p, 600, true) {
				s.appended(p, 600, false)
			}
		},
		"load":   func() { s.updateLoad(queued, partitions, 4) },
		"topic":  func() { s.updateTopic(info, racks); s.updateLoad(queued, partitions, 4) },
		"switch": s.next,
	} {
		if n := testing.AllocsPerRun(100, run); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkSticky(b *testing.B) {
	s := newSticky(16384, "", topicOf(12), nil, rand.Uint64N)
	for b.Loop() {
		p := s.pick()
		if !s.moved(p, 100, false) {
			s.appended(p, 100, false)
		}
	}
}

// A topic that is made anew with fewer partitions must not leave its senders with a partition that is gone, whoever
// switches just then.
func TestStickyForgetsPartitionsThatAreGone(t *testing.T) {
	const most, fewest = 12, 2
	s := newSticky(1, "", topicOf(most), nil, rand.Uint64N)
	parts := make([]stickyPartition, most)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					sendLocked(s, parts, 1, 1)
				}
			}
		})
	}
	for range 5000 {
		s.updateTopic(topicOf(most), nil)
		s.updateTopic(topicOf(fewest), nil)
		for p := range int32(most) {
			parts[p].mu.Lock()
			s.leave(p)
			parts[p].mu.Unlock()
		}
		if p := s.pick(); p >= fewest {
			t.Errorf("partition %d is chosen of %d", p, fewest)
			break
		}
	}
	close(stop)
	wg.Wait()
}
