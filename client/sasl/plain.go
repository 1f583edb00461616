package sasl

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// plain is the mechanism PLAIN. It is its own session: there is nothing to remember.
type plain struct {
	shown
	username string
	password secret
}

// Plain is the mechanism PLAIN of RFC 4616: the password goes to the broker as it is, so that only TLS keeps it secret.
// Start fails when one of the two is empty, isn't UTF-8 or has a zero byte in it.
func Plain(username, password string) Mechanism {
	return &plain{shown: userShown(MechanismPlain, username), username: username, password: hide(password)}
}

func (p *plain) Name() string { return MechanismPlain }

func (p *plain) Start(context.Context, Broker) (Session, []byte, error) {
	password := p.password()
	if err := checkCredentials(p.username, password); err != nil {
		return nil, nil, &Error{Mechanism: MechanismPlain, Step: "credentials", Err: err}
	}
	// RFC 4616 section 2: [authzid] NUL authcid NUL passwd. Kafka refuses an authzid that isn't the user's own name.
	return p, []byte("\x00" + p.username + "\x00" + password), nil
}

// Next takes the broker's empty answer. PLAIN has no more to say; what a broker adds has no meaning and does no harm.
func (p *plain) Next([]byte) (response []byte, done bool, err error) { return nil, true, nil }

// userShown is what a mechanism with a user name looks like.
func userShown(mechanism, username string) shown {
	return shown(fmt.Sprintf("%s(username %q, password %s)", mechanism, username, hidden))
}

// checkCredentials names what no broker would take.
func checkCredentials(username, password string) error {
	for _, c := range []struct{ name, value string }{{"username", username}, {"password", password}} {
		switch {
		case c.value == "":
			return fmt.Errorf("the %s is empty", c.name)
		case strings.Contains(c.value, "\x00"):
			return fmt.Errorf("the %s has a zero byte in it", c.name)
		case !utf8.ValidString(c.value):
			return errors.New("the " + c.name + " is not UTF-8")
		}
	}
	return nil
}
