package main

import (
	"bytes"
	"context"
	"io"
	"slices"
)

const (
	chunkSize = 64 << 10 // what is read at a time, unless a line is longer
	chunks    = 3        // one is read into, one is sent from, one is between
)

// chunk is a piece of the input.
type chunk struct {
	lines   []byte // whole lines with their LF, which only the input's last line may lack
	tooLong int    // not 0: one line of so many bytes instead, which was passed over
}

// input reads ahead of who sends. It does so in a goroutine, so that nobody but that goroutine waits for a terminal or a pipe
// that stays silent. The goroutine ends with the input or with its context, but not before a Read returns.
type input struct {
	r     io.Reader
	limit int         // longer lines are passed over
	full  chan chunk  // closed at the end
	empty chan []byte // storage of chunks that are done with
	err   error       // what ended the reading, ctx's error too; nil: the end of the input; set before full is closed

	line    []byte // the line that has no end yet; owned by the goroutine, as the rest
	skipped int    // bytes of it that were passed over, as it is too long; 0: none
}

// readInput begins to read r, in chunks of size bytes at first.
func readInput(ctx context.Context, r io.Reader, size, limit int) *input {
	in := &input{r: r, limit: limit, full: make(chan chunk), empty: make(chan []byte, chunks)}
	for range chunks - 1 {
		in.empty <- make([]byte, 0, size)
	}
	in.line = make([]byte, 0, size)
	go func() {
		defer close(in.full)
		if err := in.read(ctx); err != io.EOF {
			in.err = err
		}
	}()
	return in
}

// done gives back the storage of a chunk.
func (in *input) done(c chunk) {
	if c.lines != nil {
		in.empty <- c.lines
	}
}

// read passes on whole lines, all that a Read brought at once. It returns Read's error or ctx's.
func (in *input) read(ctx context.Context) error {
	for {
		if len(in.line) == cap(in.line) {
			in.line = slices.Grow(in.line, cap(in.line))
		}
		n, err := in.r.Read(in.line[len(in.line):cap(in.line)])
		in.line = in.line[:len(in.line)+n]
		if fail := in.split(ctx, n); fail != nil {
			return fail
		}
		if err == nil {
			continue
		}
		if fail := in.finish(ctx); fail != nil {
			return fail
		}
		return err
	}
}

// split passes on the lines that have an end among the last n bytes.
func (in *input) split(ctx context.Context, n int) error {
	if in.skipped > 0 {
		end := bytes.IndexByte(in.line, '\n')
		if end < 0 {
			in.skip()
			return nil
		}
		if err := in.emit(ctx, chunk{tooLong: in.skipped + end}); err != nil {
			return err
		}
		in.skipped = 0
		in.line = append(in.line[:0], in.line[end+1:]...)
		n = len(in.line)
	}
	if last := bytes.LastIndexByte(in.line[len(in.line)-n:], '\n'); last >= 0 {
		whole := in.line[:len(in.line)-n+last+1]
		select {
		case next := <-in.empty:
			in.line = append(next[:0], in.line[len(whole):]...)
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := in.emit(ctx, chunk{lines: whole}); err != nil {
			return err
		}
	}
	if len(in.line) > in.limit {
		in.skip()
	}
	return nil
}

func (in *input) skip() {
	in.skipped += len(in.line)
	in.line = in.line[:0]
}

// finish passes on the last line when it has no LF.
func (in *input) finish(ctx context.Context) error {
	switch {
	case in.skipped > 0:
		return in.emit(ctx, chunk{tooLong: in.skipped})
	case len(in.line) > 0:
		return in.emit(ctx, chunk{lines: in.line})
	}
	return nil
}

func (in *input) emit(ctx context.Context, c chunk) error {
	select {
	case in.full <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
