package compress_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"kafkaproducer/compress"
	"kafkaproducer/internal/race"
)

// codecs are all that compress something.
var codecs = []compress.Codec{compress.Gzip, compress.Snappy, compress.LZ4, compress.ZSTD}

// levels are levels of each kind that a codec distinguishes.
var levels = map[compress.Codec][]int{
	compress.None:   {compress.DefaultLevel},
	compress.Gzip:   {compress.DefaultLevel, -1, 1, 6, 9},
	compress.Snappy: {compress.DefaultLevel},
	compress.LZ4:    {compress.DefaultLevel, 1, 3, 8, 9, 10, 17},
	compress.ZSTD:   {compress.DefaultLevel, -131072, -1, 0, 1, 3, 6, 10, 22},
}

// Inputs by name: what compresses well, what does not, and lengths around the
// sizes of blocks and windows.
func inputs() map[string][]byte {
	rnd := rand.New(rand.NewChaCha8([32]byte{1}))
	in := map[string][]byte{
		"empty":         {},
		"one byte":      {42},
		"zeros 200,000": make([]byte, 200_000),
	}
	for _, n := range []int{100, 32 << 10, 32<<10 + 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 128 << 10, 128<<10 + 1, 1<<20 + 17} {
		if race.Enabled && n > 1<<20 {
			continue // one goroutine after the other works on it: a minute, for nothing that shows only then
		}
		noise := make([]byte, n)
		for i := range noise {
			noise[i] = byte(rnd.Uint32())
		}
		in[fmt.Sprintf("noise %d", n)] = noise
		in[fmt.Sprintf("text %d", n)] = text(rnd, n)
	}
	return in
}

// text returns n bytes of lines like those of a log.
func text(rnd *rand.Rand, n int) []byte {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, `{"user":%d,"action":"view","path":"/item/%d","ok":true}`+"\n", rnd.IntN(1000), rnd.IntN(100_000))
	}
	return b.Bytes()[:n]
}

func encode(tb testing.TB, c compress.Codec, src []byte) []byte {
	tb.Helper()
	enc, err := compress.Append(nil, c, compress.DefaultLevel, src)
	if err != nil {
		tb.Fatal(err)
	}
	return enc
}

func TestRoundTrip(t *testing.T) {
	for name, src := range inputs() {
		for c, ls := range levels {
			if len(src) > 70_000 || race.Enabled && len(src) > 1000 {
				ls = ls[:1] // the highest levels would take long
			}
			for _, level := range ls {
				t.Run(fmt.Sprintf("%v/%d/%s", c, level, name), func(t *testing.T) {
					prefix := []byte("before")
					enc, err := compress.Append(bytes.Clone(prefix), c, level, src)
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.HasPrefix(enc, prefix) {
						t.Fatal("Append changed what was there before")
					}
					enc = enc[len(prefix):]
					if most := compress.MaxSize(c, len(src)); len(enc) > most {
						t.Errorf("%d bytes became %d, MaxSize says at most %d", len(src), len(enc), most)
					}
					dec, err := compress.AppendDecoded(bytes.Clone(prefix), c, enc, len(src))
					if err != nil {
						t.Fatal(err)
					}
					if !bytes.Equal(dec, append(prefix, src...)) {
						t.Fatal("decoded differs")
					}
				})
			}
		}
	}
}

// A decoder stops at the limit: one byte less than the data has is too little.
func TestLimit(t *testing.T) {
	for name, src := range inputs() {
		if len(src) == 0 {
			continue
		}
		for c := range levels {
			t.Run(fmt.Sprintf("%v/%s", c, name), func(t *testing.T) {
				enc := encode(t, c, src)
				for _, limit := range []int{0, 1, len(src) / 2, len(src) - 1} {
					if limit >= len(src) {
						continue
					}
					dec, err := compress.AppendDecoded([]byte("before"), c, enc, limit)
					var tooLarge *compress.TooLargeError
					if !errors.As(err, &tooLarge) || tooLarge.Limit != limit || tooLarge.Codec != c {
						t.Fatalf("limit %d: error %v, want a TooLargeError", limit, err)
					}
					if string(dec) != "before" {
						t.Errorf("limit %d: %d bytes came back, want those from before", limit, len(dec))
					}
				}
			})
		}
	}
}

