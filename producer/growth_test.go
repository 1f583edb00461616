package producer

import (
	"context"
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer/producertest"
)

// How cost grows, where it can be told without a clock: by what is counted, allocated and held.

// A producer that has nothing to send does nothing at all, but for metadata every metadata.max.age.ms.
func TestIdleProducerRests(t *testing.T) {
	w := inCounted(t, 3, map[string]int32{"t": 12}, Config{Linger: 5 * time.Millisecond})
	for i := range int32(1000) {
		p := i % 12
		w.send(t, Record{Topic: "t", Partition: &p, Value: make([]byte, 100)})
	}
	w.settle(t)
	w.let(2*time.Minute + time.Second)                           // timers that nobody needs any more run out: request.timeout.ms, delivery.timeout.ms
	if did := w.let(2 * time.Minute); did != (work{events: 1}) { // the end of that time
		t.Errorf("in two minutes: %+v", did)
	}
	// Metadata, and a look at whether they came; once the connections are closed, as connections.max.idle.ms says.
	if did := w.let(time.Hour); did.fired > 2*12+3 {
		t.Errorf("in an hour: %+v", did)
	}
}

// Of how many partitions those are that records go to makes no difference: nobody looks at the others, which are taken away
// here. So it is with explicit partitions and with keys. (Without, the sticky partitioner looks at all of them now and then:
// balanceEach.)
func TestIdlePartitionsCostNothing(t *testing.T) {
	const busy = 10
	var first work
	for _, n := range []int32{busy, 10_000} {
		w := inCounted(t, 3, map[string]int32{"t": n}, Config{Linger: 5 * time.Millisecond, BatchSize: 1000})
		value := make([]byte, 100)
		round := func() work {
			before := w.work
			for i := range int32(10 * busy) {
				p := i % busy
				w.send(t, Record{Topic: "t", Partition: &p, Value: value})
			}
			w.settle(t)
			w.let(time.Second)
			return w.work.minus(before)
		}
		round()
		topic := (*w.p.topics.Load())["t"]
		view := *topic.view.Load()
		view.partitions = slices.Clone(view.partitions)
		clear(view.partitions[busy:])
		topic.view.Store(&view)
		switch got := round(); {
		case n == busy:
			first = got
		case got != first:
			t.Errorf("%+v with %d partitions, %+v with %d", first, busy, got, n)
		}
	}
}

// A thousand topics with a record a second each cost what ten with a hundred do, where each record has a batch of its own either way:
// no timer and no event is for a topic in which nothing happens.
func TestManyTopicsCostWhatFewDo(t *testing.T) {
	const rate, seconds = 1000, 2
	var few work
	for _, n := range []int{10, 1000} {
		topics, names := map[string]int32{}, make([]string, n)
		for i := range names {
			names[i] = fmt.Sprint("t", i)
			topics[names[i]] = 1
		}
		w := inCounted(t, 1, topics, Config{Linger: 5 * time.Millisecond})
		for _, name := range names {
			w.send(t, Record{Topic: name})
		}
		w.settle(t)
		before := w.work
		for i := range rate * seconds {
			w.send(t, Record{Topic: names[i%n], Value: make([]byte, 100)})
			w.let(time.Second / rate)
		}
		w.settle(t)
		got := w.work.minus(before)
		if n == 10 {
			few = got
		} else if got.events > few.events*5/4 || got.set > few.set*5/4 || got.fired > few.fired*5/4 {
			t.Errorf("%+v with %d topics, %+v with 10", got, n, few)
		}
		if got.set > 2*rate*seconds+rate/10 {
			t.Errorf("with %d topics timers were set %d times for %d batches", n, got.set, rate*seconds)
		}
	}
}

// Ten thousand open batches of a record each take a part of buffer.memory's default.
func TestOpenBatchesTakeWhatTheirRecordsDo(t *testing.T) {
	const n, size = 10_000, 100
	w := inCounted(t, 1, map[string]int32{"t": n}, Config{Linger: time.Hour, DeliveryTimeout: 2 * time.Hour})
	for i := range int32(n) {
		w.send(t, Record{Topic: "t", Partition: &i, Value: make([]byte, size)})
	}
	if live := w.p.core.Live(); live != n {
		t.Errorf("%d batches are open, want %d", live, n)
	}
	if used := w.p.memory.used; used > n*(smallestBuffer+batchCost) || used > w.p.memory.limit/2 {
		t.Errorf("they take %d bytes", used)
	}
}

