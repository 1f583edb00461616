package sasl

import (
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestJAASLines(t *testing.T) {
	type options = map[string]string
	for _, c := range []struct {
		name, line string
		want       options
	}{
		// Kafka's JaasContextTest.
		{"no options", `test.Module required;`, options{}},
		{"other flag", `test.Module REQUISITE propName=propValue;`, options{"propName": "propValue"}},
		{"several", `test.Module sufficient propName0=propValue0 propName1=propValue1;`, options{"propName0": "propValue0", "propName1": "propValue1"}},
		{"quoted values", `test.Module optional propName="prop value" propName2="value1 = 1, value2 = 2";`, options{"propName": "prop value", "propName2": "value1 = 1, value2 = 2"}},
		{"quoted name", `test.Module required "prop name"=propValue;`, options{"prop name": "propValue"}},
		{"quoted number", `test.Module required option1="3";`, options{"option1": "3"}},
		// What StreamTokenizer does beyond that.
		{"single quotes", `test.Module required a='it is "so"' b="it's";`, options{"a": `it is "so"`, "b": "it's"}},
		{"escapes", `test.Module required a="\"\\\'\t\n\r\a\b\f\v\q\é";`, options{"a": "\"\\'\t\n\r\a\b\f\vqé"}},
		{"octal escapes", `test.Module required a="\101\60\477\0x\3778\18";`, options{"a": "A0'7\x00xÿ8\x018"}},
		{"empty value", `test.Module required a="";`, options{"a": ""}},
		{"spaces and lines", "\n  test.Module \t required\n a = b\n\tc=\"d\"\n ;\n", options{"a": "b", "c": "d"}},
		{"no spaces", `test.Module required a="b"c="d";`, options{"a": "b", "c": "d"}},
		{"comments", "// first\ntest.Module /* the one */ required // flag\n a=b /*; c=d*/;", options{"a": "b"}},
		{"signs in quotes", `test.Module required a="p;a=s/s\\w\"o//r/*d*/{}#";`, options{"a": `p;a=s/s\w"o//r/*d*/{}#`}},
		{"word characters", `test.Module required a_b-c$d.e=f_g-h$i.jé;`, options{"a_b-c$d.e": "f_g-h$i.jé"}},
		// Kafka refuses it, for no reason that a user could see.
		{"number without quotes", `test.Module required option1=3;`, options{"option1": "3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := parseJAAS(c.line)
			if err != nil {
				t.Fatal(err)
			}
			got := options{}
			for _, o := range e.options {
				got[o.name] = o.value
			}
			if e.module != "test.Module" || fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got %s %q, want %q", e.module, got, c.want)
			}
		})
	}
}

func TestJAASLinesThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		name, line, want string
		offset           int
	}{
		{"empty", "", "it is empty", -1},
		{"comment only", "// nothing", "it is empty", -1},
		{"no module", "  required secret=value1;", "must begin with the name", 11},
		{"no flag", "test.loginModule secret=value1;", "must begin with the name", 17},
		{"other flag", "test.Module needed secret=value1;", "must begin with the name", 12},
		{"section of a file", "KafkaClient { test.Module required; };", "a brace", 12},
		{"no value", "test.Module required secret;", "is not name=", 21},
		{"no value at the end", "test.Module required secret=;", "is not name=", 21},
		{"end after =", "test.Module required secret=", "is not name=", 21},
		{"two words", "test.Module required password=secret secret;", "is not name=", 37},
		{"no semicolon", "test.Module required password=secret", "must end with a semicolon", 36},
		{"open quote", `test.Module required password="secret;`, "not closed", 30},
		{"open quote with an escape", `test.Module required password="secret\`, "not closed", 30},
		{"line break in quotes", "test.Module required password=\"secret\nsecret\";", "not closed", 30},
		{"sign without quotes", "test.Module required password=secret!secret;", "in quotes only", 36},
		{"slash without quotes", "test.Module required password=secret/secret;", "in quotes only", 36},
		{"open comment", "test.Module required /* secret;", "comment", 21},
		{"twice", "test.Module required password=secret password=secret;", "there before", 37},
		{"two modules", "test.Module required; secret.Module required;", "one login module", 22},
		{"module as a number of signs", "!!! required;", "in quotes only", 0},
		{"not UTF-8", "test.Module required password=\xff\xfe;", "in quotes only", 30},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseJAAS(c.line)
			var e *JAASError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) || e.Offset != c.offset {
				t.Fatalf("got %#v (%v)", e, err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("shows what may be secret: %v", err)
			}
		})
	}
}

func TestFromJAAS(t *testing.T) {
	endpoint := OIDCConfig{TokenEndpointURL: "https://idp.example.com/token"}
	for _, c := range []struct {
		name, mechanism, line string
		want                  string
	}{
		{"PLAIN", "PLAIN", plainModule + ` required username="alice" password="s3cret";`, `PLAIN(username "alice", password [hidden])`},
		{"PLAIN with the broker's users", "PLAIN", plainModule + ` required username="alice" password="s3cret" user_alice="s3cret";`, `PLAIN(username "alice", password [hidden])`},
		{"SCRAM-SHA-256", "SCRAM-SHA-256", scramModule + ` required username="alice" password="s3cret";`, `SCRAM-SHA-256(username "alice", password [hidden])`},
		{"SCRAM-SHA-512", "SCRAM-SHA-512", scramModule + ` required username="alice" password="s3cret" tokenauth="true";`, `SCRAM-SHA-512(username "alice", password [hidden])`},
		{"OAUTHBEARER", "OAUTHBEARER", oauthBearerModule + ` required clientId="me" clientSecret="s3cret" scope="kafka" extension_traceId="9";`,
			`OAUTHBEARER with OIDC(endpoint "https://idp.example.com/token", client id "me", client secret [hidden], scope "kafka")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := FromJAAS(c.mechanism, c.line, endpoint)
			if err != nil {
				t.Fatal(err)
			}
			if m.Name() != c.mechanism || fmt.Sprint(m) != c.want {
				t.Errorf("got %s, %v", m.Name(), m)
			}
		})
	}
}

