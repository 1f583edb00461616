package sasl

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"testing"
)

// vector is a whole exchange with a fixed nonce.
type vector struct {
	name                                   string
	hash                                   func() hash.Hash
	username, password, nonce              string
	first, serverFirst, final, serverFinal string
	options                                []ScramOption
}

var vectors = []vector{
	{
		name: "RFC 5802 section 5 (SHA-1)", hash: sha1.New, username: "user", password: "pencil", nonce: "fyko+d2lbbFgONRv9qkxdawL",
		first:       "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		serverFirst: "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
		final:       "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
		serverFinal: "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
	},
	{
		name: "RFC 7677 section 3 (SHA-256)", hash: sha256.New, username: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO",
		first:       "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		final:       "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		serverFinal: "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
	},
	{
		name: "SHA-512, by Python's hashlib", hash: sha512.New, username: "user", password: "pencil", nonce: "rOprNGfwEbeRWgbNEkqO",
		first:       "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		serverFirst: "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		final:       "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==",
		serverFinal: "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw==",
	},
	{
		name: "SHA-512 with a delegation token, by Python's hashlib", hash: sha512.New, username: "a,b=c", password: "pässword", nonce: "clientnonce",
		first:       "n,,n=a=2Cb=3Dc,r=clientnonce,tokenauth=true",
		serverFirst: "r=clientnonceservernonce,s=MDEyMzQ1Njc4OWFiY2RlZg==,i=8192",
		final:       "c=biws,r=clientnonceservernonce,p=OQ1fPaRrQ7R+BZrCOQi3dMgk4ml0IvNB5P68IJtYWIffQXH9m+vBrTVR+TvW5nkub8WklOBHjYyUHAZyLIce0Q==",
		serverFinal: "v=Hu4/u6Qq5ZZ+miNGAhnVIfiwOayysWYu1FodNNOyVABUubDRI9IPh3eifVh1i/8FrUsoioapBF/1TawuUTBYQg==",
		options:     []ScramOption{TokenAuth()},
	},
}

// play runs the client's side of v and returns its messages.
func (v vector) play(t *testing.T) {
	m := newScram("SCRAM", v.hash, v.username, v.password, v.options)
	m.nonce = func() string { return v.nonce }
	// Twice: the second time with the salted password that was kept.
	for range 2 {
		s, first, err := m.Start(t.Context(), Broker{})
		if err != nil || string(first) != v.first {
			t.Fatalf("first message %q, %v; want %q", first, err, v.first)
		}
		final, done, err := s.Next([]byte(v.serverFirst))
		if err != nil || done || string(final) != v.final {
			t.Fatalf("final message %q, %v, %v; want %q", final, done, err, v.final)
		}
		response, done, err := s.Next([]byte(v.serverFinal))
		if err != nil || !done || response != nil {
			t.Fatalf("after the server's final message: %q, %v, %v", response, done, err)
		}
		if _, _, err = s.Next(nil); err == nil {
			t.Fatal("an exchange that was over went on")
		}
	}
	if len(m.salted) != 1 {
		t.Errorf("%d salted passwords kept, want 1", len(m.salted))
	}
}

func TestScramVectors(t *testing.T) {
	for _, v := range vectors {
		t.Run(v.name, v.play)
	}
}

// scramServer is the broker's side, written from RFC 5802 section 3 for these tests.
type scramServer struct {
	hash       func() hash.Hash
	password   string
	nonce      string // what it appends
	salt       string
	iterations int
	signed     string
}

