package main

import "strconv"

// The records of a run: goroutine g sends as its n-th the one with this key and value. Numbers.java has the same, and
// takes what it reads for a record of ours only when key and value are exactly these.

const (
	keys    = 1000
	padding = 150
)

// appendKey appends the key, unless it is null: for each fourth record, so that the producer chooses its partition.
func appendKey(b []byte, g, n int) (key []byte, keyed bool) {
	if n%4 == 3 {
		return b, false
	}
	return strconv.AppendInt(append(b, 'k'), (int64(n)*7919+int64(g))%keys, 10), true
}

// appendValue appends the value, "g n key padding.".
func appendValue(b []byte, g, n int) []byte {
	b = append(strconv.AppendInt(b, int64(g), 10), ' ')
	b = append(strconv.AppendInt(b, int64(n), 10), ' ')
	b, keyed := appendKey(b, g, n)
	if !keyed {
		b = append(b, '-')
	}
	b = append(b, ' ')
	for range n * 31 % padding {
		b = append(b, 'x')
	}
	return append(b, '.')
}
