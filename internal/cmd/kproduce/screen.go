package main

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// clearLine returns to the beginning of a terminal's line and erases it (ECMA-48: EL).
const clearLine = "\r\x1b[K"

// screen is standard error: messages stay, and below them stands, on a terminal, one line that is written over. Write
// is for whole lines.
type screen struct {
	terminal bool // final

	mu      sync.Mutex // guards what follows, and is held while writing
	w       io.Writer
	current string // the line that is written over; empty: none
}

// Write writes messages, each with its line end.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == "" {
		return s.w.Write(p)
	}
	io.WriteString(s.w, clearLine)
	n, err := s.w.Write(p)
	io.WriteString(s.w, s.current)
	return n, err
}

// say writes a message.
func (s *screen) say(format string, args ...any) {
	fmt.Fprintf(s, "kproduce: "+format+"\n", args...)
}

// show replaces the line that is written over; empty: it goes away.
func (s *screen) show(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if line != s.current {
		s.current = line
		io.WriteString(s.w, clearLine+line)
	}
}

// isTerminal tells whether f is one. The null device is a character device, too, but nobody looks at it.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
