package producer

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"kafkaproducer/client/sasl"
)

// what no text may hold
const marker = "hunter2"

func TestSecret(t *testing.T) {
	s, none := NewSecret(marker), NewSecret("")
	if !s.IsSet() || s.reveal() != marker || none.IsSet() || none.reveal() != "" || none != (Secret{}) {
		t.Errorf("%q, %q", s.reveal(), none.reveal())
	}
	for _, verb := range []string{"%v", "%+v", "%s", "%x", "%X", "%d", "%10s", "%-20v", "%.3s", "%t", "%c", "%U"} {
		if got := fmt.Sprintf(verb, s); got != hidden {
			t.Errorf("%s is %s", verb, got)
		}
	}
	for _, verb := range []string{"%#v", "%q"} {
		if got := fmt.Sprintf(verb+verb, s, none); got != `"[hidden]"""` {
			t.Errorf("%s is %s", verb, got)
		}
	}
	if got := s.GoString() + s.String() + s.LogValue().String() + none.String(); got != `"[hidden]"[hidden][hidden]` {
		t.Error(got)
	}
}

// secretConfig has the marker wherever a secret can be.
func secretConfig(t *testing.T) Config {
	c := Config{BootstrapServers: []string{"seed:9092"}, SecurityProtocol: SASLSSL}
	n := 0
	for v := reflect.ValueOf(&c).Elem(); n < v.NumField(); n++ {
		if f := v.Field(n); f.Type() == reflect.TypeFor[Secret]() {
			f.Set(reflect.ValueOf(NewSecret(marker)))
		}
	}
	c.SASL = sasl.ScramSHA256("user", marker)
	c.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{[]byte(marker)}, PrivateKey: []byte(marker)}}}
	return c
}

// shows fails the test when a text holds the marker, in letters, hexadecimal or decimal.
func shows(t *testing.T, what, text string) {
	t.Helper()
	decimal := strings.Trim(fmt.Sprint([]byte(marker)), "[]")
	for _, form := range []string{marker, fmt.Sprintf("%x", marker), decimal} {
		if strings.Contains(strings.ToLower(text), form) {
			t.Errorf("%s: %s", what, text)
		}
	}
}

// No way to print a Config shows a secret, wherever it is.
func TestConfigShowsNoSecret(t *testing.T) {
	c := secretConfig(t)
	held := struct{ config Config }{c} // fmt calls no method of what is in it
	s, err := c.resolve()
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		for name, v := range map[string]any{"Config": c, "pointer": &c, "exported": struct{ Config Config }{c}, "slice": []Config{c}, "map": map[string]any{"c": c}} {
			shows(t, verb+" of "+name, fmt.Sprintf(verb, v))
		}
		if strings.HasSuffix(verb, "v") {
			shows(t, verb+" of unexported", fmt.Sprintf(verb, held)+fmt.Sprintf(verb, &held)+fmt.Sprintf(verb, s))
		}
	}
	text, err := json.Marshal(c)
	if err != nil || !strings.Contains(string(text), `"SSLKeystoreKey":"[hidden]"`) {
		t.Errorf("JSON: %s, %v", text, err)
	}
	shows(t, "JSON", string(text))
	if text, err = xml.Marshal(c.SSLKeyPassword); err != nil || string(text) != "<Secret>[hidden]</Secret>" {
		t.Errorf("XML: %s, %v", text, err)
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("a config", "config", c, "pointer", &c, "held", held, "secret", c.SASLJAASConfig, slog.Group("g", "secret", c.SSLKeystoreKey))
	}
	shows(t, "log", log.String())
	if n := strings.Count(log.String(), "secret=[hidden]") + strings.Count(log.String(), `"secret":"[hidden]"`); n != 4 {
		t.Errorf("secrets are logged %d times: %s", n, log.String())
	}
}

