package load

import "fmt"

// variants is how many different values there are; they are sent in turn. It is a prime number, so that a client which goes round
// robin over partitions sends all of them to each, and doesn't find the same few in every batch that it compresses.
const variants = 1009

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

// Values returns values of a size that look like events in JSON, and compress about as they do.
func Values(size int) [][]byte {
	r := random(1)
	values := make([][]byte, variants)
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
