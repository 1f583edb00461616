package producer

import (
	"crypto/tls"
	"errors"
	"reflect"
	"strings"
	"testing"

	"kafkaproducer/client/sasl"
)

func TestUnknownPropertySuggestsTheNearest(t *testing.T) {
	for name, nearest := range map[string]string{
		"lingerMs":         "linger.ms",
		"linger_ms":        "linger.ms",
		"LINGER.MS":        "linger.ms",
		"compression":      "compression.type",
		"bootstrap.server": "bootstrap.servers",
		"retry.backoff":    "retry.backoff.ms",
		"key.serialiser":   "key.serializer",
		"":                 "acks",
	} {
		_, err := FromProperties(map[string]string{name: "5"})
		want := `kafkaproducer: ` + name + ` = "[hidden]": there is no such property; the nearest is ` + nearest
		if err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

func TestEditDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"linger.sm", "linger.ms", 2},
		{"flaw", "lawn", 2}, {strings.Repeat("a", 1000), "b", 100},
	} {
		if got := editDistance(test.a, test.b); got != test.want {
			t.Errorf("from %.20q to %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestWrongPropertiesGiveNoConfig(t *testing.T) {
	c, err := FromProperties(map[string]string{"client.id": "me", "acks": "5"})
	if err == nil || !reflect.DeepEqual(c, Config{}) {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestNoPropertiesAreTheZeroConfig(t *testing.T) {
	c, err := FromProperties(nil)
	if err != nil || !reflect.DeepEqual(c, Config{}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// A property is accepted, and then makes settings, or is an error that names it; of two properties the errors don't depend on
// the other's presence, but for contradictions.
func FuzzFromProperties(f *testing.F) {
	for _, row := range goldenRows(f, "values.tsv") {
		f.Add(row[0], row[1], "linger.ms", "5")
	}
	f.Add("acks", "1", "enable.idempotence", "true")
	f.Add("bootstrap.servers", "[::1]:9092,a:1", "delivery.timeout.ms", "1000")
	f.Fuzz(func(t *testing.T, name1, value1, name2, value2 string) {
		c, err := FromProperties(map[string]string{name1: value1, name2: value2})
		if err != nil {
			var e *ConfigError
			if !errors.As(err, &e) || e.Property == "" && name1 != "" && name2 != "" {
				t.Fatalf("%v", err)
			}
			if propertyNamed[name1] == nil && !strings.Contains(err.Error(), name1) {
				t.Errorf("%v doesn't name %q", err, name1)
			}
			return
		}
		if propertyNamed[name1] == nil || propertyNamed[name2] == nil {
			t.Fatalf("%q and %q were accepted", name1, name2)
		}
		if len(c.BootstrapServers) == 0 {
			c.BootstrapServers = []string{"seed:9092"}
		}
		c.KeySerializer, c.ValueSerializer = "", "" // those of other types are for TypedFromConfig
		if c.SecurityProtocol.tls() {
			c.TLS = new(tls.Config) // instead of files that aren't there
		}
		if c.SecurityProtocol.sasl() {
			c.SASLMechanism, c.SASL = "", sasl.Plain("user", "password") // which may still be missing
		}
		s, err := c.resolve()
		if err != nil {
			t.Fatalf("FromProperties took what New does not: %v", err)
		}
		if least := s.linger + s.client.RequestTimeout; s.deliveryTimeout < least && least > 0 {
			t.Errorf("delivery.timeout.ms %v, linger.ms %v, request.timeout.ms %v", s.deliveryTimeout, s.linger, s.client.RequestTimeout)
		}
		if s.idempotent && (s.acks != AcksAll || s.retries == 0 || s.client.MaxInFlightRequestsPerConnection > 5) {
			t.Errorf("idempotent with %+v", s)
		}
	})
}

// The serializers' names wait in the Config for TypedFromConfig; New, which takes bytes, refuses all but bytes.
func TestSerializerPropertiesReachTyped(t *testing.T) {
	c, err := FromProperties(map[string]string{
		"key.serializer":   "org.apache.kafka.common.serialization.LongSerializer",
		"value.serializer": "UUIDSerializer",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := serializerFor[int64]("key.serializer", c.KeySerializer); err != nil {
		t.Error(err)
	}
	if _, err := serializerFor[[16]byte]("value.serializer", c.ValueSerializer); err != nil {
		t.Error(err)
	}
	if _, err := serializerFor[string]("key.serializer", c.KeySerializer); err == nil {
		t.Error("a string was taken for LongSerializer")
	}
}
