package producer

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"

	"kafkaproducer/producer/producertest"
)

// inBubble runs a test that looks inside a producer: in virtual time, with a cluster on an in-memory network, and without a log.
func inBubble(t *testing.T, opts producertest.Options, cfg Config, f func(t *testing.T, c *producertest.Cluster, p *Producer)) {
	synctest.Test(t, func(t *testing.T) {
		opts.InMemory = true
		c := producertest.Start(t, opts)
		cfg.BootstrapServers, cfg.Dial, cfg.Logger = c.BootstrapServers(), c.Dial, slog.New(slog.DiscardHandler)
		p, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		f(t, c, p)
	})
}
