package producer

import (
	"math"
	"slices"
	"strings"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/compress"
)

// property is one of the 120 properties of Kafka's Java producer 4.4.
type property struct {
	name   string
	parse  func(c *Config, value string) *ConfigError // puts a trimmed value into c; an error says what is allowed
	limits *limits                                    // of a number in a field of Config; nil for others
	names  *names                                     // of a field of Config that is one of a few; nil for others
	secret bool                                       // the value must not be shown

	fractions *fractions           // of a field of Config that is one; nil for others
	isSet     func(c *Config) bool // whether c has it; nil where nobody asks
	refused   bool                 // parse always fails
}

const (
	maxInt  = math.MaxInt32 // Java's int
	maxLong = math.MaxInt64 // Java's long
)

// properties are all there are, in the order of Config; properties_security.go has those of TLS and SASL,
// properties_unsupported.go those that are refused.
var properties = slices.Concat([]property{
	servers("bootstrap.servers", func(c *Config) *[]string { return &c.BootstrapServers }),
	text("client.id", func(c *Config) *string { return &c.ClientID }),
	text("client.rack", func(c *Config) *string { return &c.ClientRack }),

	{name: "acks", parse: parseAcks, names: &names{values: []string{"all", "1", "0"}}},
	toggle("enable.idempotence", func(c *Config) *Toggle { return &c.EnableIdempotence }),
	integer("retries", limits{def: maxInt, low: 0, high: maxInt}, func(c *Config) *int { return &c.Retries }),
	integer("max.in.flight.requests.per.connection", limits{def: 5, low: 1, high: maxInt},
		func(c *Config) *int { return &c.MaxInFlightRequestsPerConnection }),

	// Kafka allows 0 for the next two, which would fail every record.
	millis("delivery.timeout.ms", limits{def: 120_000, low: 1, high: maxInt}, func(c *Config) *time.Duration { return &c.DeliveryTimeout }),
	millis("request.timeout.ms", limits{def: 30_000, low: 1, high: maxInt}, func(c *Config) *time.Duration { return &c.RequestTimeout }),
	millis("retry.backoff.ms", limits{def: 100, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.RetryBackoff }),
	millis("retry.backoff.max.ms", limits{def: 1000, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.RetryBackoffMax }),
	millis("max.block.ms", limits{def: 60_000, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.MaxBlock }),

	// Kafka's default is 5 since 4.0 (KIP-1030); here a record alone goes out at once.
	millis("linger.ms", limits{def: 0, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.Linger }),
	integer("batch.size", limits{def: 16384, low: 0, high: maxInt}, func(c *Config) *int { return &c.BatchSize }),
	// Kafka allows 0 for the next two, with which no record could ever be sent.
	integer("buffer.memory", limits{def: 33554432, low: 1, high: maxLong}, func(c *Config) *int64 { return &c.BufferMemory }),
	integer("max.request.size", limits{def: 1048576, low: 1, high: maxInt}, func(c *Config) *int { return &c.MaxRequestSize }),
	{name: "buffer.memory.allocation.strategy", parse: parseAllocationStrategy},

	choice("compression.type", names{values: namesOf(compress.None, compress.Gzip, compress.Snappy, compress.LZ4, compress.ZSTD)},
		func(c *Config) *compress.Codec { return &c.CompressionType }),
	integer("compression.gzip.level", limits{def: -1, low: 1, high: 9, or: -1}, func(c *Config) *int { return &c.CompressionGzipLevel }),
	integer("compression.lz4.level", limits{def: 9, low: 1, high: 17}, func(c *Config) *int { return &c.CompressionLZ4Level }),
	integer("compression.zstd.level", limits{def: 3, low: -131072, high: 22}, func(c *Config) *int { return &c.CompressionZstdLevel }),

	{name: "partitioner.class", parse: parsePartitioner},
	flag("partitioner.ignore.keys", func(c *Config) *bool { return &c.PartitionerIgnoreKeys }),
	toggle("partitioner.adaptive.partitioning.enable", func(c *Config) *Toggle { return &c.PartitionerAdaptivePartitioning }),
	millis("partitioner.availability.timeout.ms", limits{def: 0, low: 0, high: maxLong},
		func(c *Config) *time.Duration { return &c.PartitionerAvailabilityTimeout }),
	flag("partitioner.rack.aware", func(c *Config) *bool { return &c.PartitionerRackAware }),

	serializer("key.serializer", func(c *Config) *string { return &c.KeySerializer }),
	serializer("value.serializer", func(c *Config) *string { return &c.ValueSerializer }),

	millis("reconnect.backoff.ms", limits{def: 50, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.ReconnectBackoff }),
	millis("reconnect.backoff.max.ms", limits{def: 1000, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.ReconnectBackoffMax }),
	// Kafka has no bounds for the next three; a time-out of nothing would fail every attempt.
	millis("socket.connection.setup.timeout.ms", limits{def: 10_000, low: 1, high: maxLong},
		func(c *Config) *time.Duration { return &c.SocketConnectionSetupTimeout }),
	millis("socket.connection.setup.timeout.max.ms", limits{def: 30_000, low: 1, high: maxLong},
		func(c *Config) *time.Duration { return &c.SocketConnectionSetupTimeoutMax }),
	millis("connections.max.idle.ms", limits{def: 540_000, low: math.MinInt64, high: maxLong, noZero: true},
		func(c *Config) *time.Duration { return &c.ConnectionsMaxIdle }),
	integer("send.buffer.bytes", limits{def: 131072, low: 1, high: maxInt, or: -1}, func(c *Config) *int { return &c.SendBufferBytes }),
	integer("receive.buffer.bytes", limits{def: 32768, low: 1, high: maxInt, or: -1}, func(c *Config) *int { return &c.ReceiveBufferBytes }),

	millis("metadata.max.age.ms", limits{def: 300_000, low: 0, high: maxLong}, func(c *Config) *time.Duration { return &c.MetadataMaxAge }),
	millis("metadata.max.idle.ms", limits{def: 300_000, low: 5000, high: maxLong}, func(c *Config) *time.Duration { return &c.MetadataMaxIdle }),
	choice("metadata.recovery.strategy", names{values: namesOf(client.Rebootstrap, client.RecoverNone), fold: true},
		func(c *Config) *client.RecoveryStrategy { return &c.MetadataRecoveryStrategy }),
	millis("metadata.recovery.rebootstrap.trigger.ms", limits{def: 300_000, low: 0, high: maxLong},
		func(c *Config) *time.Duration { return &c.MetadataRecoveryRebootstrapTrigger }),
	toggle("metadata.cluster.check.enable", func(c *Config) *Toggle { return &c.MetadataClusterCheckEnable }),
	choice("client.dns.lookup", names{values: namesOf(client.UseAllDNSIPs, client.ResolveCanonicalBootstrapServersOnly)},
		func(c *Config) *client.DNSLookup { return &c.ClientDNSLookup }),
	millis("bootstrap.resolve.timeout.ms", limits{def: 0, low: 0, high: maxLong},
		func(c *Config) *time.Duration { return &c.BootstrapResolveTimeout }),

	ineffective("metric.reporters", nil),
	ineffective("metrics.num.samples", valid(limits{low: 1, high: maxInt}.parse)),
	ineffective("metrics.recording.level", valid(names{values: []string{"INFO", "DEBUG", "TRACE"}}.parse)),
	ineffective("metrics.sample.window.ms", valid(limits{low: 0, high: maxLong}.parse)),
	ineffective("security.providers", nil),
	{name: "enable.metrics.push", parse: parseMetricsPush},
}, securityProperties(), unsupportedProperties())

// propertiesOf are the properties whose names begin with one of the prefixes.
var propertiesOf = func() map[string][]*property {
	m := map[string][]*property{}
	for _, prefix := range []string{"ssl.", "sasl."} {
		for i := range properties {
			if p := &properties[i]; strings.HasPrefix(p.name, prefix) {
				m[prefix] = append(m[prefix], p)
			}
		}
	}
	return m
}()

// propertyNamed finds a property in constant time.
var propertyNamed = func() map[string]*property {
	m := make(map[string]*property, len(properties))
	for i := range properties {
		m[properties[i].name] = &properties[i]
	}
	return m
}()
