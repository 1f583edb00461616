package producer

import (
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/protocol"
)

// topic is a topic that was produced to.
type topic struct {
	name     string
	sticky   *sticky
	overflow Overflow                  // of its records, unless they say otherwise
	view     atomic.Pointer[topicView] // replaced under Producer.mu when metadata change

	// Guarded by Producer.mu.
	meta      *client.Topic // that view was made of; nil: none. What the client knows of a topic is never changed, but replaced
	largest   int           // batches are not made larger, since a broker found one of twice the size too large
	used      delivery.Time // when the client was last told that it is in use
	asked     delivery.Time // when a record for a partition that isn't known last had metadata asked for; 0: never
	forgotten bool          // it is not among the producer's topics any more, and nothing is sent to it: another of that name may be
	balanced  delivery.Time // when balance last looked
	queued    []int32       // storage for balance
	at        []int32       // storage for balance
}

// current returns the partition that the sticky partitioner has chosen. It may be another one by the time it is locked, and for
// the moment in which a topic's partitions become fewer it may not be the one: sticky.moved tells.
func (t *topic) current() *partition {
	parts := t.view.Load().partitions
	i := int(t.sticky.pick())
	if i >= len(parts) {
		i %= len(parts) // a division for each record would be 3 ns
	}
	return parts[i]
}

// The sticky partitioner hears of queue lengths at most once in balanceEvery, in which a dozen batches fill at most, so that every partition
// has one for the next request: with 8 partitions a request had 5.9 when it was 10 ms, and has 7.6. And at most once in
// balanceEach for each partition of the topic: a look at one, in use or not, costs some 30 nanoseconds if it must be fetched from memory.
const (
	balanceEvery = delivery.Time(300 * time.Microsecond)
	balanceEach  = delivery.Time(10 * time.Microsecond)
)

// lookForMore asks for metadata since a record is for a partition that isn't known: it may have been added. Not for each such record, but once
// in retry.backoff.ms.
func (p *Producer) lookForMore(t *topic) {
	p.mu.Lock()
	now := p.clock.now()
	ask := t.asked == 0 || now-t.asked >= delivery.Time(p.set.retryBackoff)
	if ask {
		t.asked = now
	}
	p.mu.Unlock()
	if ask {
		p.client.RefreshMetadata()
	}
}

// balance tells the sticky partitioner how many batches wait in each partition that has a leader which takes them
// (partitioner.adaptive.partitioning.enable, partitioner.availability.timeout.ms). Holds p.mu.
func (p *Producer) balance(t *topic, now delivery.Time) {
	parts := t.view.Load().partitions
	if !p.set.partitionerAdaptivePartitioning || now-t.balanced < max(balanceEvery, balanceEach*delivery.Time(len(parts))) {
		return
	}
	t.balanced = now
	t.queued, t.at = t.queued[:0], t.at[:0]
	limit := p.set.partitionerAvailabilityTimeout
	for _, part := range parts {
		if part.Leader() == delivery.NoLeader || limit > 0 && part.Stuck(now) > limit || p.overShare(part, 0) {
			continue
		}
		t.queued, t.at = append(t.queued, int32(part.Waiting())), append(t.at, part.Index)
	}
	t.sticky.updateLoad(t.queued, t.at, len(parts))
}

// topicView is a topic as the metadata have it; never changed.
type topicView struct {
	info       TopicInfo
	partitions []*partition // by number
}

// partition is a partition of the core with its open batch. Lock order: Producer.mu, then partition.mu. It is small, so that those of ten
// thousand partitions stay in the cache: with the core's part each Send would begin with a fetch from memory.
type partition struct {
	mu      sync.Mutex // held by Send for the nanoseconds of one record
	open    *batch     // takes records; guarded by mu, changed only with Producer.mu held, too
	topic   *topic
	tick    uint8    // records since the clock was read; guarded by mu
	class   int32    // of the buffer for the next batch, learned from the last; guarded by Producer.mu
	used    int64    // memory of its batches; guarded by Producer.mu
	holding *holding // of its leader's, that used is part of; guarded by Producer.mu

	*delivery.Partition // guarded by Producer.mu
}

// topic returns the topic of that name, if it is known already.
func (p *Producer) topic(name string) *topic {
	if t := p.last.Load(); t != nil && t.name == name { // one topic in a row is the rule, and cheaper than the map
		return t
	}
	t := (*p.topics.Load())[name]
	if t != nil {
		p.last.Store(t)
	}
	return t
}

// addTopic makes a topic of what metadata say. Holds p.mu.
func (p *Producer) addTopic(meta *client.Topic, cluster *client.Cluster) {
	if (*p.topics.Load())[meta.Name] != nil {
		return
	}
	if newer := cluster.Topics[meta.Name]; newer != nil && len(newer.Partitions) > 0 {
		meta = newer // metadataChanged has passed over a topic that it didn't know, and may have nothing new to say for metadata.max.age.ms
	}
	t := &topic{name: meta.Name, used: p.clock.now(), largest: math.MaxInt, overflow: p.set.overflowOf(meta.Name)}
	t.view.Store(new(topicView))
	view := p.updateTopic(t, meta)
	t.sticky = newSticky(p.set.batchSize, p.set.partitionerRack, view.info, p.racks(view, meta, cluster), p.below)
	topics := maps.Clone(*p.topics.Load())
	topics[meta.Name] = t
	p.topics.Store(&topics)
}

