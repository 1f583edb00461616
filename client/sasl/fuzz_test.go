package sasl

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The messages of a broker: whatever they are, the password isn't shown, only a well-formed first message is answered,
// and only the right signature is believed.
func FuzzScramServer(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.serverFirst, v.serverFinal)
	}
	f.Add("r=rOprNGfwEbeRWgbNEkqOx,s=c2FsdA==,i=4096,ext=val", "e=other-error")
	f.Add("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=c2FsdA==,i=4096", "v=c2FsdA==,ext=val")
	f.Add("r=rOprNGfwEbeRWgbNEkqOx,s=c2FsdA==,i=1000000", "v=")
	m := newScram(MechanismScramSHA256, sha256.New, "user", secretPassword, nil)
	m.nonce = func() string { return "rOprNGfwEbeRWgbNEkqO" }
	f.Fuzz(func(t *testing.T, first, final string) {
		parsed, parseErr := parseServerFirst(first, "")
		if parseErr == nil && parsed.iterations > 2*minIterations && parsed.iterations <= maxIterations {
			t.Skip("right, and long")
		}
		session, _, err := m.Start(t.Context(), Broker{})
		if err != nil {
			t.Fatal(err)
		}
		s := session.(*scramSession)
		response, done, err := s.Next([]byte(first))
		if done {
			t.Fatal("done before the broker has shown who it is")
		}
		if err != nil {
			checkFailure(t, err, first)
			if response != nil {
				t.Fatal("a response beside an error")
			}
			return
		}
		// A fixed point: what was read says the same as the message.
		again := "r=" + parsed.nonce + ",s=" + base64.StdEncoding.EncodeToString(parsed.salt) + ",i="
		if rest, ok := strings.CutPrefix(first, again); !ok || strings.TrimLeft(rest, "0123456789") != "" && !strings.Contains(rest, ",") {
			t.Fatalf("%q was read as %q", first, again)
		}
		if !bytes.HasPrefix(response, []byte("c=biws,r="+parsed.nonce+",p=")) {
			t.Fatalf("answered %q with %q", first, response)
		}
		_, done, err = s.Next([]byte(final))
		if err != nil {
			checkFailure(t, err, final)
		}
		given, _, _ := strings.Cut(strings.TrimPrefix(final, "v="), ",")
		signature, _ := base64.StdEncoding.DecodeString(given)
		if right := hmac.Equal(signature, s.signature); done != (err == nil) || done && !right {
			t.Fatalf("done %v, %v, with a right signature %v", done, err, right)
		}
	})
}

// checkFailure looks at an error that something from outside led to.
func checkFailure(t *testing.T, err error, input string) {
	t.Helper()
	if leak(err.Error()) != "" && leak(input) == "" {
		t.Fatalf("shows a secret: %v", err)
	}
	if len(err.Error()) > 8*maxSaid*utf8.UTFMax || !utf8.ValidString(err.Error()) {
		t.Fatalf("an error of %d bytes: %q", len(err.Error()), err)
	}
}

func FuzzOAuthBearerServer(f *testing.F) {
	for _, s := range []string{
		"", "{}", `{"status":"invalid_token"}`, `{"status":"x","scope":"y","openid-configuration":"z"}`, `{"status":"` + secretToken + `"}`,
		"n,,\x01auth=Bearer " + secretToken + "\x01\x01", "\xff\xfe", `{"status":1}`, "[[[[",
	} {
		f.Add([]byte(s))
	}
	m := OAuthBearer(fixed(Token{Value: secretToken}))
	f.Fuzz(func(t *testing.T, answer []byte) {
		s, _, err := m.Start(t.Context(), Broker{})
		if err != nil {
			t.Fatal(err)
		}
		response, done, err := s.Next(answer)
		if (err == nil) != (len(answer) == 0) || !done {
			t.Fatalf("%q: done %v, %v", answer, done, err)
		}
		if err == nil {
			return
		}
		var refused *ServerError
		if string(response) != "\x01" || !errors.As(err, &refused) {
			t.Fatalf("answered with %q, %v", response, err)
		}
		if strings.Contains(err.Error(), secretToken) {
			t.Fatalf("shows the token: %v", err)
		}
		if len(err.Error()) > 16*maxSaid*utf8.UTFMax {
			t.Fatalf("an error of %d bytes", len(err.Error()))
		}
	})
}

