package producer

import (
	"fmt"
	"io"
	"log/slog"
)

// hidden stands for what must not be shown.
const hidden = "[hidden]"

// Secret is a setting that nothing shows: fmt with any verb, JSON and other encodings by text, and slog give [hidden], or
// nothing where it is not set. What isn't asked for its text shows an address: the text is behind a pointer, as fmt
// calls no method of what is in an unexported field of a program's own struct. The zero value is not set.
type Secret struct{ text *string }

// NewSecret returns the Secret of a text; that of an empty one is not set.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// reveal returns the text.
func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is one.
func (s Secret) IsSet() bool { return s.text != nil }

// String returns [hidden], or nothing where it is not set.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return hidden
}

// GoString returns what String does, in quotes.
func (s Secret) GoString() string { return fmt.Sprintf("%q", s.String()) }

// Format writes what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, verb rune) {
	if verb == 'v' && f.Flag('#') || verb == 'q' {
		io.WriteString(f, `"`+s.String()+`"`)
		return
	}
	io.WriteString(f, s.String())
}

// MarshalText returns what String does: encoding/json and others ask for it.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns what String does.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
