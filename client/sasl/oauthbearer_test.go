package sasl

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func fixed(t Token) func(context.Context) (Token, error) {
	return func(context.Context) (Token, error) { return t, nil }
}

func TestOAuthBearerInitialResponse(t *testing.T) {
	for _, c := range []struct {
		name  string
		token Token
		want  string
	}{
		{"Kafka's test", Token{Value: "123.345.567", Extensions: map[string]string{"nineteen": "42"}}, "n,,\x01auth=Bearer 123.345.567\x01nineteen=42\x01\x01"},
		{"no extensions", Token{Value: "123.345.567"}, "n,,\x01auth=Bearer 123.345.567\x01\x01"},
		{"RFC 7628's token", Token{Value: "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="}, "n,,\x01auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\x01\x01"},
		{"several extensions", Token{Value: "a", Extensions: map[string]string{"traceId": "1 2", "logicalCluster": "lkc-1"}}, "n,,\x01auth=Bearer a\x01logicalCluster=lkc-1\x01traceId=1 2\x01\x01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, initial, err := OAuthBearer(fixed(c.token)).Start(t.Context(), Broker{})
			if err != nil || string(initial) != c.want {
				t.Fatalf("got %q, %v; want %q", initial, err, c.want)
			}
			if response, done, err := s.Next(nil); response != nil || !done || err != nil {
				t.Errorf("after success: %q, %v, %v", response, done, err)
			}
		})
	}
}

func TestOAuthBearerRefuses(t *testing.T) {
	broken := errors.New("the vault is shut")
	for _, c := range []struct {
		name  string
		token func(context.Context) (Token, error)
		want  string
	}{
		{"no function", nil, "no function"},
		{"a function that fails", func(context.Context) (Token, error) { return Token{}, broken }, "the vault is shut"},
		{"an empty token", fixed(Token{}), "is empty"},
		{"a token with a separator", fixed(Token{Value: "a\x01auth=Bearer b"}), "characters"},
		{"a token with a line break", fixed(Token{Value: "abc\n"}), "characters"},
		{"a token with = inside", fixed(Token{Value: "a=b"}), "characters"},
		{"a token of = alone", fixed(Token{Value: "=="}), "characters"},
		{"an expired token", fixed(Token{Value: "abc", Expiry: time.Now().Add(-time.Minute)}), "expired at"},
		{"an extension with a number in its name", fixed(Token{Value: "abc", Extensions: map[string]string{"19": "42"}}), "letters only"},
		{"an extension without a name", fixed(Token{Value: "abc", Extensions: map[string]string{"": "42"}}), "letters only"},
		{"an extension without a value", fixed(Token{Value: "abc", Extensions: map[string]string{"a": ""}}), "one or more ASCII"},
		{"an extension with a separator", fixed(Token{Value: "abc", Extensions: map[string]string{"a": "b\x01"}}), "one or more ASCII"},
		{"an extension named auth", fixed(Token{Value: "abc", Extensions: map[string]string{"auth": "b"}}), "can't be named auth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, initial, err := OAuthBearer(c.token).Start(t.Context(), Broker{})
			var e *Error
			if s != nil || initial != nil || !errors.As(err, &e) || e.Step != "token" {
				t.Fatalf("got %v, %q, %v", s, initial, err)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q doesn't say %q", err, c.want)
			}
		})
	}
	_, _, err := OAuthBearer(func(context.Context) (Token, error) { return Token{}, broken }).Start(t.Context(), Broker{})
	if !errors.Is(err, broken) {
		t.Error("the function's own error can't be found")
	}
}

func TestOAuthBearerServerAnswers(t *testing.T) {
	for _, c := range []struct{ name, answer, want string }{
		{"RFC 7628", `{"status":"invalid_token","scope":"example_scope","openid-configuration":"https://example.com/.well-known/openid-configuration"}`,
			`OAUTHBEARER: server answer: the broker refuses: "invalid_token" (scope "example_scope") (see "https://example.com/.well-known/openid-configuration")`},
		{"Kafka", `{"status":"invalid_token"}`, `OAUTHBEARER: server answer: the broker refuses: "invalid_token"`},
		{"not JSON", "go away", `OAUTHBEARER: server answer: the broker refuses: "go away"`},
		{"other JSON", `{"error":1}`, `OAUTHBEARER: server answer: the broker refuses: "{\"error\":1}"`},
		{"status of another type", `{"status":7}`, `OAUTHBEARER: server answer: the broker refuses: "{\"status\":7}"`},
		{"our token", `{"status":"bad token the.real.token!"}`, `OAUTHBEARER: server answer: the broker refuses: "bad token [hidden]!"`},
		{"our message", "n,,\x01auth=Bearer the.real.token\x01\x01", `OAUTHBEARER: server answer: the broker refuses: "n,, auth=Bearer [hidden]"`},
		{"long", strings.Repeat("ä", 1000), `OAUTHBEARER: server answer: the broker refuses: "` + strings.Repeat("ä", maxSaid) + `…"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _, err := OAuthBearer(fixed(Token{Value: "the.real.token"})).Start(t.Context(), Broker{})
			if err != nil {
				t.Fatal(err)
			}
			response, done, err := s.Next([]byte(c.answer))
			var refused *ServerError
			if string(response) != "\x01" || !done || !errors.As(err, &refused) {
				t.Fatalf("got %q, %v, %v", response, done, err)
			}
			if err.Error() != c.want {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestOAuthBearerWaitsNoLongerThanItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := OAuthBearer(func(ctx context.Context) (Token, error) { <-ctx.Done(); return Token{}, ctx.Err() }).Start(ctx, Broker{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
