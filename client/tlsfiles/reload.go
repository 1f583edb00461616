package tlsfiles

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
)

// store is what was made of a file or of a property's value, and is made again when the file changes.
type store[T any] struct {
	property string
	path     string // empty: nothing to read again
	parse    func(text string) (T, error)
	key      bool // it holds a private key, for words
	log      *slog.Logger

	mu    sync.Mutex // guards the following
	text  string     // what the file held when it was last looked at
	value T          // of the last text that was of use
	wrong string     // why the file is of no use now, as logged; empty: it is of use
	lost  bool       // because it could not be read
}

// maxFile bounds what is read of a file.
const maxFile = 16 << 20

// load makes a store of its file, for the first time.
func (s *store[T]) load() error {
	text, err := s.read()
	if err == nil {
		s.text = text
		s.value, err = s.make(text)
	}
	return err
}

// current returns the store as its file is now; where that is of no use, as it was when it was. Files are small and
// handshakes are rare, so the whole file is compared: dates don't tell what was written twice in the same moment, or
// swapped with the folder around it.
func (s *store[T]) current() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.path == "" {
		return s.value
	}
	text, err := s.read()
	if lost := err != nil; lost != s.lost {
		s.wrong, s.lost = "", lost
	}
	if err == nil {
		if text == s.text { // which may be known to be of no use
			return s.value
		}
		var value T
		s.text = text
		if value, err = s.make(text); err == nil {
			s.value, s.wrong = value, ""
			s.log.Info("a file for TLS has changed", "property", s.property, "path", s.path)
			return s.value
		}
	}
	if wrong := err.Error(); wrong != s.wrong {
		s.wrong = wrong
		s.log.Warn("a file for TLS has changed and is of no use; what it held before goes on to be used", "error", err)
	}
	return s.value
}

// make parses the file's text.
func (s *store[T]) make(text string) (T, error) {
	value, err := s.parse(text)
	if err != nil {
		e := &Error{Property: s.property, Path: s.path, Err: err, Advice: adviceFor(err)}
		if errors.Is(err, errNoPEM) {
			e.Err, e.Advice = refuseContent([]byte(text), s.path, s.key)
		}
		return value, e
	}
	return value, nil
}

func (s *store[T]) read() (string, error) {
	f, err := os.Open(s.path)
	if err != nil {
		return "", &Error{Property: s.property, Err: err}
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = errors.New("the file is too large for a store")
	}
	if err != nil {
		return "", &Error{Property: s.property, Path: s.path, Err: err}
	}
	return string(b), nil
}

// truststore returns whom to trust; nil: the system's authorities.
func (f *Files) truststore() (*store[*x509.CertPool], error) {
	s := &store[*x509.CertPool]{property: "ssl.truststore.location", path: f.TruststoreLocation, parse: parseTrust, log: f.Logger}
	if f.TruststoreLocation != "" {
		return s, s.load()
	}
	if f.TruststoreCertificates == "" {
		return nil, nil
	}
	var err error
	s.property = "ssl.truststore.certificates"
	s.value, err = s.make(f.TruststoreCertificates)
	return s, err
}

// keystore returns the client's own certificate; nil: it has none.
func (f *Files) keystore() (*store[*tls.Certificate], error) {
	password := f.KeyPassword
	s := &store[*tls.Certificate]{
		property: "ssl.keystore.location", path: f.KeystoreLocation, key: true, log: f.Logger,
		parse: func(text string) (*tls.Certificate, error) { return parseOwn(password, text) },
	}
	if f.KeystoreLocation != "" {
		return s, s.load()
	}
	if f.KeystoreKey == "" {
		return nil, nil
	}
	chain := f.KeystoreCertificateChain
	s.property = "ssl.keystore.key"
	s.parse = func(text string) (*tls.Certificate, error) { return parseOwn(password, chain, text) }
	var err error
	s.value, err = s.make(f.KeystoreKey)
	return s, err
}
