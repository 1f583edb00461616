package producer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadPropertiesErrors(t *testing.T) {
	long := strings.Repeat("x", maxPropertyLine)
	for _, test := range []struct{ name, text, want string }{
		{"malformed escape", "a=b\nc=\\u00g0", `line 2 of the properties: malformed \uXXXX, which takes four hexadecimal digits`},
		{"escape cut short", "a=\\u12", `line 1 of the properties: malformed \uXXXX, which takes four hexadecimal digits`},
		{"signed escape", "a=\\u+123", `line 1 of the properties: malformed \uXXXX, which takes four hexadecimal digits`},
		{"in a key, after blank lines and comments", "\n# é\r\n\r! x\n\\u00=b", `line 5 of the properties: malformed \uXXXX, which takes four hexadecimal digits`},
		{"in a continuation: where the line begins", "a=b\n\nc=d\\\n  e\\u0\nf=g", `line 3 of the properties: malformed \uXXXX, which takes four hexadecimal digits`},
		{"half a surrogate pair", "a=\\ud83dx", `line 1 of the properties: \ud83d is one half of a surrogate pair without the other`},
		{"the wrong half", "a=\\ude00\\ud83d", `line 1 of the properties: \ude00 is one half of a surrogate pair without the other`},
		{"ISO-8859-1", "a=b\nb=caf\xe9", `line 2 of the properties: not UTF-8; in a file of another encoding write \uXXXX for what isn't ASCII`},
		{"too long", "a=b\n" + long + "x", `line 2 of the properties: longer than 1048576 bytes`},
		{"too long with its continuations", "a=" + long[:len(long)-2] + "\\\nxx", `line 1 of the properties: longer than 1048576 bytes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadProperties(strings.NewReader(test.text))
			var e *PropertiesError
			if !errors.As(err, &e) || err.Error() != "kafkaproducer: "+test.want {
				t.Errorf("got %.100q, %v\nwant %s", got, err, test.want)
			}
		})
	}
}

func TestReadPropertiesLimits(t *testing.T) {
	value := strings.Repeat("x", maxPropertyLine-2)
	got, err := ReadProperties(strings.NewReader("a=" + value))
	if err != nil || got["a"] != value {
		t.Errorf("a line of the greatest length: %v", err)
	}
	got, err = ReadProperties(strings.NewReader("#" + strings.Repeat("x", 2*maxPropertyLine) + "\na=b"))
	if err != nil || got["a"] != "b" {
		t.Errorf("a long comment: %q, %v", got, err)
	}
	got, err = ReadProperties(strings.NewReader("\uFEFFa=b"))
	if err != nil || got["a"] != "b" {
		t.Errorf("a byte order mark: %q, %v", got, err)
	}
}

func TestReadPropertiesPassesErrorsOn(t *testing.T) {
	trouble := errors.New("the disk is gone")
	for _, text := range []string{"", "a=b", "# comment", "a=b\\\n", "a=b\r"} {
		_, err := ReadProperties(io.MultiReader(strings.NewReader(text), iotest.ErrReader(trouble)))
		if !errors.Is(err, trouble) {
			t.Errorf("after %q: %v", text, err)
		}
	}
}

// Reading a byte at a time must make no difference, and "\r\n" may be split between reads.
func TestReadPropertiesInPieces(t *testing.T) {
	for _, row := range goldenRows(t, "load.tsv") {
		whole, err := ReadProperties(strings.NewReader(row[0]))
		pieces, err2 := ReadProperties(iotest.OneByteReader(strings.NewReader(row[0])))
		if fmt.Sprint(err) != fmt.Sprint(err2) || !maps.Equal(whole, pieces) {
			t.Errorf("%q: %q, %v in one read, %q, %v in many", row[0], whole, err, pieces, err2)
		}
	}
}

// writeProperties writes what ReadProperties must read again, every character that may mean something escaped.
func writeProperties(properties map[string]string) string {
	var text strings.Builder
	escape := func(s string) {
		for _, r := range s {
			switch {
			case r == '\n':
				text.WriteString(`\n`)
			case r == '\r':
				text.WriteString(`\r`)
			case strings.ContainsRune(" \t\f=:#!\\", r):
				text.WriteString(`\` + string(r))
			default:
				text.WriteRune(r)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		escape(key)
		text.WriteByte('=')
		escape(properties[key])
		text.WriteByte('\n')
	}
	return text.String()
}

// What was read, written and read again must be the same.
func FuzzReadProperties(f *testing.F) {
	for _, row := range goldenRows(f, "load.tsv")[:100] {
		f.Add([]byte(row[0]))
	}
	f.Add([]byte("a=\\ud83d\\ude00\n\uFEFF\x00=\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		properties, err := ReadProperties(strings.NewReader(string(text)))
		if err != nil {
			var e *PropertiesError
			if !errors.As(err, &e) || e.Line < 1 || e.Line > 1+strings.Count(string(text), "\n")+strings.Count(string(text), "\r") {
				t.Errorf("%v", err)
			}
			return
		}
		size := 0
		for k, v := range properties {
			size += len(k) + len(v)
		}
		if size > len(text) {
			t.Errorf("%d bytes of properties from %d", size, len(text))
		}
		again, err := ReadProperties(strings.NewReader(writeProperties(properties)))
		if err != nil || !maps.Equal(properties, again) {
			t.Errorf("%q became %q (%v) through %q", properties, again, err, writeProperties(properties))
		}
	})
}
