package producer_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kafkaproducer/compress"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// effect is a test of one property: it is run once for each of its values and must see what the value does.
type effect struct {
	property string
	values   []string
	with     map[string]string // other properties
	opts     producertest.Options
	run      func(t *testing.T, value string, e *env)
}

// env is a producer made from properties.
type env struct {
	c *producertest.Cluster
	p *producer.Producer
}

// sync sends a record and returns how long its outcome took.
func (e *env) sync(t *testing.T, r producer.Record) (time.Duration, error) {
	t.Helper()
	start := time.Now()
	_, err := e.p.SendSync(t.Context(), r)
	return time.Since(start), err
}

// produces returns the Produce requests the cluster has seen.
func (e *env) produces() []producertest.Request { return e.c.Requests(protocol.ProduceKey) }

// effects has every property of the table of the package's settings.
var effects = []effect{
	{property: "bootstrap.servers", values: []string{"first dead", "last dead"},
		run: func(t *testing.T, _ string, e *env) {
			if _, err := e.sync(t, producer.Record{Topic: "t"}); err != nil {
				t.Error(err)
			}
		}},
	{property: "client.id", values: []string{"email-service-1", ""},
		run: func(t *testing.T, value string, e *env) {
			e.sync(t, producer.Record{Topic: "t"})
			if id := e.produces()[0].Header.ClientID; (id == nil) != (value == "") || id != nil && *id != value {
				t.Errorf("requests bear %v", id)
			}
		}},
	{property: "acks", values: []string{"0", "1", "all", "-1"},
		run: func(t *testing.T, value string, e *env) {
			want := map[string]int16{"0": 0, "1": 1, "all": -1, "-1": -1}[value]
			m, err := e.p.SendSync(t.Context(), producer.Record{Topic: "t"})
			if err != nil {
				t.Fatal(err)
			}
			if err := e.c.WaitRecords(t.Context(), "t", 1); err != nil {
				t.Fatal(err)
			}
			if got := e.produces()[0].Message.(*protocol.ProduceRequest).Acks; got != want || (m.Offset == -1) != (want == 0) {
				t.Errorf("acks %d in the request, offset %d", got, m.Offset)
			}
		}},
	{property: "enable.idempotence", values: []string{"true", "false"},
		run: func(t *testing.T, value string, e *env) {
			e.c.Inject(producertest.DropAfter().OnRequests(protocol.ProduceKey).Once()) // appended, but nobody hears of it
			if _, err := e.sync(t, producer.Record{Topic: "t"}); err != nil {
				t.Fatal(err)
			}
			want := map[string]int64{"true": 1, "false": 2}[value]
			if n := e.c.Count("t"); n != want || (e.c.RequestCount(protocol.InitProducerIDKey) == 1) != (value == "true") {
				t.Errorf("%d records in the log, want %d", n, want)
			}
		}},
	{property: "retries", values: []string{"0", "1", "3"},
		run: func(t *testing.T, value string, e *env) {
			e.c.Inject(producertest.Fail(protocol.NotEnoughReplicas))
			_, err := e.sync(t, producer.Record{Topic: "t"})
			var d *producer.DeliveryError
			if !errors.As(err, &d) || fmt.Sprint(d.Attempts-1) != value || !errors.Is(err, protocol.NotEnoughReplicas) {
				t.Errorf("outcome %v", err)
			}
		}},
	{property: "delivery.timeout.ms", values: []string{"5000", "20000"}, with: map[string]string{"request.timeout.ms": "1000"},
		run: func(t *testing.T, value string, e *env) {
			e.c.Inject(producertest.Fail(protocol.NotEnoughReplicas))
			took, err := e.sync(t, producer.Record{Topic: "t"})
			if ms(took) != value || !errors.Is(err, producer.ErrDeliveryTimeout) {
				t.Errorf("after %v: %v", took, err)
			}
		}},
	{property: "request.timeout.ms", values: []string{"1000", "7000"},
		run: func(t *testing.T, value string, e *env) {
			e.sync(t, producer.Record{Topic: "t"})
			e.c.Inject(producertest.Swallow().Once())
			took, err := e.sync(t, producer.Record{Topic: "t"})
			if d, _ := time.ParseDuration(value + "ms"); took < d || took > d+500*time.Millisecond || err != nil {
				t.Errorf("after %v: %v", took, err)
			}
			if got := fmt.Sprint(e.produces()[0].Message.(*protocol.ProduceRequest).TimeoutMs); got != value {
				t.Errorf("the broker is given %s ms", got)
			}
		}},
	{property: "retry.backoff.ms", values: []string{"10", "400"},
		run: func(t *testing.T, value string, e *env) {
			e.sync(t, producer.Record{Topic: "t"})
			e.c.Inject(producertest.Fail(protocol.NotEnoughReplicas).Once())
			took, err := e.sync(t, producer.Record{Topic: "t"})
			within20Percent(t, took, value, err)
		}},
	{property: "retry.backoff.max.ms", values: []string{"100", "150"}, with: map[string]string{"retry.backoff.ms": "1000"},
		run: func(t *testing.T, value string, e *env) {
			e.sync(t, producer.Record{Topic: "t"})
			e.c.Inject(producertest.Fail(protocol.NotEnoughReplicas).Once())
			took, err := e.sync(t, producer.Record{Topic: "t"})
			within20Percent(t, took, value, err)
		}},
	{property: "linger.ms", values: []string{"0", "50", "2000"},
		run: func(t *testing.T, value string, e *env) {
			e.p.PartitionsFor(t.Context(), "t")
			e.p.Flush(t.Context())
			if took, err := e.sync(t, producer.Record{Topic: "t"}); ms(took) != value || err != nil {
				t.Errorf("after %v: %v", took, err)
			}
		}},
	{property: "batch.size", values: []string{"0", "1000", "16384", "100000"}, with: map[string]string{"linger.ms": "100"},
		run: func(t *testing.T, value string, e *env) {
			for range 2000 {
				e.p.Send(t.Context(), producer.Record{Topic: "t", Key: []byte("k"), Value: make([]byte, 100)}, nil)
			}
			flush(t, e.p)
			var n, limit int
			fmt.Sscan(value, &limit)
			largest := 0
			for i := range int32(4) {
				for _, b := range e.c.Batches("t", i) {
					n++
					largest = max(largest, len(b.Bytes))
				}
			}
			for range 10 {
				e.p.Send(t.Context(), producer.Record{Topic: "t", Key: []byte("k"), Value: []byte("v")}, nil)
			}
			flush(t, e.p)
			few := -n
			for i := range int32(4) {
				few += len(e.c.Batches("t", i))
			}
			if value == "0" && few != 10 || value != "0" && few != 1 {
				t.Errorf("%d batches of 10 small records", few)
			}
			if value == "0" && n != 2000 || value != "0" && (largest > limit || largest < limit-250) {
				t.Errorf("%d batches, the largest of %d bytes", n, largest)
			}
		}},
	{property: "buffer.memory", values: []string{"100000", "1000000"}, with: map[string]string{"max.block.ms": "1000"},
		run: func(t *testing.T, value string, e *env) {
			e.sync(t, producer.Record{Topic: "t"})
			e.c.PauseBroker(1)
			defer e.c.ResumeBroker(1)
			n := 0
			for ; n < 20_000; n++ {
				if err := e.p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, 1000)}, nil); err != nil {
					if !errors.Is(err, producer.ErrBufferFull) {
						t.Error(err)
					}
					break
				}
			}
			var limit int
			fmt.Sscan(value, &limit)
			if n*1000 > limit || n*1000 < limit*7/10 {
				t.Errorf("%d records of 1,000 bytes were taken into %d", n, limit)
			}
		}},
	{property: "max.block.ms", values: []string{"0", "1500", "30000"},
		run: func(t *testing.T, value string, e *env) {
			err := e.p.Send(t.Context(), producer.Record{Topic: "not/valid but asked for"}, nil)
			if !errors.Is(err, protocol.InvalidTopicException) && value != "0" {
				t.Errorf("an invalid topic: %v", err)
			}
			e.c.PauseBroker(1)
			defer e.c.ResumeBroker(1)
			start := time.Now()
			err = e.p.Send(t.Context(), producer.Record{Topic: "unknown"}, nil)
			if took := time.Since(start); ms(took) != value || err == nil {
				t.Errorf("after %v: %v", took, err)
			}
		}},
	{property: "max.in.flight.requests.per.connection", values: []string{"1", "3", "5"},
		run: func(t *testing.T, value string, e *env) {
			var o outcomes
			zero := int32(0)
			e.p.SendSync(t.Context(), producer.Record{Topic: "t", Partition: &zero})
			before := len(e.produces())
			e.c.Inject(producertest.DelayAnswer(time.Second))
			for i := range 10 {
				v := fmt.Sprint(i)
				e.p.Send(t.Context(), producer.Record{Topic: "t", Partition: &zero, Value: []byte(v)}, o.callback(v))
			}
			flush(t, e.p)
			noErrors(t, &o)
			// Each record has a request of its own until the window is full; the others share the next.
			var window int
			fmt.Sscan(value, &window)
			if n := len(e.produces()) - before; n != window+1 {
				t.Errorf("%d requests", n)
			}
		}},
	{property: "max.request.size", values: []string{"5000", "50000"}, with: map[string]string{"linger.ms": "100", "batch.size": "3000"},
		run: func(t *testing.T, value string, e *env) {
			var limit int
			fmt.Sscan(value, &limit)
			var large *producer.RecordTooLargeError
			err := e.p.Send(t.Context(), producer.Record{Topic: "t", Value: make([]byte, limit)}, nil)
			if !errors.As(err, &large) || large.Limit != limit || large.Property != "max.request.size" {
				t.Errorf("a record larger than that: %v", err)
			}
			for i := range 1000 {
				part := int32(i % 4)
				e.p.Send(t.Context(), producer.Record{Topic: "t", Partition: &part, Value: make([]byte, 100)}, nil)
			}
			flush(t, e.p)
			for _, r := range e.produces() {
				if r.Size > limit {
					t.Errorf("a request of %d bytes", r.Size)
				}
			}
		}},
	{property: "compression.type", values: []string{"none", "gzip", "snappy", "lz4", "zstd"},
		run: func(t *testing.T, value string, e *env) { e.compressed(t, value) }},
	{property: "compression.gzip.level", values: []string{"1", "9"}, with: map[string]string{"compression.type": "gzip"},
		run: func(t *testing.T, value string, e *env) { e.compressed(t, "gzip") }},
	{property: "compression.lz4.level", values: []string{"1", "17"}, with: map[string]string{"compression.type": "lz4"},
		run: func(t *testing.T, value string, e *env) { e.compressed(t, "lz4") }},
	{property: "compression.zstd.level", values: []string{"-5", "19"}, with: map[string]string{"compression.type": "zstd"},
		run: func(t *testing.T, value string, e *env) { e.compressed(t, "zstd") }},
}

