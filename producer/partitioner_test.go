package producer

import (
	"slices"
	"sync"
	"testing"
)

func TestRoundRobin(t *testing.T) {
	for _, test := range []struct {
		name string
		info TopicInfo
		want []int32
	}{
		{"all available", TopicInfo{Name: "t", Partitions: 3, Available: []int32{0, 1, 2}}, []int32{0, 1, 2, 0, 1, 2, 0}},
		{"one without leader", TopicInfo{Name: "t", Partitions: 3, Available: []int32{0, 2}}, []int32{0, 2, 0, 2}},
		{"none available", TopicInfo{Name: "t", Partitions: 2}, []int32{0, 1, 0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var p RoundRobinPartitioner
			for i, want := range test.want {
				if got := p.Partition(Record{Key: []byte("same")}, test.info); got != want {
					t.Errorf("record %d goes to %d, want %d", i, got, want)
				}
			}
		})
	}
}

func TestRoundRobinCountsTopicsApart(t *testing.T) {
	var p RoundRobinPartitioner
	a := TopicInfo{Name: "a", Partitions: 2, Available: []int32{0, 1}}
	b := TopicInfo{Name: "b", Partitions: 2, Available: []int32{0, 1}}
	got := []int32{p.Partition(Record{}, a), p.Partition(Record{}, b), p.Partition(Record{}, a), p.Partition(Record{}, b)}
	if want := []int32{0, 0, 1, 1}; !slices.Equal(got, want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
}

// Java's counter is an int whose sign is cleared: after 2147483647 comes 0 again, never a negative partition.
func TestRoundRobinWraps(t *testing.T) {
	var p RoundRobinPartitioner
	info := TopicInfo{Name: "t", Partitions: 2, Available: []int32{0, 1}}
	p.counter("t").Store(1<<31 - 1)
	got := []int32{p.Partition(Record{}, info), p.Partition(Record{}, info), p.Partition(Record{}, info)}
	if want := []int32{1, 0, 1}; !slices.Equal(got, want) {
		t.Errorf("partitions %v, want %v", got, want)
	}
}

func TestRoundRobinIsEvenAmongManySenders(t *testing.T) {
	const senders, records, partitions = 64, 500, 8
	var p RoundRobinPartitioner
	info := TopicInfo{Name: "t", Partitions: partitions, Available: []int32{0, 1, 2, 3, 4, 5, 6, 7}}
	var mu sync.Mutex
	var total [partitions]int
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			var n [partitions]int
			for range records {
				n[p.Partition(Record{}, info)]++
			}
			mu.Lock()
			defer mu.Unlock()
			for i := range n {
				total[i] += n[i]
			}
		})
	}
	wg.Wait()
	for i, n := range total {
		if n != senders*records/partitions {
			t.Errorf("partition %d has %d records of %d", i, n, senders*records)
		}
	}
}

func TestRoundRobinAllocatesNothing(t *testing.T) {
	var p RoundRobinPartitioner
	info := TopicInfo{Name: "t", Partitions: 3, Available: []int32{0, 1, 2}}
	if n := testing.AllocsPerRun(100, func() { p.Partition(Record{}, info) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
