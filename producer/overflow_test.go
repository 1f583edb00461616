package producer_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// fillUp returns a producer whose buffer is full of records for a broker that takes none, and what their callbacks say.
func fillUp(t *testing.T, c *producertest.Cluster, cfg producer.Config) (*producer.Producer, *outcomes, int) {
	t.Helper()
	cfg.BatchSize, cfg.BufferMemory = 1000, 50_000
	p := open(t, cfg)
	var warm, o outcomes
	send(t, p, "t", 0, 1, &warm)
	flush(t, p)
	c.PauseBroker(1)
	for i := 1; ; i++ {
		v := fmt.Sprintf("%06d", i)
		err := p.Send(t.Context(), producer.Record{Topic: "t", Value: []byte(v), Overflow: producer.OverflowFail}, o.callback(v))
		if errors.Is(err, producer.ErrBufferFull) {
			return p, &o, i
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestOverflowFail(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		start := time.Now()
		p, o, n := fillUp(t, c, config(t, c))
		if d := time.Since(start); n < 300 || d > time.Second {
			t.Errorf("%d records were accepted; Send waited, %v in all", n-1, d)
		}
		c.ResumeBroker(1)
		flush(t, p)
		noErrors(t, o)
		check(t, c, "t", 1, o)
	})
}

func TestOverflowDropNewest(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Topics = map[string]producer.TopicConfig{"t": {Overflow: producer.OverflowDropNewest}}
		p, o, n := fillUp(t, c, cfg)
		start := time.Now()
		var dropped outcomes
		send(t, p, "t", n, 5000, &dropped) // accepted, all of them
		synctest.Wait()
		if d := time.Since(start); d > time.Second || dropped.len() < 4_900 {
			t.Errorf("%d records were dropped within %v", dropped.len(), d)
		}
		for _, x := range dropped.all {
			var e *producer.DeliveryError
			if !errors.As(x.err, &e) || !errors.Is(e, producer.ErrDropped) || e.Status != producer.NotPersisted || e.Topic != "t" {
				t.Fatalf("%s: %v", x.value, x.err)
			}
		}
		c.ResumeBroker(1)
		flush(t, p)
		noErrors(t, o)
		check(t, c, "t", 1, &dropped)
	})
}

// Where callbacks don't come to hear of what is dropped, dropping ends: memory has a bound.
func TestOverflowDropNewestIsBounded(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p, _, _ := fillUp(t, c, config(t, c))
		release := make(chan struct{})
		r := producer.Record{Topic: "t", Overflow: producer.OverflowDropNewest, Value: make([]byte, 900)}
		told, accepted := 0, 0
		var err error
		for err == nil && accepted < 100_000 {
			if err = p.Send(t.Context(), r, func(producer.RecordMetadata, error) { told++; <-release }); err == nil {
				accepted++
			}
		}
		if !errors.Is(err, producer.ErrBufferFull) || accepted > 10_000 {
			t.Errorf("after %d dropped records whose callbacks have not run Send returned %v", accepted, err)
		}
		c.ResumeBroker(1)
		close(release)
		flush(t, p)
		if told != accepted {
			t.Errorf("%d callbacks for %d records", told, accepted)
		}
	})
}

func TestOverflowDropOldest(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory, cfg.Overflow = 1000, 50_000, producer.OverflowDropOldest
		cfg.MaxInFlightRequestsPerConnection = 1
		p := open(t, cfg)
		var first, o outcomes
		send(t, p, "t", 0, 1, &first)
		flush(t, p)
		c.PauseBroker(1)
		for _, v := range []string{"000001", "000002"} { // one is sent; one is the oldest that is not, and shares its batch
			kept := producer.Record{Topic: "t", Value: []byte(v), Overflow: producer.OverflowBlock}
			if err := p.Send(t.Context(), kept, first.callback(v)); err != nil {
				t.Fatal(err)
			}
		}
		const n = 20_000
		start := time.Now()
		for i := 0; i < n; i += 10 {
			send(t, p, "t", 3+i, 10, &o)
			synctest.Wait() // for the callbacks: what they are owed is in the buffer, too, and the more the less of records
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("Sends took %v", d)
		}
		c.ResumeBroker(1)
		flush(t, p)
		noErrors(t, &first)
		check(t, c, "t", 1, &o)
		delivered, lastDropped := 0, ""
		for _, x := range o.all {
			switch {
			case x.err == nil:
				delivered++
			case !errors.Is(x.err, producer.ErrDropped):
				t.Fatalf("%s: %v", x.value, x.err)
			default:
				lastDropped = max(lastDropped, x.value)
			}
		}
		newest := fmt.Sprintf("%06d", n+2)
		if len(o.all) != n || delivered < 150 || delivered > 5000 || lastDropped >= newest {
			t.Errorf("%d outcomes, %d delivered, the last dropped is %s of %s", len(o.all), delivered, lastDropped, newest)
		}
	})
}

// What was dropped for a record that finds no room all the same makes room for others.
func TestOverflowDropOldestInVain(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.BatchSize, cfg.BufferMemory = 1000, 50_000
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 1, &o)
		flush(t, p)
		c.PauseBroker(1)
		release := make(chan struct{})
		try := func(size int, overflow producer.Overflow) error {
			r := producer.Record{Topic: "t", Value: make([]byte, size), Overflow: overflow}
			return p.Send(t.Context(), r, func(producer.RecordMetadata, error) { <-release })
		}
		for range 15 {
			if err := try(900, producer.OverflowDropOldest); err != nil {
				t.Fatal(err)
			}
		}
		var err error
		for err == nil { // until nothing is dropped any more
			err = try(900, producer.OverflowDropNewest)
		}
		if err := try(45_000, producer.OverflowDropOldest); !errors.Is(err, producer.ErrBufferFull) {
			t.Errorf("a record as large as the buffer: %v", err)
		}
		if err := try(900, producer.OverflowFail); err != nil {
			t.Errorf("there is no room where batches were dropped: %v", err)
		}
		c.ResumeBroker(1)
		close(release)
		flush(t, p)
	})
}

func TestOverflowIsChecked(t *testing.T) {
	for _, cfg := range []producer.Config{
		{Overflow: 9}, {Overflow: -1}, {Topics: map[string]producer.TopicConfig{"email": {Overflow: 7}}},
		{Gapless: 5}, {Topics: map[string]producer.TopicConfig{"email": {Gapless: 7}}},
	} {
		cfg.BootstrapServers = []string{"localhost:9092"}
		_, err := producer.New(cfg)
		var e *producer.ConfigError
		if !errors.As(err, &e) {
			t.Errorf("%v %v: %v", cfg.Overflow, cfg.Topics, err)
		}
	}
}
