package producertest

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"fmt"
	"hash"
	"maps"
)

// accounts are who may come in. Guarded by the cluster's mu.
type accounts struct {
	mechanisms []string          // replaced as a whole; none, and no maps: anybody may
	passwords  map[string]string // of users
	tokens     map[string]string // HMACs of delegation tokens by token id
	salted     map[saltedKey]*scramCredential
}

// saltedKey is what a credential for SCRAM is of.
type saltedKey struct {
	mechanism, secret string
}

// scramCredential is what a broker keeps of a password (RFC 5802 section 3). It is immutable.
type scramCredential struct {
	salt                 []byte
	iterations           int
	storedKey, serverKey []byte
}

func newAccounts(o *Options) accounts {
	a := accounts{mechanisms: o.mechanisms()}
	if len(a.mechanisms) > 0 {
		a.passwords, a.tokens = map[string]string{}, maps.Clone(o.DelegationTokens)
		a.salted = map[saltedKey]*scramCredential{}
		maps.Copy(a.passwords, o.Users)
	}
	return a
}

// SetPassword changes the password of a user, or adds one. It counts when somebody authenticates from now on: sessions
// that there are go on until they end, as in Kafka.
func (c *Cluster) SetPassword(user, password string) {
	c.mustAuthenticate("SetPassword")
	if user == "" || password == "" {
		panic(fmt.Sprintf("producertest: SetPassword: user %q needs a name and a password", user))
	}
	c.locked(func() { c.accounts.passwords[user] = password })
}

// RemoveUser takes a user away, with what SetPassword says of sessions.
func (c *Cluster) RemoveUser(user string) {
	c.mustAuthenticate("RemoveUser")
	c.locked(func() { delete(c.accounts.passwords, user) })
}

// password returns the password of a user, or the HMAC of a delegation token.
func (c *Cluster) password(name string, token bool) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := c.accounts.passwords
	if token {
		from = c.accounts.tokens
	}
	secret, ok := from[name]
	return secret, ok
}

// credential returns the credential for a secret. To make one takes its time, so they are kept.
func (c *Cluster) credential(mechanism string, h func() hash.Hash, secret string) (*scramCredential, error) {
	key := saltedKey{mechanism, secret}
	c.mu.Lock()
	kept := c.accounts.salted[key]
	c.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	made := &scramCredential{salt: make([]byte, 16), iterations: c.opts.SCRAMIterations}
	rand.Read(made.salt)
	salted, err := pbkdf2.Key(h, secret, made.salt, made.iterations, h().Size())
	if err != nil {
		return nil, err
	}
	clientKey := mac(h, salted, "Client Key")
	made.storedKey, made.serverKey = digest(h, clientKey), mac(h, salted, "Server Key")
	c.locked(func() { c.accounts.salted[key] = made })
	return made, nil
}
