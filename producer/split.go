package producer

import (
	"math"

	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// What divides a closed batch. The new batches may take memory beyond buffer.memory for the moment: the old one holds as much and
// is given back at once, or as soon as its callbacks have run.

// split divides a batch that a broker finds too large into two with half of the records each, and hands them its
// callbacks. Later batches of the topic are not made as large, as long as the topic is in use. nil if its bytes can't be read,
// which can't be. Holds p.mu.
func (p *Producer) split(b *batch) []*delivery.Batch {
	records := p.recordsOf(b)
	if len(records) < 2 {
		return nil
	}
	b.part.topic.largest = min(b.part.topic.largest, b.Size/2)
	middle := len(records) / 2
	first, second := p.part(b, records[:middle]), p.part(b, records[middle:])
	divide(b.receipts, b.Count, func(i int) *[]receipt {
		if i < middle {
			return &first.receipts
		}
		return &second.receipts
	})
	p.memory.refund(b.charged)
	b.part.hold(-b.charged)
	b.charged, b.told = 0, true // nobody hears of b itself
	return []*delivery.Batch{p.complete(first), p.complete(second)}
}

// sift leaves b with the callbacks of the records that errors name, and returns a batch of the others; nil if it can't be done.
// The errors come back with the indexes that their records have now. The bytes of b are of no use any more. Holds p.mu.
func (p *Producer) sift(b *batch, errors []protocol.BatchIndexAndErrorMessage) (*delivery.Batch, []protocol.BatchIndexAndErrorMessage) {
	records := p.recordsOf(b)
	of := make([]*protocol.BatchIndexAndErrorMessage, len(records)) // the error of each record
	for i := range errors {
		if at := errors[i].BatchIndex; at >= 0 && int(at) < len(of) {
			of[at] = &errors[i]
		}
	}
	var healthy []record.Record
	var guilty []protocol.BatchIndexAndErrorMessage
	for i, e := range of {
		if e == nil {
			healthy = append(healthy, records[i])
			continue
		}
		guilty = append(guilty, protocol.BatchIndexAndErrorMessage{
			BatchIndex: int32(len(guilty)), BatchIndexErrorMessage: e.BatchIndexErrorMessage})
	}
	if len(healthy) == 0 || len(guilty) == 0 {
		return nil, errors
	}
	rest := p.part(b, healthy)
	var left []receipt
	divide(b.receipts, b.Count, func(i int) *[]receipt {
		if of[i] == nil {
			return &rest.receipts
		}
		return &left
	})
	b.receipts, b.Count = left, int32(len(guilty))
	return p.complete(rest), guilty
}

// recordsOf reads a closed batch; nil if its bytes can't be read, which can't be.
func (p *Producer) recordsOf(b *batch) []record.Record {
	whole, _, err := record.ParseBatch(b.builder.Bytes())
	if err != nil {
		return nil
	}
	var records []record.Record
	for r, err := range whole.Records(int(min(int64(p.set.batchSize)+int64(p.set.maxRequestSize), math.MaxInt))) {
		if err != nil {
			return nil
		}
		records = append(records, r)
	}
	return records
}

// part returns a batch of some records of b, without callbacks.
func (p *Producer) part(b *batch, records []record.Record) *batch {
	part := p.allocate(b.part, record.BatchSize(records), 0, math.MaxInt64-p.memory.limit) // see above: never refused
	for i := range records {
		r := &records[i]
		part.builder.Append(r.Timestamp, r.Key, r.Value, r.Headers)
	}
	return part
}

// complete makes a part with its callbacks the core's.
func (p *Producer) complete(part *batch) *delivery.Batch {
	more := part.cost() - part.charged
	part.charged += more
	part.part.hold(more)
	p.memory.used += more
	part.measure()
	return &part.Batch
}

// divide hands the callback of each of count records to the list that to names for the record.
func divide(all []receipt, count int32, to func(i int) *[]receipt) {
	held := map[*[]receipt]int32{} // records of each list
	for i, r := range all {
		end := behind(all, i, count)
		for index := r.first; index < end; index++ {
			list := to(int(index))
			last := len(*list) - 1
			if last < 0 || (*list)[last].timestamp != r.timestamp || !sameCallback((*list)[last].done, r.done) {
				*list = append(*list, receipt{r.done, r.timestamp, held[list]})
			}
			held[list]++
		}
	}
}
