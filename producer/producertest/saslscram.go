package producertest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
)

// scramServer is SCRAM (RFC 5802, 7677) without channel binding, as Kafka's ScramSaslServer has it, and stricter where that
// looks away: the header that the client repeats at the end must be the one it began with.
type scramServer struct {
	c         *Cluster
	mechanism string
	hash      func() hash.Hash

	// Known after the first message.
	credential *scramCredential
	user       string
	header     string // gs2-header
	nonce      string // the client's and ours
	said       string // client-first-message-bare and server-first-message
}

func (s *scramServer) Next(response []byte) ([]byte, *Identity, error) {
	if s.credential == nil {
		challenge, err := s.first(string(response))
		return challenge, nil, err
	}
	challenge, err := s.final(string(response))
	if err != nil {
		return nil, nil, err
	}
	return challenge, &Identity{Principal: s.user}, nil
}

// first answers client-first-message.
func (s *scramServer) first(message string) ([]byte, error) {
	parts := strings.Split(message, ",")
	if len(parts) < 4 || parts[0] != "n" {
		return nil, errors.New("the first message doesn't begin with n,")
	}
	s.header = parts[0] + "," + parts[1] + ","
	bare := message[len(s.header):]
	name, named := strings.CutPrefix(parts[2], "n=")
	nonce, numbered := strings.CutPrefix(parts[3], "r=")
	as, acting := strings.CutPrefix(parts[1], "a=")
	if !named || !numbered || nonce == "" || parts[1] != "" && !acting {
		return nil, errors.New("the first message lacks a user or a nonce")
	}
	s.user = unescape.Replace(name)
	token := slices.Contains(parts[4:], "tokenauth=true") // KIP-48
	secret, ok := s.c.password(s.user, token)
	switch {
	case !ok:
		return nil, fmt.Errorf("nobody is named %q", s.user)
	case acting && unescape.Replace(as) != s.user:
		return nil, errOtherUser
	}
	var err error
	if s.credential, err = s.c.credential(s.mechanism, s.hash, secret); err != nil {
		return nil, err
	}
	s.nonce = nonce + rand.Text()
	answer := fmt.Sprintf("r=%s,s=%s,i=%d", s.nonce,
		base64.StdEncoding.EncodeToString(s.credential.salt), s.credential.iterations)
	s.said = bare + "," + answer
	return []byte(answer), nil
}

// final answers client-final-message.
func (s *scramServer) final(message string) ([]byte, error) {
	at := strings.LastIndex(message, ",p=")
	if at < 0 {
		return nil, errors.New("the final message has no proof")
	}
	bare := message[:at]
	binding, nonce, ok := strings.Cut(bare, ",r=")
	if !ok || binding != "c="+base64.StdEncoding.EncodeToString([]byte(s.header)) {
		return nil, errors.New("the final message doesn't repeat how the first began")
	}
	if nonce, _, _ = strings.Cut(nonce, ","); nonce != s.nonce {
		return nil, errors.New("the final message has another nonce")
	}
	proof, err := base64.StdEncoding.DecodeString(message[at+len(",p="):])
	auth := s.said + "," + bare
	signature := mac(s.hash, s.credential.storedKey, auth)
	if err != nil || len(proof) != len(signature) {
		return nil, errors.New("the proof has not the right form")
	}
	subtle.XORBytes(proof, proof, signature) // ClientKey
	if !hmac.Equal(digest(s.hash, proof), s.credential.storedKey) {
		return nil, fmt.Errorf("the password of %q is wrong", s.user)
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(mac(s.hash, s.credential.serverKey, auth))), nil
}

// unescape undoes saslname's way to write ',' and '='.
var unescape = strings.NewReplacer("=2C", ",", "=3D", "=")

func mac(h func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func digest(h func() hash.Hash, b []byte) []byte {
	d := h()
	d.Write(b)
	return d.Sum(nil)
}