// Under overload a producer takes buffer.memory and a constant, in which are here the broker's requests and the network's.
func TestMemoryIsBounded(t *testing.T) {
	const senders, constant = 64, 4 << 20
	for _, buffer := range []int64{4 << 20, 16 << 20} {
		opts := producertest.Options{Topics: map[string]int32{"t": 100}, Discard: true}
		inBubble(t, opts, Config{BufferMemory: buffer, MaxRequestSize: 128 << 10}, func(t *testing.T, c *producertest.Cluster, p *Producer) {
			if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
				t.Fatal(err)
			}
			before := heap()
			c.Inject(producertest.DelayAnswer(time.Second))
			ctx, stop := context.WithCancel(t.Context())
			var wg sync.WaitGroup
			for i := range senders {
				wg.Go(func() {
					r := Record{Topic: "t", Value: make([]byte, 1000), Key: fmt.Append(nil, i)}
					for p.Send(ctx, r, nil) == nil {
					}
				})
			}
			most, held := 0, int64(0)
			for range 10 {
				time.Sleep(3 * time.Second)
				n, _ := waiting(p)
				most, held = max(most, n), max(held, heap()-before)
			}
			if held > buffer+constant {
				t.Errorf("%d bytes more than before are held, and buffer.memory is %d", held, buffer)
			}
			if most < senders/2 {
				t.Errorf("at most %d senders waited for room: there was no overload", most)
			}
			stop()
			wg.Wait()
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// waiting returns how many Sends wait for room, and how many of them have been told to go on.
func waiting(p *Producer) (n, woken int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for w := p.waiters.head; w != nil; w = w.next {
		n++
		woken += len(w.wake)
	}
	return n, woken
}

// What the garbage collector scans grows with batches, not with the records in them, if they share their callback: a buffer has no pointers.
func TestBufferedRecordsAreNotScanned(t *testing.T) {
	const few, many, partitions = 10_000, 200_000, 10
	cfg := Config{Linger: time.Hour, DeliveryTimeout: 2 * time.Hour, BatchSize: 4 << 20, BufferMemory: 64 << 20}
	w := inCounted(t, 1, map[string]int32{"t": partitions}, cfg)
	w.send(t, Record{Topic: "t"})
	w.settle(t)
	done, value := func(RecordMetadata, error) {}, make([]byte, 100)
	send := func(n int) (scanned int64) {
		for i := range n {
			p := int32(i % partitions)
			if err := w.p.Send(t.Context(), Record{Topic: "t", Partition: &p, Value: value}, done); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		s := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64())
	}
	before := send(few)
	if grown := send(many-few) - before; grown > (many-few)/2 {
		t.Errorf("%d bytes more are scanned for %d records more", grown, many-few)
	}
	if n := w.p.core.Live(); n > 3*partitions { // of max.request.size
		t.Errorf("the records are in %d batches", n)
	}
}

// A Send that waits for room wakes up when its record has got some, and not before: room for one wakes one.
func TestNobodyWakesInVain(t *testing.T) {
	const senders = 64
	opts := producertest.Options{Topics: map[string]int32{"t": 1}, Discard: true}
	cfg := Config{BatchSize: 1000, BufferMemory: 8000, MaxRequestSize: 2000, MaxInFlightRequestsPerConnection: 1}
	inBubble(t, opts, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
		if _, err := p.SendSync(t.Context(), Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		c.Inject(producertest.DelayAnswer(time.Second))
		returned := make(chan int, senders)
		for i := range senders {
			go func() {
				if err := p.Send(t.Context(), Record{Topic: "t", Value: make([]byte, 900)}, nil); err != nil { // a batch of its own
					t.Error(err)
				}
				returned <- i
			}()
			synctest.Wait()
		}
		next := 0
		for before, _ := waiting(p); before > 0; time.Sleep(time.Second) {
			synctest.Wait()
			left, woken := waiting(p)
			if woken > 0 {
				t.Errorf("%d Sends were woken and still wait", woken)
			}
			if served := before - left; served > 1 {
				t.Errorf("an answer for one batch let %d through", served)
			}
			before = left
			for range len(returned) {
				if i := <-returned; i != next {
					t.Errorf("sender %d went before %d", i, next)
				}
				next++
			}
		}
	})
}

// A Send that waits for room allocates nothing: many cost what those do that find room at once, with as many requests.
func TestWaitingForRoomAllocatesNothing(t *testing.T) {
	if slowdown > 1 {
		t.Skip("with the race detector a sync.Pool loses what it is given")
	}
	const n = 400
	allocations := func(buffer int64) (allocs float64, waited time.Duration) {
		opts := producertest.Options{Topics: map[string]int32{"t": 1}, Discard: true}
		cfg := Config{BatchSize: 1000, BufferMemory: buffer, MaxRequestSize: 2000, FlightRecorder: Off}
		inBubble(t, opts, cfg, func(t *testing.T, c *producertest.Cluster, p *Producer) {
			know(t, p, "t")
			c.Inject(producertest.DelayAnswer(time.Millisecond))
			ctx, done := t.Context(), func(RecordMetadata, error) {}
			r := Record{Topic: "t", Value: make([]byte, 900)} // a batch of its own, and a request
			allocs = testing.AllocsPerRun(3, func() {
				begin := time.Now()
				for range n {
					if err := p.Send(ctx, r, done); err != nil {
						t.Error(err)
					}
				}
				waited = time.Since(begin)
				if err := p.Flush(ctx); err != nil {
					t.Error(err)
				}
			})
		})
		return allocs, waited
	}
	free, _ := allocations(1 << 20)
	waiting, waited := allocations(8000)
	if waited < n/10*time.Millisecond {
		t.Errorf("%d Sends waited for %v in all", n, waited)
	}
	if waiting > free+n/10 {
		t.Errorf("%v allocations for %d records that wait for room, %v for as many that don't", waiting, n, free)
	}
}
