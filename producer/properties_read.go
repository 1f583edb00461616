package producer

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxPropertyLine is the longest logical line ReadProperties takes, its continuations included: room for a chain of
// certificates.
const maxPropertyLine = 1 << 20

// PropertiesError is a line that ReadProperties can't read.
type PropertiesError struct {
	Line   int // where it begins, from 1
	Reason string
}

// Error names the line and what is wrong with it.
func (e *PropertiesError) Error() string {
	return fmt.Sprintf("kafkaproducer: line %d of the properties: %s", e.Line, e.Reason)
}

// ReadProperties reads Java's .properties format, as java.util.Properties.load does: key and value separated by =, : or
// white space; comments begin with # or !; a line that ends with an odd number of backslashes goes on in the next one,
// whose leading white space is dropped; \t \n \r \f and \uXXXX stand for characters, a backslash before any other
// character for that character. Of several values of a key the last counts. White space at the end of a value belongs
// to it, FromProperties drops it.
//
// Unlike Java, which reads an InputStream as ISO-8859-1, it takes the text to be UTF-8, with or without a byte order
// mark; both read \uXXXX and ASCII alike. A line that isn't UTF-8, has a malformed \uXXXX, or is longer than 1 MiB with
// its continuations is a *PropertiesError. Other errors are those of r.
func ReadProperties(r io.Reader) (map[string]string, error) {
	lines := &propertyLines{r: bufio.NewReader(r), number: 1}
	if mark, err := lines.r.Peek(3); err == nil && string(mark) == "\uFEFF" {
		lines.r.Discard(3)
	}
	properties := map[string]string{}
	for {
		line, err := lines.next()
		if err == io.EOF {
			return properties, nil
		}
		if err != nil {
			return nil, err
		}
		key, value := splitProperty(line)
		k, reason := unescapeProperty(key)
		if reason == "" {
			var v string
			if v, reason = unescapeProperty(value); reason == "" {
				properties[k] = v
				continue
			}
		}
		return nil, &PropertiesError{Line: lines.began, Reason: reason}
	}
}

// propertyLines takes a text apart into logical lines.
type propertyLines struct {
	r      *bufio.Reader
	number int    // of the natural line that is being read
	began  int    // number of the natural line that the logical line began with
	line   []byte // the logical line so far, without line ends and the backslashes before them
}

// next returns the next logical line that is neither blank nor a comment, valid until the next call. At the end it
// returns io.EOF. This is LineReader.readLine of java.util.Properties, its corner cases included.
func (l *propertyLines) next() ([]byte, error) {
	l.line = l.line[:0]
	skip, continued, escaped := true, false, false
	for {
		c, err := l.r.ReadByte()
		if err == io.EOF {
			return l.last(escaped)
		}
		if err != nil {
			return nil, err
		}
		end, last := c == '\n' || c == '\r', false
		if end {
			last = l.endOfLine(c)
		}
		if skip && (isBlank(c) || end && !continued) {
			continue
		}
		skip, continued = false, false
		switch {
		case len(l.line) == 0 && (c == '#' || c == '!'): // the first of a line, or after nothing but a continuation
			if err := l.comment(); err != nil {
				return nil, err
			}
			skip = true
		case !end:
			if len(l.line) == 0 {
				l.began = l.number
			}
			if len(l.line) == maxPropertyLine {
				return nil, &PropertiesError{Line: l.began, Reason: fmt.Sprintf("longer than %d bytes", maxPropertyLine)}
			}
			l.line = append(l.line, c)
			escaped = c == '\\' && !escaped
		case len(l.line) == 0:
			skip = true
		case escaped:
			l.line = l.line[:len(l.line)-1]
			if last {
				return l.line, nil
			}
			skip, continued, escaped = true, true, false
		default:
			return l.line, nil
		}
	}
}

// last returns the line that the end of the text ends, which may lack its line end.
func (l *propertyLines) last(escaped bool) ([]byte, error) {
	if escaped {
		l.line = l.line[:len(l.line)-1]
	} else if len(l.line) == 0 {
		return nil, io.EOF
	}
	return l.line, nil
}

// endOfLine counts a line end and takes the second byte of "\r\n". It returns whether nothing comes after c.
func (l *propertyLines) endOfLine(c byte) bool {
	l.number++
	next, err := l.r.Peek(1)
	if c == '\r' && err == nil && next[0] == '\n' {
		l.r.Discard(1)
	}
	return err == io.EOF
}

// comment passes over the rest of the line.
func (l *propertyLines) comment() error {
	for {
		c, err := l.r.ReadByte()
		switch {
		case err == io.EOF:
			return nil // next meets it again
		case err != nil:
			return err
		case c == '\n' || c == '\r':
			l.endOfLine(c)
			return nil
		}
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\f' }

// splitProperty separates a logical line at the first =, : or blank that isn't escaped; blanks and one = or : more may
// follow a blank.
func splitProperty(line []byte) (key, value []byte) {
	i, escaped := 0, false
	for ; i < len(line); i++ {
		if c := line[i]; !escaped && (c == '=' || c == ':' || isBlank(c)) {
			break
		}
		escaped = line[i] == '\\' && !escaped
	}
	key, value = line[:i], bytes.TrimLeft(line[i:], " \t\f")
	if len(value) > 0 && (value[0] == '=' || value[0] == ':') {
		value = bytes.TrimLeft(value[1:], " \t\f")
	}
	return key, value
}

// unescapeProperty resolves escapes, or says what is wrong.
func unescapeProperty(b []byte) (s, reason string) {
	if !utf8.Valid(b) {
		return "", `not UTF-8; in a file of another encoding write \uXXXX for what isn't ASCII`
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		c := b[0]
		b = b[1:]
		if c != '\\' || len(b) == 0 {
			out = append(out, c)
			continue
		}
		c = b[0]
		b = b[1:]
		switch c {
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, size, reason := codeUnits(b)
			if reason != "" {
				return "", reason
			}
			out = utf8.AppendRune(out, r)
			b = b[size:]
		default:
			out = append(out, c)
		}
	}
	return string(out), ""
}

// codeUnits reads what follows \u: one UTF-16 code unit, or two that make a character, and how many bytes they took.
func codeUnits(b []byte) (r rune, size int, reason string) {
	first, ok := hexUnit(b)
	if !ok {
		return 0, 0, `malformed \uXXXX, which takes four hexadecimal digits`
	}
	if !utf16.IsSurrogate(first) {
		return first, 4, ""
	}
	if len(b) >= 10 && b[4] == '\\' && b[5] == 'u' {
		if second, ok := hexUnit(b[6:]); ok {
			if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
				return r, 10, ""
			}
		}
	}
	return 0, 0, fmt.Sprintf(`\u%04x is one half of a surrogate pair without the other`, first)
}

// hexUnit reads four hexadecimal digits.
func hexUnit(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	v, err := strconv.ParseUint(string(b[:4]), 16, 16)
	return rune(v), err == nil
}