func FuzzTokenAnswer(f *testing.F) {
	for _, s := range []string{
		"", "{}", "null", `{"access_token":"abc","expires_in":60}`, `{"access_token":"` + jwt(map[string]any{"sub": "a", "exp": 1800000000}) + `"}`,
		`{"id_token":"abc","expires_in":"60"}`, `{"access_token":1}`, `{"access_token":"a.b.c"}`, `{"access_token":"abc","expires_in":1e300}`,
		`{"error":"invalid_client","error_description":"` + secretPassword + `"}`, `{"errorCode":"x","errorSummary":"y"}`, "<html>",
	} {
		f.Add([]byte(s))
	}
	now := time.Unix(1700000000, 0)
	f.Fuzz(func(t *testing.T, body []byte) {
		code, description := parseTokenRefusal(body, secretPassword)
		if strings.Contains(code+description, secretPassword) {
			t.Fatalf("shows the secret: %q, %q", code, description)
		}
		token, err := parseTokenAnswer(body, now, time.Minute)
		if err != nil {
			if len(err.Error()) > 8*maxSaid {
				t.Fatalf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		if !bearerToken(token.Value) || !token.Expiry.After(now) {
			t.Fatalf("%q, which ends at %v, was taken", token.Value, token.Expiry)
		}
		if !json.Valid(body) {
			t.Fatal("an answer was taken that is no JSON")
		}
		if _, err := json.Marshal(token); err != nil {
			t.Fatal(err)
		}
	})
}

// What is read from a line must be read again from the line that quotes it; no error shows more than the module.
func FuzzJAAS(f *testing.F) {
	for _, s := range []string{
		"", "a required;", `a.b required username="alice" password="s\"e\\c\101ret";`, "a required b=c // d\n;", "a optional /* x */ b='c';",
		`a required b="c`, "KafkaClient { a required; };", "a required b=;", "a required b=c b=d;", "a required; b required;", "\xff", "a required é=ü;",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		e, err := parseJAAS(line)
		if err != nil {
			var j *JAASError
			if !errors.As(err, &j) || j.Offset < -1 || j.Offset > len(line) || j.Option != "" {
				t.Fatalf("got %#v", err)
			}
			shown := *j
			shown.Module = ""
			if j.Module != "" && !strings.Contains(line, j.Module) && !strings.Contains(line, `\`) {
				t.Fatalf("module %q is not in the line", j.Module)
			}
			for _, reason := range []string{"module", "semicolon", "name=", "before", "brace", "quotes", "comment", "closed", "empty"} {
				if strings.Contains(shown.Reason, reason) {
					return
				}
			}
			t.Fatalf("a reason that is not one of ours: %v", err)
		}
		quote := func(s string) string {
			return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(s) + `"`
		}
		again := quote(e.module) + " required"
		for _, o := range e.options {
			again += " " + quote(o.name) + "=" + quote(o.value)
		}
		b, err := parseJAAS(again + ";")
		if err != nil || b.module != e.module || len(b.options) != len(e.options) {
			t.Fatalf("%q was read as %q, which can't be read: %v", line, again, err)
		}
		for i, o := range e.options {
			if b.options[i].name != o.name || b.options[i].value != o.value {
				t.Fatalf("%q was read as %q, which is read as %q=%q", line, again, b.options[i].name, b.options[i].value)
			}
		}
		for mechanism := range moduleOf {
			e.module = moduleOf[mechanism]
			if mechanism == MechanismOAuthBearer {
				oauthBearerFrom(e, OIDCConfig{})
			} else {
				passwordFrom(mechanism, e)
			}
		}
	})
}
