package tlsfiles

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// block is one object of a PEM text (RFC 7468).
type block struct {
	label     string // "CERTIFICATE", "PRIVATE KEY" …
	encrypted bool   // by a header of RFC 1421, as openssl did before PKCS #8
	der       []byte
}

const (
	beginMark = "-----BEGIN "
	endMark   = "-----END "
	markEnd   = "-----"

	labelChars = " #0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" // all that labels in use are made of
)

// parsePEM takes a text apart. What stands around the objects is skipped. encoding/pem won't do: a value of a properties file
// that goes over several lines is one line with blanks in it, which Kafka's client reads (KIP-651), and an object that is cut
// off must be an error, since it means a file that is only half written.
func parsePEM(text string) (blocks []block, err error) {
	for {
		_, after, found := strings.Cut(text, beginMark)
		if !found {
			return blocks, nil
		}
		label, rest, found := strings.Cut(after, markEnd)
		if !found || strings.Trim(label, labelChars) != "" { // what is not a label may be a key
			return nil, fmt.Errorf("the line %q of object number %d is cut off or damaged", beginMark+"…", len(blocks)+1)
		}
		end := endMark + label + markEnd
		body, rest, found := strings.Cut(rest, end)
		if !found || strings.Contains(body, beginMark) {
			return nil, fmt.Errorf("%s number %d has no line %q: the text is cut off", head(label), len(blocks)+1, head(end))
		}
		b := block{label: label}
		if b.encrypted, body, err = headers(body); err != nil {
			return nil, err
		}
		if b.der, err = base64.StdEncoding.DecodeString(strings.Join(strings.Fields(body), "")); err != nil {
			return nil, fmt.Errorf("%s number %d is not in base64", head(label), len(blocks)+1) // err would show a byte of it
		}
		blocks, text = append(blocks, b), rest
	}
}

// headers takes the headers of RFC 1421 off a body.
func headers(body string) (encrypted bool, rest string, err error) {
	if !strings.Contains(body, ":") { // which base64 has not
		return false, body, nil
	}
	body = strings.ReplaceAll(body, "\r\n", "\n")
	fields, rest, found := strings.Cut(strings.TrimLeft(body, " \n"), "\n\n")
	if !found {
		return false, "", errors.New("an object has headers that do not end")
	}
	return strings.Contains(fields, "ENCRYPTED"), rest, nil
}

// head is the beginning of a text, for an error.
func head(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