// sizes remembers how large a batch was under each value of a level: the higher level's must be smaller.
var sizes = struct {
	sync.Mutex
	of map[string][]int
}{of: map[string][]int{}}

// compressed sends a batch of text and checks that it arrived under the codec, and smaller for the higher level.
func (e *env) compressed(t *testing.T, codec string) {
	random := rand.New(rand.NewPCG(1, 1))
	var words []string
	for range 20_000 {
		words = append(words, fmt.Sprintf("order-%d shipped to user-%d from warehouse-%d;", random.IntN(1000), random.IntN(500), random.IntN(7)))
	}
	one := int32(0)
	if _, err := e.sync(t, producer.Record{Topic: "t", Partition: &one, Value: []byte(strings.Join(words, ""))}); err != nil {
		t.Fatal(err)
	}
	b := e.c.Batches("t", 0)[0]
	want, _ := compress.Parse(codec)
	if b.Codec() != want {
		t.Errorf("the batch is compressed with %v", b.Codec())
	}
	sizes.Lock()
	defer sizes.Unlock()
	key := t.Name()[:strings.LastIndex(t.Name(), "/")]
	sizes.of[key] = append(sizes.of[key], len(b.Bytes))
	if s := sizes.of[key]; strings.Contains(key, "level") && len(s) == 2 && s[1] >= s[0] {
		t.Errorf("the low level made %d bytes, the high level %d", s[0], s[1])
	}
}

