package producer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// saysWhat is what the log says of each broken answer, as a regular expression; a corrupt one may be several things. Of one that comes
// whole, byte by byte, it says nothing.
var saysWhat = map[string]string{
	"drop_close": "closed by the peer", "drop_reset": "connection reset", "reset_before": "connection reset", "trunc": "closed by the peer",
	"swallow": "the next one due is", "late": "the next one due is", "stall": "no answer to Produce within 2s",
	"corrupt": `decoding Produce response|left the partition out|the next one due is|was announced|[A-Z_]+ \(-?\d+\)`,
	"shorten": "decoding Produce response", "wrongcorr": "the next one due is", "dup": "but none was due", "reorder": "the next one due is",
	"hugelen": "bytes was announced", "empty": "left the partition out",
}

// Whatever a broker does to a few of its answers, all records are acknowledged, once in the log and in order, within ten
// seconds of request timeouts of two, and the log says what was wrong.
func TestBrokenAnswers(t *testing.T) {
	for _, fault := range producertest.BrokenAnswers(3 * time.Second) {
		t.Run(fault.String(), func(t *testing.T) {
			opts := producertest.Options{Brokers: 3, Topics: map[string]int32{"t": 6}, Seed: 1}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				var log bytes.Buffer // the handler locks
				cfg.Logger = slog.New(slog.NewTextHandler(io.MultiWriter(&log, t.Output()), nil))
				cfg.RequestTimeout, cfg.DeliveryTimeout, cfg.Linger = 2*time.Second, time.Minute, 5*time.Millisecond
				p := open(t, cfg)
				injected := c.Inject(fault.Skip(3).Every(5).Times(6))
				var o outcomes
				start := time.Now()
				const n = 20_000
				for i := range 20 {
					send(t, p, "t", i*n/20, n/20, &o)
					time.Sleep(10 * time.Millisecond)
				}
				flush(t, p)
				if d := time.Since(start); d > 10*time.Second {
					t.Errorf("took %v", d)
				}
				if injected.Hits() == 0 {
					t.Error("no answer was broken")
				}
				if o.len() != n {
					t.Errorf("%d callbacks", o.len())
				}
				noErrors(t, &o)
				check(t, c, "t", 6, &o)
				synctest.Wait()
				want, said := saysWhat[fault.String()], log.String()
				for line := range strings.Lines(said) {
					if !strings.Contains(line, " client_id=test ") {
						t.Errorf("a line doesn't say whose it is: %s", line)
					}
				}
				if want == "" && strings.Contains(said, "level=WARN") {
					t.Errorf("the log warns of nothing:\n%s", said)
				}
				if !regexp.MustCompile(want).MatchString(said) {
					t.Errorf("the log doesn't say %q:\n%s", want, said)
				}
			})
		})
	}
}

// Every error code a broker may give to a Produce request, three times in a row, then none.
func TestRetriableCodes(t *testing.T) {
	for code := protocol.ErrorCode(-1); code < 140; code++ {
		if !code.Retriable() {
			continue
		}
		t.Run(code.Name(), func(t *testing.T) {
			inBubble(t, producertest.Options{Brokers: 2, Topics: map[string]int32{"t": 2}}, func(t *testing.T, c *producertest.Cluster) {
				p := open(t, config(t, c))
				c.Inject(producertest.Fail(code).On("t", 0).Times(3))
				var o outcomes
				send(t, p, "t", 0, 500, &o)
				flush(t, p)
				noErrors(t, &o)
				check(t, c, "t", 2, &o)
			})
		})
	}
}

func TestCodesThatFail(t *testing.T) {
	for _, x := range []struct {
		code   protocol.ErrorCode
		status producer.Status
		fatal  bool
	}{
		{protocol.InvalidRecord, producer.NotPersisted, false},
		{protocol.TopicAuthorizationFailed, producer.NotPersisted, false},
		{protocol.InvalidTopicException, producer.NotPersisted, false},
		{protocol.UnknownServerError, producer.PossiblyPersisted, false},
		{protocol.ErrorCode(1234), producer.PossiblyPersisted, false},
		{protocol.ClusterAuthorizationFailed, producer.NotPersisted, true},
	} {
		t.Run(x.code.Name(), func(t *testing.T) {
			inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
				p := open(t, config(t, c))
				c.Inject(producertest.Fail(x.code).Once())
				_, err := p.SendSync(t.Context(), producer.Record{Topic: "t"})
				var e *producer.DeliveryError
				if !errors.As(err, &e) || !errors.Is(err, x.code) || e.Status != x.status || e.Topic != "t" || e.Attempts != 1 {
					t.Fatalf("outcome %v", err)
				}
				_, err = p.SendSync(t.Context(), producer.Record{Topic: "t"})
				if x.fatal != errors.Is(err, x.code) {
					t.Errorf("the next record: %v", err)
				}
			})
		})
	}
}

