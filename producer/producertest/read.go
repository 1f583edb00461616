package producertest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kafkaproducer/record"
)

// Batch is a batch in a partition's log.
type Batch struct {
	record.Batch           // its header, as it was sent
	BaseOffset   int64     // in the log
	LeaderEpoch  int32     // in which it was appended
	AppendTime   time.Time // of a topic with LogAppendTime, else zero
	Bytes        []byte    // the whole batch as it was sent; not to be changed
}

// Batches returns what is in a partition's log, in order. It is nil for a partition that doesn't exist.
func (c *Cluster) Batches(topic string, partition int32) []Batch {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.findPartition(topic, partition)
	if p == nil {
		return nil
	}
	if len(p.log.batches) == 0 {
		return nil
	}
	batches := make([]Batch, 0, len(p.log.batches))
	for i := range p.log.batches {
		b := &p.log.batches[i]
		out := Batch{Batch: b.header, BaseOffset: b.baseOffset, LeaderEpoch: b.leaderEpoch, Bytes: b.bytes}
		if b.appendTime >= 0 {
			out.AppendTime = time.UnixMilli(b.appendTime)
		}
		batches = append(batches, out)
	}
	return batches
}

// Records returns the records in a partition's log as a consumer gets them: decompressed, with their offsets, and with the
// broker's time in a topic with LogAppendTime. It is nil for a partition that doesn't exist. It panics when a batch
// can't be read, which needs Options.SkipRecordValidation to get there.
func (c *Cluster) Records(topic string, partition int32) []record.Record {
	start := c.LogStartOffset(topic, partition)
	batches := c.Batches(topic, partition)
	count := 0
	for i := range batches {
		count += int(batches[i].Count)
	}
	if count == 0 {
		return nil
	}
	records := make([]record.Record, 0, count)
	for _, b := range batches {
		for r, err := range b.Batch.Records(decodedLimit) {
			if err != nil {
				panic(fmt.Sprintf("producertest: Records: batch at offset %d of %s-%d: %v", b.BaseOffset, topic, partition, err))
			}
			r.Offset += b.BaseOffset
			if !b.AppendTime.IsZero() {
				r.Timestamp = b.AppendTime.UnixMilli()
			}
			if r.Offset >= start {
				records = append(records, r)
			}
		}
	}
	return records
}

// Attempts returns the batches that came to a partition and what became of each, in order. It is nil for a
// partition that doesn't exist.
func (c *Cluster) Attempts(topic string, partition int32) []Attempt {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.findPartition(topic, partition); p != nil {
		return slices.Clone(p.attempts)
	}
	return nil
}

// LogStartOffset returns the offset of the first record in a partition's log; 0 for a partition that doesn't exist.
func (c *Cluster) LogStartOffset(topic string, partition int32) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.findPartition(topic, partition); p != nil {
		return p.log.start
	}
	return 0
}

// EndOffset returns the offset that the next record of a partition gets; 0 for a partition that doesn't exist.
func (c *Cluster) EndOffset(topic string, partition int32) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.findPartition(topic, partition); p != nil {
		return p.log.end
	}
	return 0
}

// Count returns how many records are in the logs of a topic.
func (c *Cluster) Count(topic string) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.topics[topic]
	if t == nil {
		return 0
	}
	var n int64
	for _, p := range t.partitions {
		n += p.log.end - p.log.start
	}
	return n
}

// WaitRecords waits until at least n records are in the logs of a topic, which may not exist yet. The error says how many
// there are when ctx ends, and wraps ctx's.
func (c *Cluster) WaitRecords(ctx context.Context, topic string, n int64) error {
	if err := c.Wait(ctx, func() bool { return c.Count(topic) >= n }); err != nil {
		return fmt.Errorf("%d records in %q, waited for %d: %w", c.Count(topic), topic, n, err)
	}
	return nil
}