func TestFromJAASReadsCredentials(t *testing.T) {
	m, err := FromJAAS("PLAIN", plainModule+` required password="pa\"ss;=" username='al ice';`, OIDCConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if _, initial, err := m.Start(t.Context(), Broker{}); err != nil || string(initial) != "\x00al ice\x00pa\"ss;=" {
		t.Errorf("got %q, %v", initial, err)
	}
	for _, tokenauth := range []string{"true", "TRUE", "false"} {
		m, err = FromJAAS("SCRAM-SHA-256", scramModule+` required username="id" password="hmac" tokenauth=`+tokenauth+`;`, OIDCConfig{})
		if err != nil {
			t.Fatal(err)
		}
		_, initial, err := m.Start(t.Context(), Broker{})
		if err != nil || strings.HasSuffix(string(initial), ",tokenauth=true") != strings.EqualFold(tokenauth, "true") {
			t.Errorf("tokenauth=%s: got %q, %v", tokenauth, initial, err)
		}
	}
}

func TestFromJAASRefuses(t *testing.T) {
	for _, c := range []struct{ name, mechanism, line, want string }{
		{"unknown mechanism", "GSSAPI", "", "sasl.mechanism: GSSAPI: must be one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"},
		{"no line", "PLAIN", "", "it is empty"},
		{"Kerberos", "PLAIN", "com.sun.security.auth.module.Krb5LoginModule required;", "com.sun.security.auth.module.Krb5LoginModule: this login module is not known"},
		{"cloud signer", "OAUTHBEARER", "software.amazon.msk.auth.iam.IAMLoginModule required;", "software.amazon.msk.auth.iam.IAMLoginModule: this login module is not known"},
		{"another mechanism's", "SCRAM-SHA-256", plainModule + ` required username="alice" password="s3cret";`, plainModule + ": is not the login module of SCRAM-SHA-256, which is " + scramModule},
		{"no username", "PLAIN", plainModule + ` required password="s3cret";`, "option username: is missing"},
		{"no password", "SCRAM-SHA-512", scramModule + ` required username="alice";`, "option password: is missing"},
		{"empty password", "PLAIN", plainModule + ` required username="alice" password="";`, "option password: is missing or empty"},
		{"zero byte", "PLAIN", plainModule + ` required username="alice" password="s3cret\0";`, "zero byte"},
		{"misspelt", "PLAIN", plainModule + ` required username="alice" pasword="s3cret";`, "not known here; known are username, password (at character 83)"},
		{"tokenauth of PLAIN", "PLAIN", plainModule + ` required username="alice" password="s3cret" tokenauth="true";`, "known are username, password"},
		{"tokenauth", "SCRAM-SHA-256", scramModule + ` required username="alice" password="s3cret" tokenauth="yes";`, "option tokenauth: must be true or false"},
		{"no endpoint", "OAUTHBEARER", oauthBearerModule + ` required clientId="me" clientSecret="s3cret";`, "sasl.oauthbearer.token.endpoint.url: must be set"},
		{"unsecured", "OAUTHBEARER", oauthBearerModule + ` required unsecuredLoginStringClaim_sub="alice";`, "unsecured tokens"},
		{"TLS", "OAUTHBEARER", oauthBearerModule + ` required ssl.truststore.location="/x";`, "options of TLS are not read here (at character 78)"},
		{"extension", "OAUTHBEARER", oauthBearerModule + ` required extension_auth="s3cret";`, "can't be named auth"},
		{"other option", "OAUTHBEARER", oauthBearerModule + ` required secret="s3cret";`, "known are clientId, clientSecret, scope, extension_…"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := FromJAAS(c.mechanism, c.line, OIDCConfig{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, %v", m, err)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("shows the secret: %v", err)
			}
		})
	}
}

// What OAuthBearerLoginModule says of TLS is for the token endpoint.
func TestTLSOptionsOfJAAS(t *testing.T) {
	line := oauthBearerModule + ` required clientId="me" clientSecret="s3cret" ssl.truststore.location="/ca.pem" ssl.truststore.type=PEM;`
	var got map[string]string
	refusal := errors.New("no such file")
	for _, fails := range []error{nil, refusal} {
		c := OIDCConfig{TokenEndpointURL: "https://idp.example.com/token", TLSOptions: func(options map[string]string) (*tls.Config, error) {
			got = options
			return &tls.Config{ServerName: "mine"}, fails
		}}
		_, err := FromJAAS("OAUTHBEARER", line, c)
		if want := map[string]string{"ssl.truststore.location": "/ca.pem", "ssl.truststore.type": "PEM"}; !maps.Equal(got, want) {
			t.Errorf("options %v", got)
		}
		if fails == nil && err != nil || fails != nil && (err == nil || !strings.Contains(err.Error(), "sasl.jaas.config: "+oauthBearerModule+": no such file")) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPropertiesGoBeforeJAASOptions(t *testing.T) {
	c := OIDCConfig{TokenEndpointURL: "https://idp.example.com/token", ClientID: "mine", ClientSecret: "s", Scope: "wide"}
	for _, line := range []string{"", oauthBearerModule + ` required clientId="theirs" clientSecret="x" scope="narrow";`} {
		m, err := FromJAAS("OAUTHBEARER", line, c)
		if err != nil || !strings.Contains(fmt.Sprint(m), `client id "mine"`) || !strings.Contains(fmt.Sprint(m), `scope "wide"`) {
			t.Errorf("got %v, %v", m, err)
		}
	}
}
