package tlsfiles

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNoSecretIsShown(t *testing.T) {
	const secret = "open-sesame"
	f := Files{
		TruststoreCertificates: secret, TruststorePassword: secret, KeystoreCertificateChain: secret, KeystoreKey: secret,
		KeystorePassword: secret, KeyPassword: secret, TruststoreLocation: "/etc/trust.pem", Logger: slog.Default(),
	}
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, f), fmt.Sprintf(verb, &f), fmt.Sprintf(verb, []Files{f}), fmt.Sprintf(verb, struct{ F Files }{f}))
	}
	b, err := json.Marshal(struct{ F *Files }{&f})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "files", f, "pointer", &f)
	texts = append(texts, string(b), log.String())
	if _, err := f.Config(); err == nil {
		t.Error("no error")
	} else {
		texts = append(texts, err.Error())
	}
	for _, text := range texts {
		if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
			t.Errorf("shown: %s", text)
		}
	}
	if !strings.Contains(texts[4], "[hidden]") || !strings.Contains(texts[4], "/etc/trust.pem") {
		t.Errorf("printed as %s", texts[4])
	}
}

// A begin line that lacks a dash runs on into the key.
func TestDamagedKeyIsNotShown(t *testing.T) {
	const secret = "MHcCAQEEIOpenSesame"
	for _, text := range []string{
		"-----BEGIN EC PRIVATE KEY---- " + secret + " -----END EC PRIVATE KEY-----",
		"-----BEGIN EC PRIVATE KEY----\n" + secret + "\n-----END EC PRIVATE KEY-----\n",
		"-----BEGIN EC PRIVATE KEY " + secret,
	} {
		_, err := Files{KeystoreKey: text, KeystoreCertificateChain: testdata(t, "cert.pem")}.Config()
		if err == nil || !strings.Contains(err.Error(), "ssl.keystore.key") || strings.Contains(err.Error(), secret[:8]) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
