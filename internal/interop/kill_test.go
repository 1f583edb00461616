package interop

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
	"kafkaproducer/producer"
)

// size is how much the tests that kill brokers do.
type size struct {
	records int
	outage  time.Duration // from SIGKILL to the start
}

func killSize() size {
	if full {
		return size{1_000_000, 20 * time.Second}
	}
	return size{150_000, 3 * time.Second}
}

const killKeys = 1000

// The only broker is killed in the middle of a run and started again later: every record is there once, each key's in order, and each
// callback ran once without an error.
func TestKill(t *testing.T) {
	c, n := kafka.Start(t, kafka.Options{}), killSize()
	t.Run("producer", func(t *testing.T) {
		topic := newTopic(t, c, kafka.Topic{Partitions: 6})
		run := sendNumbered(t, newProducer(t, c, properties{"linger.ms": "5", "compression.type": "lz4"}), topic, n.records)
		run.kill(t, c, c.Brokers[0], n.outage)
		run.finish(t)
		verify(t, c, topic, int64(n.records))
	})
	t.Run("tool", func(t *testing.T) { testToolKill(t, c) })
}

// Three brokers: the leader of a partition is killed in the middle of a run, and the records go to the next one.
func TestFailover(t *testing.T) {
	c, n := kafka.Start(t, kafka.Options{Brokers: 3}), killSize()
	topic := newTopic(t, c, kafka.Topic{Partitions: 6, Replication: 3, Config: map[string]string{"min.insync.replicas": "2"}})
	partitions, err := c.Java.Describe(topic)
	if err != nil {
		t.Fatal(err)
	}
	run := sendNumbered(t, newProducer(t, c, properties{"linger.ms": "5", "compression.type": "lz4"}), topic, n.records)
	run.kill(t, c, c.Brokers[partitions[0].Leader-1], n.outage)
	run.finish(t)
	verify(t, c, topic, int64(n.records))
}

// verify asks Kafka's consumer whether a topic holds the numbered records 0 to n-1, once each and in order by key.
func verify(t *testing.T, c *kafka.Cluster, topic string, n int64) {
	t.Helper()
	begin := time.Now()
	v, err := c.Java.Verify(topic, n)
	if err := errors.Join(err, v.Err()); err != nil {
		t.Fatal(err)
	}
	t.Logf("Kafka's consumer read %d records in %v, none missing, none twice, each key's in order; by partition %v",
		v.Records, time.Since(begin).Round(time.Millisecond), v.Partitions)
}

// numbered is a run of numbered records, sent by one goroutine.
type numbered struct {
	calls   []atomic.Int32 // of the callback of each record
	called  atomic.Int64   // callbacks in all
	failed  atomic.Int64
	failure atomic.Pointer[error] // one of those that failed
	third   chan struct{}         // closed when a third of the callbacks has come
	killed  chan struct{}         // of sendNumbered: closed when the broker is dead
	sent    chan error            // gets the sender's end
}

// sendNumbered begins to send n numbered records, and to close the producer after them. It stops after two thirds of the
// records until a broker was killed.
func sendNumbered(t *testing.T, p *producer.Producer, topic string, n int) *numbered {
	killed := make(chan struct{})
	run := sendPaced(t, p, topic, n, func(i int) {
		if i == n*2/3 {
			<-killed
		}
	})
	run.killed = killed
	return run
}

// sendPaced begins to send n numbered records, each after pace has returned, and to close the producer after them.
func sendPaced(t *testing.T, p *producer.Producer, topic string, n int, pace func(i int)) *numbered {
	run := &numbered{calls: make([]atomic.Int32, n), third: make(chan struct{}), sent: make(chan error, 1)}
	go func() {
		run.sent <- func() error {
			for i := range n {
				pace(i)
				r := producer.Record{Topic: topic, Key: fmt.Appendf(nil, "key-%d", i%killKeys), Value: fmt.Appendf(nil, "%d %0100d", i, i)}
				if err := p.Send(t.Context(), r, run.callback(i)); err != nil {
					return fmt.Errorf("Send of record %d: %w", i, err)
				}
			}
			return p.Close(t.Context())
		}()
	}()
	return run
}

func (run *numbered) callback(i int) producer.Callback {
	return func(_ producer.RecordMetadata, err error) {
		run.calls[i].Add(1)
		if err != nil {
			run.failed.Add(1)
			run.failure.Store(&err)
		}
		if run.called.Add(1) == int64(len(run.calls)/3) {
			close(run.third)
		}
	}
}

// kill kills a broker when a third of the callbacks has come, and starts it again.
func (run *numbered) kill(t *testing.T, c *kafka.Cluster, b *kafka.Broker, outage time.Duration) {
	t.Helper()
	run.interrupt(t, c, b, b.Kill, outage)
}

// interrupt ends a broker when a third of the callbacks has come, and starts it again.
func (run *numbered) interrupt(t *testing.T, c *kafka.Cluster, b *kafka.Broker, end func() error, outage time.Duration) {
	t.Helper()
	select {
	case <-run.third:
	case err := <-run.sent:
		t.Fatalf("the run ended before its first third: %v", err)
	case <-time.After(patience):
		t.Fatalf("%d of %d callbacks after %v", run.called.Load(), len(run.calls), patience)
	}
	restart(t, c, b, end, outage, func() {
		t.Logf("broker %d ended after %d of %d callbacks", b.ID, run.called.Load(), len(run.calls))
		close(run.killed)
	})
}

// restart ends a broker, calls ended, leaves the broker dead for a while and starts it again. It returns when the broker answers.
func restart(t *testing.T, c *kafka.Cluster, b *kafka.Broker, end func() error, outage time.Duration, ended func()) {
	t.Helper()
	if err := end(); err != nil {
		t.Fatal(err)
	}
	ended()
	time.Sleep(outage)
	if err := errors.Join(b.Start(), c.Await(patience)); err != nil {
		t.Fatal(err)
	}
}

// finish waits until all is sent and done, and checks the callbacks.
func (run *numbered) finish(t *testing.T) {
	t.Helper()
	select {
	case err := <-run.sent:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience): // delivery.timeout.ms is two minutes
		t.Fatalf("the run has not ended; %d of %d callbacks came", run.called.Load(), len(run.calls))
	}
	for i := range run.calls {
		if calls := run.calls[i].Load(); calls != 1 {
			t.Fatalf("the callback of record %d was called %d times", i, calls)
		}
	}
	if failed := run.failed.Load(); failed > 0 {
		t.Fatalf("%d records failed, for instance: %v", failed, *run.failure.Load())
	}
}
