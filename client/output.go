package client

import "kafkaproducer/protocol"

// output is what the holder of a connection's token needs to encode and write. Everything is used again: in steady
// state nothing is allocated.
type output struct {
	inline      *inlineWriter    // nil: callers never write
	gather      *gatherWriter    // nil: a write is in one piece
	correlation int32            // of the next request
	frames      []protocol.Frame // storage for the requests of one write
	flight      []inflight       // the requests of the write that is going on; the i-th is in frames[i]
	size        int              // its bytes
	scratch     []byte           // frames in one piece
	pieces      [][]byte
	batch       []*Call // taken from the queue for this write
	taken       int     // how much of scratch the socket took from a caller
}

// frame returns storage for the next request of the write. It is valid until frame is called again.
func (o *output) frame() *protocol.Frame {
	i := len(o.flight)
	if i == len(o.frames) {
		o.frames = append(o.frames, protocol.Frame{})
	}
	return &o.frames[i]
}

// add takes a request whose frame is encoded into the write.
func (o *output) add(e inflight, f *protocol.Frame) {
	o.flight = append(o.flight, e)
	o.size += f.Len()
}

// contiguous lays the requests of the write out in one piece.
func (o *output) contiguous() []byte {
	o.scratch = o.scratch[:0]
	for i := range o.flight {
		o.scratch = o.frames[i].AppendTo(o.scratch)
	}
	return o.scratch
}

// piecewise lays the requests of the write out as pieces.
func (o *output) piecewise() [][]byte {
	o.pieces = o.pieces[:0]
	for i := range o.flight {
		o.pieces = o.frames[i].Pieces(o.pieces)
	}
	return o.pieces
}

// begun is how many requests of the write have left, at least in part, when n bytes have.
func (o *output) begun(n int64) int {
	at := int64(0)
	for i := range o.flight {
		if at >= n {
			return i
		}
		at += int64(o.frames[i].Len())
	}
	return len(o.flight)
}

// unsent is how many requests in the window have not left, when only the first begun of the write have.
func (o *output) unsent(begun int) (n int) {
	for _, e := range o.flight[begun:] {
		if !e.silent {
			n++
		}
	}
	return n
}

// reset forgets the write. Frames hold on to the records of their requests until they are used again.
func (o *output) reset() {
	clear(o.flight)
	clear(o.pieces)
	o.flight, o.pieces = o.flight[:0], o.pieces[:0]
	o.size, o.taken = 0, 0
	if cap(o.scratch) > scratchKept {
		o.scratch = nil
	}
}
