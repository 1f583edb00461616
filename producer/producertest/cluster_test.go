package producertest

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"kafkaproducer/protocol"
)

// bothNetworks runs a test of a cluster on loopback, in real time, and of one in memory, in virtual time.
func bothNetworks(t *testing.T, opts Options, test func(t *testing.T, c *Cluster)) {
	t.Helper()
	t.Run("loopback", func(t *testing.T) { test(t, Start(t, opts)) })
	t.Run("memory", func(t *testing.T) { inVirtualTime(t, opts, test) })
}

// inVirtualTime runs a test of a cluster in memory.
func inVirtualTime(t *testing.T, opts Options, test func(t *testing.T, c *Cluster)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		opts.InMemory = true
		test(t, Start(t, opts))
	})
}

func TestProduceAndReadBack(t *testing.T) {
	bothNetworks(t, Options{Topics: map[string]int32{"email": 2}}, func(t *testing.T, c *Cluster) {
		k := dial(t, c, 1)
		wantOffset(t, k.produce("email", 1, spec{n: 3, key: "k"}), 0)
		wantOffset(t, k.produce("email", 1, spec{n: 2}), 3)
		got := c.Records("email", 1)
		if len(got) != 5 {
			t.Fatalf("%d records, want 5", len(got))
		}
		for i, r := range got {
			if r.Offset != int64(i) {
				t.Errorf("record %d has offset %d", i, r.Offset)
			}
		}
		if string(got[4].Value) != "value-1" || got[4].Key != nil || string(got[0].Key) != "k" {
			t.Errorf("records are %v", got)
		}
		if n := c.EndOffset("email", 0); n != 0 {
			t.Errorf("partition 0 ends at %d, want 0", n)
		}
	})
}

func TestWaitRecords(t *testing.T) {
	inVirtualTime(t, Options{Topics: map[string]int32{"email": 1}}, func(t *testing.T, c *Cluster) {
		waited := make(chan error)
		go func() { waited <- c.WaitRecords(t.Context(), "email", 3) }()
		k := dial(t, c, 1)
		k.produce("email", 0, spec{n: 2})
		synctest.Wait()
		select {
		case err := <-waited:
			t.Fatalf("2 records came, WaitRecords for 3 returned %v", err)
		default:
		}
		k.produce("email", 0, spec{})
		if err := <-waited; err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.WaitRecords(ctx, "email", 4); !errors.Is(err, context.Canceled) {
			t.Errorf("WaitRecords returned %v, want one that wraps %v", err, context.Canceled)
		}
	})
}

func TestUnknownTopicIsRefused(t *testing.T) {
	c := Start(t, Options{})
	wantCode(t, dial(t, c, 1).produce("nope", 0, spec{}), protocol.UnknownTopicOrPartition)
}
