package interop

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

const (
	tokenIssuer   = "https://tokens.example"
	tokenAudience = "kafka"
	tokenKey      = "key-1"
)

// tokenClient is who may have tokens, by an id.
type tokenClient struct {
	secret   string
	audience string
	lifetime time.Duration // of its tokens
	forged   bool          // its tokens are signed with a key that isn't published
	issued   atomic.Int32  // tokens
}

// tokenServer is an identity provider: an endpoint for tokens by client credentials (RFC 6749 section 4.4), which are JWTs signed
// with RS256, and one for the key that verifies them (RFC 7517).
type tokenServer struct {
	*httptest.Server
	secure        *httptest.Server // the same over TLS
	key, otherKey *rsa.PrivateKey
	clients       map[string]*tokenClient // by id
}

func newTokenServer(t *testing.T, clients map[string]*tokenClient, config *tls.Config) *tokenServer {
	t.Helper()
	s := &tokenServer{clients: clients}
	for _, key := range []**rsa.PrivateKey{&s.key, &s.otherKey} {
		var err error
		if *key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /keys", s.keys)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.secure = httptest.NewUnstartedServer(mux)
	s.secure.TLS = config
	s.secure.StartTLS()
	t.Cleanup(s.secure.Close)
	return s
}

func (s *tokenServer) tokenURL() string  { return s.URL + "/token" }
func (s *tokenServer) secureURL() string { return s.secure.URL + "/token" }
func (s *tokenServer) keysURL() string   { return s.URL + "/keys" }

func (s *tokenServer) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	c := s.clients[id]
	switch {
	case c == nil || secret != c.secret:
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
	case r.PostFormValue("grant_type") != "client_credentials":
		answer(w, http.StatusBadRequest, map[string]any{"error": "unsupported_grant_type"})
	default:
		c.issued.Add(1)
		answer(w, http.StatusOK, map[string]any{
			"access_token": s.sign(c, id, r.PostFormValue("scope")), "token_type": "Bearer", "expires_in": int(c.lifetime.Seconds()),
		})
	}
}

// sign makes a JWT (RFC 7519).
func (s *tokenServer) sign(c *tokenClient, id, scope string) string {
	now := time.Now()
	signed := base64JSON(map[string]any{"alg": "RS256", "typ": "JWT", "kid": tokenKey}) + "." + base64JSON(map[string]any{
		"iss": tokenIssuer, "aud": c.audience, "sub": id, "scope": scope, "iat": now.Unix(), "exp": now.Add(c.lifetime).Unix(),
	})
	key, sum := s.key, sha256.Sum256([]byte(signed))
	if c.forged {
		key = s.otherKey
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err) // the key is good, and the hash is one
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (s *tokenServer) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": tokenKey,
		"n": base64.RawURLEncoding.EncodeToString(s.key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(s.key.E)).Bytes()),
	}}})
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func base64JSON(v map[string]any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return base64.RawURLEncoding.EncodeToString(text)
}
