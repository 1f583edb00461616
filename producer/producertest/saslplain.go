package producertest

import (
	"bytes"
	"crypto/subtle"
	"errors"
)

// plainServer is PLAIN (RFC 4616), with what Kafka's PlainSaslServer says.
type plainServer struct{ c *Cluster }

func (s *plainServer) Next(response []byte) ([]byte, *Identity, error) {
	parts := bytes.SplitN(response, []byte{0}, 3)
	if len(parts) != 3 {
		return nil, nil, errors.New("the response has not three parts")
	}
	as, user, given := string(parts[0]), string(parts[1]), parts[2]
	if user == "" || len(given) == 0 {
		return nil, nil, errors.New("no user or no password in the response")
	}
	password, ok := s.c.password(user, false)
	if !ok || subtle.ConstantTimeCompare(given, []byte(password)) == 0 {
		return nil, nil, &SASLError{"Authentication failed: Invalid username or password"}
	}
	if as != "" && as != user {
		return nil, nil, errOtherUser
	}
	return []byte{}, &Identity{Principal: user}, nil
}

// errOtherUser refuses a client that wants to act for somebody else.
var errOtherUser = &SASLError{"Authentication failed: Client requested an authorization id that is different from username"}