// secretTexts are properties with the marker in their secrets, right ones and wrong ones.
func secretTexts() []map[string]string {
	var all []map[string]string
	lines := []string{ // of sasl.jaas.config
		marker, "required " + marker, `"` + marker, "{" + marker + "}", "a.B required " + marker + "=1;",
		`a.B required password="` + marker + `";`,
	}
	for _, module := range []string{"plain.PlainLoginModule", "scram.ScramLoginModule", "oauthbearer.OAuthBearerLoginModule"} {
		for _, rest := range []string{
			`username="u" password="%s";`, `username="u" password="%s"`, `username="u" password="%s;`, `username="u" password=%s$!;`, `username="u" password %s;`,
			`username="u" passwort="%s";`, `username="%s";`, `username="u" password="a" %s="b";`, `username="u" password="a" tokenauth="%s";`,
			`username="u" password="a"; %s`, `clientId="i" clientSecret="%s";`, `clientId="i" clientSecret="a" %s;`, `clientId="i" clientSecret="a" extension_1="%s";`,
			"username=\"u\" password=\"\x00%s\";", `unsecuredLoginStringClaim_sub="%s";`,
		} {
			lines = append(lines, "org.apache.kafka.common.security."+module+" required "+fmt.Sprintf(rest, marker))
		}
	}
	for _, protocol := range []string{"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"} {
		for _, p := range properties {
			if p.secret {
				all = append(all, pairs("security.protocol", protocol, p.name, marker))
			}
		}
		all = append(all,
			pairs("security.protocol", protocol, "ssl.keystore.key", marker, "ssl.keystore.certificate.chain", marker),
			pairs("security.protocol", protocol, "ssl.keystore.key", "-----BEGIN PRIVATE KEY-----\n"+marker+"\n-----END PRIVATE KEY-----", "ssl.keystore.certificate.chain", marker),
			pairs("security.protocol", protocol, "ssl.keystore.key", marker, "ssl.keystore.location", "k.pem", "ssl.key.password", marker),
			pairs("security.protocol", protocol, "ssl.truststore.certificates", marker, "ssl.truststore.location", "k.pem", "ssl.truststore.type", "JKS"),
		)
		for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "OAUTHBEARER", "GSSAPI"} {
			for _, line := range lines {
				all = append(all, pairs("security.protocol", protocol, "sasl.mechanism", mechanism, "sasl.jaas.config", line),
					pairs("security.protocol", protocol, "sasl.mechanism", mechanism, "sasl.jaas.config", line, "sasl.oauthbearer.token.endpoint.url", "https://idp"))
			}
			for _, url := range []string{"https://u:hunter2@idp/token", "https://u:hunter2@idp:port/%zz", "u:hunter2@idp", "file://u:hunter2@host/f"} {
				all = append(all, pairs("security.protocol", protocol, "sasl.mechanism", mechanism, "sasl.oauthbearer.token.endpoint.url", url))
			}
		}
	}
	for _, name := range []string{"ssl.keystore.pasword", "sasl.jaas.confg", "sasl.password", "password", "SASL.JAAS.CONFIG", "ssl.key", "token", "linger"} {
		all = append(all, pairs(name, marker))
	}
	return all
}

// No error of FromProperties and New shows one, nor does what New logs.
func TestErrorsShowNoSecret(t *testing.T) {
	failed := 0
	for _, p := range secretTexts() {
		c, err := FromProperties(p)
		if err == nil {
			var log bytes.Buffer
			c.BootstrapServers, c.Logger = []string{"127.0.0.1:1"}, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			var opened *Producer
			if opened, err = New(c); err == nil {
				opened.Close(t.Context())
			}
			shows(t, fmt.Sprintf("the log of %q", p), log.String())
		}
		if err != nil {
			failed++
			shows(t, fmt.Sprintf("the error of %q", p), fmt.Sprintf("%v %+v %#v", err, err, err))
			for _, e := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(e, "kafkaproducer: ") {
					t.Errorf("an error of New: %s", e)
				}
			}
		}
	}
	if failed < 300 {
		t.Errorf("only %d errors", failed)
	}
}

// What Kafka calls a password is a Secret here.
func TestSecretsOfKafka(t *testing.T) {
	for _, p := range properties {
		if !p.secret || p.refused {
			continue
		}
		var c Config
		if err := p.parse(&c, marker); err != nil {
			t.Errorf("%s: %v", p.name, err)
		}
		secrets := 0
		for v, n := reflect.ValueOf(c), 0; n < v.NumField(); n++ {
			if f := v.Field(n); f.Type() == reflect.TypeFor[Secret]() && f.Interface().(Secret).IsSet() {
				secrets++
			}
		}
		if secrets != 1 {
			t.Errorf("%s sets %d secrets", p.name, secrets)
		}
	}
}
