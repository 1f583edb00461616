package sasl

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// hidden stands for a secret wherever one would be shown.
const hidden = "[hidden]"

// shown is what a value with secrets looks like, whatever it is printed with. It is embedded in types whose other
// fields are not to be seen.
type shown string

// String returns what may be seen.
func (s shown) String() string { return string(s) }

// Format writes what may be seen, for every verb and flag: %#v and %x would show fields otherwise.
func (s shown) Format(f fmt.State, _ rune) { io.WriteString(f, string(s)) }

// MarshalJSON returns what may be seen as a JSON string.
func (s shown) MarshalJSON() ([]byte, error) { return json.Marshal(string(s)) }

// secret holds a secret where printing doesn't find it. In a field that isn't exported, fmt calls no methods, and a verb
// that doesn't fit makes it print what pointers point to; of a function it prints the address.
type secret func() string

func hide(s string) secret { return func() string { return s } }

// maxSaid is how many characters of what a peer said are repeated in an error.
const maxSaid = 200

// said makes what a peer said fit to be repeated: secrets that it repeats are replaced, control characters become
// spaces, and a long text is cut. The peer may be anyone, so it doesn't vouch for what the text says.
func said(text string, secrets ...string) string {
	text = scrub(text, secrets...)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.TrimSpace(text)
	n := 0
	for i := range text {
		if n++; n > maxSaid {
			return text[:i] + "…"
		}
	}
	return text
}

// scrub replaces secrets in text, also in the forms in which they are sent.
func scrub(text string, secrets ...string) string {
	var forms []string
	for _, s := range secrets {
		if s == "" {
			continue
		}
		quoted, _ := json.Marshal(s)
		forms = append(forms, s, url.QueryEscape(s), url.PathEscape(s), string(quoted[1:len(quoted)-1]),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)))
	}
	// Longest first, so that no form loses its middle to a shorter one.
	slices.SortFunc(forms, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, f := range forms {
		text = strings.ReplaceAll(text, f, hidden)
	}
	return text
}

// scrubbed returns err, or an error with err's text where that holds a secret: what the peer sent may be in it.
func scrubbed(err error, secrets ...string) error {
	if text := err.Error(); scrub(text, secrets...) != text {
		return errors.New(said(text, secrets...))
	}
	return err
}
