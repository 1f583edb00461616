package delivery

import (
	"slices"

	"kafkaproducer/protocol"
)

// payload is what a test's batch holds: records of those that were sent as one batch, by index.
type payload struct {
	name        string
	part, batch int // which partition it was sent to, and which batch of that
	records     []int32
	withdrawn   int32 // the record that is not to be sent; -1: none
}

// newPayload holds n records.
func newPayload(name string, part, batch int, n int32) *payload {
	h := &payload{name: name, part: part, batch: batch, withdrawn: -1}
	for i := range n {
		h.records = append(h.records, i)
	}
	return h
}

// partOf returns a batch of some records of b.
func partOf(b *Batch, name string, records []int32) *Batch {
	h := b.Owner.(*payload)
	n := int32(len(records))
	return &Batch{Partition: b.Partition, Owner: &payload{h.name + name, h.part, h.batch, records, -1}, Count: n, Size: 100 * int(n)}
}

func (h *payload) String() string { return h.name }

// halve makes the two halves of a batch.
func halve(b *Batch) []*Batch {
	records := b.Owner.(*payload).records
	half := len(records) / 2
	return []*Batch{partOf(b, ".1", records[:half]), partOf(b, ".2", records[half:])}
}

// withdraw takes a record of a batch back.
func withdraw(b *Batch, record int32) {
	b.Owner.(*payload).withdrawn = record
	b.Trim = true
}

// trim takes out of b what was withdrawn.
func trim(b *Batch) bool {
	h := b.Owner.(*payload)
	h.records = slices.DeleteFunc(slices.Clone(h.records), func(i int32) bool { return i == h.withdrawn })
	b.Trim, b.Count, b.Size = false, int32(len(h.records)), 100*len(h.records)
	return b.Count > 0
}

// sift leaves b with the records that errors name, if there are others, which it returns.
func sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	h := b.Owner.(*payload)
	var guilty, healthy []int32
	for i, record := range h.records {
		if slices.ContainsFunc(errors, func(e protocol.BatchIndexAndErrorMessage) bool { return e.BatchIndex == int32(i) }) {
			guilty = append(guilty, record)
		} else {
			healthy = append(healthy, record)
		}
	}
	if len(guilty) == 0 || len(healthy) == 0 {
		return nil, errors
	}
	rest := partOf(b, ".rest", healthy)
	h.records, b.Count, b.Size = guilty, int32(len(guilty)), 100*len(guilty)
	for i := range errors {
		errors[i].BatchIndex = int32(i)
	}
	return rest, errors
}

func nameOf(b *Batch) string { return b.Owner.(*payload).name }
