package sasl

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"hash"
	"slices"
	"strings"
	"sync"
)

const (
	// minIterations is Kafka's (ScramMechanism) and the least that RFC 7677 section 4 allows: with fewer, a false broker
	// could make a password easy to guess.
	minIterations = 4096
	// maxIterations bounds how long a broker that has not shown who it is can keep a core busy: a second or two
	// (BenchmarkSaltedPassword). It leaves room above what is advised for stored passwords; Kafka's own tools stop at 16384.
	maxIterations = 1_000_000
	// keptSalts is how many salted passwords are kept. A cluster has one salt a user and mechanism; a few more do while
	// the password is being changed. A bound is needed since the salt is the broker's choice.
	keptSalts = 4
)

// scram is the mechanism SCRAM with one of its hashes.
type scram struct {
	shown
	name      string
	hash      func() hash.Hash
	username  string
	password  secret
	tokenAuth bool
	nonce     func() string // fresh for each exchange; replaced in tests

	mu     sync.Mutex       // guards following; held while a password is salted, so that connections don't all do the same work
	salted []saltedPassword // latest last, at most keptSalts
}

// saltedPassword is as good as the password to those who know it.
type saltedPassword struct {
	salt       []byte
	iterations int
	key        secret
}

// ScramOption changes how SCRAM logs in.
type ScramOption func(*scram)

// TokenAuth says that the user name and password are the id and HMAC of a delegation token (KIP-48).
func TokenAuth() ScramOption { return func(m *scram) { m.tokenAuth = true } }

// ScramSHA256 is the mechanism SCRAM-SHA-256 of RFC 5802 and RFC 7677. The password never leaves the process, and the
// broker proves that it knows it. Start fails when one of the two is empty, isn't UTF-8 or has a zero byte in it.
//
// As in Kafka, user name and password are taken as they are, without SASLprep: in the name only = and , are escaped. It
// matters for names and passwords outside ASCII only, and there the broker does the same.
func ScramSHA256(username, password string, o ...ScramOption) Mechanism {
	return newScram(MechanismScramSHA256, sha256.New, username, password, o)
}

// ScramSHA512 is ScramSHA256 with SHA-512.
func ScramSHA512(username, password string, o ...ScramOption) Mechanism {
	return newScram(MechanismScramSHA512, sha512.New, username, password, o)
}

func newScram(name string, h func() hash.Hash, username, password string, o []ScramOption) *scram {
	m := &scram{
		shown: userShown(name, username), name: name, hash: h, username: username, password: hide(password),
		nonce: rand.Text, // 26 characters, 130 bits: as much as Kafka's
	}
	for _, set := range o {
		set(m)
	}
	return m
}

func (m *scram) Name() string { return m.name }

func (m *scram) Start(context.Context, Broker) (Session, []byte, error) {
	if err := checkCredentials(m.username, m.password()); err != nil {
		return nil, nil, &Error{Mechanism: m.name, Step: "credentials", Err: err}
	}
	s := &scramSession{shown: m.shown, m: m, nonce: m.nonce()}
	s.first = "n=" + saslName.Replace(m.username) + ",r=" + s.nonce
	if m.tokenAuth {
		s.first += ",tokenauth=true" // KIP-48: an extension, which is signed with the rest
	}
	return s, []byte(gs2Header + s.first), nil
}

const (
	gs2Header  = "n,,"  // no channel binding, no authzid
	gs2Encoded = "biws" // its base64, as the second message repeats it
)

// saslName escapes what separates attributes (RFC 5802 section 5.1).
var saslName = strings.NewReplacer("=", "=3D", ",", "=2C")

// scramSession is one exchange of SCRAM:
//
//	first → (server first message) final → (server final message) over
type scramSession struct {
	shown
	m         *scram
	nonce     string // ours
	first     string // client-first-message-bare
	signature []byte // what the server must sign with; nil before the server's first message
	over      bool   // done or failed: nothing may follow
}

// Next answers the server's first message with the proof, and checks the server's signature in its final one.
func (s *scramSession) Next(challenge []byte) (response []byte, done bool, err error) {
	step := "server first message"
	switch {
	case s.over:
		step, err = "server answer", errors.New("the exchange is over")
	case s.signature == nil:
		response, err = s.final(string(challenge))
	default:
		step, done = "server final message", true
		err = s.verify(string(challenge))
	}
	s.over = done || err != nil
	if err != nil {
		return nil, false, &Error{Mechanism: s.m.name, Step: step, Err: err}
	}
	return response, done, nil
}

// final makes the client's final message (RFC 5802 section 3).
func (s *scramSession) final(serverFirst string) ([]byte, error) {
	m, err := parseServerFirst(serverFirst, s.m.password())
	if err != nil {
		return nil, err
	}
	if len(m.nonce) <= len(s.nonce) || !strings.HasPrefix(m.nonce, s.nonce) {
		return nil, errors.New("its nonce doesn't continue ours: the answer is not to our message")
	}
	if m.iterations < minIterations || m.iterations > maxIterations {
		return nil, &IterationsError{Iterations: m.iterations, Min: minIterations, Max: maxIterations}
	}
	salted, err := s.m.saltedPassword(m.salt, m.iterations)
	if err != nil {
		return nil, err
	}
	final := "c=" + gs2Encoded + ",r=" + m.nonce
	signed := s.first + "," + serverFirst + "," + final

	clientKey := s.m.mac(salted, "Client Key")
	h := s.m.hash()
	h.Write(clientKey)
	proof := s.m.mac(h.Sum(nil), signed)
	subtle.XORBytes(proof, proof, clientKey)
	s.signature = s.m.mac(s.m.mac(salted, "Server Key"), signed)
	return []byte(final + ",p=" + base64.StdEncoding.EncodeToString(proof)), nil
}

// verify checks that the server knows the password.
func (s *scramSession) verify(serverFinal string) error {
	signature, err := parseServerFinal(serverFinal, s.m.password())
	if err != nil {
		return err
	}
	if !hmac.Equal(signature, s.signature) {
		return ErrServerSignature
	}
	return nil
}

// mac is HMAC() of RFC 5802 section 2.2.
func (m *scram) mac(key []byte, text string) []byte {
	h := hmac.New(m.hash, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// saltedPassword is Hi() of RFC 5802 section 2.2. It is what costs time in SCRAM; a reconnecting client finds it kept.
func (m *scram) saltedPassword(salt []byte, iterations int) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.salted {
		if p.iterations == iterations && bytes.Equal(p.salt, salt) {
			return []byte(p.key()), nil
		}
	}
	key, err := pbkdf2.Key(m.hash, m.password(), salt, iterations, m.hash().Size())
	if err != nil { // not with what is checked before, but for FIPS 140-3 mode's own rules
		return nil, err
	}
	if len(m.salted) == keptSalts {
		m.salted = slices.Delete(m.salted, 0, 1)
	}
	m.salted = append(m.salted, saltedPassword{salt: salt, iterations: iterations, key: hide(string(key))})
	return key, nil
}
