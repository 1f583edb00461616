package sasl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The secrets of these tests: a letter of each is in no other word.
const (
	secretPassword = "zqPASS/+=word%zq"
	secretToken    = "zqTOKEN.zqpayload.zqsignature"
	secretExt      = "zqEXTENSIONzq"
)

// leak returns the secret that text holds, in any form.
func leak(text string) string {
	for _, secret := range []string{secretPassword, secretToken, secretExt} {
		quoted, _ := json.Marshal(secret)
		for _, form := range []string{
			secret, url.QueryEscape(secret), string(quoted[1 : len(quoted)-1]), fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret),
			strings.Trim(fmt.Sprint([]byte(secret)), "[]"), base64.StdEncoding.EncodeToString([]byte(secret)),
			base64.StdEncoding.EncodeToString([]byte("me:" + secret)),
		} {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	if strings.Contains(strings.ToLower(text), "zq") {
		return "a part of a secret"
	}
	return ""
}

// wantNoSecrets prints v in every way there is.
func wantNoSecrets(t *testing.T, what string, v any) {
	t.Helper()
	type exported struct{ V any }
	type unexported struct{ v any }
	type list []any
	values := []any{v, exported{v}, &exported{v}, list{v}, map[string]any{"v": v}}
	switch v.(type) {
	case Token, *Token, OIDCConfig, *OIDCConfig: // whose exported fields nothing can hide from a struct's own printing
	default:
		values = append(values, unexported{v}, &unexported{v})
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%T", "%10v", "%t"} {
			if text := fmt.Sprintf(verb, value); leak(text) != "" {
				t.Errorf("%s with %s shows %q: %s", what, verb, leak(text), text)
			}
		}
		if text, err := json.Marshal(value); leak(string(text)) != "" || err != nil && leak(err.Error()) != "" {
			t.Errorf("%s as JSON shows %q: %s (%v)", what, leak(string(text)), text, err)
		}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", value)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", value)
		if leak(log.String()) != "" {
			t.Errorf("%s in a log shows %q: %s", what, leak(log.String()), &log)
		}
	}
	if text := fmt.Sprintln(v); leak(text) != "" {
		t.Errorf("%s with Println: %s", what, text)
	}
}

func TestSecretsAreNotShown(t *testing.T) {
	token := Token{Value: secretToken, Principal: "alice", Expiry: time.Now().Add(time.Hour), Extensions: map[string]string{"a": secretExt}}
	config := OIDCConfig{
		TokenEndpointURL: "https://u:" + secretPassword + "@localhost/token?k=" + secretExt + "#" + secretExt,
		ClientID:         "me", ClientSecret: secretPassword, Extensions: map[string]string{"a": secretExt},
	}
	usable := config
	usable.TokenEndpointURL = "https://localhost/token?k=" + secretExt
	oidc, err := NewOIDC(usable)
	if err != nil {
		t.Fatal(err)
	}
	oidc.token = &token
	scram := newScram(MechanismScramSHA512, sha512.New, "alice", secretPassword, nil)
	scram.nonce = func() string { return "nonce" } // a random one may look like a secret's part
	fromJAAS, err := FromJAAS("OAUTHBEARER", oauthBearerModule+fmt.Sprintf(` required clientSecret=%q extension_a=%q;`, secretPassword, secretExt), usable)
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string]any{
		"Plain": Plain("alice", secretPassword), "ScramSHA256": ScramSHA256("alice", secretPassword), "ScramSHA512": scram,
		"OAuthBearer": OAuthBearer(fixed(token)), "FromJAAS": fromJAAS,
		"Token": token, "*Token": &token, "OIDCConfig": config, "*OIDCConfig": &config, "OIDC": oidc,
	} {
		wantNoSecrets(t, what, v)
	}
	for _, m := range []Mechanism{Plain("alice", secretPassword), scram, OAuthBearer(fixed(token))} {
		s, _, err := m.Start(t.Context(), Broker{})
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := s.(fmt.Formatter); !ok {
			t.Errorf("the session of %s shows its fields: %T", m.Name(), s)
		}
		wantNoSecrets(t, "session of "+m.Name(), s)
	}
}

// wantError looks at err and all that it wraps.
func wantError(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		wantNoSecrets(t, what, e)
	}
}

