package delivery

import (
	"encoding/binary"
	"fmt"

	"kafkaproducer/protocol"
)

// packer takes the state of something apart into values, or puts it together from them: each layout is written once, in a method
// walk that does both. What is taken apart is not written to: a connection may be reading a batch's numbers.
type packer struct {
	values []int64
	from   *Core // whose nodes the values name; nil: take apart
	bad    bool  // a value is not what it can be
}

// num is an integer.
func num[T ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint64](f *packer, x *T) {
	if f.from == nil {
		f.values = append(f.values, int64(*x))
		return
	}
	v := f.take()
	*x = T(v)
	f.bad = f.bad || int64(*x) != v
}

func (f *packer) take() int64 {
	if len(f.values) == 0 {
		f.bad = true
		return 0
	}
	v := f.values[0]
	f.values = f.values[1:]
	return v
}

func (f *packer) flag(x *bool) {
	n := bit(*x)
	if num(f, &n); f.from == nil {
		return
	}
	*x = n == 1
	f.bad = f.bad || n < 0 || n > 1
}

func (f *packer) err(x *error) {
	if f.from == nil {
		f.values = append(f.values, errorValue(*x))
		return
	}
	*x = errorOf(f.take())
}

// errorOf returns an error that has v for its value.
func errorOf(v int64) error {
	code := protocol.ErrorCode(v >> 2)
	switch v & 3 {
	case codeError:
		return code
	case withinError:
		return fmt.Errorf("%w: %w", errUntold, code)
	case otherError:
		return errUntold
	}
	return nil
}

func (f *packer) uuid(x *protocol.UUID) {
	high, low := binary.BigEndian.Uint64(x[:8]), binary.BigEndian.Uint64(x[8:])
	num(f, &high)
	if num(f, &low); f.from == nil {
		return
	}
	binary.BigEndian.PutUint64(x[:8], high)
	binary.BigEndian.PutUint64(x[8:], low)
}

func (f *packer) order(x *order) {
	num(f, &x.serial)
	num(f, &x.part)
}

func (f *packer) id(x *producerID) {
	num(f, &x.id)
	num(f, &x.epoch)
	f.flag(&x.given)
}

// node is a node by its id, which must have been described before.
func (f *packer) node(x **node) {
	known, id := *x != nil, NoLeader
	if known {
		id = (*x).id
	}
	f.flag(&known)
	num(f, &id)
	if f.from == nil || !known {
		return
	}
	*x = f.from.nodes[id]
	f.bad = f.bad || *x == nil
}
