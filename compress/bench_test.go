package compress_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"kafkaproducer/compress"
)

func BenchmarkAppend(b *testing.B) {
	src := text(rand.New(rand.NewChaCha8([32]byte{1})), 64<<10)
	for _, c := range codecs {
		for _, level := range levels[c] {
			name := fmt.Sprintf("%v/%d", c, level)
			if level == compress.DefaultLevel {
				name = c.String()
			}
			b.Run(name, func(b *testing.B) {
				dst := make([]byte, 0, compress.MaxSize(c, len(src)))
				b.SetBytes(int64(len(src)))
				b.ReportAllocs()
				n := 0
				for b.Loop() {
					out, err := compress.Append(dst, c, level, src)
					if err != nil {
						b.Fatal(err)
					}
					n = len(out)
				}
				b.ReportMetric(float64(n)/float64(len(src))*100, "%size")
			})
		}
	}
}

func BenchmarkAppendDecoded(b *testing.B) {
	src := text(rand.New(rand.NewChaCha8([32]byte{1})), 64<<10)
	for _, c := range codecs {
		b.Run(c.String(), func(b *testing.B) {
			enc, err := compress.Append(nil, c, compress.DefaultLevel, src)
			if err != nil {
				b.Fatal(err)
			}
			dst := make([]byte, 0, 2*len(src))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compress.AppendDecoded(dst, c, enc, len(src)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
