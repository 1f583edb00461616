package producer

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/compress"
	"kafkaproducer/protocol"
)

// resolveProperties is what a program does: FromProperties, then New.
func resolveProperties(properties map[string]string) (settings, error) {
	c, err := FromProperties(properties)
	if err != nil {
		return settings{}, err
	}
	if len(c.BootstrapServers) == 0 {
		c.BootstrapServers = []string{"seed:9092"}
	}
	return c.resolve()
}

// with returns m with one entry more.
func with(m map[string]string, name, value string) map[string]string {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]string{}
	}
	m[name] = value
	return m
}

// notAlone is the def of a property that another one needs.
const notAlone = "not alone"

// look returns what the test looks at.
func (test *propertyTest) look(properties map[string]string) (any, error) {
	if test.config != nil {
		c, err := FromProperties(properties)
		if err != nil {
			return nil, err
		}
		return test.config(c), nil
	}
	s, err := resolveProperties(properties)
	if err != nil || test.setting == nil {
		return nil, err
	}
	return test.setting(s), nil
}

func TestEachProperty(t *testing.T) {
	for _, test := range slices.Concat(propertyTests, securityPropertyTests()) {
		t.Run(test.name, func(t *testing.T) {
			if (test.setting != nil || test.config != nil) && test.def != notAlone {
				got, err := test.look(test.with)
				if err != nil {
					t.Fatal(err)
				}
				if test.name != "client.rack" && !reflect.DeepEqual(got, test.def) {
					t.Errorf("without it the setting is %#v, want %#v", got, test.def)
				}
			}
			for value, want := range test.valid {
				got, err := test.look(with(test.with, test.name, value))
				if err != nil {
					t.Errorf("%q: %v", value, err)
				} else if !reflect.DeepEqual(got, want) {
					t.Errorf("%q: the setting is %#v, want %#v", value, got, want)
				}
			}
			for value, want := range test.wrong {
				_, err := test.look(with(test.with, test.name, value))
				if err == nil {
					t.Errorf("%q: no error, want %q", value, want)
					continue
				}
				want = fmt.Sprintf("kafkaproducer: %s = %q%s", test.name, propertyNamed[test.name].show(strings.Trim(value, " ")), want)
				if test.name == "bootstrap.servers" && value == "," {
					want = strings.Replace(want, `","`, `""`, 1)
				}
				if err.Error() != want {
					t.Errorf("%q:\n got %s\nwant %s", value, err, want)
				}
			}
		})
	}
}

func TestEachPropertyIsTested(t *testing.T) {
	tested := map[string]bool{}
	for _, test := range slices.Concat(propertyTests, securityPropertyTests()) {
		tested[test.name] = true
	}
	for _, p := range properties {
		if !tested[p.name] {
			t.Errorf("no test of %s", p.name)
		}
	}
}

