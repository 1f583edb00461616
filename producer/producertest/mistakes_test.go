package producertest

import (
	"errors"
	"strings"
	"testing"
)

// TestMistakesPanic: what can't be asked for is told, and the cluster is still of use.
func TestMistakesPanic(t *testing.T) {
	c := Start(t, Options{Discard: true, Topics: map[string]int32{"t": 1}})
	for want, mistake := range map[string]func(){
		`no topic "nope"`:                      func() { c.DeleteTopic("nope") },
		`topic "t" has no partition 1, it has`: func() { c.MoveLeader("t", 1, 1) },
		"no broker 9":                          func() { c.StopBroker(9) },
		"there is no broker 8":                 func() { c.MoveLeader("t", 0, 8) },
		`there is a topic "t"`:                 func() { c.CreateTopic("t", TopicConfig{}) },
		"a topic's name must":                  func() { c.CreateTopic("no/slash", TopicConfig{}) },
		"a zero Fault":                         func() { c.Inject(Fault{}) },
		"no batches to go back to":             func() { c.TruncateLog("t", 0, 0) },
		"LoseTail: with Options.Discard":       func() { c.LoseTail("t", 0) },
		"producertest: SetTLS: ":               func() { c.SetTLS(nil) },
		"producertest: SetPassword: ":          func() { c.SetPassword("a", "b") },
		"producertest: RemoveUser: ":           func() { c.RemoveUser("a") },
		"producertest: SetSASLMechanisms: ":    func() { c.SetSASLMechanisms("PLAIN") },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.Contains(said, want) {
					t.Errorf("panics with %q, want %q", said, want)
				}
			}()
			mistake()
		}()
	}
	dial(t, c, 1).produce("t", 0, spec{})
}

func TestOptionErrors(t *testing.T) {
	for option, opts := range map[string]Options{
		"Brokers":         {Brokers: -1},
		"Release":         {Release: "3.99"},
		"SASLMechanisms":  {SASLMechanisms: []string{"PLAIN", "SCRAM-SHA256"}},
		"SCRAMIterations": {SCRAMIterations: -1},
		"SessionLifetime": {SessionLifetime: -1},
		"TLS":             {TLS: NewCA("x").ClientConfig()},
		"Topics":          {Topics: map[string]int32{"no/slash": 1}},
		"Topics[t]":       {Topics: map[string]int32{"t": 0}},
		"Users":           {Users: map[string]string{"alice": ""}},
	} {
		_, err := New(opts)
		if bad, ok := errors.AsType[*OptionError](err); !ok || bad.Option != option || !strings.Contains(err.Error(), "Options."+option+" is") {
			t.Errorf("%s: %v", option, err)
		}
	}
}
