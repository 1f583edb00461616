package producer

import (
	"slices"
	"sync"
	"sync/atomic"
)

// sticky is Kafka's default partitioner for records whose key doesn't choose: one a topic. All records go to one
// partition until at least batch.size bytes went there, then to another one (KIP-480, KIP-794), so that batches fill
// and yet every partition gets the same number of bytes.
//
// Its fast path is free of locks and read-modify-write operations, because the current partition's lock, which an
// append takes anyway, protects it:
//
//	for {
//		p := s.pick()
//		lock(p)
//		if s.moved(p, …) { unlock(p); continue } // another append has switched meanwhile
//		append to p
//		s.appended(p, …)
//		unlock(p)
//		break
//	}
//
// Only who holds the lock of the current partition may switch away from it, so between moved and appended nobody does.
type sticky struct {
	current  atomic.Int32 // stored by who holds the lock of the partition it names until then
	produced int          // bytes appended to current since it was chosen; guarded by current's lock
	enough   int          // bytes after which to switch: batch.size, at least 1
	rack     string       // partitions led from this rack are preferred (KIP-1123); "": none is

	random func(n uint64) uint64 // uniform in [0, n); called with mu held

	mu     sync.Mutex // a leaf: held for one draw or one update, nothing is locked within; guards what follows
	local  []bool     // by partition: whether its leader is in rack
	even   draw       // every partition alike
	loaded draw       // by queue length; empty: not adaptive at present
}

// newSticky returns a partitioner that has chosen its first partition. rand/v2's Uint64N is the random of production.
func newSticky(batchSize int, rack string, t TopicInfo, racks []string, random func(n uint64) uint64) *sticky {
	s := &sticky{enough: max(batchSize, 1), rack: rack, random: random}
	s.updateTopic(t, racks)
	s.next()
	return s
}

// pick returns the partition to append to now, once moved agrees.
func (s *sticky) pick() int32 { return s.current.Load() }

// moved says that a record meant for partition must pick again. The caller holds the partition's lock. bytes is what
// the record takes in a batch, opens says that it would begin a new batch there, because none is open or because the
// open one hasn't the room.
//
// Java switches here when batch.size bytes were produced and no batch is open, which completes the switch that
// appended put off. This also switches when the new batch's first record would exceed batch.size: a batch that is
// closed because the next record doesn't fit ends a turn as well as one that is full to the byte. (In Java such a turn
// becomes two batches long.)
func (s *sticky) moved(partition int32, bytes int, opens bool) bool {
	return s.current.Load() != partition || opens && s.turned(partition, bytes)
}

// turned is moved's question where a batch would begin.
func (s *sticky) turned(partition int32, bytes int) bool {
	if s.produced > 0 && bytes > s.enough-s.produced {
		s.next()
	}
	return s.current.Load() != partition
}

// appended counts the bytes that went to partition and switches when it had its turn. The caller has held the
// partition's lock since moved returned false. filling says that the partition has an open batch with room.
//
// A turn is at least batch.size bytes. While a batch is filling the switch is put off, else linger would send the bytes
// beyond the first batch as a fraction of one; but not beyond twice batch.size, as keyed records may keep a batch
// filling for ever (BuiltInPartitioner.updatePartitionInfo).
func (s *sticky) appended(partition int32, bytes int, filling bool) {
	if s.current.Load() == partition { // else the record was not ours to place
		s.count(bytes, filling)
	}
}

// count is appended where the partition is known to be the current one.
func (s *sticky) count(bytes int, filling bool) {
	s.produced += bytes
	if s.produced >= s.enough && (!filling || s.produced-s.enough >= s.enough) { // not 2*enough, which may not be an int
		s.next()
	}
}

// leave switches away from partition if it is the current one and has no leader any more. The caller holds the
// partition's lock. To be called after updateTopic; Java stays until the turn is over.
func (s *sticky) leave(partition int32) {
	if s.current.Load() != partition {
		return
	}
	s.mu.Lock()
	stay := slices.Contains(s.even.partitions, partition)
	s.mu.Unlock()
	if !stay {
		s.next()
	}
}

// next switches to a partition drawn at random. The caller holds the current partition's lock. Within mu, so that what
// was drawn before an updateTopic is current before it, and leave finds it.
func (s *sticky) next() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.produced = 0
	s.current.Store(s.draw()) // publishes produced to who sees the partition and locks it
}

