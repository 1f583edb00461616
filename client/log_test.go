package client

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// logBook is a log to read in a test.
type logBook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// lines are those of level Info and above, without the time.
func (l *logBook) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Split(strings.TrimSpace(regexp.MustCompile(`(?m)^time=\S+ `).ReplaceAllString(l.buf.String(), "")), "\n")
}

// A change of state is logged once, however long it lasts and however often connecting is tried, to the broker as to the bootstrap
// server at its address.
func TestLogOfAnOutage(t *testing.T) {
	lost := `level=WARN msg="connection lost" broker="broker 1" addr=broker-1:9092 error="broker 1 (broker-1:9092): read: closed by the peer"`
	back := `level=INFO msg="connected again" broker=X addr=broker-1:9092 after=1h0m`
	for strategy, want := range map[RecoveryStrategy][]string{
		RecoverNone: {lost, back},
		Rebootstrap: {lost, `level=WARN msg="starting again with bootstrap.servers" reason="no known broker can be reached"`, back},
	} {
		t.Run(strategy.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := outageLog(t, strategy)
				for i := range max(len(got), len(want)) {
					// Whether the bootstrap server is needed any more when the broker is back is a matter of chance.
					if i < len(got) && strings.Contains(got[i], "connected again") {
						got[i] = strings.NewReplacer(`"bootstrap server"`, "X", `"broker 1"`, "X").Replace(got[i])
					}
					if i >= len(got) || i >= len(want) || !strings.HasPrefix(got[i], want[i]) {
						t.Fatalf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
				}
			})
		})
	}
}

// outageLog is the log of a client whose only broker is gone for an hour.
func outageLog(t *testing.T, strategy RecoveryStrategy) []string {
	var log logBook
	f := newFakeCluster(t, 1)
	cfg := f.config()
	cfg.MetadataRecoveryStrategy = strategy
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	c, h := knowing(t, f, cfg)
	c.Connect(1)
	h.awaitUp(1)
	f.setScript(func(r *fakeRequest) bool { return r.header.Key == protocol.ProduceKey })
	done := make(chan result, 1)
	c.Send(1, produceCall(done))
	synctest.Wait()
	f.stop("broker-1:9092")
	f.dropAll()
	<-done
	for end := time.Now().Add(time.Hour); time.Now().Before(end); {
		c.Connect(1)
		<-h.down
	}
	f.start(1, "broker-1:9092")
	c.Connect(1)
	h.awaitUp(1)
	time.Sleep(5 * time.Second)
	return log.lines()
}

// A cluster whose brokers are advertised at addresses that lead nowhere: it is said once, and asking again stays within
// bounds, although the bootstrap server always answers.
func TestBrokersThatCannotBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logBook
		f := newFakeCluster(t, 1)
		f.topic("topic", 1)
		f.stop("broker-1:9092")
		f.listening["front:9092"] = 99
		cfg, h := f.config("front:9092"), newEvents()
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		c := begin(t, cfg, h)
		go func() {
			for range h.meta {
			}
		}()
		if _, err := c.Topic(t.Context(), "topic"); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(time.Minute); time.Now().Before(end); {
			c.Connect(1)
			h.awaitDown(1)
		}
		if n := f.dials("front:9092"); n > 80 {
			t.Errorf("the bootstrap server was dialled %d times in a minute", n)
		}
		if got := log.lines(); len(got) != 2 || !strings.Contains(got[0], "cannot connect") || !strings.Contains(got[1], "starting again") {
			t.Errorf("the log is\n%s", strings.Join(got, "\n"))
		}
		c.Close()
		close(h.meta)
	})
}

// What is said of a broker that has moved names the address where it was.
func TestLogOfABrokerThatMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, book := newFakeCluster(t, 1, 2), new(logBook)
		cfg := f.config()
		cfg.Logger = slog.New(slog.NewTextHandler(book, nil))
		c, h := knowing(t, f, cfg)
		c.Connect(1) // who is asked for metadata
		c.Connect(2)
		h.awaitUp(1, 2)
		done := make(chan result, 2)
		c.Send(2, produceCall(done))
		<-done
		f.setScript(func(r *fakeRequest) bool { return r.header.Key == protocol.ProduceKey })
		c.Send(2, produceCall(done)) // keeps the connection
		synctest.Wait()
		f.start(2, "elsewhere:9092")
		drain(h.meta)
		c.RefreshMetadata()
		<-h.meta
		synctest.Wait()
		f.dropAll()
		h.awaitDown(2)
		want := `msg="connection lost" broker="broker 2" addr=broker-2:9092`
		if lines := strings.Join(book.lines(), "\n"); !strings.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, lines)
		}
	})
}
