package main

import (
	"sync"
	"time"

	"kafkaproducer/producer"
)

// tally keeps account of outcomes.
type tally struct {
	onFail func(*block, error) // hears of each failed record; called by many goroutines at once

	mu         sync.Mutex // guards what follows
	records    int64      // acknowledged
	refused    int64      // failed without having been accepted by Send
	partitions []partitionTally
	latency    histogram
	failures   failures
}

// partitionTally is what was acknowledged in one partition.
type partitionTally struct {
	records     int64
	first, last int64 // offsets; -1: the broker didn't say
}

// refuse counts a record that was not accepted.
func (t *tally) refuse(b *block, err error) {
	t.mu.Lock()
	t.refused++
	t.failures.add(err)
	t.mu.Unlock()
	t.onFail(b, err)
}

// settle counts the outcome of a record that was accepted, and how long it took unless that is negative.
func (t *tally) settle(b *block, took time.Duration, m producer.RecordMetadata, err error) {
	t.mu.Lock()
	if err != nil {
		t.failures.add(err)
	} else {
		t.acknowledge(m)
		if took >= 0 {
			t.latency.add(took, b.size)
		}
	}
	t.mu.Unlock()
	if err != nil {
		t.onFail(b, err)
	}
}

// acknowledge counts a record that is in its partition. Holds t.mu.
func (t *tally) acknowledge(m producer.RecordMetadata) {
	t.records++
	for int(m.Partition) >= len(t.partitions) {
		t.partitions = append(t.partitions, partitionTally{first: -1, last: -1})
	}
	p := &t.partitions[m.Partition]
	p.records++
	if m.Offset < 0 {
		return
	}
	if p.first < 0 {
		p.first = m.Offset
	}
	p.last = m.Offset
}

// failed returns how many records failed.
func (t *tally) failed() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failures.count
}

// partition returns what was acknowledged in a partition.
func (t *tally) partition(i int32) partitionTally {
	t.mu.Lock()
	defer t.mu.Unlock()
	if int(i) >= len(t.partitions) {
		return partitionTally{first: -1, last: -1}
	}
	return t.partitions[i]
}
