package compress_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"

	"kafkaproducer/compress"
	"kafkaproducer/internal/race"
)

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Skip("sync.Pool forgets at random under the race detector")
	}
	src := text(rand.New(rand.NewPCG(1, 2)), 64<<10)
	for c, ls := range levels {
		for _, level := range ls {
			t.Run(fmt.Sprintf("%v/%d", c, level), func(t *testing.T) {
				dst := make([]byte, 0, compress.MaxSize(c, len(src)))
				n := testing.AllocsPerRun(20, func() {
					out, err := compress.Append(dst, c, level, src)
					if err != nil || &out[0] != &dst[:1][0] {
						t.Fatal("not appended to the memory given: ", err)
					}
				})
				if n != 0 {
					t.Errorf("%v allocations, want 0", n)
				}
			})
		}
	}
}

// Encoders and decoders go from goroutine to goroutine, with no state of the one before.
func TestConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(i)))
			for range 10 {
				src := text(rnd, 1+rnd.IntN(30_000))
				for _, c := range codecs {
					level := levels[c][rnd.IntN(len(levels[c]))]
					enc, err := compress.Append(nil, c, level, src)
					if err != nil {
						t.Error(err)
						return
					}
					dec, err := compress.AppendDecoded(nil, c, enc, len(src))
					if err != nil || !bytes.Equal(dec, src) {
						t.Errorf("%v %d: decoded differs, error %v", c, level, err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

// What an input compresses to does not depend on what its encoder did before.
func TestDeterministic(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	src := text(rnd, 20_000)
	for c, ls := range levels {
		for _, level := range ls {
			var first []byte
			for range 3 {
				enc, err := compress.Append(nil, c, level, src)
				if err != nil {
					t.Fatal(err)
				}
				if first == nil {
					first = enc
				}
				if !bytes.Equal(first, enc) {
					t.Errorf("%v %d: other bytes for the same input", c, level)
				}
				if _, err := compress.Append(nil, c, level, text(rnd, 70_000)); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// Whatever has a channel in the libraries must not have been made in the
// synctest bubble of one test and be used in that of another, or in none.
func TestPoolsOutliveBubbles(t *testing.T) {
	src := text(rand.New(rand.NewPCG(1, 2)), 140_000) // more than a block of each codec
	use := func(t *testing.T) {
		for c, ls := range levels {
			for _, level := range ls {
				enc, err := compress.Append(nil, c, level, src)
				if err != nil {
					t.Fatal(err)
				}
				if dec, err := compress.AppendDecoded(nil, c, enc, len(src)); err != nil || !bytes.Equal(dec, src) {
					t.Errorf("%v %d: decoded differs, error %v", c, level, err)
				}
			}
		}
	}
	synctest.Test(t, use)
	synctest.Test(t, use)
	use(t)
}
