package load

import "fmt"

// How many different values there are; they are sent in turn. Both are prime numbers, so that a client which goes round robin over
// partitions sends all of them to each.
//
// No batch may hold a value twice, since the second is compressed to next to nothing, and a client would be the better off the longer
// its batches stay open while others fill. With the fewer values, franz-go's batches of 64 KiB took 34 bytes a record with zstd where
// the same encoder makes 37 of values that differ. Where nothing is compressed the fewer serve, since they fit into a cache.
const (
	fewValues  = 1009
	manyValues = 20_011
)

// random is Knuth's 64-bit linear congruential generator (MMIX), of which the upper bits are used: short enough to be
// written in Java again (Payload.java), which must make the same values.
type random uint64

// next returns a number below n.
func (r *random) next(n int) int {
	*r = *r*6364136223846793005 + 1442695040888963407
	return int(uint64(*r) >> 33 % uint64(n))
}

var words = []string{
	"order", "created", "paid", "shipped", "email", "service", "user", "login", "failed", "retry", "warehouse", "eu-west", "us-east",
}

// Values returns n different values, at least one, of a size that look like events in JSON, and compress about as they do.
func Values(n, size int) [][]byte {
	r := random(1)
	values := make([][]byte, max(1, n))
	for i := range values {
		b := fmt.Appendf(nil, `{"id":%d%d,"ts":17000%d`, r.next(1e9), r.next(1e9), r.next(1e8))
		for len(b) < size {
			b = fmt.Appendf(b, `,"%s":"%s-%d"`, words[r.next(len(words))], words[r.next(len(words))], r.next(1e6))
		}
		values[i] = b[:size:size]
	}
	return values
}

// Keys returns n different keys, or the only one that is none.
func Keys(n int) [][]byte {
	keys := make([][]byte, max(1, n))
	for i := range n {
		keys[i] = fmt.Appendf(nil, "user-%d", i)
	}
	return keys
}
