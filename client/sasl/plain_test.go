package sasl

import (
	"errors"
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	m := Plain("tim", "tanstaaftanstaaf") // RFC 4616 section 4
	s, initial, err := m.Start(t.Context(), Broker{Host: "broker", Port: 9092, NodeID: 1})
	if err != nil || string(initial) != "\x00tim\x00tanstaaftanstaaf" {
		t.Fatalf("got %q, %v", initial, err)
	}
	if response, done, err := s.Next(nil); response != nil || !done || err != nil {
		t.Errorf("got %q, %v, %v", response, done, err)
	}
}

func TestCredentialsThatNoBrokerTakes(t *testing.T) {
	for _, c := range []struct{ name, username, password, want string }{
		{"no username", "", "secret", "the username is empty"},
		{"no password", "alice", "", "the password is empty"},
		{"zero byte in username", "al\x00ice", "secret", "the username has a zero byte"},
		{"zero byte in password", "alice", "sec\x00ret", "the password has a zero byte"},
		{"username of other bytes", "al\xff", "secret", "the username is not UTF-8"},
		{"password of other bytes", "alice", "sec\xff", "the password is not UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range []Mechanism{Plain(c.username, c.password), ScramSHA256(c.username, c.password), ScramSHA512(c.username, c.password)} {
				s, initial, err := m.Start(t.Context(), Broker{})
				var e *Error
				if s != nil || initial != nil || !errors.As(err, &e) || e.Mechanism != m.Name() || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: got %v, %q, %v", m.Name(), s, initial, err)
				}
			}
		})
	}
}

func TestKnown(t *testing.T) {
	for _, m := range []Mechanism{Plain("a", "b"), ScramSHA256("a", "b"), ScramSHA512("a", "b"), OAuthBearer(nil)} {
		if !Known(m.Name()) {
			t.Errorf("%s is not known", m.Name())
		}
		if moduleOf[m.Name()] == "" {
			t.Errorf("%s has no login module", m.Name())
		}
	}
	for _, name := range []string{"", "plain", "GSSAPI", "SCRAM-SHA-1", "AWS_MSK_IAM"} {
		if Known(name) {
			t.Errorf("%q is known", name)
		}
	}
}
