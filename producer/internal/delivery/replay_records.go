package delivery

import "kafkaproducer/protocol"

// What was decided while the core handled an input: the core must ask for it in the same order.

// decided returns the next answer, which must be to the given question about b.
func (r *player) decided(o op, b *Batch) *packer {
	asks := entry{op: o, values: []int64{int64(b.number)}}
	if len(r.asked) == 0 {
		panic(&Divergence{r.log[r.input].line, r.log[r.input].String(), asks.String()})
	}
	e := r.asked[0]
	if r.asked = r.asked[1:]; e.op != o || e.values[0] != int64(b.number) {
		panic(&Divergence{e.line, e.String(), asks.String()})
	}
	return &packer{values: e.values[1:], from: r.core}
}

// Close implements Records.
func (r *player) Close(b *Batch) {
	f := r.decided(opClosed, b)
	num(f, &b.Count)
	num(f, &b.Size)
}

// Trim implements Records.
func (r *player) Trim(b *Batch) bool {
	f := r.decided(opTrimmed, b)
	left := f.take() == 1
	num(f, &b.Count)
	num(f, &b.Size)
	b.Trim = false
	return left
}

// Split implements Records.
func (r *player) Split(b *Batch) []*Batch {
	f := r.decided(opSplit, b)
	f.take()
	return r.divided(f, b)
}

// Sift implements Records.
func (r *player) Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage) {
	f := r.decided(opSifted, b)
	num(f, &b.Count)
	if parts := r.divided(f, b); len(parts) == 1 {
		return parts[0], errors
	}
	return nil, errors
}

// divided returns the batches that b is divided into.
func (r *player) divided(f *packer, b *Batch) []*Batch {
	var parts []*Batch
	for len(f.values) > 0 {
		q := &Batch{Partition: b.Partition}
		num(f, &q.number)
		num(f, &q.Count)
		num(f, &q.Size)
		if r.know(q) {
			parts = append(parts, q)
		}
	}
	return parts
}

// pin pins all batches of p but those that are to be moved.
func (r *player) pin(p *Partition) {
	asked := map[int64]bool{}
	for _, e := range r.asked {
		asked[e.values[0]] = asked[e.values[0]] || e.op == opMoved
	}
	for b := p.queue.head; b != nil; b = p.queue.next(b) {
		b.Pinned = !asked[int64(b.number)]
	}
}

// move is what Evacuate's caller decided.
func (r *player) move(b *Batch) *Partition {
	return r.parts[r.decided(opMoved, b).take()]
}
