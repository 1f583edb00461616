package client

import "encoding/binary"

const (
	// inboxFirst is the storage an inbox begins with: enough for the answers of brokers that have not much to say.
	inboxFirst = 1 << 10
	// inboxSize is what it grows to, and comes back to, where reads fill it: many answers a read.
	inboxSize = 16 << 10
	// inboxKept is the largest storage that is kept when it is empty.
	inboxKept = 256 << 10
	// sizeField is the length in front of every frame.
	sizeField = 4
	// minFrame is the size of the smallest frame: a correlation id.
	minFrame = 4
)

// inbox takes the bytes of a connection and gives out whole frames. Its storage grows only as bytes arrive: at most
// to twice what has been received of the frame in the making, whatever length the peer announced.
type inbox struct {
	buf   []byte
	r, w  int // buf[r:w] has been received and not given out
	limit int // of a frame, without its size field
}

// space returns where the next bytes belong; it is never empty.
func (b *inbox) space() []byte {
	if b.r == b.w {
		filled := b.w == len(b.buf)
		b.r, b.w = 0, 0
		switch {
		case b.buf == nil:
			b.buf = make([]byte, inboxFirst)
		case len(b.buf) > inboxKept:
			b.buf = make([]byte, inboxSize)
		case filled && len(b.buf) < inboxSize:
			b.buf = make([]byte, 2*len(b.buf))
		}
	}
	if b.w == len(b.buf) {
		if b.r >= len(b.buf)/2 { // the frames before have made room
			b.w = copy(b.buf, b.buf[b.r:b.w])
			b.r = 0
		} else {
			grown := make([]byte, 2*len(b.buf))
			b.w = copy(grown, b.buf[b.r:b.w])
			b.buf, b.r = grown, 0
		}
	}
	return b.buf[b.w:]
}

// filled says that n bytes were put into space.
func (b *inbox) filled(n int) { b.w += n }

// next gives out a frame, without its size field; nil: it has not arrived whole. The frame is valid until the next
// call of space.
func (b *inbox) next() ([]byte, error) { return b.frame(minFrame) }

// frame is next for frames of at least so many bytes.
func (b *inbox) frame(least int) ([]byte, error) {
	have := b.buf[b.r:b.w]
	if len(have) < sizeField {
		return nil, nil
	}
	size := int64(int32(binary.BigEndian.Uint32(have)))
	if size < int64(least) || size > int64(b.limit) {
		return nil, &FrameSizeError{Size: size, Limit: b.limit}
	}
	if int64(len(have)) < sizeField+size {
		return nil, nil
	}
	end := sizeField + int(size)
	b.r += end
	return have[sizeField:end], nil
}

// pending returns the bytes received and not given out.
func (b *inbox) pending() []byte { return b.buf[b.r:b.w] }
