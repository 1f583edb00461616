package sasl

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
)

// maxSalt bounds what is kept of a broker's first message, in bytes. Kafka's salts have about 20.
const maxSalt = 1024

// serverFirst is server-first-message of RFC 5802 section 7:
//
//	[reserved-mext ","] nonce "," salt "," iteration-count ["," extensions]
type serverFirst struct {
	nonce      string // ours and the server's
	salt       []byte
	iterations int
}

// parseServerFirst takes a message apart. Its errors don't repeat it, but for a refusal (*ServerError), in which secret is
// replaced. Whether the iterations are acceptable is left to the caller.
func parseServerFirst(message, secret string) (serverFirst, error) {
	var m serverFirst
	switch {
	case strings.HasPrefix(message, "e="):
		return m, &ServerError{Reason: said(message[2:], secret)}
	case strings.HasPrefix(message, "m="):
		// RFC 5802 section 5.1: a client that doesn't know the extension must fail.
		return m, errors.New("it asks for an extension of SCRAM that this client doesn't have")
	}
	attributes := strings.Split(message, ",")
	if len(attributes) < 3 {
		return m, errors.New("it is not r=…,s=…,i=…")
	}
	var ok bool
	if m.nonce, ok = strings.CutPrefix(attributes[0], "r="); !ok || !printable(m.nonce) {
		return m, errors.New("it doesn't begin with a nonce (r=)")
	}
	salt, ok := strings.CutPrefix(attributes[1], "s=")
	if !ok || salt == "" || base64.StdEncoding.DecodedLen(len(salt)) > maxSalt+2 {
		return m, errors.New("it has no salt (s=), or a very long one")
	}
	var err error
	if m.salt, err = decodeBase64(salt); err != nil {
		return m, errors.New("its salt (s=) is not base64")
	}
	count, ok := strings.CutPrefix(attributes[2], "i=")
	if !ok || !digits(count) {
		return m, errors.New("it has no iteration count (i=)")
	}
	if m.iterations, err = strconv.Atoi(count); err != nil {
		return m, errors.New("its iteration count (i=) is beyond all numbers")
	}
	return m, checkExtensions(attributes[3:])
}

// parseServerFinal takes server-final-message apart: (server-error / verifier) ["," extensions]. A refusal is a
// *ServerError, in which secret is replaced.
func parseServerFinal(message, secret string) (signature []byte, err error) {
	attributes := strings.Split(message, ",")
	if reason, ok := strings.CutPrefix(attributes[0], "e="); ok {
		return nil, &ServerError{Reason: said(reason, secret)}
	}
	v, ok := strings.CutPrefix(attributes[0], "v=")
	if !ok || v == "" {
		return nil, errors.New("it has no signature (v=)")
	}
	if signature, err = decodeBase64(v); err != nil {
		return nil, errors.New("its signature (v=) is not base64")
	}
	return signature, checkExtensions(attributes[1:])
}

// decodeBase64 reads the base64 of RFC 5802 section 5.1, which has no line breaks and always padding.
func decodeBase64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") { // which Go would skip
		return nil, base64.CorruptInputError(strings.IndexAny(s, "\r\n"))
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

// checkExtensions takes what a later SCRAM may add: a name and a value. Kafka has names of several letters (tokenauth).
func checkExtensions(attributes []string) error {
	for _, a := range attributes {
		name, value, ok := strings.Cut(a, "=")
		if !ok || value == "" || !letters(name) {
			return errors.New("it ends with something that is no extension (name=value)")
		}
	}
	return nil
}

// printable says whether s is one or more of RFC 5802's printable characters: ASCII but for the comma.
func printable(s string) bool {
	for _, c := range []byte(s) {
		if c <= ' ' || c > '~' || c == ',' {
			return false
		}
	}
	return s != ""
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

func letters(s string) bool {
	for _, c := range []byte(s) {
		if c |= 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return s != ""
}