// avoid switches away from partition to one that may be chosen, each alike; false if there is none. The caller holds the
// partition's lock.
func (s *sticky) avoid(partition int32, may func(partition int32) bool) bool {
	if s.current.Load() != partition {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	chosen, n := partition, uint64(0)
	for _, i := range s.even.partitions {
		if i != partition && may(i) {
			if n++; s.random(n) == 0 {
				chosen = i
			}
		}
	}
	if n > 0 {
		s.produced = 0
		s.current.Store(chosen)
	}
	return n > 0
}

// draw returns the partition of the next turn. The caller holds mu.
func (s *sticky) draw() int32 {
	if len(s.loaded.partitions) > 0 {
		return s.loaded.from(s.random)
	}
	return s.even.from(s.random)
}

// updateTopic replaces the partitions to choose from: those available in the rack, else those available, else all.
// racks holds the rack of the leader of each of t.Available; it may be nil where s has no rack. Queue lengths are
// forgotten until the next updateLoad.
func (s *sticky) updateTopic(t TopicInfo, racks []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded.reset()
	s.even.reset()
	s.local = s.local[:0]
	if s.rack != "" && len(racks) == len(t.Available) {
		s.local = append(s.local, make([]bool, t.Partitions)...)
		for i, p := range t.Available {
			if racks[i] == s.rack {
				s.local[p] = true
				s.even.partitions = append(s.even.partitions, p)
			}
		}
	}
	if len(s.even.partitions) == 0 {
		s.even.partitions = append(s.even.partitions, t.Available...)
	}
	if len(s.even.partitions) == 0 {
		for p := range max(t.Partitions, 1) {
			s.even.partitions = append(s.even.partitions, p)
		}
	}
}

// updateLoad replaces the queue lengths by which the next partitions are weighted
// (partitioner.adaptive.partitioning.enable): queued[i] batches wait in partitions[i]. Partitions that are left out, as
// they have no leader or didn't drain for partitioner.availability.timeout.ms, are not chosen. total is how many the
// topic has. Nothing is kept or changed of the arguments, and nothing is allocated once the tables have grown.
func (s *sticky) updateLoad(queued, partitions []int32, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded.reset()
	switch {
	case len(queued) == 0 || total < 2:
		return // nothing to choose between
	case len(queued) == total && !slices.ContainsFunc(queued, func(n int32) bool { return n != queued[0] }):
		return // all alike
	}
	s.loaded.weigh(queued, partitions, s.local)
	if len(s.loaded.partitions) == 0 {
		s.loaded.weigh(queued, partitions, nil)
	}
}

// draw is a random choice between partitions.
type draw struct {
	partitions []int32
	sums       []uint64 // running sums of the partitions' weights; empty: all weigh the same
}

// from draws a partition.
func (d *draw) from(random func(n uint64) uint64) int32 {
	if len(d.sums) == 0 {
		return d.partitions[random(uint64(len(d.partitions)))]
	}
	r := random(d.sums[len(d.sums)-1])
	i, _ := slices.BinarySearch(d.sums, r+1) // the first sum greater than r
	return d.partitions[i]
}

// weigh gives each partition of only (nil: all) the weight "longest queue + 1 - its own queue":
// queues of 0, 3 and 1 batches weigh 4, 1 and 3 (BuiltInPartitioner.updatePartitionLoadStats).
func (d *draw) weigh(queued, partitions []int32, only []bool) {
	longest := int32(0)
	for i, p := range partitions {
		if takes(only, p) {
			longest = max(longest, queued[i])
		}
	}
	sum := uint64(0)
	for i, p := range partitions {
		if takes(only, p) {
			sum += uint64(longest + 1 - queued[i])
			d.partitions = append(d.partitions, p)
			d.sums = append(d.sums, sum)
		}
	}
}

// takes says whether p is one of only; an empty only is all.
func takes(only []bool, p int32) bool {
	return len(only) == 0 || int(p) < len(only) && only[p]
}

// reset makes d empty and keeps its storage.
func (d *draw) reset() {
	d.partitions, d.sums = d.partitions[:0], d.sums[:0]
}