func TestErrorsOfExchangesHoldNoSecrets(t *testing.T) {
	scram := newScram(MechanismScramSHA256, sha256.New, "alice", secretPassword, nil)
	scram.nonce = func() string { return "abc" }
	bearer := OAuthBearer(fixed(Token{Value: secretToken}))
	for _, c := range []struct {
		name    string
		m       Mechanism
		answers []string
	}{
		{"PLAIN with a zero byte", Plain("alice", secretPassword+"\x00"), nil},
		{"SCRAM, nonsense", scram, []string{secretPassword}},
		{"SCRAM, refused", scram, []string{"e=" + secretPassword}},
		{"SCRAM, refused at the end", scram, []string{"r=abcdef,s=c2FsdA==,i=4096", "e=" + secretPassword}},
		{"SCRAM, wrong signature", scram, []string{"r=abcdef,s=c2FsdA==,i=4096", "v=c2FsdA=="}},
		{"OAUTHBEARER, an echo", bearer, []string{"n,,\x01auth=Bearer " + secretToken + "\x01\x01"}},
		{"OAUTHBEARER, an echo in JSON", bearer, []string{`{"status":"` + secretToken + `","scope":"` + secretToken + `","openid-configuration":"` + secretToken + `"}`}},
		{"OAUTHBEARER, a token that can't be", OAuthBearer(fixed(Token{Value: secretToken + "\x01"})), nil},
		{"OAUTHBEARER, an extension that can't be", OAuthBearer(fixed(Token{Value: secretToken, Extensions: map[string]string{"a": secretExt + "\x01"}})), nil},
	} {
		s, _, err := c.m.Start(t.Context(), Broker{})
		for i := 0; err == nil && i < len(c.answers); i++ {
			_, _, err = s.Next([]byte(c.answers[i]))
		}
		wantError(t, c.name, err)
	}
}

func TestErrorsOfJAASLinesHoldNoSecrets(t *testing.T) {
	for _, secret := range []string{secretPassword, "zqlettersonlyzq"} {
		for _, line := range []string{
			`M required password="S`, `M required password='S`, `M required password='S" username="x";`, `M required password=S`, `M required password=x S=;`,
			`M required S;`, `M required username=a S=b;`, `M required username=a password=xS=;`, `M S;`, `S M required;`, `S`, `"S"`, `/* S`,
			`M required password="S" "S";`, `M required password="S" "S"=x;`, `M required password="S" password="S";`, `M required password="S";`,
			`M required tokenauth="S" username=a password=b;`, `M required username="a" password="S"; x`, `M required username="a" password="S"; "S"`,
			`M required username="a" password="S\0";`, `M required username="a" password="S" S`,
		} {
			line = strings.NewReplacer("M", scramModule, "S", secret).Replace(line)
			_, err := FromJAAS("SCRAM-SHA-256", line, OIDCConfig{})
			wantError(t, "JAAS line "+line, err)
		}
	}
}

func TestErrorsOfTheTokenEndpointHoldNoSecrets(t *testing.T) {
	withSecrets := func(c *OIDCConfig) { c.ClientID, c.ClientSecret = "me", secretPassword }
	for what, handler := range map[string]http.HandlerFunc{
		"echo of the header": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(401)
			_, secret, _ := r.BasicAuth()
			fmt.Fprintf(w, `{"error":"%s","error_description":%q}`, r.Header.Get("Authorization"), secret)
		},
		"token under another name": says(200, `{"accessToken":"`+secretToken+`"}`),
		"secret as a page":         says(503, secretPassword),
		"redirect":                 http.RedirectHandler("https://x:"+url.QueryEscape(secretPassword)+"@localhost/?c="+url.QueryEscape(secretPassword), http.StatusFound).ServeHTTP,
	} {
		s := httptest.NewServer(handler)
		_, err := askOnce(t, s.URL+"/?key="+secretExt, withSecrets)
		s.Close()
		wantError(t, what, err)
	}
	_, err := askOnce(t, "http://localhost/?key="+secretExt, func(c *OIDCConfig) { withSecrets(c); c.Dial = echoDial })
	wantError(t, "an endpoint that is an echo", err)
}

// echoDial connects to one who repeats what is said, but for the word that would make it a request.
func echoDial(context.Context, string, string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		b := make([]byte, 4096)
		n, _ := theirs.Read(b)
		_, header, _ := strings.Cut(string(b[:n]), "Authorization: ")
		fmt.Fprintf(theirs, "%s\r\n\r\n", header)
	}()
	return ours, nil
}
