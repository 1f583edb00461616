package protocol

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// element is a struct whose pointer has a walk.
type element[T any] interface {
	*T
	walk(*Coder)
}

// array walks an array that can't be null, so that nil is written as empty. Decoding keeps the slice's storage and what
// its elements hold.
func array[T any, P element[T]](c *Coder, s *[]T) {
	if !c.decoding {
		c.putLength(len(*s), s)
		walkAll[T, P](c, *s)
	} else {
		fill[T, P](c, s, c.requiredCount(s))
	}
}

// nullableArray walks an array that may be null, which is nil, unlike an empty one.
func nullableArray[T any, P element[T]](c *Coder, s *[]T) {
	switch {
	case !c.decoding && *s == nil:
		c.putLength(-1, s)
	case !c.decoding:
		c.putLength(len(*s), s)
		walkAll[T, P](c, *s)
	default:
		n := c.count(s)
		if n < 0 {
			*s = nil
			return
		}
		if *s == nil {
			*s = []T{}
		}
		fill[T, P](c, s, n)
	}
}

func walkAll[T any, P element[T]](c *Coder, s []T) {
	for i := range s {
		P(&s[i]).walk(c)
	}
}

func fill[T any, P element[T]](c *Coder, s *[]T, n int) {
	*s = (*s)[:0]
	for i := 0; i < n && c.err == nil; i++ {
		*s = extend(c, *s, n)
		P(&(*s)[i]).walk(c)
	}
}

// count reads the length of an array; -1 is null. Every element takes a byte at least.
func (c *Coder) count(field any) int {
	n := c.length(field)
	if left := c.end - c.pos; n < -1 || n > left {
		c.fail(field, &lengthError{Length: int64(n), Max: int64(left)})
		return 0
	}
	return n
}

// requiredCount is count where the array can't be null; 0 when it fails.
func (c *Coder) requiredCount(field any) int {
	n := c.count(field)
	if n < 0 {
		c.fail(field, errNull)
		return 0
	}
	return n
}

// countSlack is how many bytes of storage an array's count may claim for each byte that is there to fill it. An element
// of Kafka's takes about three times its wire size in memory, so that honest counts get their storage at once.
const countSlack = 4

// extend makes s one element longer, whatever the storage held there before, on the way to n elements. A count alone
// is not trusted with more storage than the bytes that are left make likely: beyond that storage follows the elements
// that have been decoded.
func extend[T any](c *Coder, s []T, n int) []T {
	i := len(s)
	if i == cap(s) {
		var t T
		likely := countSlack * (c.end - c.pos) / int(unsafe.Sizeof(t))
		s = slices.Grow(s, max(1, min(n-i, likely)))
	}
	return s[:i+1]
}

// int32s walks an array of int32 that can't be null.
func (c *Coder) int32s(s *[]int32) {
	if !c.decoding {
		c.putLength(len(*s), s)
		for _, v := range *s {
			c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(v))
		}
		return
	}
	n := c.requiredCount(s)
	if left := c.end - c.pos; n > left/4 {
		c.fail(s, &shortError{Need: 4 * int64(n), Left: left})
		*s = (*s)[:0]
		return
	}
	b := c.take(4*n, s)
	values := slices.Grow((*s)[:0], n)[:n]
	for i := range values {
		values[i] = int32(binary.BigEndian.Uint32(b[4*i:]))
	}
	*s = values
}

// strings walks an array of strings that can't be null.
func (c *Coder) strings(s *[]string) {
	if !c.decoding {
		c.putLength(len(*s), s)
		for i := range *s {
			c.string(&(*s)[i])
		}
		return
	}
	n := c.requiredCount(s)
	*s = (*s)[:0]
	for i := 0; i < n && c.err == nil; i++ {
		*s = extend(c, *s, n)
		c.string(&(*s)[i])
	}
}
