package producer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

func TestSendReachesTheLog(t *testing.T) {
	inBubble(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"email": 6}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "email", 0, 5000, &o)
		flush(t, p)
		if n := o.len(); n != 5000 {
			t.Errorf("%d callbacks after Flush", n)
		}
		noErrors(t, &o)
		check(t, c, "email", 6, &o)
	})
}

func TestRecordArrivesWhole(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		one := int32(1)
		at := time.UnixMilli(1234567890123)
		m, err := p.SendSync(t.Context(), producer.Record{
			Topic: "t", Partition: &one, Key: []byte("k"), Value: []byte("v"), Timestamp: at,
			Headers: []producer.Header{{Key: "a", Value: nil}, {Key: "b", Value: []byte{}}, {Key: "a", Value: []byte("x")}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if m.Topic != "t" || m.Partition != 1 || m.Offset != 0 || !m.Timestamp.Equal(at) {
			t.Errorf("metadata %+v", m)
		}
		r := c.Records("t", 1)[0]
		if string(r.Key) != "k" || string(r.Value) != "v" || r.Timestamp != at.UnixMilli() {
			t.Errorf("record %+v", r)
		}
		if got := fmt.Sprintf("%q", r.Headers); got != `[{"a" ""} {"b" ""} {"a" "x"}]` || r.Headers[0].Value != nil || r.Headers[1].Value == nil {
			t.Errorf("headers %#v", r.Headers)
		}
	})
}

// Where the topic has message.timestamp.type=LogAppendTime the callback is told the broker's time, not the record's.
func TestLogAppendTimeIsTold(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		c.CreateTopic("t", producertest.TopicConfig{LogAppendTime: true})
		p := open(t, config(t, c))
		r := producer.Record{Topic: "t", Timestamp: time.UnixMilli(1234567890123)}
		for range 2 {
			time.Sleep(time.Hour)
			if m, err := p.SendSync(t.Context(), r); err != nil || !m.Timestamp.Equal(time.Now()) {
				t.Errorf("at %v: %+v, %v", time.Now(), m, err)
			}
		}
	})
}

func TestNilAndEmptyDiffer(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		for _, r := range []producer.Record{{}, {Key: []byte{}}, {Value: []byte{}}} {
			r.Topic = "t"
			if _, err := p.SendSync(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		for i, r := range c.Records("t", 0) {
			if (r.Key == nil) != (i != 1) || (r.Value == nil) != (i != 2) {
				t.Errorf("record %d: key %#v, value %#v", i, r.Key, r.Value)
			}
		}
	})
}

// The caller may reuse what it handed over as soon as Send has returned.
func TestSendCopies(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger = time.Second
		p := open(t, cfg)
		key, value, header := []byte("key"), []byte("value"), []byte("header")
		r := producer.Record{Topic: "t", Key: key, Value: value, Headers: []producer.Header{{Key: "h", Value: header}}}
		if err := p.Send(t.Context(), r, nil); err != nil {
			t.Fatal(err)
		}
		clear(key)
		clear(value)
		clear(header)
		flush(t, p)
		if r := c.Records("t", 0)[0]; string(r.Key) != "key" || string(r.Value) != "value" || string(r.Headers[0].Value) != "header" {
			t.Errorf("stored %q %q %q", r.Key, r.Value, r.Headers[0].Value)
		}
	})
}

func TestSendRefuses(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		two, minus := int32(2), int32(-1)
		called := func(producer.RecordMetadata, error) { t.Error("the callback of a refused record ran") }
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, x := range []struct {
			name string
			ctx  context.Context
			r    producer.Record
			is   func(error) bool
			text string
		}{
			{"a partition that isn't there", t.Context(), producer.Record{Topic: "t", Partition: &two}, nil,
				`kafkaproducer: Record.Partition is 2, but topic "t" has partitions 0 to 1`},
			{"a negative partition", t.Context(), producer.Record{Topic: "t", Partition: &minus}, nil,
				`kafkaproducer: Record.Partition is -1, but topic "t" has partitions 0 to 1`},
			{"a large record", t.Context(), producer.Record{Topic: "t", Value: make([]byte, 1<<20)}, nil,
				"kafkaproducer: a record of 1048664 bytes (serialized, with its batch's overhead) is larger than max.request.size = 1048576"},
			{"a time before Kafka's", t.Context(), producer.Record{Topic: "t", Timestamp: time.UnixMilli(-1)}, nil,
				`kafkaproducer: Record.Timestamp for topic "t" is 1969-12-31T23:59:59Z; allowed: 1970-01-01T00:00:00Z or later, or the zero time for now`},
			{"a context that ended", ended, producer.Record{Topic: "t"}, func(err error) bool { return errors.Is(err, context.Canceled) }, ""},
			{"an invalid topic", t.Context(), producer.Record{Topic: "no such/topic"},
				func(err error) bool { return errors.Is(err, protocol.InvalidTopicException) }, ""},
		} {
			err := p.Send(x.ctx, x.r, called)
			if err == nil || x.text != "" && err.Error() != x.text || x.is != nil && !x.is(err) {
				t.Errorf("%s: Send: %v", x.name, err)
			}
		}
	})
}

func TestUnknownTopicWaitsForMaxBlock(t *testing.T) {
	inBubble(t, producertest.Options{AutoCreate: -1}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MaxBlock = 3 * time.Second
		p := open(t, cfg)
		start := time.Now()
		err := p.Send(t.Context(), producer.Record{Topic: "nowhere"}, nil)
		if d := time.Since(start); d != 3*time.Second || !errors.Is(err, protocol.UnknownTopicOrPartition) {
			t.Errorf("after %v: %v", d, err)
		}
		if _, err := p.PartitionsFor(t.Context(), "nowhere"); err == nil {
			t.Error("PartitionsFor of an unknown topic gave no error")
		}
	})
}

