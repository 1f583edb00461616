package producertest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// TestInVirtualTime is how to test what takes its time: inside testing/synctest, on the network in memory, an hour passes
// as soon as everybody waits. It is an example as much as a test.
func TestInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := producertest.Start(t, producertest.Options{InMemory: true, Topics: map[string]int32{"email": 1}})
		p, err := producer.New(producer.Config{
			BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: quiet,
			RequestTimeout: 30 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(t.Context())

		cluster.Inject(producertest.Swallow().Once())
		start := time.Now()
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "email", Value: []byte("welcome")}); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(start); waited < 30*time.Second {
			t.Errorf("sent again after %v, before the request timed out", waited)
		}
		if got := cluster.Count("email"); got != 1 {
			t.Errorf("%d records, want 1", got)
		}
	})
}
