package sasl

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// tokenFile is a file that holds a token, and nothing else but white space around it.
type tokenFile struct {
	path  string
	shown string // its URL, for errors
}

// read returns the token that is in the file now. Errors are a *TokenError.
func (f *tokenFile) read(now time.Time) (*Token, error) {
	t, err := f.parse(now)
	if err != nil {
		return nil, &TokenError{Endpoint: f.shown, Err: err, Advice: "the file must hold an access token, which another process keeps fresh"}
	}
	return t, nil
}

func (f *tokenFile) parse(now time.Time) (*Token, error) {
	file, err := os.Open(f.path)
	if err != nil {
		var p *os.PathError // its path is in the URL already
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxAnswer {
		return nil, fmt.Errorf("the file has more than %d bytes", maxAnswer)
	}
	t := newToken(strings.TrimSpace(string(b)))
	return t, t.check(now)
}
