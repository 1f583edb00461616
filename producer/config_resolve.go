package producer

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strconv"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/compress"
	"kafkaproducer/producer/internal/delivery"
)

// settings are a Config's final values: no zero stands for a default any more.
type settings struct {
	client client.Config // what concerns connections and metadata, with the client id, the dialer and the logger

	acks       Acks
	idempotent bool
	retries    int // 0: none

	resendHealthy   bool
	flightRecorder  bool
	flightRecordDir string
	gapless         bool
	overflow        Overflow // not OverflowDefault
	topics          map[string]TopicConfig

	deliveryTimeout               time.Duration
	retryBackoff, retryBackoffMax time.Duration // retryBackoff is at most retryBackoffMax
	maxBlock                      time.Duration // 0: don't wait

	linger         time.Duration
	batchSize      int // 0: each record by itself; at most maxRequestSize and bufferMemory
	bufferMemory   int64
	maxRequestSize int

	compressionType  compress.Codec
	compressionLevel int // of compressionType; compress.DefaultLevel where the codec has none

	partitioner                     Partitioner // nil: by key, else sticky
	partitionerIgnoreKeys           bool
	partitionerAdaptivePartitioning bool
	partitionerAvailabilityTimeout  time.Duration // 0: never
	partitionerRack                 string        // partitions led from here are preferred; "": none are

	firstSequence int32           // of a partition; not 0 only in simulations
	gather        delivery.Gather // GatherWhereQueued but in simulations

	logger *slog.Logger // as in the Config, or the default

	notes []string // what New logs about the settings, a line each
}

// resolve returns the final values of c, or all that is wrong with it.
func (c Config) resolve() (settings, error) {
	s, r := c.values(true)
	s.client.BootstrapServers = r.servers(c.BootstrapServers, c.SecurityProtocol)
	r.bytesSerializer("key.serializer", c.KeySerializer)
	r.bytesSerializer("value.serializer", c.ValueSerializer)
	r.errs = append(r.errs, r.missing...)
	if len(r.errs) == 0 && r.files != nil {
		r.readFiles(&c, &s)
	}
	if len(r.errs) > 0 {
		return settings{}, errors.Join(r.errs...)
	}
	for _, name := range c.ineffective {
		r.note("%s has no effect in this client", name)
	}
	s.notes = r.notes
	return s, nil
}

// contradictions returns what is wrong with c apart from what may still be missing.
func (c Config) contradictions() []error {
	_, r := c.values(false)
	if len(c.BootstrapServers) > 0 {
		r.servers(c.BootstrapServers, c.SecurityProtocol)
	}
	return r.errs
}