func (s *scramServer) mac(key []byte, text string) []byte {
	h := hmac.New(s.hash, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func (s *scramServer) first(clientFirst string) string {
	bare := strings.TrimPrefix(clientFirst, "n,,")
	_, nonce, _ := strings.Cut(bare, ",r=")
	nonce, _, _ = strings.Cut(nonce, ",")
	first := fmt.Sprintf("r=%s%s,s=%s,i=%d", nonce, s.nonce, base64.StdEncoding.EncodeToString([]byte(s.salt)), s.iterations)
	s.signed = bare + "," + first
	return first
}

// final checks the proof and returns the answer.
func (s *scramServer) final(clientFinal string) string {
	without, proof, _ := strings.Cut(clientFinal, ",p=")
	s.signed += "," + without
	salted, err := pbkdf2.Key(s.hash, s.password, []byte(s.salt), s.iterations, s.hash().Size())
	if err != nil {
		panic(err)
	}
	key, _ := base64.StdEncoding.DecodeString(proof)
	h := s.hash()
	h.Write(s.mac(salted, "Client Key"))
	stored := h.Sum(nil)
	for i, b := range s.mac(stored, s.signed) {
		key[i] ^= b
	}
	h = s.hash()
	h.Write(key)
	if !hmac.Equal(h.Sum(nil), stored) {
		return "e=invalid-proof"
	}
	return "v=" + base64.StdEncoding.EncodeToString(s.mac(s.mac(salted, "Server Key"), s.signed))
}

func TestScramAgainstServer(t *testing.T) {
	for _, name := range []string{"alice", "a,b=c", "é", "user 1", "=,=="} {
		for mechanism, h := range map[string]func() hash.Hash{MechanismScramSHA256: sha256.New, MechanismScramSHA512: sha512.New} {
			t.Run(mechanism+" "+name, func(t *testing.T) {
				m := newScram(mechanism, h, name, "pass,word=é", []ScramOption{TokenAuth()})
				server := &scramServer{hash: h, password: "pass,word=é", nonce: "xyz", salt: "salt", iterations: 4096}
				s, first, err := m.Start(t.Context(), Broker{})
				if err != nil {
					t.Fatal(err)
				}
				attributes := strings.Split(string(first), ",")
				if len(attributes) != 5 || attributes[4] != "tokenauth=true" {
					t.Fatalf("first message %q", first)
				}
				if escaped := strings.TrimPrefix(attributes[2], "n="); strings.NewReplacer("=2C", ",", "=3D", "=").Replace(escaped) != name {
					t.Errorf("the name is sent as %q", escaped)
				}
				final, _, err := s.Next([]byte(server.first(string(first))))
				if err != nil {
					t.Fatal(err)
				}
				if _, done, err := s.Next([]byte(server.final(string(final)))); err != nil || !done {
					t.Fatal(done, err)
				}
			})
		}
	}
}

func TestScramWrongPassword(t *testing.T) {
	s, first, _ := ScramSHA256("alice", "wrong").Start(t.Context(), Broker{})
	server := &scramServer{hash: sha256.New, password: "right", nonce: "xyz", salt: "salt", iterations: 4096}
	final, _, err := s.Next([]byte(server.first(string(first))))
	if err != nil {
		t.Fatal(err)
	}
	_, done, err := s.Next([]byte(server.final(string(final))))
	var refused *ServerError
	if done || !errors.As(err, &refused) || refused.Reason != "invalid-proof" {
		t.Errorf("got %v, %v", done, err)
	}
	if _, _, err = s.Next([]byte("v=AAAA")); err == nil {
		t.Error("the exchange went on after its failure")
	}
}

// A broker that takes any proof and doesn't know the password must not be believed.
func TestScramFalseServer(t *testing.T) {
	for name, signature := range map[string]string{
		"zeros":     "v=" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"truncated": "v=" + base64.StdEncoding.EncodeToString(make([]byte, 1)),
		"none":      "v=",
		"nothing":   "",
	} {
		t.Run(name, func(t *testing.T) {
			s, first, _ := ScramSHA256("alice", "secret").Start(t.Context(), Broker{})
			server := &scramServer{hash: sha256.New, nonce: "xyz", salt: "salt", iterations: 4096}
			if _, _, err := s.Next([]byte(server.first(string(first)))); err != nil {
				t.Fatal(err)
			}
			_, done, err := s.Next([]byte(signature))
			if done || err == nil {
				t.Fatal("believed")
			}
			if len(signature) > 2 && !errors.Is(err, ErrServerSignature) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestScramServerFirstFailures(t *testing.T) {
	const nonce = "rOprNGfwEbeRWgbNEkqO"
	good := "r=" + nonce + "x,s=c2FsdA==,i=4096"
	for _, c := range []struct{ name, message, want string }{
		{"empty", "", "not r="},
		{"nonce of another exchange", "r=zzzzNGfwEbeRWgbNEkqOx,s=c2FsdA==,i=4096", "doesn't continue ours"},
		{"our nonce alone", "r=" + nonce + ",s=c2FsdA==,i=4096", "doesn't continue ours"},
		{"half our nonce", "r=" + nonce[:10] + ",s=c2FsdA==,i=4096", "doesn't continue ours"},
		{"nonce with a space", "r=" + nonce + " x,s=c2FsdA==,i=4096", "begin with a nonce"},
		{"one iteration fewer", "r=" + nonce + "x,s=c2FsdA==,i=4095", "4095 iterations; allowed are 4096 to 1000000"},
		{"no iterations", "r=" + nonce + "x,s=c2FsdA==,i=0", "0 iterations"},
		{"one iteration more", "r=" + nonce + "x,s=c2FsdA==,i=1000001", "1000001 iterations"},
		{"endless iterations", "r=" + nonce + "x,s=c2FsdA==,i=99999999999999999999", "beyond all numbers"},
		{"negative iterations", "r=" + nonce + "x,s=c2FsdA==,i=-4096", "no iteration count"},
		{"signed iterations", "r=" + nonce + "x,s=c2FsdA==,i=+4096", "no iteration count"},
		{"iterations with a space", "r=" + nonce + "x,s=c2FsdA==,i= 4096", "no iteration count"},
		{"no salt", "r=" + nonce + "x,s=,i=4096", "no salt"},
		{"salt that is not base64", "r=" + nonce + "x,s==123,i=4096", "not base64"},
		{"salt with a line break", "r=" + nonce + "x,s=c2Fs\ndA==,i=4096", "not base64"},
		{"huge salt", "r=" + nonce + "x,s=" + strings.Repeat("AAAA", 1000) + ",i=4096", "very long"},
		{"other order", "s=c2FsdA==,r=" + nonce + "x,i=4096", "begin with a nonce"},
		{"something between", "r=" + nonce + "x,invalid,s=c2FsdA==,i=4096", "no salt"},
		{"mandatory extension", "m=name," + good, "an extension of SCRAM"},
		{"extension without value", good + ",ext", "no extension"},
		{"extension with an empty value", good + ",ext=", "no extension"},
		{"extension with a number in its name", good + ",ext1=value", "no extension"},
		{"error", "e=unknown-user", `refuses: "unknown-user"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newScram(MechanismScramSHA256, sha256.New, "user", "pencil", nil)
			m.nonce = func() string { return nonce }
			s, _, _ := m.Start(t.Context(), Broker{})
			response, done, err := s.Next([]byte(c.message))
			var e *Error
			if response != nil || done || !errors.As(err, &e) || e.Step != "server first message" || e.Mechanism != MechanismScramSHA256 {
				t.Fatalf("got %q, %v, %v", response, done, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q doesn't say %q", err, c.want)
			}
			if _, _, err = s.Next([]byte(good)); err == nil {
				t.Error("the exchange went on after its failure")
			}
		})
	}
	for _, extension := range []string{"ext=val1", "anotherext=name1=value1 name2=another test value \"'!$[]()", "first=val1,second=name1 = value ,third=123"} {
		if _, err := parseServerFirst(good+","+extension, ""); err != nil {
			t.Errorf("Kafka takes the extension %q: %v", extension, err)
		}
	}
}

func TestScramServerFinal(t *testing.T) {
	for _, c := range []struct{ message, want string }{
		{"v=c2FsdA==", ""},
		{"v=c2FsdA==,ext=val1", ""},
		{"v=1=23", "not base64"},
		{"v=c2FsdA==,ext", "no extension"},
		{"e=unknown-user", `"unknown-user"`},
		{"e=wrong, said secret", `"wrong"`},
		{"e=secret is wrong", `"[hidden] is wrong"`},
		{"", "no signature"},
		{"x=1", "no signature"},
	} {
		_, err := parseServerFinal(c.message, "secret")
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %q", c.message, err, c.want)
		}
	}
}

func TestScramKeepsFewSaltedPasswords(t *testing.T) {
	m := newScram(MechanismScramSHA256, sha256.New, "user", "pencil", nil)
	for i := range 3 * keptSalts {
		if _, err := m.saltedPassword(fmt.Append(nil, "salt", i), minIterations); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.salted) != keptSalts || string(m.salted[keptSalts-1].salt) != fmt.Sprint("salt", 3*keptSalts-1) {
		t.Errorf("%d kept, the last of %q", len(m.salted), m.salted[keptSalts-1].salt)
	}
	a, _ := m.saltedPassword([]byte("same"), minIterations)
	b, _ := m.saltedPassword([]byte("same"), minIterations+1)
	if hmac.Equal(a, b) {
		t.Error("the number of iterations makes no difference")
	}
}

func TestScramManyAtOnce(t *testing.T) {
	m := ScramSHA256("alice", "secret")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			server := &scramServer{hash: sha256.New, password: "secret", nonce: "xyz", salt: "salt", iterations: 4096}
			s, first, err := m.Start(t.Context(), Broker{})
			if err != nil {
				t.Error(err)
				return
			}
			final, _, err := s.Next([]byte(server.first(string(first))))
			if err != nil {
				t.Error(err)
				return
			}
			if _, done, err := s.Next([]byte(server.final(string(final)))); err != nil || !done {
				t.Error(done, err)
			}
		})
	}
	wg.Wait()
}

func TestScramNonce(t *testing.T) {
	m := newScram(MechanismScramSHA256, sha256.New, "user", "pencil", nil)
	a, b := m.nonce(), m.nonce()
	if a == b || len(a) < 24 || !printable(a) {
		t.Errorf("nonces %q and %q", a, b)
	}
}

// What a broker can make a client do before it has shown who it is.
func BenchmarkSaltedPassword(b *testing.B) {
	for _, iterations := range []int{minIterations, maxIterations} {
		b.Run(fmt.Sprintf("SHA-512 %d", iterations), func(b *testing.B) {
			for b.Loop() {
				m := newScram(MechanismScramSHA512, sha512.New, "user", "pencil", nil)
				if _, err := m.saltedPassword([]byte("salt"), iterations); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