// A Config's own values are checked as the properties are.
func TestWrongConfig(t *testing.T) {
	for want, c := range map[string]Config{
		`kafkaproducer: bootstrap.servers = "": it is required; allowed: host:port, an IPv6 address in brackets, separated by commas`: {BootstrapServers: []string{}},
		`kafkaproducer: acks = "Acks(7)"; allowed: all, 1, 0`:                                                                         {Acks: 7},
		`kafkaproducer: enable.idempotence = "Toggle(9)"; allowed: true, false`:                                                       {EnableIdempotence: 9},
		`kafkaproducer: max.in.flight.requests.per.connection = "-1"; allowed: 1 to 2147483647`:                                       {MaxInFlightRequestsPerConnection: -1},
		`kafkaproducer: request.timeout.ms = "0.5"; allowed: 1 to 2147483647`:                                                         {RequestTimeout: 500 * time.Microsecond},
		`kafkaproducer: request.timeout.ms = "-1000"; allowed: 1 to 2147483647`:                                                       {RequestTimeout: -time.Second},
		`kafkaproducer: delivery.timeout.ms = "2592000000"; allowed: 1 to 2147483647`:                                                 {DeliveryTimeout: 30 * 24 * time.Hour},
		`kafkaproducer: linger.ms = "-5"; allowed: at least 0`:                                                                        {Linger: -5 * ms},
		`kafkaproducer: buffer.memory = "-1"; allowed: at least 1`:                                                                    {BufferMemory: -1},
		`kafkaproducer: max.request.size = "-1"; allowed: 1 to 2147483647`:                                                            {MaxRequestSize: -1},
		`kafkaproducer: compression.type = "codec 9"; allowed: none, gzip, snappy, lz4, zstd`:                                         {CompressionType: 9},
		`kafkaproducer: compression.gzip.level = "10"; allowed: 1 to 9, or -1`:                                                        {CompressionGzipLevel: 10},
		`kafkaproducer: compression.lz4.level = "-1"; allowed: 1 to 17`:                                                               {CompressionLZ4Level: -1},
		`kafkaproducer: compression.zstd.level = "23"; allowed: -131072 to 22`:                                                        {CompressionZstdLevel: 23},
		`kafkaproducer: partitioner.availability.timeout.ms = "-1"; allowed: at least 0`:                                              {PartitionerAvailabilityTimeout: -ms},
		`kafkaproducer: metadata.max.idle.ms = "4999.999"; allowed: at least 5000`:                                                    {MetadataMaxIdle: 5*time.Second - time.Microsecond},
		`kafkaproducer: metadata.recovery.strategy = "RecoveryStrategy(5)"; allowed: rebootstrap, none`:                               {MetadataRecoveryStrategy: 5},
		`kafkaproducer: socket.connection.setup.timeout.ms = "-1"; allowed: at least 1`:                                               {SocketConnectionSetupTimeout: -ms},
		`kafkaproducer: send.buffer.bytes = "-2"; allowed: 1 to 2147483647, or -1`:                                                    {SendBufferBytes: -2},
		`kafkaproducer: client.dns.lookup = "DNSLookup(-1)"; allowed: use_all_dns_ips, ` + "resolve_canonical_bootstrap_servers_only": {ClientDNSLookup: -1},
	} {
		if c.BootstrapServers == nil {
			c.BootstrapServers = []string{"seed:9092"}
		}
		if _, err := c.resolve(); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// A header holds no longer one: no request could be sent.
func TestClientIDFitsAHeader(t *testing.T) {
	for size, allowed := range map[int]bool{protocol.MaxString: true, protocol.MaxString + 1: false} {
		id := strings.Repeat("a", size)
		_, err := Config{BootstrapServers: []string{"h:1"}, ClientID: id}.resolve()
		var wrong *ConfigError
		switch {
		case allowed && err != nil:
			t.Errorf("%d bytes: %v", size, err)
		case !allowed && (!errors.As(err, &wrong) || wrong.Property != "client.id" || wrong.Value != id || len(err.Error()) > 2000):
			t.Errorf("%d bytes: %.2000v", size, err)
		}
	}
}

func TestNegativeMeansKafkasZero(t *testing.T) {
	c := Config{BootstrapServers: []string{"seed:9092"}, Retries: -1, RetryBackoff: -1, RetryBackoffMax: -1, MaxBlock: -1, BatchSize: -1,
		ReconnectBackoff: -1, ReconnectBackoffMax: -1, MetadataRecoveryRebootstrapTrigger: -1}
	s, err := c.resolve()
	if err != nil {
		t.Fatal(err)
	}
	if s.retries != 0 || s.retryBackoff != 0 || s.retryBackoffMax != 0 || s.maxBlock != 0 || s.batchSize != 0 ||
		s.client.ReconnectBackoff != 0 || s.client.ReconnectBackoffMax != 0 || s.client.MetadataRecoveryRebootstrapTrigger != 0 {
		t.Errorf("settings %+v", s)
	}
}

func TestContradictions(t *testing.T) {
	for _, test := range []struct {
		name       string
		properties map[string]string
		want       string // the error; empty: none
		notes      []string
	}{
		{"a delivery time-out that is too short", map[string]string{"delivery.timeout.ms": "1000", "linger.ms": "10", "request.timeout.ms": "1500"},
			`kafkaproducer: delivery.timeout.ms = "1000"; allowed: at least linger.ms (10) + request.timeout.ms (1500) = 1510`, nil},
		{"the default delivery time-out grows", map[string]string{"request.timeout.ms": "200000"}, "",
			[]string{"delivery.timeout.ms is 200000, the sum of linger.ms and request.timeout.ms, as its default would be less"}},
		{"idempotence asked for with acks=1", map[string]string{"enable.idempotence": "true", "acks": "1"},
			`kafkaproducer: acks = "1": it conflicts with enable.idempotence = true; allowed: all`, nil},
		{"idempotence asked for without retries", map[string]string{"enable.idempotence": "true", "retries": "0"},
			`kafkaproducer: retries = "0": it conflicts with enable.idempotence = true; allowed: at least 1`, nil},
		{"idempotence asked for with 6 in flight", map[string]string{"enable.idempotence": "true", "max.in.flight.requests.per.connection": "6"},
			`kafkaproducer: max.in.flight.requests.per.connection = "6": it conflicts with enable.idempotence = true; allowed: 1 to 5`, nil},
		{"acks=0 alone turns idempotence off", map[string]string{"acks": "0"}, "", []string{"enable.idempotence is off because acks is 0, it needs all"}},
		{"all three alone turn it off", map[string]string{"acks": "1", "retries": "0", "max.in.flight.requests.per.connection": "6"}, "", []string{
			"enable.idempotence is off because acks is 1, it needs all",
			"enable.idempotence is off because retries is 0, it needs at least 1",
			"enable.idempotence is off because max.in.flight.requests.per.connection is 6, it needs 1 to 5"}},
		{"turned off, nothing conflicts", map[string]string{"enable.idempotence": "false", "acks": "1", "retries": "0"}, "", nil},
		{"a batch larger than a request", map[string]string{"batch.size": "2000000"}, "",
			[]string{"batch.size is 1048576 instead of 2000000, to fit max.request.size and buffer.memory"}},
		{"a batch larger than the buffer", map[string]string{"batch.size": "2000", "buffer.memory": "1000"}, "",
			[]string{"batch.size is 1000 instead of 2000, to fit max.request.size and buffer.memory"}},
		{"the default batch shrinks silently", map[string]string{"max.request.size": "1000"}, "", nil},
		{"rack aware without a rack", map[string]string{"partitioner.rack.aware": "true"}, "", []string{"partitioner.rack.aware has no effect without client.rack"}},
		{"no effect, said once each", map[string]string{"metrics.num.samples": "3", "security.providers": "x"}, "",
			[]string{"metrics.num.samples has no effect in this client", "security.providers has no effect in this client"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := resolveProperties(test.properties)
			if got := fmt.Sprint(err); test.want != "" && got != test.want || test.want == "" && err != nil {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
			if !slices.Equal(s.notes, test.notes) {
				t.Errorf("notes %q, want %q", s.notes, test.notes)
			}
			if _, off := test.properties["acks"]; off && s.idempotent {
				t.Error("idempotent")
			}
		})
	}
}

func TestDerivedSettings(t *testing.T) {
	s, err := resolveProperties(map[string]string{"request.timeout.ms": "200000", "linger.ms": "5", "max.request.size": "1000"})
	if err != nil || s.deliveryTimeout != 200_005*ms || s.batchSize != 1000 {
		t.Errorf("delivery.timeout.ms %v, batch.size %d, %v", s.deliveryTimeout, s.batchSize, err)
	}
	s, err = resolveProperties(map[string]string{"linger.ms": "9223372036854775807"})
	if err != nil || s.deliveryTimeout != 1<<63-1 {
		t.Errorf("linger for ever: delivery.timeout.ms %v, %v", s.deliveryTimeout, err)
	}
	s, err = resolveProperties(map[string]string{"metadata.recovery.strategy": "none"})
	if err != nil || s.client.MetadataClusterCheckEnable {
		t.Errorf("without rebootstrapping the cluster is still checked (%v)", err)
	}
	s, err = resolveProperties(map[string]string{"partitioner.adaptive.partitioning.enable": "false", "partitioner.availability.timeout.ms": "5"})
	if err != nil || s.partitionerAvailabilityTimeout != 0 {
		t.Errorf("not adaptive, yet partitioner.availability.timeout.ms is %v (%v)", s.partitionerAvailabilityTimeout, err)
	}
	s, err = resolveProperties(map[string]string{"partitioner.class": "RoundRobinPartitioner", "partitioner.rack.aware": "true", "client.rack": "r"})
	if err != nil || s.partitionerAdaptivePartitioning || s.partitionerRack != "" {
		t.Errorf("settings of the default partitioner beside another one: %+v (%v)", s, err)
	}
	s, err = resolveProperties(map[string]string{"retry.backoff.ms": "5", "retry.backoff.max.ms": "7"})
	if err != nil || s.client.RetryBackoff != 5*ms || s.client.RetryBackoffMax != 7*ms {
		t.Errorf("the client's backoff %v, %v (%v)", s.client.RetryBackoff, s.client.RetryBackoffMax, err)
	}
}

func TestAllWrongSettingsAreReported(t *testing.T) {
	_, err := FromProperties(map[string]string{"linger.ms": "-1", "acks": "3", "lingerms": "5", "retries": "5"})
	want := `kafkaproducer: acks = "3"; allowed: all, -1, 0, 1
kafkaproducer: linger.ms = "-1"; allowed: at least 0
kafkaproducer: lingerms = "[hidden]": there is no such property; the nearest is linger.ms`
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	_, err = Config{Linger: -1, Acks: 9, KeySerializer: "LongSerializer"}.resolve()
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; n != 4 {
		t.Errorf("%d errors, want acks, linger.ms, bootstrap.servers and key.serializer:\n%v", n, err)
	}
	var e *ConfigError
	if !errors.As(err, &e) || e.Property != "acks" {
		t.Errorf("errors.As finds %v", e)
	}
}

func TestDefaults(t *testing.T) {
	s, err := Config{BootstrapServers: []string{"seed:9092"}}.resolve()
	if err != nil {
		t.Fatal(err)
	}
	want := settings{
		client: client.Config{
			BootstrapServers: []string{"seed:9092"}, Logger: slog.Default(),
			RequestTimeout: 30 * time.Second, MaxInFlightRequestsPerConnection: 5,
			ReconnectBackoff: 50 * ms, ReconnectBackoffMax: time.Second, RetryBackoff: 100 * ms, RetryBackoffMax: time.Second,
			SocketConnectionSetupTimeout: 10 * time.Second, SocketConnectionSetupTimeoutMax: 30 * time.Second,
			ConnectionsMaxIdle: 9 * time.Minute, SendBufferBytes: 131072, ReceiveBufferBytes: 32768,
			MetadataMaxAge: 5 * time.Minute, MetadataMaxIdle: 5 * time.Minute, MetadataRecoveryRebootstrapTrigger: 5 * time.Minute,
			MetadataClusterCheckEnable: true,
		},
		idempotent: true, retries: 1<<31 - 1, resendHealthy: true, flightRecorder: true, overflow: OverflowBlock, deliveryTimeout: 2 * time.Minute, retryBackoff: 100 * ms, retryBackoffMax: time.Second,
		maxBlock: time.Minute, batchSize: 16384, bufferMemory: 32 << 20, maxRequestSize: 1 << 20, compressionLevel: compress.DefaultLevel,
		partitionerAdaptivePartitioning: true, logger: slog.Default(),
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got\n%+v\nwant\n%+v", s, want)
	}
}

func TestAcksOnTheWire(t *testing.T) {
	for a, want := range map[Acks]int16{AcksAll: -1, AcksLeader: 1, AcksNone: 0} {
		if got := a.wire(); got != want {
			t.Errorf("acks=%s is %d on the wire, want %d", a, got, want)
		}
	}
}
