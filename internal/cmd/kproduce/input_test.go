package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// gather returns what chunks hold, with lines that were passed over as "<n>", and checks that every chunk ends with a line.
func gather(t *testing.T, r io.Reader, size, limit int) string {
	t.Helper()
	var out strings.Builder
	in := readInput(t.Context(), r, size, limit)
	open := false
	for c := range in.full {
		switch {
		case open:
			t.Error("a chunk comes after one without a line end")
		case c.tooLong > 0:
			fmt.Fprintf(&out, "<%d>\n", c.tooLong)
		default:
			open = !bytes.HasSuffix(c.lines, []byte("\n"))
			out.Write(c.lines)
		}
		in.done(c)
	}
	if in.err != nil {
		t.Error(in.err)
	}
	return out.String()
}

func TestInput(t *testing.T) {
	const size = 64
	long := strings.Repeat("x", 5*size)
	many := strings.Repeat(strings.Repeat("y", 20)+"\n", 50)
	const whole = 10 * size
	tests := []struct {
		name, input string
		limit       int
		want        string // empty: as the input
	}{
		{"nothing", "", whole, ""},
		{"only an end", "\n", whole, ""},
		{"no last end", "a\n\nb", whole, ""},
		{"more than a chunk", many, whole, ""},
		{"a line of several chunks", "a\n" + long + "\nb\n" + long, whole, ""},
		{"a line that is too long", "a\n" + long + "\nb\n", size, fmt.Sprintf("a\n<%d>\nb\n", len(long))},
		{"two that are too long", long + "\n" + long + "x\nb", size, fmt.Sprintf("<%d>\n<%d>\nb", len(long), len(long)+1)},
		{"too long at the end", "a\n" + long, size, fmt.Sprintf("a\n<%d>\n", len(long))},
		{"lines after one that is too long", long + "\n" + many, size, fmt.Sprintf("<%d>\n%s", len(long), many)},
	}
	for _, test := range tests {
		want := test.want
		if want == "" {
			want = test.input
		}
		readers := map[string]io.Reader{
			"at once":             strings.NewReader(test.input),
			"half of what fits":   iotest.HalfReader(strings.NewReader(test.input)),
			"a byte at a time":    iotest.OneByteReader(strings.NewReader(test.input)),
			"the end with a data": iotest.DataErrReader(strings.NewReader(test.input)),
		}
		for how, r := range readers {
			t.Run(test.name+", "+how, func(t *testing.T) {
				if got := gather(t, r, size, test.limit); got != want {
					t.Errorf("got %d bytes, want %d; they begin %.100q", len(got), len(want), got)
				}
			})
		}
	}
}

// What is passed over takes no memory.
func TestInputPassesOver(t *testing.T) {
	const limit = 1 << 20
	in := readInput(t.Context(), io.LimitReader(endless{}, 1<<28), chunkSize, limit)
	c := <-in.full
	if c.tooLong != 1<<28 || cap(in.line) > 4*limit {
		t.Errorf("%d bytes passed over with a buffer of %d", c.tooLong, cap(in.line))
	}
	if _, more := <-in.full; more {
		t.Error("more chunks")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// The goroutine ends with its context, whatever nobody takes from it.
func TestInputEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in := readInput(ctx, strings.NewReader(strings.Repeat("line\n", chunkSize)), chunkSize, chunkSize)
	<-in.full
	cancel()
	for range in.full {
	}
	if in.err != context.Canceled {
		t.Error(in.err)
	}
}