func ms(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

func within20Percent(t *testing.T, took time.Duration, want string, err error) {
	t.Helper()
	d, _ := time.ParseDuration(want + "ms")
	if took < d*8/10 || took > d*12/10 || err != nil {
		t.Errorf("after %v: %v; want %v ± 20 %%", took, err, d)
	}
}

// Every property does what it says, given by its Kafka name.
func TestPropertiesHaveEffect(t *testing.T) {
	for _, x := range effects {
		for _, value := range x.values {
			t.Run(x.property+"/"+value, func(t *testing.T) {
				opts := x.opts
				if opts.Topics == nil {
					opts.Topics = map[string]int32{"t": 4}
				}
				inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
					props := map[string]string{"bootstrap.servers": strings.Join(c.BootstrapServers(), ",")}
					maps.Copy(props, x.with)
					props[x.property] = value
					switch value { // of bootstrap.servers
					case "first dead":
						props[x.property] = "dead:1," + c.BootstrapServers()[0]
					case "last dead":
						props[x.property] = c.BootstrapServers()[0] + ",dead:1"
					}
					cfg, err := producer.FromProperties(props)
					if err != nil {
						t.Fatal(err)
					}
					base := config(t, c)
					cfg.Logger = base.Logger
					cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
						if addr == "dead:1" {
							return nil, errors.New("nobody there")
						}
						return c.Dial(ctx, network, addr)
					}
					x.run(t, value, &env{c, open(t, cfg)})
				})
			})
		}
	}
}

// The table of settings in the design has these; serializers are tested with Typed.
func TestEveryPropertyHasAnEffectTest(t *testing.T) {
	for _, name := range []string{
		"bootstrap.servers", "client.id", "acks", "enable.idempotence", "retries", "delivery.timeout.ms", "request.timeout.ms",
		"retry.backoff.ms", "retry.backoff.max.ms", "linger.ms", "batch.size", "buffer.memory", "max.block.ms",
		"max.in.flight.requests.per.connection", "max.request.size", "compression.type", "compression.gzip.level",
		"compression.lz4.level", "compression.zstd.level",
	} {
		if !slices.ContainsFunc(effects, func(e effect) bool { return e.property == name }) {
			t.Errorf("no test shows what %s does", name)
		}
	}
}
