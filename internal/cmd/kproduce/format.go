package main

import (
	"bytes"
	"fmt"
)

// format is how a line becomes a record.
type format struct {
	keys      bool    // there is a key, and the separator behind it
	separator string  // not empty
	null      *string // the text that stands for null; nil: none does
	crlf      bool    // a CR before the line end belongs to it
}

// keyError is a line without a separator where there should be one.
type keyError struct{ separator string }

func (e *keyError) Error() string {
	return fmt.Sprintf("the line has no key: no %q in it", e.separator)
}

// record returns the key and value of a line without its LF. They are parts of the line.
func (f *format) record(line []byte) (key, value []byte, err error) {
	if f.crlf {
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	if !f.keys {
		return nil, f.orNull(line), nil
	}
	i := -1
	if len(f.separator) == 1 {
		i = bytes.IndexByte(line, f.separator[0])
	} else {
		i = bytes.Index(line, []byte(f.separator))
	}
	if i < 0 {
		return nil, nil, &keyError{f.separator}
	}
	return f.orNull(line[:i:i]), f.orNull(line[i+len(f.separator):]), nil
}

func (f *format) orNull(text []byte) []byte {
	if f.null != nil && string(text) == *f.null {
		return nil
	}
	return text
}
