package producer

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/compress"
)

// propertyTest is a property on its way from Kafka's name to the settings.
type propertyTest struct {
	name    string
	setting func(s settings) any
	def     any            // setting without the property
	valid   map[string]any // setting by value
	wrong   map[string]string
	with    map[string]string // other properties it needs
	config  func(Config) any  // instead of setting, where the settings don't show it
}

const (
	ms      = time.Millisecond
	forever = math.MaxInt64 / ms * ms // Long.MAX_VALUE, as far as a Duration goes
)

// Errors that several properties share.
const (
	boolean      = `; allowed: true, false`
	fromZero     = `; allowed: at least 0`
	fromOne      = `; allowed: at least 1`
	notWhole     = `: not a whole number`
	onlyInt      = `; allowed: 0 to 2147483647`
	onlyPositive = `; allowed: 1 to 2147483647`
)

var propertyTests = []propertyTest{
	{name: "bootstrap.servers", setting: func(s settings) any { return strings.Join(s.client.BootstrapServers, " ") }, def: "seed:9092",
		valid: map[string]any{"one:1, two:65535 ,[::1]:9092": "one:1 two:65535 [::1]:9092", ",h:1,,": "h:1",
			"PLAINTEXT://h:9092": "h:9092", "plaintext://h:9092": "h:9092", "EXTERNAL://h:9092,INTERNAL-2://[::1]:1": "h:9092 [::1]:1"},
		wrong: map[string]string{
			"":             ": the list is empty; allowed: host:port, an IPv6 address in brackets, separated by commas",
			",":            ": it is required; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"host":         ": missing port in address; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"::1:9092":     ": too many colons in address; allowed: host:port, an IPv6 address in brackets, separated by commas",
			":9092":        ": the host is missing; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"a b:9092":     ": not a host name; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"host:0":       ": the port is not a number from 1 to 65535; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"host:65536":   ": the port is not a number from 1 to 65535; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"ssl://h:9093": ": ssl contradicts security.protocol = PLAINTEXT; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"a b://h:9093": ": not a listener's name; allowed: host:port, an IPv6 address in brackets, separated by commas",
			"SSL://h:9093": ": SSL contradicts security.protocol = PLAINTEXT; allowed: host:port, an IPv6 address in brackets, separated by commas",
		}},
	{name: "client.id", setting: func(s settings) any { return s.client.ClientID }, def: "", valid: map[string]any{" me ": "me", "": ""}},
	{name: "client.rack", setting: func(s settings) any { return s.partitionerRack }, def: "", valid: map[string]any{" r1": "r1"},
		with: map[string]string{"partitioner.rack.aware": "true"}},

	{name: "acks", setting: func(s settings) any { return s.acks }, def: AcksAll,
		valid: map[string]any{"all": AcksAll, "-1": AcksAll, "1": AcksLeader, "0": AcksNone, " all ": AcksAll},
		wrong: map[string]string{"2": "; allowed: all, -1, 0, 1", "ALL": "; allowed: all, -1, 0, 1", "": "; allowed: all, -1, 0, 1"}},
	{name: "enable.idempotence", setting: func(s settings) any { return s.idempotent }, def: true,
		valid: map[string]any{"true": true, "FALSE": false}, wrong: map[string]string{"on": boolean}},
	{name: "retries", setting: func(s settings) any { return s.retries }, def: math.MaxInt32,
		valid: map[string]any{"0": 0, "1": 1, "2147483647": math.MaxInt32},
		wrong: map[string]string{"-1": onlyInt, "2147483648": onlyInt, "many": notWhole + onlyInt}},
	{name: "max.in.flight.requests.per.connection", setting: func(s settings) any { return s.client.MaxInFlightRequestsPerConnection }, def: 5,
		valid: map[string]any{"1": 1, "6": 6}, wrong: map[string]string{"0": onlyPositive, "-1": onlyPositive, "1.5": notWhole + onlyPositive}},

	{name: "delivery.timeout.ms", setting: func(s settings) any { return s.deliveryTimeout }, def: 120_000 * ms,
		valid: map[string]any{"30000": 30_000 * ms},
		wrong: map[string]string{"0": onlyPositive, "-1": onlyPositive, "2147483648": onlyPositive, "2m": notWhole + onlyPositive,
			"29999": "; allowed: at least linger.ms (0) + request.timeout.ms (30000) = 30000"}},
	{name: "request.timeout.ms", setting: func(s settings) any { return s.client.RequestTimeout }, def: 30_000 * ms,
		valid: map[string]any{"1": ms, "100000": 100_000 * ms}, wrong: map[string]string{"0": onlyPositive, "-5": onlyPositive}},
	{name: "retry.backoff.ms", setting: func(s settings) any { return s.retryBackoff }, def: 100 * ms,
		valid: map[string]any{"0": 0 * ms, "7": 7 * ms, "5000": 1000 * ms}, wrong: map[string]string{"-1": fromZero}},
	{name: "retry.backoff.max.ms", setting: func(s settings) any { return s.retryBackoffMax }, def: 1000 * ms,
		valid: map[string]any{"0": 0 * ms, "500": 500 * ms, "9223372036854775807": forever}, wrong: map[string]string{"-1": fromZero}},
	{name: "max.block.ms", setting: func(s settings) any { return s.maxBlock }, def: 60_000 * ms,
		valid: map[string]any{"0": 0 * ms, "5": 5 * ms, "9223372036854775807": forever},
		wrong: map[string]string{"-1": fromZero, "9223372036854775808": fromZero}},

	{name: "linger.ms", setting: func(s settings) any { return s.linger }, def: 0 * ms,
		valid: map[string]any{"0": 0 * ms, "5": 5 * ms, "9223372036854775807": forever}, wrong: map[string]string{"-1": fromZero, "": notWhole + fromZero}},
	{name: "batch.size", setting: func(s settings) any { return s.batchSize }, def: 16384,
		valid: map[string]any{"0": 0, "1": 1, "65536": 65536, "2147483647": 1048576}, wrong: map[string]string{"-1": onlyInt, "16k": notWhole + onlyInt}},
	{name: "buffer.memory", setting: func(s settings) any { return s.bufferMemory }, def: int64(33554432),
		valid: map[string]any{"1": int64(1), "9223372036854775807": int64(math.MaxInt64)}, wrong: map[string]string{"0": fromOne, "-1": fromOne}},
	{name: "max.request.size", setting: func(s settings) any { return s.maxRequestSize }, def: 1048576,
		valid: map[string]any{"1": 1, "2147483647": math.MaxInt32}, wrong: map[string]string{"0": onlyPositive, "-1": onlyPositive}},
	{name: "buffer.memory.allocation.strategy", setting: func(s settings) any { return strings.Join(s.notes, "|") }, def: "",
		valid: map[string]any{"full": "buffer.memory.allocation.strategy has no effect in this client", "Incremental": ""},
		wrong: map[string]string{"half": "; allowed: full, incremental"}},

	{name: "compression.type", setting: func(s settings) any { return fmt.Sprint(s.compressionType, " ", s.compressionLevel) },
		def: fmt.Sprint("none ", compress.DefaultLevel),
		valid: map[string]any{"none": fmt.Sprint("none ", compress.DefaultLevel), "gzip": "gzip -1", "snappy": fmt.Sprint("snappy ", compress.DefaultLevel),
			"lz4": "lz4 9", "zstd": "zstd 3"},
		wrong: map[string]string{"LZ4": "; allowed: none, gzip, snappy, lz4, zstd", "brotli": "; allowed: none, gzip, snappy, lz4, zstd"}},
	{name: "compression.gzip.level", setting: func(s settings) any { return s.compressionLevel }, def: -1, with: map[string]string{"compression.type": "gzip"},
		valid: map[string]any{"-1": -1, "1": 1, "9": 9}, wrong: map[string]string{"0": "; allowed: 1 to 9, or -1", "10": "; allowed: 1 to 9, or -1", "-2": "; allowed: 1 to 9, or -1"}},
	{name: "compression.lz4.level", setting: func(s settings) any { return s.compressionLevel }, def: 9, with: map[string]string{"compression.type": "lz4"},
		valid: map[string]any{"1": 1, "17": 17}, wrong: map[string]string{"0": "; allowed: 1 to 17", "18": "; allowed: 1 to 17"}},
	{name: "compression.zstd.level", setting: func(s settings) any { return s.compressionLevel }, def: 3, with: map[string]string{"compression.type": "zstd"},
		valid: map[string]any{"-131072": -131072, "22": 22, "0": 3, "-1": -1},
		wrong: map[string]string{"-131073": "; allowed: -131072 to 22", "23": "; allowed: -131072 to 22"}},

	{name: "partitioner.class", setting: func(s settings) any { return fmt.Sprint(reflect.TypeOf(s.partitioner)) }, def: "<nil>",
		valid: map[string]any{"org.apache.kafka.clients.producer.RoundRobinPartitioner": "*producer.RoundRobinPartitioner",
			"RoundRobinPartitioner": "*producer.RoundRobinPartitioner"},
		wrong: map[string]string{"com.example.Mine": ": a Java class can't run here; set Config.Partitioner for one of your own; allowed: " +
			"org.apache.kafka.clients.producer.RoundRobinPartitioner, or not set for Kafka's default"}},
	{name: "partitioner.ignore.keys", setting: func(s settings) any { return s.partitionerIgnoreKeys }, def: false,
		valid: map[string]any{"true": true, "false": false}, wrong: map[string]string{"": boolean}},
	{name: "partitioner.adaptive.partitioning.enable", setting: func(s settings) any { return s.partitionerAdaptivePartitioning }, def: true,
		valid: map[string]any{"true": true, "false": false}, wrong: map[string]string{"1": boolean}},
	{name: "partitioner.availability.timeout.ms", setting: func(s settings) any { return s.partitionerAvailabilityTimeout }, def: 0 * ms,
		valid: map[string]any{"0": 0 * ms, "500": 500 * ms}, wrong: map[string]string{"-1": fromZero}},
	{name: "partitioner.rack.aware", setting: func(s settings) any { return s.partitionerRack }, def: "", with: map[string]string{"client.rack": "r1"},
		valid: map[string]any{"true": "r1", "false": ""}, wrong: map[string]string{"yes": boolean}},

	{name: "key.serializer", setting: func(s settings) any { return "" }, def: "", valid: serializerValues, wrong: serializerErrors},
	{name: "value.serializer", setting: func(s settings) any { return "" }, def: "", valid: serializerValues, wrong: serializerErrors},

	{name: "reconnect.backoff.ms", setting: func(s settings) any { return [2]time.Duration{s.client.ReconnectBackoff, s.client.ReconnectBackoffMax} },
		def:   [2]time.Duration{50 * ms, 1000 * ms}, // alone it is constant, KIP-144
		valid: map[string]any{"0": [2]time.Duration{0, 0}, "20": [2]time.Duration{20 * ms, 20 * ms}, "3000": [2]time.Duration{3000 * ms, 3000 * ms}},
		wrong: map[string]string{"-1": fromZero}},
	{name: "reconnect.backoff.max.ms", setting: func(s settings) any { return [2]time.Duration{s.client.ReconnectBackoff, s.client.ReconnectBackoffMax} },
		def:   [2]time.Duration{50 * ms, 1000 * ms},
		valid: map[string]any{"0": [2]time.Duration{0, 0}, "20": [2]time.Duration{20 * ms, 20 * ms}, "3000": [2]time.Duration{50 * ms, 3000 * ms}},
		wrong: map[string]string{"-1": fromZero}},
	{name: "socket.connection.setup.timeout.ms", setting: func(s settings) any { return s.client.SocketConnectionSetupTimeout }, def: 10_000 * ms,
		valid: map[string]any{"1": ms, "40000": 30_000 * ms}, wrong: map[string]string{"0": fromOne}},
	{name: "socket.connection.setup.timeout.max.ms", setting: func(s settings) any { return s.client.SocketConnectionSetupTimeoutMax }, def: 30_000 * ms,
		valid: map[string]any{"1": ms, "40000": 40_000 * ms}, wrong: map[string]string{"0": fromOne}},
	{name: "connections.max.idle.ms", setting: func(s settings) any { return s.client.ConnectionsMaxIdle }, def: 540_000 * ms,
		valid: map[string]any{"1": ms, "-1": time.Duration(-1), "-9": time.Duration(-1)}, wrong: map[string]string{"0": "; allowed: at least 1, or negative for never"}},
	{name: "send.buffer.bytes", setting: func(s settings) any { return s.client.SendBufferBytes }, def: 131072,
		valid: map[string]any{"1": 1, "-1": -1}, wrong: map[string]string{"0": onlyPositive + ", or -1", "-2": onlyPositive + ", or -1"}},
	{name: "receive.buffer.bytes", setting: func(s settings) any { return s.client.ReceiveBufferBytes }, def: 32768,
		valid: map[string]any{"1": 1, "-1": -1}, wrong: map[string]string{"0": onlyPositive + ", or -1", "-2": onlyPositive + ", or -1"}},

	{name: "metadata.max.age.ms", setting: func(s settings) any { return s.client.MetadataMaxAge }, def: 300_000 * ms,
		valid: map[string]any{"0": ms, "1000": 1000 * ms}, wrong: map[string]string{"-1": fromZero}},
	{name: "metadata.max.idle.ms", setting: func(s settings) any { return s.client.MetadataMaxIdle }, def: 300_000 * ms,
		valid: map[string]any{"5000": 5000 * ms}, wrong: map[string]string{"4999": "; allowed: at least 5000"}},
	{name: "metadata.recovery.strategy", setting: func(s settings) any { return s.client.MetadataRecoveryStrategy }, def: client.Rebootstrap,
		valid: map[string]any{"none": client.RecoverNone, "NONE": client.RecoverNone, "ReBootstrap": client.Rebootstrap},
		wrong: map[string]string{"all": "; allowed: rebootstrap, none"}},
	{name: "metadata.recovery.rebootstrap.trigger.ms", setting: func(s settings) any { return s.client.MetadataRecoveryRebootstrapTrigger }, def: 300_000 * ms,
		valid: map[string]any{"0": 0 * ms, "10": 10 * ms}, wrong: map[string]string{"-1": fromZero}},
	{name: "metadata.cluster.check.enable", setting: func(s settings) any { return s.client.MetadataClusterCheckEnable }, def: true,
		valid: map[string]any{"true": true, "false": false}, wrong: map[string]string{"2": boolean}},
	{name: "client.dns.lookup", setting: func(s settings) any { return s.client.ClientDNSLookup }, def: client.UseAllDNSIPs,
		valid: map[string]any{"use_all_dns_ips": client.UseAllDNSIPs, "resolve_canonical_bootstrap_servers_only": client.ResolveCanonicalBootstrapServersOnly},
		wrong: map[string]string{"default": "; allowed: use_all_dns_ips, resolve_canonical_bootstrap_servers_only"}},
	{name: "bootstrap.resolve.timeout.ms", setting: func(s settings) any { return s.client.BootstrapResolveTimeout }, def: 0 * ms,
		valid: map[string]any{"0": 0 * ms, "10": 10 * ms}, wrong: map[string]string{"-1": fromZero}},

	{name: "metric.reporters", setting: notes, def: "", valid: map[string]any{"a.B,c.D": "metric.reporters has no effect in this client"}},
	{name: "metrics.num.samples", setting: notes, def: "", valid: map[string]any{"1": "metrics.num.samples has no effect in this client"},
		wrong: map[string]string{"0": onlyPositive}},
	{name: "metrics.recording.level", setting: notes, def: "", valid: map[string]any{"DEBUG": "metrics.recording.level has no effect in this client"},
		wrong: map[string]string{"debug": "; allowed: INFO, DEBUG, TRACE"}},
	{name: "metrics.sample.window.ms", setting: notes, def: "", valid: map[string]any{"0": "metrics.sample.window.ms has no effect in this client"},
		wrong: map[string]string{"-1": fromZero}},
	{name: "security.providers", setting: notes, def: "", valid: map[string]any{"a.B": "security.providers has no effect in this client"}},
	{name: "enable.metrics.push", setting: notes, def: "", valid: map[string]any{"true": "enable.metrics.push has no effect in this client", "false": ""},
		wrong: map[string]string{"off": boolean}},

	{name: "interceptor.classes", setting: notes, def: "", valid: map[string]any{"": "", " ": ""},
		wrong: map[string]string{"a.B": ": interceptors are Java classes and can't run here; allowed: an empty list"}},
	{name: "config.providers", setting: notes, def: "", valid: map[string]any{"": ""},
		wrong: map[string]string{"file": ": config providers are Java classes and can't run here; put the values themselves; allowed: an empty list"}},
	{name: "transactional.id", wrong: map[string]string{"t": ": transactions are not supported yet"}},
	{name: "transaction.timeout.ms", wrong: map[string]string{"1": ": transactions are not supported yet"}},
	{name: "transaction.two.phase.commit.enable", wrong: map[string]string{"false": ": transactions are not supported yet"}},
}

var (
	serializerValues = map[string]any{"org.apache.kafka.common.serialization.ByteArraySerializer": "", "StringSerializer": "", "BytesSerializer": "", "ByteBufferSerializer": ""}
	serializerErrors = map[string]string{
		"LongSerializer": ": a Producer takes bytes; TypedFromConfig is for other types; allowed: ByteArraySerializer, BytesSerializer, ByteBufferSerializer, StringSerializer",
		"com.example.Mine": ": not a serializer known here; NewTyped takes one of your own; allowed: ByteArraySerializer, BytesSerializer, ByteBufferSerializer, StringSerializer, " +
			"ShortSerializer, IntegerSerializer, LongSerializer, FloatSerializer, DoubleSerializer, BooleanSerializer, UUIDSerializer, VoidSerializer"}
)

func notes(s settings) any { return strings.Join(s.notes, "|") }