// The largest number there is means no limit.
func TestNoLimit(t *testing.T) {
	src := []byte("kafka kafka kafka")
	for c := range levels {
		if dec, err := compress.AppendDecoded(nil, c, encode(t, c, src), math.MaxInt); err != nil || !bytes.Equal(dec, src) {
			t.Errorf("%v: %q, error %v", c, dec, err)
		}
	}
}

func TestCheckLevel(t *testing.T) {
	tests := []struct {
		codec   compress.Codec
		level   int
		allowed string // empty: fine
	}{
		{compress.None, compress.DefaultLevel, ""},
		{compress.None, 1, "no level: the codec has none"},
		{compress.Snappy, 0, "no level: the codec has none"},
		{compress.Gzip, -1, ""},
		{compress.Gzip, 1, ""},
		{compress.Gzip, 9, ""},
		{compress.Gzip, 0, "[1,...,9] or -1"},
		{compress.Gzip, 10, "[1,...,9] or -1"},
		{compress.Gzip, -2, "[1,...,9] or -1"},
		{compress.LZ4, 1, ""},
		{compress.LZ4, 17, ""},
		{compress.LZ4, 0, "[1,...,17]"},
		{compress.LZ4, 18, "[1,...,17]"},
		{compress.ZSTD, -131072, ""},
		{compress.ZSTD, 22, ""},
		{compress.ZSTD, -131073, "[-131072,...,22]"},
		{compress.ZSTD, 23, "[-131072,...,22]"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%v %d", tt.codec, tt.level), func(t *testing.T) {
			err := compress.CheckLevel(tt.codec, tt.level)
			_, appendErr := compress.Append(nil, tt.codec, tt.level, []byte("x"))
			if fmt.Sprint(err) != fmt.Sprint(appendErr) {
				t.Errorf("CheckLevel says %v, Append %v", err, appendErr)
			}
			if tt.allowed == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var levelErr *compress.LevelError
			if !errors.As(err, &levelErr) || levelErr.Codec != tt.codec || levelErr.Level != tt.level || levelErr.Allowed() != tt.allowed {
				t.Errorf("error %v, want a LevelError that allows %s", err, tt.allowed)
			}
			if want := tt.codec.String() + " level"; !strings.Contains(err.Error(), want) {
				t.Errorf("error %q does not say %q", err, want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	for id, name := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		c, err := compress.Parse(name)
		if err != nil || c != compress.Codec(id) || c.String() != name || !c.Known() {
			t.Errorf("Parse(%q) = %d %q, %v; want %d", name, c, c, err, id)
		}
		text, err := c.MarshalText()
		if err != nil || string(text) != name {
			t.Errorf("MarshalText of %v = %q, %v", c, text, err)
		}
		var back compress.Codec = -1
		if err := back.UnmarshalText(text); err != nil || back != c {
			t.Errorf("UnmarshalText(%q) = %v, %v", text, back, err)
		}
	}
	var unknown *compress.UnknownError
	for _, name := range []string{"", "GZIP", "zip", "lz4 "} {
		if _, err := compress.Parse(name); !errors.As(err, &unknown) || unknown.Name != name {
			t.Errorf("Parse(%q): error %v, want an UnknownError", name, err)
		}
	}
	for _, c := range []compress.Codec{-1, 5, 7} {
		if c.Known() {
			t.Errorf("%v is known", c)
		}
		if _, err := c.MarshalText(); !errors.As(err, &unknown) {
			t.Errorf("MarshalText of %d: error %v", int8(c), err)
		}
		if _, err := compress.Append(nil, c, compress.DefaultLevel, nil); !errors.As(err, &unknown) {
			t.Errorf("Append with %d: error %v", int8(c), err)
		}
		if _, err := compress.AppendDecoded(nil, c, nil, 1); !errors.As(err, &unknown) {
			t.Errorf("AppendDecoded with %d: error %v", int8(c), err)
		}
	}
}
