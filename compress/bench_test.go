package compress_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/s2"
	"github.com/pierrec/lz4/v4"

	"kafkaproducer/compress"
)

// sources are batches of 64 KiB of records such as services log, each different:
// one and the same again and again would teach the processor its branches.
func sources() [][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	words := []string{"order", "created", "paid", "shipped", "email", "service", "user", "login", "failed", "retry", "warehouse", "eu-west", "us-east"}
	word := func() string { return words[rnd.IntN(len(words))] }
	all := make([][]byte, 32)
	for i := range all {
		for len(all[i]) < 64<<10 {
			line := fmt.Appendf(nil, "\xd4\x01\x00\x00\x80\x01\x01\xc8\x01"+`{"id":%d,"ts":%d`, rnd.Int64(), 1_700_000_000_000+rnd.Int64N(1e9))
			for len(line) < 108 {
				line = fmt.Appendf(line, `,"%s":"%s-%d"`, word(), word(), rnd.IntN(1e6))
			}
			all[i] = append(all[i], line[:108]...)
		}
		all[i] = all[i][:64<<10]
	}
	return all
}

// measure reports the speed of f, the cost of a record of 108 bytes, and the size in percent.
func measure(b *testing.B, srcs [][]byte, f func(dst, src []byte) (n int)) {
	dst := make([]byte, 0, 128<<10)
	b.SetBytes(int64(len(srcs[0])))
	b.ReportAllocs()
	out, in, i := 0, 0, 0
	for b.Loop() {
		src := srcs[i%len(srcs)]
		i++
		in += len(src)
		out += f(dst, src)
	}
	b.ReportMetric(100*float64(out)/float64(in), "%size")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(in)*108, "ns/record")
}

func BenchmarkAppend(b *testing.B) {
	srcs := sources()
	for _, c := range codecs {
		for _, level := range levels[c] {
			name := fmt.Sprintf("%v/%d", c, level)
			if level == compress.DefaultLevel {
				name = c.String()
			}
			b.Run(name, func(b *testing.B) {
				measure(b, srcs, func(dst, src []byte) int {
					out, err := compress.Append(dst, c, level, src)
					if err != nil {
						b.Fatal(err)
					}
					return len(out)
				})
			})
		}
	}
}

// BenchmarkLibraries measures what was not taken beside what was (doc.go).
func BenchmarkLibraries(b *testing.B) {
	srcs := sources()
	for _, chunk := range []int{32 << 10, 64 << 10} {
		for name, encode := range map[string]func(dst, src []byte) []byte{"golang": snappy.Encode, "s2": s2.EncodeSnappy, "s2 better": s2.EncodeSnappyBetter} {
			b.Run(fmt.Sprintf("snappy/%s/%d KiB", name, chunk>>10), func(b *testing.B) {
				measure(b, srcs, func(dst, src []byte) (n int) {
					for ; len(src) > 0; src = src[min(chunk, len(src)):] {
						n += len(encode(dst[:cap(dst)], src[:min(chunk, len(src))]))
					}
					return n
				})
			})
		}
	}
	b.Run("lz4/block", func(b *testing.B) {
		var c lz4.Compressor
		measure(b, srcs, func(dst, src []byte) int {
			n, err := c.CompressBlock(src, dst[:cap(dst)])
			if err != nil {
				b.Fatal(err)
			}
			return n
		})
	})
	b.Run("lz4/writer", func(b *testing.B) {
		var buf bytes.Buffer
		w := lz4.NewWriter(&buf)
		if err := w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.ChecksumOption(false), lz4.ConcurrencyOption(1)); err != nil {
			b.Fatal(err)
		}
		measure(b, srcs, func(_, src []byte) int {
			buf.Reset()
			w.Reset(&buf)
			_, err := w.Write(src)
			if err != nil || w.Close() != nil {
				b.Fatal(err)
			}
			return buf.Len()
		})
	})
}

func BenchmarkAppendDecoded(b *testing.B) {
	srcs := sources()
	for _, c := range codecs {
		b.Run(c.String(), func(b *testing.B) {
			var encs [][]byte
			for _, src := range srcs {
				encs = append(encs, encode(b, c, src))
			}
			measure(b, encs, func(dst, enc []byte) int {
				out, err := compress.AppendDecoded(dst, c, enc, 64<<10)
				if err != nil {
					b.Fatal(err)
				}
				return len(out)
			})
		})
	}
}
