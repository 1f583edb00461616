package compress_test

import (
	"errors"
	"fmt"

	"kafkaproducer/compress"
)

func ExampleAppend() {
	src := make([]byte, 10_000)
	dst := make([]byte, 0, compress.MaxSize(compress.LZ4, len(src))) // then Append allocates nothing
	enc, err := compress.Append(dst, compress.LZ4, compress.DefaultLevel, src)
	if err != nil {
		fmt.Println(err)
		return
	}
	dec, err := compress.AppendDecoded(nil, compress.LZ4, enc, 1<<20)
	fmt.Println(len(enc) < 100, len(dec), err)
	// Output: true 10000 <nil>
}

// A few bytes can decode to very many. The limit says how many are too many.
func ExampleAppendDecoded() {
	bomb, err := compress.Append(nil, compress.ZSTD, compress.DefaultLevel, make([]byte, 10_000_000))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = compress.AppendDecoded(nil, compress.ZSTD, bomb, 1<<20)
	var tooLarge *compress.TooLargeError
	fmt.Println(errors.As(err, &tooLarge), err)
	// Output: true compress: zstd data decodes to more than 1048576 bytes
}

func ExampleCheckLevel() {
	fmt.Println(compress.CheckLevel(compress.LZ4, 17))
	fmt.Println(compress.CheckLevel(compress.LZ4, 18))
	// Output:
	// <nil>
	// compress: lz4 level 18, allowed: [1,...,17]
}

func ExampleParse() {
	for _, name := range []string{"zstd", "brotli"} {
		c, err := compress.Parse(name)
		fmt.Println(c, err)
	}
	// Output:
	// zstd <nil>
	// none compress: unknown codec "brotli", allowed: none, gzip, snappy, lz4, zstd
}
