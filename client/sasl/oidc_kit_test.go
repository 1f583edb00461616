package sasl

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	testSecret = "tOp:s3cret/+%"
	testID     = "client one"
)

// jwt makes an unsigned token that looks like a signed one. Clients don't verify it.
func jwt(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + e.EncodeToString(payload) + "." + e.EncodeToString([]byte("signature"))
}

// endpointKit is a token endpoint on pipes, whose time is the test's own. Its answers can be exchanged.
type endpointKit struct {
	config   OIDCConfig
	handler  atomic.Value // http.HandlerFunc
	requests atomic.Int32
	log      *logKit
	dial     atomic.Value // func(context.Context) (net.Conn, error), nil: a pipe
}

// newEndpointKit starts an endpoint whose tokens live for an hour. To be used in a synctest bubble.
func newEndpointKit(t *testing.T) *endpointKit {
	k := &endpointKit{log: &logKit{}}
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			k.requests.Add(1)
			io.Copy(io.Discard, r.Body) // so that the server sees when the client is gone
			k.handler.Load().(http.HandlerFunc)(w, r)
		}),
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0),
	}
	var served sync.WaitGroup
	served.Go(func() { server.Serve(l) })
	t.Cleanup(func() { server.Close(); served.Wait() })
	k.config = OIDCConfig{
		// localhost is never asked for through a proxy of the environment.
		TokenEndpointURL: "http://localhost/token", ClientID: testID, ClientSecret: testSecret,
		Logger: slog.New(slog.NewTextHandler(k.log, nil)),
		Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			if d, ok := k.dial.Load().(func(context.Context) (net.Conn, error)); ok && d != nil {
				return d(ctx)
			}
			return l.dial(ctx)
		},
	}
	k.answer(tokens(time.Hour))
	return k
}

func (k *endpointKit) answer(h http.HandlerFunc) { k.handler.Store(h) }

func (k *endpointKit) oidc(t *testing.T) *OIDC {
	t.Helper()
	o, err := NewOIDC(k.config)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// wantRequests compares how many requests there were.
func (k *endpointKit) wantRequests(t *testing.T, want int32) {
	t.Helper()
	if got := k.requests.Load(); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// tokens answers with tokens numbered 1, 2, 3 …, as their principals tell.
func tokens(life time.Duration) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request) {
		token := jwt(map[string]any{"sub": fmt.Sprint(n.Add(1)), "exp": time.Now().Add(life).Unix()})
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer"}`, token)
	}
}

// says answers with a status and a body.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// logKit collects what is logged.
type logKit struct {
	mu    sync.Mutex // guards following
	lines []string
}

func (l *logKit) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(b))
	return len(b), nil
}

func (l *logKit) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.lines)
}

// pipeListener accepts pipes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
