package producer

import (
	"maps"
	"sync"
	"sync/atomic"
)

// RoundRobinPartitioner sends each record of a topic to the next available partition in turn, whatever its key, as
// org.apache.kafka.clients.producer.RoundRobinPartitioner does. The zero value is ready; one may serve many producers.
// It spreads the records, not the bytes, and makes smaller batches than the default.
type RoundRobinPartitioner struct {
	mu       sync.Mutex                                // serializes the addition of topics
	counters atomic.Pointer[map[string]*atomic.Uint32] // by topic; replaced, never changed, so that reading needs no lock
}

// Partition returns the next partition of t.Available, or of all where none is available.
func (p *RoundRobinPartitioner) Partition(r Record, t TopicInfo) int32 {
	n := (p.counter(t.Name).Add(1) - 1) & 0x7fffffff
	if len(t.Available) > 0 {
		return t.Available[n%uint32(len(t.Available))]
	}
	return int32(n % uint32(max(t.Partitions, 1)))
}

// counter returns the topic's counter, the same one to everyone.
func (p *RoundRobinPartitioner) counter(topic string) *atomic.Uint32 {
	if m := p.counters.Load(); m != nil {
		if c := (*m)[topic]; c != nil {
			return c
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m := map[string]*atomic.Uint32{}
	if old := p.counters.Load(); old != nil {
		if c := (*old)[topic]; c != nil {
			return c
		}
		m = maps.Clone(*old)
	}
	m[topic] = new(atomic.Uint32)
	p.counters.Store(&m)
	return m[topic]
}