// Where a broker names the records that it refuses, these fail, each with its own message, and the others go again in their place.
func TestHealthyRecordsAreSentAgain(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger, cfg.BatchSize = time.Second, 400 // several batches, of which the first is refused at first
		p := open(t, cfg)
		c.Inject(producertest.FailRecords(protocol.InvalidRecord, "some are bad", producertest.RecordFailure{Index: 1, Message: "this one"},
			producertest.RecordFailure{Index: 4, Message: "and this"}).Once())
		var o outcomes
		send(t, p, "t", 0, 200, &o)
		flush(t, p)
		check(t, c, "t", 1, &o)
		if n := len(c.Records("t", 0)); n != 198 {
			t.Errorf("%d records are stored", n)
		}
		for _, x := range o.all {
			var e *producer.DeliveryError
			want := map[string]string{"000001": "this one", "000004": "and this"}[x.value]
			switch {
			case want == "" && x.err != nil, want != "" && x.err == nil:
				t.Errorf("record %s: %v", x.value, x.err)
			case want != "" && (!errors.As(x.err, &e) || e.Message != want || !errors.Is(e, protocol.InvalidRecord)):
				t.Errorf("record %s: %v", x.value, x.err)
			}
		}
	})
}

func TestRecordErrorsNameTheGuilty(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.Linger, cfg.ResendHealthyRecords = time.Second, producer.Off
		p := open(t, cfg)
		c.Inject(producertest.FailRecords(protocol.InvalidRecord, "some are bad", producertest.RecordFailure{Index: 1, Message: "this one"}).Once())
		var o outcomes
		send(t, p, "t", 0, 3, &o)
		flush(t, p)
		for i, x := range o.all {
			var e *producer.DeliveryError
			want := map[bool]string{true: "this one", false: "some are bad"}[i == 1]
			if !errors.As(x.err, &e) || e.Message != want || !errors.Is(e, protocol.InvalidRecord) {
				t.Errorf("record %d: %v", i, x.err)
			}
		}
	})
}

// What a broker says of a record is kept until its callback runs, although further answers come before.
func TestRecordErrorsAreKept(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.ResendHealthyRecords = producer.Off
		p := open(t, cfg)
		release := make(chan struct{})
		if err := p.Send(t.Context(), producer.Record{Topic: "t"}, func(producer.RecordMetadata, error) { <-release }); err != nil {
			t.Fatal(err)
		}
		var o outcomes
		for i := range 5 {
			time.Sleep(time.Second)
			c.Inject(producertest.FailRecords(protocol.InvalidRecord, "", producertest.RecordFailure{Message: fmt.Sprintf("%06d is bad", i)}).Once())
			send(t, p, "t", i, 1, &o)
		}
		time.Sleep(time.Second)
		close(release)
		flush(t, p)
		for _, x := range o.all {
			if e, ok := errors.AsType[*producer.DeliveryError](x.err); !ok || e.Message != x.value+" is bad" {
				t.Errorf("record %s: %v", x.value, x.err)
			}
		}
	})
}

func TestDeliveryTimeout(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.DeliveryTimeout, cfg.RequestTimeout = 10*time.Second, 4*time.Second
		p := open(t, cfg)
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Value: []byte("000000")}); err != nil {
			t.Fatal(err)
		}
		c.PauseBroker(1)
		var o outcomes
		start := time.Now()
		send(t, p, "t", 1, 1, &o)
		flush(t, p)
		if d := time.Since(start); d != 10*time.Second {
			t.Errorf("outcome after %v", d)
		}
		var e *producer.DeliveryError
		if err := o.all[0].err; !errors.As(err, &e) || !errors.Is(err, producer.ErrDeliveryTimeout) || e.Status != producer.PossiblyPersisted {
			t.Errorf("outcome %v", err)
		}
		c.ResumeBroker(1)
		send(t, p, "t", 2, 100, &o)
		flush(t, p)
		check(t, c, "t", 1, &o)
	})
}