func TestTopicIsCreated(t *testing.T) {
	inBubble(t, producertest.Options{AutoCreate: 3}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "new"}); err != nil {
			t.Fatal(err)
		}
		infos, err := p.PartitionsFor(t.Context(), "new")
		if err != nil || len(infos) != 3 || infos[2].Partition != 2 || infos[2].Leader < 1 || len(infos[2].ISR) == 0 {
			t.Errorf("PartitionsFor: %+v, %v", infos, err)
		}
	})
}

// A full buffer blocks; room is given in the order of arrival.
func TestFullBufferServesInOrder(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BufferMemory, cfg.BatchSize = 64<<10, 16<<10
		p := open(t, cfg)
		if _, err := p.PartitionsFor(t.Context(), "t"); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		value := make([]byte, 10_000)
		accepted := make(chan int, 100)
		for i := range 20 {
			go func() {
				if err := p.Send(t.Context(), producer.Record{Topic: "t", Key: fmt.Append(nil, i), Value: value}, nil); err != nil {
					t.Errorf("Send %d: %v", i, err)
				}
				accepted <- i
			}()
			synctest.Wait() // each is either accepted or waits before the next comes
		}
		before := len(accepted)
		if before == 0 || before > 6 {
			t.Fatalf("%d records of 10,000 bytes were accepted into 65,536", before)
		}
		c.ResumeBroker(1)
		flush(t, p)
		for range 20 {
			<-accepted
		}
		flush(t, p)
		for i, r := range c.Records("t", 0) {
			if string(r.Key) != fmt.Sprint(i) {
				t.Fatalf("record %d is that of sender %s", i, r.Key)
			}
		}
	})
}

func TestFullBufferErrors(t *testing.T) {
	for _, x := range []struct {
		name     string
		maxBlock time.Duration
		ctx      time.Duration
		want     error
		after    time.Duration
	}{
		{"max.block.ms", 2 * time.Second, time.Hour, producer.ErrBufferFull, 2 * time.Second},
		{"context", time.Minute, time.Second, context.DeadlineExceeded, time.Second},
	} {
		t.Run(x.name, func(t *testing.T) {
			inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.BufferMemory, cfg.BatchSize, cfg.MaxBlock = 40<<10, 16<<10, x.maxBlock
				p := open(t, cfg)
				if _, err := p.PartitionsFor(t.Context(), "t"); err != nil {
					t.Fatal(err)
				}
				c.PauseBroker(1)
				defer c.ResumeBroker(1)
				r := producer.Record{Topic: "t", Value: make([]byte, 30_000)}
				if err := p.Send(t.Context(), r, nil); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), x.ctx)
				defer cancel()
				start := time.Now()
				err := p.Send(ctx, r, func(producer.RecordMetadata, error) { t.Error("callback of a refused record") })
				if d := time.Since(start); !errors.Is(err, x.want) || d != x.after {
					t.Errorf("after %v: %v", d, err)
				}
			})
		})
	}
}

func TestClosedProducerRefuses(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "t", 0, 10, &o)
		if err := p.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if o.len() != 10 {
			t.Errorf("%d callbacks after Close", o.len())
		}
		if err := p.Send(t.Context(), producer.Record{Topic: "t"}, nil); !errors.Is(err, producer.ErrClosed) {
			t.Errorf("Send after Close: %v", err)
		}
		if err := p.Send(t.Context(), producer.Record{Topic: "other"}, nil); !errors.Is(err, producer.ErrClosed) {
			t.Errorf("Send to an unknown topic after Close: %v", err)
		}
		if err := p.Close(t.Context()); err != nil {
			t.Errorf("second Close: %v", err)
		}
	})
}

// From the moment in which Close begins nothing is accepted: not in batches that are open still, nor by who waits for metadata.
func TestClosingProducerRefuses(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}, AutoCreate: -1}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.MaxInFlightRequestsPerConnection = 1
		p := open(t, cfg)
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		for range 3 { // one is unanswered, the others are in an open batch behind it
			if err := p.Send(t.Context(), producer.Record{Topic: "t"}, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		refused := make(chan error, 2)
		go func() { refused <- p.Send(t.Context(), producer.Record{Topic: "other"}, nil) }()
		time.AfterFunc(2*time.Second, func() { refused <- p.Send(t.Context(), producer.Record{Topic: "t"}, nil) })
		time.AfterFunc(3*time.Second, func() { c.ResumeBroker(1) })
		time.Sleep(time.Second)
		if err := p.Close(t.Context()); err != nil {
			t.Error(err)
		}
		for range 2 {
			if err := <-refused; !errors.Is(err, producer.ErrClosed) {
				t.Error(err)
			}
		}
	})
}

func TestCloseGivesUpAtItsDeadline(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		p := open(t, cfg)
		if _, err := p.PartitionsFor(t.Context(), "t"); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		var o outcomes
		send(t, p, "t", 0, 100, &o)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := p.Close(ctx)
		if d := time.Since(start); d != 5*time.Second || !errors.Is(err, producer.ErrNotDelivered) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close after %v: %v", d, err)
		}
		if o.len() != 100 {
			t.Errorf("%d callbacks", o.len())
		}
		for _, x := range o.all {
			var e *producer.DeliveryError
			if !errors.As(x.err, &e) || !errors.Is(e, producer.ErrAborted) {
				t.Fatalf("%s: %v", x.value, x.err)
			}
		}
		c.ResumeBroker(1)
	})
}
