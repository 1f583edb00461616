package producer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"kafkaproducer/client"
	"kafkaproducer/client/world"
	"kafkaproducer/producer/internal/delivery"
)

// Producer sends records to a Kafka cluster. Its methods may be called by any number of goroutines at once. See the
// package documentation for what it promises.
type Producer struct {
	set    settings
	logger *slog.Logger
	client *client.Client
	clock  *clock

	topics atomic.Pointer[map[string]*topic] // by name; replaced under mu
	last   atomic.Pointer[topic]             // that a record was last sent to

	mu        sync.Mutex // guards what follows; held for an instant, never while waiting
	core      *delivery.Core
	actions   delivery.Actions // storage for release
	memory    memory
	holdings  map[int32]*holding // by broker that leads partitions
	brokers   int                // how many the cluster has
	waiters   waiters
	completer completer
	flushes   []flush
	versions  map[int32]int16 // of Produce, by node
	byName    bool            // requests name topics by their names, whatever the nodes' versions
	due       delivery.Time   // when timer will run
	timer     world.Timer     // calls tick
	closed    bool
	done      chan struct{} // closed when Close is through
}

// New returns a producer for the cluster that cfg.BootstrapServers lead to. It doesn't wait for a connection: a
// cluster that can't be reached shows when metadata are waited for, in Send and PartitionsFor. Errors are of the settings,
// each a *ConfigError and all at once (errors.Join).
func New(cfg Config) (*Producer, error) {
	set, err := cfg.resolve()
	if err != nil {
		return nil, err
	}
	return start(set)
}

// start is New with settings.
func start(set settings) (p *Producer, err error) {
	p = &Producer{
		set:      set,
		logger:   set.logger.With("client_id", set.client.ClientID),
		clock:    newClock(set.client.World),
		memory:   newMemory(set.bufferMemory, set.batchSize),
		holdings: map[int32]*holding{},
		versions: map[int32]int16{},
		due:      delivery.Never,
		done:     make(chan struct{}),
	}
	p.topics.Store(&map[string]*topic{})
	p.core = delivery.New(set.forCore(p.random()), records{p})
	if set.flightRecorder {
		p.core.Record(p.saveImpossible)
	}
	p.timer = world.NewTimer(set.client.World, p.tick)
	for _, note := range set.notes {
		p.logger.Warn(note)
	}
	set.client.Logger, set.client.SoftwareVersion = p.logger, softwareVersion()
	if p.client, err = client.New(set.client, handler{p}); err != nil {
		return nil, err
	}
	return p, nil
}

// spawn begins a goroutine, or has f run by the World.
func (p *Producer) spawn(f func()) {
	if w := p.set.client.World; w != nil {
		w.Go(f)
		return
	}
	go f()
}

// random returns a random number.
func (p *Producer) random() uint64 {
	if w := p.set.client.World; w != nil {
		return w.Uint64()
	}
	return rand.Uint64()
}

// below returns a random number less than n.
func (p *Producer) below(n uint64) uint64 {
	if w := p.set.client.World; w != nil {
		return w.Uint64() % n // as even as a simulation needs it
	}
	return rand.Uint64N(n)
}

// forCore returns the settings of the core.
func (s *settings) forCore(seed uint64) delivery.Config {
	return delivery.Config{
		Idempotent:      s.idempotent,
		Retries:         s.retries,
		MaxInFlight:     s.client.MaxInFlightRequestsPerConnection,
		MaxRequestSize:  s.maxRequestSize,
		RequestOverhead: 64 + len(s.client.ClientID),
		Linger:          s.linger,
		DeliveryTimeout: s.deliveryTimeout,
		RetryBackoff:    s.retryBackoff,
		RetryBackoffMax: s.retryBackoffMax,
		MaxThrottle:     s.client.RequestTimeout,
		ResendHealthy:   s.resendHealthy,
		Gather:          s.gather,
		Seed:            seed,
		FirstSequence:   s.firstSequence,
	}
}

// findTopic waits for the metadata of a topic, which is one of the producer's then.
func (p *Producer) findTopic(ctx context.Context, name string) error {
	p.mu.Lock()
	err := p.refusal()
	p.mu.Unlock()
	if err != nil {
		return err
	}
	meta, err := p.metadata(ctx, name)
	if errors.Is(err, client.ErrClosed) {
		return ErrClosed
	}
	if ended := ctx.Err(); err != nil && ended != nil && !errors.Is(err, ended) { // the client names the cause that the program gave
		return fmt.Errorf("%w: %w", ended, err)
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.addTopic(meta, p.client.Cluster())
	p.release(nil, aCall)
	return nil
}

// metadata waits for what the client knows of a topic, for max.block.ms.
func (p *Producer) metadata(ctx context.Context, name string) (*client.Topic, error) {
	if p.set.maxBlock <= 0 {
		return p.client.Topic(ended, name)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, p.set.maxBlock, ErrNoMetadata)
	defer cancel()
	return p.client.Topic(ctx, name)
}

// ended is the context of who waits for nothing.
var ended = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(ErrNoMetadata)
	return ctx
}()

// SendSync sends a record and waits for its outcome. When ctx ends first, it withdraws the record if it was not sent yet, and its
// error is a DeliveryError that says whether the record may be in the log (see Record.Context, which is ctx unless set). It is an error
// (ErrInCallback) inside a callback.
func (p *Producer) SendSync(ctx context.Context, r Record) (RecordMetadata, error) {
	if inCallback() {
		return RecordMetadata{}, ErrInCallback
	}
	type outcome struct {
		m   RecordMetadata
		err error
	}
	ch := make(chan outcome, 1)
	done := func(m RecordMetadata, err error) { ch <- outcome{m, err} }
	if r.Context == nil {
		r.Context = ctx
	}
	var err error
	if r.Context.Done() != nil {
		err = p.sendWithContext(ctx, r, done, true)
	} else {
		err = p.Send(ctx, r, done)
	}
	if err != nil {
		return RecordMetadata{}, err
	}
	var ended <-chan struct{}           // of ctx, where it is not the record's
	if r.Context.Done() != ctx.Done() { // of the contexts themselves not all can be compared
		ended = ctx.Done()
	}
	select {
	case o := <-ch:
		return o.m, o.err
	case <-ended:
		return RecordMetadata{}, fmt.Errorf("kafkaproducer: waiting for the outcome of a record: %w", ctx.Err())
	}
}

// PartitionInfo describes one partition of a topic.
type PartitionInfo struct {
	Topic     string
	Partition int32
	Leader    int32   // node id; -1: none at present
	Replicas  []int32 // node ids
	ISR       []int32 // those in sync
	Offline   []int32 // those out of reach
}

// PartitionsFor returns the partitions of a topic. It waits for metadata as Send does, at most max.block.ms.
func (p *Producer) PartitionsFor(ctx context.Context, topic string) ([]PartitionInfo, error) {
	if err := p.findTopic(ctx, topic); err != nil {
		return nil, err
	}
	meta, err := p.metadata(ctx, topic)
	if err != nil {
		return nil, err
	}
	infos := make([]PartitionInfo, len(meta.Partitions))
	for i, m := range meta.Partitions {
		infos[i] = PartitionInfo{Topic: topic, Partition: int32(i), Leader: m.Leader,
			Replicas: slices.Clone(m.Replicas), ISR: slices.Clone(m.ISR), Offline: slices.Clone(m.Offline)}
	}
	return infos, nil
}
