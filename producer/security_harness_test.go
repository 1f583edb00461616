package producer_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// What gets nobody anywhere who reads it here.
const (
	password = "pass word;=,\"'\\"
	token    = "eyJ0b2tlbiI.c2VjcmV0.c2lnbmF0dXJl"
)

// secrets are texts that must not be in a log or an error.
var secrets = []string{password, token, "wrong-password", "evil.token", "key phrase"}

// journal is a log that can be read back.
type journal struct {
	mu    sync.Mutex
	text  bytes.Buffer
	lines []slog.Record
	out   slog.Handler
}

func newJournal(t *testing.T) *journal {
	j := &journal{}
	j.out = slog.NewTextHandler(writers{&j.text, t.Output()}, &slog.HandlerOptions{Level: slog.LevelDebug})
	return j
}

// writers writes to both.
type writers [2]interface{ Write([]byte) (int, error) }

func (w writers) Write(b []byte) (int, error) {
	w[0].Write(b)
	return w[1].Write(b)
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithGroup(string) slog.Handler            { panic("no groups are expected") }

func (j *journal) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &within{j, j.out.WithAttrs(attrs)}
}

func (j *journal) Handle(ctx context.Context, r slog.Record) error { return j.write(ctx, j.out, r) }

func (j *journal) write(ctx context.Context, out slog.Handler, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, r)
	return out.Handle(ctx, r)
}

// within is a journal with attributes.
type within struct {
	*journal
	out slog.Handler
}

func (w *within) Handle(ctx context.Context, r slog.Record) error { return w.write(ctx, w.out, r) }
func (w *within) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &within{w.journal, w.out.WithAttrs(attrs)}
}

// count returns how many lines of at least a level have a message.
func (j *journal) count(level slog.Level, message string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, r := range j.lines {
		if r.Level >= level && strings.Contains(r.Message, message) {
			n++
		}
	}
	return n
}

// errors returns what the lines with a message have under the key error.
func (j *journal) errors(message string) (errs []error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, r := range j.lines {
		r.Attrs(func(a slog.Attr) bool {
			if err, ok := a.Value.Any().(error); ok && a.Key == "error" && strings.Contains(r.Message, message) {
				errs = append(errs, err)
			}
			return true
		})
	}
	return errs
}

// tellsNoSecret fails the test for each secret in what was logged, and in the errors however they are printed.
func (j *journal) tellsNoSecret(t *testing.T, errs ...error) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	texts := []string{j.text.String()}
	for _, err := range errs {
		texts = append(texts, fmt.Sprintf("%v\n%+v\n%#v\n%q", err, err, err, err))
	}
	for _, s := range secrets {
		for _, text := range texts {
			if strings.Contains(text, s) || strings.Contains(text, fmt.Sprintf("%q", s)[1:len(s)+1]) {
				t.Errorf("%q is in %s", s, text)
			}
		}
	}
}

// quoted is a text as a value in a JAAS line.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// jaas is a line for a login module.
func jaas(module, user, password string) string {
	return fmt.Sprintf("%s required username=%s password=%s;", module, quoted(user), quoted(password))
}

// The login modules of Kafka.
const (
	plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule"
	scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule"
)

// login is how a producer authenticates.
type login struct {
	mechanism string
	set       func(*producer.Config) // user alice's
	wrong     func(*producer.Config) // what a broker refuses
}

func byJAAS(mechanism, module string) login {
	with := func(password string) func(*producer.Config) {
		return func(c *producer.Config) {
			c.SASLMechanism, c.SASLJAASConfig = mechanism, producer.NewSecret(jaas(module, "alice", password))
		}
	}
	return login{mechanism, with(password), with("wrong-password")}
}

func byToken() login {
	with := func(value string) func(*producer.Config) {
		return func(c *producer.Config) {
			c.SASLOAuthBearerToken = func(context.Context) (producer.Token, error) {
				return producer.Token{Value: value, Extensions: map[string]string{"logicalCluster": "c1"}}, nil
			}
		}
	}
	return login{"OAUTHBEARER", with(token), with("evil.token")}
}

var logins = []login{
	byJAAS("PLAIN", plainModule), byJAAS("SCRAM-SHA-256", scramModule), byJAAS("SCRAM-SHA-512", scramModule), byToken(),
}

// guarded are options of a cluster that user alice may send to, by any mechanism.
func guarded() producertest.Options {
	return producertest.Options{
		Brokers: 3, Topics: map[string]int32{"t": 6},
		Users:       map[string]string{"alice": password},
		OAuthBearer: producertest.StaticToken(token, "alice", time.Time{}),
	}
}

// trust makes a config speak TLS with brokers of an authority.
func trust(c *producer.Config, ca *producertest.CA) {
	c.SSLTruststoreCertificates = producer.NewSecret(ca.CertificatePEM())
	c.SecurityProtocol = map[producer.SecurityProtocol]producer.SecurityProtocol{
		producer.Plaintext: producer.SSL, producer.SASLPlaintext: producer.SASLSSL,
	}[c.SecurityProtocol]
}

// wantPrincipal fails unless all that was produced was by one client.
func wantPrincipal(t *testing.T, c *producertest.Cluster, want string) {
	t.Helper()
	sent := c.Requests(protocol.ProduceKey)
	for _, r := range sent {
		if r.Principal != want {
			t.Fatalf("a request by %q, want %q", r.Principal, want)
		}
	}
	if len(sent) == 0 {
		t.Error("nothing was sent")
	}
}
