package client

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"math"
	"net"
	"slices"
	"strconv"
	"time"

	"kafkaproducer/client/sasl"
	"kafkaproducer/client/world"
)

// Config is the settings of a Client. They are final: the package fills in no defaults of its own but where a
// field says so. Each field names the Kafka property it stands for.
type Config struct {
	// BootstrapServers (bootstrap.servers) is where to start: host:port each, an IPv6 address in brackets. Required.
	// All are tried, in random order.
	BootstrapServers []string
	// ClientID (client.id) goes with every request. Empty: none.
	ClientID string
	// SoftwareVersion is told to the brokers beside the name kafkaproducer (KIP-511). Empty: "unknown".
	SoftwareVersion string
	// Dial opens connections. nil: TCP, after names have been resolved as ClientDNSLookup says. A Dial of one's own
	// gets host names as they are and resolves them itself.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// TLS encrypts connections, and says whom to trust. nil: plain text. Where its ServerName is empty, a broker must show
	// a certificate for the host name that the metadata have of it, a bootstrap server for the one in BootstrapServers.
	TLS *tls.Config
	// SASL authenticates connections, anew before a session ends where the broker bounds sessions (KIP-368). nil: no
	// authentication. It is used by several connections at once.
	SASL sasl.Mechanism
	// World replaces the machine's time, chance and goroutines in a simulation. nil: the machine's.
	World world.World
	// Logger hears of a change of state once. nil: slog.Default(). Lines bear no client id of their own: give a
	// logger that has it.
	Logger *slog.Logger

	// RequestTimeout (request.timeout.ms) is how long an answer is waited for. Must be positive.
	RequestTimeout time.Duration
	// ReconnectBackoff and ReconnectBackoffMax (reconnect.backoff.ms, reconnect.backoff.max.ms) are the pause before
	// connecting again to the same broker: it doubles with each failure, with a jitter of 20 %. Zero: no pause.
	ReconnectBackoff, ReconnectBackoffMax time.Duration
	// RetryBackoff and RetryBackoffMax (retry.backoff.ms, retry.backoff.max.ms) are the pause between requests for
	// metadata; doubles while the answers don't help (KIP-580). Zero: no pause.
	RetryBackoff, RetryBackoffMax time.Duration
	// SocketConnectionSetupTimeout and …Max (socket.connection.setup.timeout.ms, ….max.ms) bound one attempt to
	// connect to one address; doubles with each failure, with a jitter of 20 % (KIP-601). Zero: unbounded.
	SocketConnectionSetupTimeout, SocketConnectionSetupTimeoutMax time.Duration
	// ConnectionsMaxIdle (connections.max.idle.ms) closes a connection that was not used for so long. Negative: never.
	ConnectionsMaxIdle time.Duration
	// MetadataMaxAge (metadata.max.age.ms) is when metadata is asked for anew although nothing seems wrong. Less than a
	// millisecond is taken for one.
	MetadataMaxAge time.Duration
	// MetadataMaxIdle (metadata.max.idle.ms) is when a topic that nobody used is forgotten.
	MetadataMaxIdle time.Duration
	// MetadataRecoveryStrategy (metadata.recovery.strategy) says what to do when no known broker can be reached (KIP-899).
	MetadataRecoveryStrategy RecoveryStrategy
	// MetadataRecoveryRebootstrapTrigger (metadata.recovery.rebootstrap.trigger.ms) is how long metadata may fail
	// before the client begins again with BootstrapServers (KIP-1102).
	MetadataRecoveryRebootstrapTrigger time.Duration
	// MetadataClusterCheckEnable (metadata.cluster.check.enable) tells a broker whom the connection is meant for, so
	// that it can refuse a misrouted one (KIP-1242; Kafka 4.4). Without effect with RecoverNone.
	MetadataClusterCheckEnable bool
	// ClientDNSLookup (client.dns.lookup) says what a bootstrap server's name stands for.
	ClientDNSLookup DNSLookup
	// BootstrapResolveTimeout (bootstrap.resolve.timeout.ms). Zero: New resolves the names of BootstrapServers and
	// fails when none can be. Else names are resolved in the background, and when none could be for so long the
	// client fails for good, with a *BootstrapError. Without effect when Dial is set.
	BootstrapResolveTimeout time.Duration
	// SendBufferBytes and ReceiveBufferBytes (send.buffer.bytes, receive.buffer.bytes) are SO_SNDBUF and SO_RCVBUF.
	// Zero or -1: what the operating system has.
	SendBufferBytes, ReceiveBufferBytes int
	// MaxInFlightRequestsPerConnection (max.in.flight.requests.per.connection) is how many requests of a connection
	// may be unanswered; more wait their turn. Must be positive.
	MaxInFlightRequestsPerConnection int
	// MaxResponseBytes is the size of the largest answer that is taken. Zero: 100 MiB.
	MaxResponseBytes int

	lookup lookup // how names are resolved; nil: net.DefaultResolver, or not at all when Dial is set. For tests
}