// values returns the final values of all but what New alone requires. open: it is for New, which opens files.
func (c Config) values(open bool) (settings, *resolver) {
	r := &resolver{open: open}
	s := settings{
		acks:            chosen(r, "acks", c.Acks),
		retries:         r.int("retries", c.Retries),
		deliveryTimeout: r.duration("delivery.timeout.ms", c.DeliveryTimeout),
		retryBackoff:    r.duration("retry.backoff.ms", c.RetryBackoff),
		retryBackoffMax: r.duration("retry.backoff.max.ms", c.RetryBackoffMax),
		maxBlock:        r.duration("max.block.ms", c.MaxBlock),

		linger:         r.duration("linger.ms", c.Linger),
		batchSize:      r.int("batch.size", c.BatchSize),
		bufferMemory:   r.number("buffer.memory", c.BufferMemory),
		maxRequestSize: r.int("max.request.size", c.MaxRequestSize),

		compressionType:  chosen(r, "compression.type", c.CompressionType),
		compressionLevel: r.level(c),

		partitioner:                     c.Partitioner,
		partitionerIgnoreKeys:           c.PartitionerIgnoreKeys,
		partitionerAdaptivePartitioning: r.toggle("partitioner.adaptive.partitioning.enable", c.PartitionerAdaptivePartitioning, true),
		partitionerAvailabilityTimeout:  r.duration("partitioner.availability.timeout.ms", c.PartitionerAvailabilityTimeout),

		client: c.client(r),
		logger: c.Logger,
	}
	s.resendHealthy = r.toggle("ResendHealthyRecords", c.ResendHealthyRecords, true)
	s.flightRecorder = r.toggle("FlightRecorder", c.FlightRecorder, true)
	s.flightRecordDir = c.FlightRecordDir
	s.gapless = r.toggle("Gapless", c.Gapless, false)
	s.topics = maps.Clone(c.Topics)
	s.overflow = r.overflow("Overflow", c.Overflow).or(OverflowBlock)
	for _, name := range slices.Sorted(maps.Keys(c.Topics)) {
		of := "Topics[" + strconv.Quote(name) + "]."
		r.toggle(of+"Gapless", c.Topics[name].Gapless, false)
		r.overflow(of+"Overflow", c.Topics[name].Overflow)
	}
	if s.logger == nil {
		s.logger = slog.Default()
	}
	s.client.Logger = s.logger
	chosen(r, "security.protocol", c.SecurityProtocol)
	oidc := c.oidc(r)
	oidc.Logger = s.logger.With("client_id", c.ClientID)
	oidc.TLSOptions = r.endpointTLS(&c, &s)
	if len(r.errs) == 0 { // else a wrong value's default would only make more of them
		r.settleDeliveryTimeout(&c, &s)
		r.settleIdempotence(&c, &s)
		r.settleSizes(&c, &s)
		r.settleBackoffs(&c, &s)
		r.settlePartitioner(&c, &s)
		r.settleTLS(&c, &s)
		r.settleSASL(&c, &s, oidc)
	}
	return s, r
}

// gaplessTopic says whether a topic is to be gapless.
func (s *settings) gaplessTopic(name string) bool {
	t := s.topics[name].Gapless
	return t == On || t == Default && s.gapless
}

// overflowOf returns what becomes of a topic's records that there is no room for.
func (s *settings) overflowOf(name string) Overflow { return s.topics[name].Overflow.or(s.overflow) }

// client returns the settings that are the client's. MaxResponseBytes and the like have no property.
func (c Config) client(r *resolver) client.Config {
	return client.Config{
		ClientID: r.clientID(c.ClientID),
		Dial:     c.Dial,

		RequestTimeout:                   r.duration("request.timeout.ms", c.RequestTimeout),
		MaxInFlightRequestsPerConnection: r.int("max.in.flight.requests.per.connection", c.MaxInFlightRequestsPerConnection),

		ReconnectBackoff:                r.duration("reconnect.backoff.ms", c.ReconnectBackoff),
		ReconnectBackoffMax:             r.duration("reconnect.backoff.max.ms", c.ReconnectBackoffMax),
		SocketConnectionSetupTimeout:    r.duration("socket.connection.setup.timeout.ms", c.SocketConnectionSetupTimeout),
		SocketConnectionSetupTimeoutMax: r.duration("socket.connection.setup.timeout.max.ms", c.SocketConnectionSetupTimeoutMax),
		ConnectionsMaxIdle:              r.duration("connections.max.idle.ms", c.ConnectionsMaxIdle),
		SendBufferBytes:                 r.int("send.buffer.bytes", c.SendBufferBytes),
		ReceiveBufferBytes:              r.int("receive.buffer.bytes", c.ReceiveBufferBytes),

		MetadataMaxAge:                     r.duration("metadata.max.age.ms", c.MetadataMaxAge),
		MetadataMaxIdle:                    r.duration("metadata.max.idle.ms", c.MetadataMaxIdle),
		MetadataRecoveryStrategy:           chosen(r, "metadata.recovery.strategy", c.MetadataRecoveryStrategy),
		MetadataRecoveryRebootstrapTrigger: r.duration("metadata.recovery.rebootstrap.trigger.ms", c.MetadataRecoveryRebootstrapTrigger),
		MetadataClusterCheckEnable:         r.toggle("metadata.cluster.check.enable", c.MetadataClusterCheckEnable, true),
		ClientDNSLookup:                    chosen(r, "client.dns.lookup", c.ClientDNSLookup),
		BootstrapResolveTimeout:            r.duration("bootstrap.resolve.timeout.ms", c.BootstrapResolveTimeout),
	}
}
