package interop

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/client/sasl"
	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
	"kafkaproducer/protocol"
)

const wrongPassword = "no such secret"

// refusal is a way that must not get in, and what is said about it.
type refusal struct {
	way
	step   string
	cause  func(*client.AuthError) bool
	advice string // a part of it
}

func (g *guarded) refusals(t *testing.T) []refusal {
	trusted, other := trust(g.authority), newAuthority()
	is := func(code protocol.ErrorCode) func(*client.AuthError) bool {
		return func(e *client.AuthError) bool { return errors.Is(e, code) }
	}
	anything := func(*client.AuthError) bool { return true }
	refusals := []refusal{
		{way{"mechanism that the broker doesn't take", g.at("FEW", "SASL_PLAINTEXT", g.login("SCRAM-SHA-512"))},
			client.StepSaslHandshake, func(e *client.AuthError) bool {
				return errors.Is(e, protocol.UnsupportedSaslMechanism) && slices.Equal(slices.Sorted(slices.Values(e.Mechanisms)), []string{"PLAIN", "SCRAM-SHA-256"})
			}, "PLAIN"},
		{way{"authority that isn't trusted", g.at("SSL", "SSL", trust(other))},
			client.StepTLS, as[x509.UnknownAuthorityError], "ssl.truststore"},
		{way{"certificate for another host", g.at("FOREIGN", "SSL", trusted)},
			client.StepTLS, as[x509.HostnameError], ""},
		{way{"certificate that is expired", g.at("EXPIRED", "SSL", trusted)},
			client.StepTLS, as[x509.CertificateInvalidError], ""},
		{way{"no client certificate", g.at("MUTUAL", "SSL", trusted)},
			client.StepTLS, anything, "ssl.keystore"},
		{way{"no client certificate with TLS 1.2", g.at("MUTUAL", "SSL", trusted, tls12)},
			client.StepTLS, anything, "ssl.keystore"},
		{way{"client certificate of another authority", g.at("MUTUAL", "SSL", trusted, show(other.Client("client")))},
			client.StepTLS, anything, "trust store"},
		{way{"plain text to a TLS port", g.at("SSL", "PLAINTEXT")},
			client.StepTLS, anything, "security.protocol"},
		{way{"login in plain text to a TLS port", g.at("SASL_SSL", "SASL_PLAINTEXT", g.login("PLAIN"))},
			client.StepTLS, anything, "security.protocol"},
		{way{"TLS to a plain port", g.at("SASL_PLAINTEXT", "SSL", trusted)},
			client.StepTLS, anything, "security.protocol"},
		{way{"login where none is asked for", g.at("SSL", "SASL_SSL", trusted, g.login("PLAIN"))},
			client.StepSaslHandshake, is(protocol.IllegalSaslState), "security.protocol"},
		{way{"no login where one is asked for", g.at("SASL_PLAINTEXT", "PLAINTEXT")},
			client.StepSaslHandshake, anything, "security.protocol=SASL_PLAINTEXT and sasl.mechanism to one that it takes (PLAIN,"},
		{way{"no login where one is asked for over TLS", g.at("SASL_SSL", "SSL", trusted)},
			client.StepSaslHandshake, anything, "security.protocol=SASL_SSL and sasl.mechanism"},
		{way{"wrong secret at the token endpoint", g.at("SASL_SSL", "SASL_SSL", trusted, g.bearer(service, wrongPassword))},
			client.StepSaslAuthenticate, as[*sasl.TokenError], ""},
		{way{"token that is forged", g.at("SASL_SSL", "SASL_SSL", trusted, g.bearer(forger, clientSecret))},
			client.StepSaslAuthenticate, as[*sasl.ServerError], ""},
		{way{"token for another audience", g.at("SASL_SSL", "SASL_SSL", trusted, g.bearer(stranger, clientSecret))},
			client.StepSaslAuthenticate, as[*sasl.ServerError], ""},
	}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		refusals = append(refusals, refusal{way{"wrong password with " + mechanism, g.at("SASL_SSL", "SASL_SSL", trusted, jaas(mechanism, wrongPassword))},
			client.StepSaslAuthenticate, is(protocol.SaslAuthenticationFailed), "sasl.jaas.config"})
	}
	return refusals
}

func as[E error](e *client.AuthError) bool {
	_, ok := errors.AsType[E](e)
	return ok
}

// A broker and a producer that don't let each other in: Send returns an error that says why, at once and not after max.block.ms, and
// without secrets. The log says so once, though connecting is tried again.
func testRefused(t *testing.T, g *guarded) {
	for _, r := range g.refusals(t) {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var log syncBuffer
			attempts := &dials{}
			config := newConfig(t, g.Cluster, join(r.properties, properties{"max.block.ms": "50000"}))
			config.Dial = attempts.dial
			config.Logger = slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), &log), nil))
			p := startProducer(t, config)
			begin := time.Now()
			err := p.Send(ctx, producer.Record{Topic: "refused", Value: []byte("v")}, nil)
			took := time.Since(begin)
			e, ok := errors.AsType[*client.AuthError](err)
			if !ok {
				t.Fatalf("after %v: %v", took, err)
			}
			t.Logf("after %v: %v", took.Round(time.Millisecond), err)
			if took > 20*time.Second {
				t.Errorf("said after %v", took)
			}
			if e.Step != r.step || !r.cause(e) || !strings.Contains(e.Advice, r.advice) {
				t.Errorf("step %q, cause %T %v, advice %q", e.Step, e.Err, e.Err, e.Advice)
			}
			if e.Addr != r.properties["bootstrap.servers"] || e.Mechanism != r.properties["sasl.mechanism"] && e.Step != client.StepTLS {
				t.Errorf("address %s, mechanism %q", e.Addr, e.Mechanism)
			}
			for _, secret := range []string{password, clientSecret, wrongPassword, "eyJ"} {
				if strings.Contains(err.Error()+log.String(), secret) {
					t.Errorf("%q is in the error or in the log", secret)
				}
			}
			attempts.await(t, 4)
			if lines := strings.Count(log.String(), "error="); lines != 1 {
				t.Errorf("%d lines of the log tell of it after %d attempts", lines, attempts.begun.Load())
			}
		})
	}
}

// A broker must have a certificate for the name that the metadata give it, even if it has one for the name by which the client found it.
func testMetadataName(t *testing.T, g *guarded) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	topic := newTopic(t, g.Cluster, kafka.Topic{Partitions: 1})
	p := startProducer(t, newConfig(t, g.Cluster, join(g.at("LOCALHOST", "SSL", trust(g.authority)), g.by("localhost", "LOCALHOST"),
		properties{"request.timeout.ms": "1000", "delivery.timeout.ms": "2000"})))
	_, err := p.SendSync(ctx, producer.Record{Topic: topic, Value: []byte("v")})
	e, ok := errors.AsType[*client.AuthError](err)
	if !ok || e.Step != client.StepTLS || e.NodeID != g.Brokers[0].ID || !as[x509.HostnameError](e) || !strings.Contains(e.Advice, "127.0.0.1") {
		t.Fatalf("got %v", err)
	}
	t.Log(err)
}

// syncBuffer takes what several goroutines write.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder // guarded by mu
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