// defaultMaxResponse is the size of the largest answer that is taken by default, as other clients have it.
const defaultMaxResponse = 100 << 20

// RecoveryStrategy is a value of metadata.recovery.strategy.
type RecoveryStrategy int8

const (
	// Rebootstrap begins again with bootstrap.servers when no known broker can be reached. Kafka's default.
	Rebootstrap RecoveryStrategy = iota
	// RecoverNone keeps trying the brokers it knows.
	RecoverNone
)

// String returns Kafka's name of the value.
func (s RecoveryStrategy) String() string {
	switch s {
	case Rebootstrap:
		return "rebootstrap"
	case RecoverNone:
		return "none"
	}
	return fmt.Sprintf("RecoveryStrategy(%d)", int8(s))
}

// DNSLookup is a value of client.dns.lookup.
type DNSLookup int8

const (
	// UseAllDNSIPs tries each address of a name in turn (KIP-302). Kafka's default.
	UseAllDNSIPs DNSLookup = iota
	// ResolveCanonicalBootstrapServersOnly first turns a bootstrap server's name into the canonical names of all
	// its addresses, for SASL/Kerberos and TLS, where the name matters (KIP-235).
	ResolveCanonicalBootstrapServersOnly
)

// String returns Kafka's name of the value.
func (l DNSLookup) String() string {
	switch l {
	case UseAllDNSIPs:
		return "use_all_dns_ips"
	case ResolveCanonicalBootstrapServersOnly:
		return "resolve_canonical_bootstrap_servers_only"
	}
	return fmt.Sprintf("DNSLookup(%d)", int8(l))
}

// ConfigError says which setting is wrong, and what is allowed.
type ConfigError struct {
	Property string // Kafka's name
	Value    string // as it was given
	Allowed  string // in words
}

// Error names the property, the value and what is allowed.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("invalid value %q of %s: allowed is %s", e.Value, e.Property, e.Allowed)
}

// validate returns the bootstrap servers, taken apart and each once, or what is wrong with the settings.
func (c *Config) validate() ([]Broker, error) {
	positive := func(d time.Duration) bool { return d > 0 }
	notNegative := func(d time.Duration) bool { return d >= 0 }
	for _, s := range []struct {
		property string
		value    time.Duration
		valid    func(time.Duration) bool
		allowed  string
	}{
		{"request.timeout.ms", c.RequestTimeout, positive, "more than 0"},
		{"reconnect.backoff.ms", c.ReconnectBackoff, notNegative, "0 or more"},
		{"reconnect.backoff.max.ms", c.ReconnectBackoffMax, notNegative, "0 or more"},
		{"retry.backoff.ms", c.RetryBackoff, notNegative, "0 or more"},
		{"retry.backoff.max.ms", c.RetryBackoffMax, notNegative, "0 or more"},
		{"metadata.max.age.ms", c.MetadataMaxAge, notNegative, "0 or more"},
		{"metadata.max.idle.ms", c.MetadataMaxIdle, positive, "more than 0"},
		{"metadata.recovery.rebootstrap.trigger.ms", c.MetadataRecoveryRebootstrapTrigger, notNegative, "0 or more"},
		{"bootstrap.resolve.timeout.ms", c.BootstrapResolveTimeout, notNegative, "0 or more"},
	} {
		if !s.valid(s.value) {
			return nil, &ConfigError{Property: s.property, Value: strconv.FormatInt(s.value.Milliseconds(), 10), Allowed: s.allowed}
		}
	}
	if n := c.MaxInFlightRequestsPerConnection; n < 1 {
		return nil, &ConfigError{Property: "max.in.flight.requests.per.connection", Value: strconv.Itoa(n), Allowed: "1 or more"}
	}
	if n := c.MaxResponseBytes; n < 0 || n > math.MaxInt32 {
		return nil, &ConfigError{Property: "MaxResponseBytes", Value: strconv.Itoa(n), Allowed: "0 to 2147483647"}
	}
	return c.servers()
}

// servers takes BootstrapServers apart.
func (c *Config) servers() ([]Broker, error) {
	var servers []Broker
	for _, s := range c.BootstrapServers {
		host, port, err := parseServer(s)
		if err != nil {
			return nil, err
		}
		if b := (Broker{Host: host, Port: int32(port)}); !slices.Contains(servers, b) {
			servers = append(servers, b)
		}
	}
	if len(servers) == 0 {
		return nil, &ConfigError{Property: "bootstrap.servers", Value: "", Allowed: "at least one host:port"}
	}
	return servers, nil
}
