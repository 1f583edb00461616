package producer

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/producertest"
)

// What the client tells on the goroutine that runs it must not wait for a callback, whoever made it due: nothing would be connected to
// and no metadata come meanwhile, for any broker.
func TestClientDoesNotWaitForCallbacks(t *testing.T) {
	for name, tell := range map[string]func(h handler){
		"NodeUp":          func(h handler) { h.NodeUp(99, client.Versions{}) },
		"NodeDown":        func(h handler) { h.NodeDown(99, errors.New("gone")) },
		"MetadataChanged": func(h handler) { h.MetadataChanged(h.p.client.Cluster()) },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, producertest.Options{}, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
				release, called := make(chan struct{}), false
				p.mu.Lock()
				p.notify(&notice{done: func(RecordMetadata, error) { <-release; called = true }})
				p.mu.Unlock()
				tell(handler{p})
				close(release)
				synctest.Wait()
				if !called {
					t.Error("the callback was not called")
				}
			})
		})
	}
}

// A Flush that nobody waits for any more is forgotten.
func TestFlushThatEndedIsForgotten(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, Config{}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		if err := p.Send(t.Context(), Record{Topic: "t"}, nil); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := p.Flush(ctx)
		p.mu.Lock()
		left := len(p.flushes)
		p.mu.Unlock()
		if !errors.Is(err, context.DeadlineExceeded) || left > 0 {
			t.Errorf("%v, and %d are remembered", err, left)
		}
		c.ResumeBroker(1)
	})
}
