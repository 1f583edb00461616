package client_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// quietHandler does nothing.
type quietHandler struct{}

func (quietHandler) NodeUp(int32, client.Versions)   {}
func (quietHandler) NodeDown(int32, error)           {}
func (quietHandler) MetadataChanged(*client.Cluster) {}

// Everything that can be wrong with the way of an answer ends in the right answer or in an error of the connection, within
// request.timeout.ms of the writing, and afterwards all is well.
func TestBrokenAnswers(t *testing.T) {
	const timeout = 2 * time.Second
	for _, fault := range producertest.BrokenAnswers(timeout + time.Second) {
		t.Run(fault.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := producertest.Start(t, producertest.Options{Brokers: 3, InMemory: true})
				cfg := settings(cluster)
				cfg.RequestTimeout = timeout
				cfg.Logger = slog.New(slog.DiscardHandler)
				c, err := client.New(cfg, quietHandler{})
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := c.Topic(t.Context(), "first"); err != nil {
					t.Fatal(err)
				}
				cluster.Inject(fault.OnRequests(protocol.InitProducerIDKey).Skip(3).Times(5))
				for range 5 {
					askForIDs(t, c, timeout)
				}
				cluster.Inject(fault.OnRequests(protocol.MetadataKey).Times(5))
				begun := time.Now()
				for i := range 5 {
					if _, err := c.Topic(t.Context(), fmt.Sprintf("topic-%d", i)); err != nil {
						t.Fatal(err)
					}
				}
				if d := time.Since(begun); d > 10*timeout {
					t.Errorf("five topics took %v", d)
				}
			})
		})
	}
}

// askForIDs sends requests one behind the other. Each must have an outcome in time; what is in the answers doesn't matter: a
// corrupt one may be readable.
func askForIDs(t *testing.T, c *client.Client, timeout time.Duration) {
	t.Helper()
	const calls = 5
	done := make(chan error, calls)
	begun := time.Now()
	for range calls {
		c.SendAny(&client.Call{
			Request:  &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1},
			Response: new(protocol.InitProducerIDResponse),
			Done:     func(_ *client.Call, err error) { done <- err },
		})
	}
	for range calls {
		var e *client.ConnError
		if err := <-done; err != nil && !errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
	}
	// The wait for a connection may come before the wait for the answer.
	if d := time.Since(begun); d > 2*timeout {
		t.Errorf("the outcome took %v", d)
	}
}
