package producertest

import (
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/protocol"
)

// TestOrphan: the connection ends at once; the request takes effect all the same, after its retry, but not when the broker has stopped.
func TestOrphan(t *testing.T) {
	for _, stop := range []bool{false, true} {
		faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
			c.Inject(Orphan(time.Minute).Once())
			k.post(spec{id: 7})
			k.closed()
			wantOffset(t, dial(t, c, 1).produce("t", 0, spec{id: 7}), 0)
			if stop {
				c.StopBroker(1)
				c.StartBroker(1)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if got, want := c.Stats().Duplicates, int64(1); (got == want) == stop {
				t.Errorf("%d duplicates; the broker was stopped: %v", got, stop)
			}
		})
	}
}

// TestOrphanIsLostWithTheCluster: Close waits for no request that would come later.
func TestOrphanIsLostWithTheCluster(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(Orphan(time.Hour).Once())
		k.post(spec{})
		k.closed()
		begun := time.Now()
		c.Close()
		if took := time.Since(begun); took > 0 || c.EndOffset("t", 0) != 0 {
			t.Errorf("Close took %v, the log ends at %d", took, c.EndOffset("t", 0))
		}
	})
}

// TestLoseRequest: what is lost is answered never, on a connection that stays; another one is as it should be.
func TestLoseRequest(t *testing.T) {
	for _, n := range []int{0, 20, 1 << 20} {
		faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
			c.Inject(LoseRequest(n).Once())
			k.post(spec{})
			k.post(spec{})
			time.Sleep(time.Hour)
			synctest.Wait()
			whole := int64(0)
			if n == 1<<20 {
				whole = 1
				k.receive(lastByName, protocol.ProduceKey, 1)
			}
			if got := c.EndOffset("t", 0); got != whole {
				t.Errorf("%d bytes got through: %d batches are in the log, want %d", n, got, whole)
			}
			wantOffset(t, dial(t, c, 1).produce("t", 0, spec{}), whole)
		})
	}
}

// Corrupt leaves alone what has nothing to corrupt.
func TestCorruptNothing(t *testing.T) {
	faulty(t, func(t *testing.T, c *Cluster, k *testClient) {
		c.Inject(EditFrame(func(frame []byte) []byte { return frame[:bodyAt] }).Once())
		c.Inject(Corrupt().Once())
		k.send(lastByName, produceRequest("t", 0, spec{}.bytes(t)))
		synctest.Wait()
		if end := c.EndOffset("t", 0); end != 1 {
			t.Errorf("the log ends at %d", end)
		}
	})
}
