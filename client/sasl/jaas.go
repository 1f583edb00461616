package sasl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// jaasEntry is one login module with its options, as a line of sasl.jaas.config describes it:
//
//	loginModuleClass controlFlag (optionName=optionValue)* ;
type jaasEntry struct {
	module  string
	options []jaasOption
}

type jaasOption struct {
	name, value string // either may be secret: a password without quotes may end up as a name
	at          int    // of the name, in the line
}

// parseJAAS reads a line that holds one entry. It reads what Kafka's JaasConfig reads, the same way, and beyond that
// numbers without quotes. Where Kafka would take a part for the whole, without a word, it fails: a quote that is not
// closed, an option given twice, and characters without quotes that end a word there. Errors are a *JAASError.
func parseJAAS(line string) (jaasEntry, error) {
	var e jaasEntry
	s := jaasScanner{line: line}
	fail := func(at int, reason string) (jaasEntry, error) {
		return jaasEntry{}, &JAASError{Module: e.module, Offset: at, Reason: reason}
	}
	module, err := s.next()
	if err != nil {
		return jaasEntry{}, err
	}
	if module.kind == jaasEnd {
		return fail(-1, "it is empty; it has the form: LoginModule required name=\"value\" … ;")
	}
	flag, err := s.next()
	if err != nil {
		return jaasEntry{}, err
	}
	// Only what a control flag follows is a module's name for sure, and may be shown.
	if module.kind != jaasText || flag.kind != jaasText || !controlFlag(flag.text) {
		return fail(flag.at, "it must begin with the name of a login module and one of required, requisite, sufficient, optional")
	}
	e.module = module.text
	for {
		name, err := s.next()
		if err != nil {
			return jaasEntry{}, s.in(e.module, err)
		}
		if name.kind == ';' {
			break
		}
		if name.kind == jaasEnd {
			return fail(name.at, "it must end with a semicolon")
		}
		equals, value := jaasToken{}, jaasToken{}
		if equals, err = s.next(); err == nil && equals.kind == '=' {
			value, err = s.next()
		}
		if err != nil {
			return jaasEntry{}, s.in(e.module, err)
		}
		if name.kind != jaasText || equals.kind != '=' || value.kind != jaasText {
			return fail(name.at, "what is here is not name=\"value\"; a value with spaces or signs must be in quotes")
		}
		for _, o := range e.options {
			if o.name == name.text {
				return fail(name.at, "the option that is here was there before")
			}
		}
		e.options = append(e.options, jaasOption{name: name.text, value: value.text, at: name.at})
	}
	if rest, err := s.next(); err != nil || rest.kind != jaasEnd {
		return fail(rest.at, "something follows the semicolon; there must be one login module")
	}
	return e, nil
}

func controlFlag(s string) bool {
	switch strings.ToLower(s) {
	case "required", "requisite", "sufficient", "optional":
		return true
	}
	return false
}

// Kinds of tokens beside '=' and ';'.
const (
	jaasEnd  = 0
	jaasText = 'a' // a word, or a string in quotes
)

type jaasToken struct {
	kind rune
	text string
	at   int
}

// jaasScanner cuts a line into tokens as Java's StreamTokenizer does with Kafka's settings.
type jaasScanner struct {
	line string
	at   int // of what is not read yet
}

// in names the module in an error of next.
func (s *jaasScanner) in(module string, err error) error {
	if e, ok := err.(*JAASError); ok {
		e.Module = module
	}
	return err
}

// next returns the next token; after the last one, jaasEnd for ever.
func (s *jaasScanner) next() (jaasToken, error) {
	if err := s.skipSpace(); err != nil {
		return jaasToken{at: s.at}, err
	}
	from := s.at
	if from == len(s.line) {
		return jaasToken{kind: jaasEnd, at: from}, nil
	}
	switch c := s.line[from]; {
	case c == '=' || c == ';':
		s.at++
		return jaasToken{kind: rune(c), at: from}, nil
	case c == '"' || c == '\'':
		return s.quoted(c)
	case c == '{' || c == '}':
		return jaasToken{at: from}, &JAASError{Offset: from, Reason: "a brace: what is set here is one entry alone, not a section of a JAAS file"}
	}
	for s.at < len(s.line) {
		r, size := utf8.DecodeRuneInString(s.line[s.at:])
		if !wordRune(r) {
			break
		}
		s.at += size
	}
	if s.at == from {
		return jaasToken{at: from}, &JAASError{Offset: from, Reason: "a character that may stand in quotes only"}
	}
	return jaasToken{kind: jaasText, text: s.line[from:s.at], at: from}, nil
}

// wordRune says whether r may stand in a word without quotes.
func wordRune(r rune) bool {
	return r != utf8.RuneError && (r >= 0xa0 || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) || strings.ContainsRune("._-$", r))
}

// skipSpace skips white space (control characters, too) and comments.
func (s *jaasScanner) skipSpace() error {
	for s.at < len(s.line) {
		rest := s.line[s.at:]
		switch {
		case rest[0] <= ' ':
			s.at++
		case strings.HasPrefix(rest, "//"):
			n := strings.IndexAny(rest, "\r\n")
			if n < 0 {
				n = len(rest)
			}
			s.at += n
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return &JAASError{Offset: s.at, Reason: "a comment that does not end"}
			}
			s.at += 2 + n + 2
		default:
			return nil
		}
	}
	return nil
}

// quoted reads a string in quotes. A backslash takes the next character as it is, but for the letters of escapes and
// octal numbers.
func (s *jaasScanner) quoted(quote byte) (jaasToken, error) {
	from := s.at
	open := &JAASError{Offset: from, Reason: "a quote that is not closed"}
	var text strings.Builder
	for s.at++; s.at < len(s.line); s.at++ {
		c := s.line[s.at]
		switch c {
		case quote:
			s.at++
			return jaasToken{kind: jaasText, text: text.String(), at: from}, nil
		case '\n', '\r':
			return jaasToken{at: from}, open
		case '\\':
			if s.at++; s.at == len(s.line) {
				return jaasToken{at: from}, open
			}
			text.WriteString(s.escape())
		default:
			text.WriteByte(c)
		}
	}
	return jaasToken{at: from}, open
}

// escape reads what follows a backslash, up to its last byte.
func (s *jaasScanner) escape() string {
	c := s.line[s.at]
	if octal(c) {
		most := 2
		if c <= '3' {
			most = 3
		}
		r, n := rune(0), 0
		for ; n < most && s.at+n < len(s.line) && octal(s.line[s.at+n]); n++ {
			r = r<<3 | rune(s.line[s.at+n]-'0')
		}
		s.at += n - 1
		return string(r)
	}
	if i := strings.IndexByte("abfnrtv", c); i >= 0 {
		return "\a\b\f\n\r\t\v"[i : i+1]
	}
	return string([]byte{c})
}

func octal(c byte) bool { return c >= '0' && c <= '7' }