// A record whose time passes says what stood in its way, as errors.As and errors.Is find it.
func TestDeliveryTimeoutNamesTheTrouble(t *testing.T) {
	for _, test := range []struct {
		name    string
		trouble func(*producertest.Cluster)
		set     func(*producer.Config)
		is      func(error) bool
	}{
		{"not enough replicas", func(c *producertest.Cluster) { c.Inject(producertest.Fail(protocol.NotEnoughReplicas)) }, nil,
			func(err error) bool { return errors.Is(err, protocol.NotEnoughReplicas) }},
		{"the leader is gone", func(c *producertest.Cluster) { c.StopBroker(1) }, nil, isAn[*client.ConnError]},
		{"the login is refused", func(c *producertest.Cluster) {
			c.SetPassword("alice", "another")
			c.CloseConnections(1)
		}, func(cfg *producer.Config) {
			cfg.SecurityProtocol = producer.SASLPlaintext
			logins[1].set(cfg)
		}, isAn[*client.AuthError]},
		{"no producer id", func(c *producertest.Cluster) {
			c.Inject(producertest.Fail(protocol.CoordinatorLoadInProgress).OnRequests(protocol.InitProducerIDKey))
		}, nil, func(err error) bool { return errors.Is(err, protocol.CoordinatorLoadInProgress) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			opts := producertest.Options{Topics: map[string]int32{"t": 1}}
			if test.set != nil {
				opts.Users = map[string]string{"alice": password}
			}
			inBubble(t, opts, func(t *testing.T, c *producertest.Cluster) {
				cfg := config(t, c)
				cfg.DeliveryTimeout, cfg.RequestTimeout = 10*time.Second, 4*time.Second
				if test.set != nil {
					test.set(&cfg)
				}
				p := open(t, cfg)
				if _, err := p.PartitionsFor(t.Context(), "t"); err != nil {
					t.Fatal(err)
				}
				test.trouble(c)
				var o outcomes
				send(t, p, "t", 1, 1, &o)
				flush(t, p)
				err := o.all[0].err
				if !errors.Is(err, producer.ErrDeliveryTimeout) || !test.is(err) {
					t.Errorf("outcome %v", err)
				}
				t.Log(err)
			})
		})
	}
}

func isAn[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestTooLargeForTheTopicIsSplit(t *testing.T) {
	inBubble(t, producertest.Options{}, func(t *testing.T, c *producertest.Cluster) {
		c.CreateTopic("t", producertest.TopicConfig{MaxMessageBytes: 1000})
		cfg := config(t, c)
		cfg.Linger = time.Second
		p := open(t, cfg)
		var o outcomes
		send(t, p, "t", 0, 700, &o) // some 10 KB
		big := producer.Record{Topic: "t", Value: []byte(fmt.Sprintf("big%02000d", 0))}
		if err := p.Send(t.Context(), big, func(_ producer.RecordMetadata, err error) {
			if !errors.Is(err, protocol.MessageTooLarge) {
				t.Errorf("a record larger than the topic takes: %v", err)
			}
		}); err != nil {
			t.Fatal(err)
		}
		send(t, p, "t", 700, 300, &o)
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 1, &o)
		if n := len(c.Records("t", 0)); n != 1000 {
			t.Errorf("%d records", n)
		}
		refused, batches := c.Stats().Refused[protocol.MessageTooLarge], len(c.Batches("t", 0))
		send(t, p, "t", 1000, 700, &o)
		flush(t, p)
		check(t, c, "t", 1, &o)
		if n := c.Stats().Refused[protocol.MessageTooLarge]; n != refused {
			t.Errorf("%d batches were too large though the limit was learned", n-refused)
		}
		if n := len(c.Batches("t", 0)) - batches; n > 30 {
			t.Errorf("%d batches for 10 KB", n)
		}
	})
}

func TestThrottleIsHonoured(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		p := open(t, config(t, c))
		c.Inject(producertest.Throttle(3 * time.Second).Once())
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < 3*time.Second || d > 3100*time.Millisecond {
			t.Errorf("the next record was done after %v", d)
		}
	})
}

func TestEpochsAndIDsRunOut(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		c.SetNextProducer(1000, 32766)
		p := open(t, config(t, c))
		var o outcomes
		for i := range 5 {
			c.Inject(producertest.Fail(protocol.InvalidRecord).Once())
			if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); !errors.Is(err, protocol.InvalidRecord) {
				t.Fatal(err)
			}
			send(t, p, "t", i*100, 100, &o)
			flush(t, p)
		}
		noErrors(t, &o)
		check(t, c, "t", 1, &o)
	})
}

func TestProducerIsFencedAndForgotten(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 2}, UnknownProducer: producertest.RefuseUnknown}, func(t *testing.T, c *producertest.Cluster) {
		c.SetNextProducer(1000, 0)
		p := open(t, config(t, c))
		var o outcomes
		send(t, p, "t", 0, 100, &o)
		flush(t, p)
		c.FenceProducer(1000, 5)
		send(t, p, "t", 100, 100, &o)
		flush(t, p)
		c.ExpireProducers("t")
		send(t, p, "t", 200, 100, &o)
		flush(t, p)
		noErrors(t, &o)
		check(t, c, "t", 2, &o)
	})
}