// updateTopic brings a topic up to date with metadata: leaders, and partitions that were added. A topic the metadata
// don't have is without leaders. Holds p.mu.
func (p *Producer) updateTopic(t *topic, meta *client.Topic) *topicView {
	now, old := p.clock.now(), t.view.Load()
	parts := slices.Clone(old.partitions)
	var id protocol.UUID
	if meta != nil {
		id = meta.ID
		parts = slices.Grow(parts, max(0, len(meta.Partitions)-len(parts)))
		if len(meta.Partitions) > 0 && id == (protocol.UUID{}) && !p.byName {
			p.nameTopics()
		}
		for i := len(parts); i < len(meta.Partitions); i++ {
			core := delivery.NewPartition(t.name, int32(i))
			part := &partition{Partition: &core, topic: t}
			part.Gapless = p.set.gaplessTopic(t.name)
			parts = append(parts, part)
		}
		if n := len(meta.Partitions); n > 0 && n < len(parts) { // the topic was made anew, with fewer
			for _, part := range parts[n:] {
				p.core.SetLeader(now, part.Partition, delivery.NoLeader, -1, id)
				p.ledBy(part, delivery.NoLeader)
			}
			parts = parts[:n]
			p.core.Forget()
		}
	}
	view := &topicView{partitions: parts}
	view.info = TopicInfo{Name: t.name, Partitions: int32(len(parts)), Available: make([]int32, 0, len(parts))}
	for i, part := range parts {
		leader, epoch := delivery.NoLeader, int32(-1)
		if meta != nil && i < len(meta.Partitions) {
			leader, epoch = meta.Partitions[i].Leader, meta.Partitions[i].LeaderEpoch
		}
		if leader >= 0 {
			view.info.Available = append(view.info.Available, int32(i))
		}
		p.core.SetLeader(now, part.Partition, leader, epoch, id)
		p.ledBy(part, part.Leader())
	}
	t.meta = meta
	t.view.Store(view)
	return view
}

// racks returns the rack of the leader of each available partition, nil when nothing asks for racks.
func (p *Producer) racks(view *topicView, meta *client.Topic, cluster *client.Cluster) []string {
	if p.set.partitionerRack == "" || meta == nil {
		return nil
	}
	racks := make([]string, 0, len(view.info.Available))
	for _, i := range view.info.Available {
		racks = append(racks, cluster.Brokers[meta.Partitions[i].Leader].Rack)
	}
	return racks
}

// metadataChanged brings all topics up to date with a new snapshot. Topics the client forgot because nothing was sent to
// them for metadata.max.idle.ms are forgotten here as well.
func (p *Producer) metadataChanged(cluster *client.Cluster) {
	p.mu.Lock()
	p.brokers = len(cluster.Brokers)
	topics := *p.topics.Load()
	var forgotten []string
	for _, name := range p.changedTopics(topics, cluster) {
		t := topics[name]
		meta := cluster.Topics[name]
		if meta == nil {
			if p.idle(t) {
				t.forgotten = true
				forgotten = append(forgotten, name)
				continue
			}
			p.client.UseTopic(name) // as Java's Sender does with topics whose leader it doesn't know: records wait
		}
		before := t.view.Load().partitions
		view := p.updateTopic(t, meta)
		t.sticky.updateTopic(view.info, p.racks(view, meta, cluster))
		for _, part := range before {
			part.mu.Lock()
			t.sticky.leave(part.Index)
			part.mu.Unlock()
		}
		p.moveStranded(t, before)
	}
	if len(forgotten) > 0 {
		left := maps.Clone(topics)
		for _, name := range forgotten {
			delete(left, name)
		}
		p.core.Forget()
		p.topics.Store(&left)
		p.last.Store(nil)
	}
	p.core.MetadataDone(p.clock.now())
	p.release(nil, theClient)
}

// changedTopics returns for which topics there is something to do, in an order: the core's inputs have one. Metadata come for every
// topic that is new, and are the same for the others: with all of them looked through, a thousand new topics cost a million looks.
func (p *Producer) changedTopics(topics map[string]*topic, cluster *client.Cluster) (names []string) {
	for name, t := range topics {
		view, meta := t.view.Load(), cluster.Topics[name]
		allLed := len(view.info.Available) == len(view.partitions)
		if meta == nil || meta != t.meta || !allLed || p.set.partitionerRack != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// idle says that no batch of the topic is without outcome, and no Send waits for room in one. Holds p.mu.
func (p *Producer) idle(t *topic) bool {
	for w := p.waiters.head; w != nil; w = w.next {
		if w.topic == t {
			return false
		}
	}
	for _, part := range t.view.Load().partitions {
		if !part.Idle() {
			return false
		}
	}
	return true
}
