package producer

import (
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/record"
)

// split divides a batch that a broker finds too large into two with half of the records each, and hands them its
// callbacks. nil if its bytes can't be read, which can't be. Holds p.mu.
//
// The halves may take memory beyond buffer.memory for the moment: b holds as much and is given back at once.
func (p *Producer) split(b *batch) []*delivery.Batch {
	limit := p.set.batchSize + p.set.maxRequestSize
	whole, _, err := record.ParseBatch(b.builder.Bytes())
	if err != nil {
		return nil
	}
	var records []record.Record
	for r, err := range whole.Records(limit) {
		if err != nil {
			return nil
		}
		records = append(records, r)
	}
	middle := len(records) / 2
	parts := []*batch{p.part(b, records[:middle]), p.part(b, records[middle:])}
	shareReceipts(b.receipts, parts, int32(middle))
	p.memory.refund(b.charged)
	b.charged, b.told = 0, true // nobody hears of b itself
	out := make([]*delivery.Batch, len(parts))
	for i, part := range parts {
		part.charged += int64(cap(part.receipts)) * receiptCost
		p.memory.used += int64(cap(part.receipts)) * receiptCost
		part.measure()
		out[i] = &part.Batch
	}
	return out
}

// part returns a closed batch of some records of b.
func (p *Producer) part(b *batch, records []record.Record) *batch {
	need := record.BatchHeaderSize
	for i := range records {
		need += record.MaxSize(records[i].Key, records[i].Value, records[i].Headers)
	}
	part := p.allocate(b.part, need, 0, int64(need)+batchCost+p.memory.limit) // see split: never refused
	for i := range records {
		r := &records[i]
		part.builder.Append(r.Timestamp, r.Key, r.Value, r.Headers)
	}
	return part
}

// shareReceipts gives the first n records' callbacks to the first part, the others to the second.
func shareReceipts(all []receipt, parts []*batch, n int32) {
	to := parts[0]
	for _, r := range all {
		if to == parts[0] && r.records > n {
			if n > 0 {
				to.receipts = append(to.receipts, receipt{r.done, r.timestamp, n})
			}
			r.records -= n
			to = parts[1]
		}
		to.receipts = append(to.receipts, r)
		if to == parts[0] {
			if n -= r.records; n == 0 {
				to = parts[1]
			}
		}
	}
}
