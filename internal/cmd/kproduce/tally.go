package main

import (
	"sync"
	"sync/atomic"
	"time"

	"kafkaproducer/producer"
)

// tally keeps account of the records of a run.
type tally struct {
	inFlight atomic.Int64                // accepted by Send, or about to be, and without outcome
	onFail   func(line int64, err error) // hears of each failed record; called by many goroutines at once

	mu         sync.Mutex // guards what follows
	records    int64      // acknowledged
	bytes      int64      // of their keys and values
	partitions []partitionTally
	latency    histogram
	failures   failures
	free       *ticket // a list
}

// partitionTally is what was acknowledged in one partition.
type partitionTally struct {
	records     int64
	first, last int64 // offsets; -1: the broker didn't say
}

// fail counts a record that Send didn't accept.
func (t *tally) fail(line int64, err error) {
	t.mu.Lock()
	t.failures.add(err)
	t.mu.Unlock()
	t.onFail(line, err)
}

// settle counts the outcome of a record that was accepted.
func (t *tally) settle(k *ticket, m producer.RecordMetadata, err error) {
	var took time.Duration
	if k.weight > 0 {
		took = time.Since(k.sent)
	}
	line := k.line
	t.mu.Lock()
	if err != nil {
		t.failures.add(err)
	} else {
		t.acknowledge(k, m)
		if k.weight > 0 {
			t.latency.add(took, k.weight)
		}
	}
	k.next, t.free = t.free, k
	t.mu.Unlock()
	t.inFlight.Add(-1)
	if err != nil {
		t.onFail(line, err)
	}
}

// acknowledge counts a record that is in its partition. Holds t.mu.
func (t *tally) acknowledge(k *ticket, m producer.RecordMetadata) {
	t.records++
	t.bytes += int64(k.bytes)
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

// partition returns what was acknowledged in a partition.
func (t *tally) partition(i int32) partitionTally {
	t.mu.Lock()
	defer t.mu.Unlock()
	if int(i) >= len(t.partitions) {
		return partitionTally{first: -1, last: -1}
	}
	return t.partitions[i]
}

// snapshot is a tally at one time.
type snapshot struct {
	records, bytes, inFlight, failed int64
}

func (t *tally) snapshot() snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	return snapshot{t.records, t.bytes, t.inFlight.Load(), t.failures.count}
}
