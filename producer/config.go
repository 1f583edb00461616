package producer

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/compress"
)

// Config is the settings of a Producer. The zero value of each field is the default, Kafka's unless its comment says otherwise, so that
// BootstrapServers is all that must be set. Each field's comment begins with Kafka's name of it (see FromProperties) and says what zero and
// negative values mean; every other value Kafka doesn't allow is a *ConfigError of New, which reports all of them at
// once. Durations may be finer than Kafka's milliseconds. Changing a Config after New changes nothing. Printed, logged or
// as JSON it shows no secret.
type Config struct {
	// BootstrapServers is bootstrap.servers: "host:port" each, an IPv6 address in brackets. Required. They are only
	// where to start: all are tried, and the brokers of the cluster are learned from whichever answers.
	BootstrapServers []string
	// ClientID is client.id: it goes with every request and log line, and has at most 32,767 bytes. Zero: empty.
	ClientID string
	// ClientRack is client.rack: where this program runs, as broker.rack says it for brokers; see
	// PartitionerRackAware. Zero: unknown.
	ClientRack string

	// Acks is acks. Zero: AcksAll.
	Acks Acks
	// EnableIdempotence is enable.idempotence: no record twice, none out of order, whatever is retried. Default: on
	// where Acks is AcksAll, Retries isn't negative and MaxInFlightRequestsPerConnection is at most 5, else off, which
	// New logs. On: a conflict with one of these is an error.
	EnableIdempotence Toggle
	// Retries is retries: how often a batch is sent again after an error that may pass. Zero: 2147483647, so that
	// DeliveryTimeout is what limits them. Negative: never.
	Retries int
	// MaxInFlightRequestsPerConnection is max.in.flight.requests.per.connection: requests sent to a broker and not yet
	// answered. Zero: 5. Without idempotence more than 1 may reorder records when one is retried. At least 1. Many fill a long way
	// to the broker. One that is near serves the requests of a connection one by one: where requests are found to wait there for each other,
	// batches that are not full wait here for an answer instead and gather records meanwhile, however many may be in flight.
	MaxInFlightRequestsPerConnection int

	// DeliveryTimeout is delivery.timeout.ms: from Send to the outcome, at least Linger + RequestTimeout. Zero: 2
	// minutes, or Linger + RequestTimeout where that is more.
	DeliveryTimeout time.Duration
	// RequestTimeout is request.timeout.ms: the wait for the answer to one request. Zero: 30 seconds. At least 1 ms.
	RequestTimeout time.Duration
	// ResendHealthyRecords, which Kafka has no property for: where a broker refuses a batch and names the records at fault
	// (KIP-467), only these fail, and the others of the batch are sent again in their place, without the faulty ones. Default: on,
	// as far as Retries allows it. Off: the whole batch fails, as with Kafka's client.
	ResendHealthyRecords Toggle
	// Gapless, which Kafka has no property for: when a record fails, those sent to its partition after it fail, too
	// (ErrBehindFailed), in order and until the callback of the first has returned or has sent to the partition itself, so that
	// the program can send all of them again in order, before it sends anything new. No gap is left by a record that its own Context
	// withdrew, by one that was dropped before it had a place in the partition (OverflowDropNewest), and by one of which a broker that
	// already took later ones can't say any more whether it is there. Default: off, later records go on.
	Gapless Toggle
	// Overflow, which Kafka has no property for: what becomes of a record that BufferMemory has no room for. Default: OverflowBlock,
	// Send waits.
	Overflow Overflow
	// Topics are settings of single topics, by name, instead of those here.
	Topics map[string]TopicConfig
	// RetryBackoff is retry.backoff.ms: the wait before the first retry, doubled for each further one up to
	// RetryBackoffMax, ±20 % at random (KIP-580). Zero: 100 ms. Negative: no wait. More than RetryBackoffMax: always
	// RetryBackoffMax.
	RetryBackoff time.Duration
	// RetryBackoffMax is retry.backoff.max.ms. Zero: 1 second. Negative: no wait.
	RetryBackoffMax time.Duration
	// MaxBlock is max.block.ms: how long Send waits for metadata and room in the buffer, both together, and PartitionsFor for
	// metadata. Zero: 1 minute. Negative: not at all.
	MaxBlock time.Duration

	// Linger is linger.ms: how long a record waits for others to fill its batch. Zero: not at all, as Kafka had it
	// until 4.0 made it 5 ms, but for an answer of the broker when MaxInFlightRequestsPerConnection says so.
	Linger time.Duration
	// BatchSize is batch.size: bytes of a batch before compression; a larger record has a batch of its own. Zero:
	// 16384. Negative: each record has a batch of its own. Never more than MaxRequestSize or BufferMemory.
	BatchSize int
	// BufferMemory is buffer.memory: bytes of all records that have no outcome yet. Zero: 33554432. At least 1.
	BufferMemory int64
	// MaxRequestSize is max.request.size: bytes of the largest request, and so of the largest record. Zero: 1048576.
	// At least 1.
	MaxRequestSize int

	// CompressionType is compression.type. Zero: none.
	CompressionType compress.Codec
	// CompressionGzipLevel is compression.gzip.level: 1 (fast) to 9 (small). Zero or -1: the codec's default.
	CompressionGzipLevel int
	// CompressionLZ4Level is compression.lz4.level: 1 (fast) to 17 (small). Zero: 9.
	CompressionLZ4Level int
	// CompressionZstdLevel is compression.zstd.level: -131072 (fast) to 22 (small). Zero: 3.
	CompressionZstdLevel int

	// Partitioner is what partitioner.class names. Nil: Kafka's default, for which alone the next five fields hold.
	Partitioner Partitioner `json:"-"`
	// PartitionerIgnoreKeys is partitioner.ignore.keys: keys don't choose the partition.
	PartitionerIgnoreKeys bool
	// PartitionerAdaptivePartitioning is partitioner.adaptive.partitioning.enable: records without key prefer
	// partitions with few batches waiting. Default: on.
	PartitionerAdaptivePartitioning Toggle
	// PartitionerAvailabilityTimeout is partitioner.availability.timeout.ms: records without key avoid the partitions of
	// a broker that could take nothing for so long. Zero: never. Needs adaptive partitioning.
	PartitionerAvailabilityTimeout time.Duration
	// PartitionerRackAware is partitioner.rack.aware: records without key go to partitions whose leader is in
	// ClientRack, where there are any (KIP-1123).
	PartitionerRackAware bool

	// KeySerializer and ValueSerializer are key.serializer and value.serializer: names of Kafka's classes, with or
	// without their package. Zero: bytes, or what fits the type (TypedFromConfig). A Producer by itself takes
	// bytes, so that only ByteArraySerializer, BytesSerializer, ByteBufferSerializer and StringSerializer make sense.
	KeySerializer, ValueSerializer string

	// ReconnectBackoff is reconnect.backoff.ms: the wait before the second attempt to connect to a broker, doubled for
	// each further one up to ReconnectBackoffMax, ±20 % at random. Zero: 50 ms. Negative: no wait.
	ReconnectBackoff time.Duration
	// ReconnectBackoffMax is reconnect.backoff.max.ms. Zero: 1 second, but ReconnectBackoff where that alone is set,
	// as in Kafka. Negative: no wait.
	ReconnectBackoffMax time.Duration
	// SocketConnectionSetupTimeout is socket.connection.setup.timeout.ms: the wait for a connection to be made, doubled
	// for each failure up to SocketConnectionSetupTimeoutMax, ±20 % at random (KIP-601). Zero: 10 seconds. At least 1 ms.
	SocketConnectionSetupTimeout time.Duration
	// SocketConnectionSetupTimeoutMax is socket.connection.setup.timeout.max.ms. Zero: 30 seconds. At least 1 ms.
	SocketConnectionSetupTimeoutMax time.Duration
	// ConnectionsMaxIdle is connections.max.idle.ms: a connection unused for so long is closed. Zero: 9 minutes.
	// Negative: never.
	ConnectionsMaxIdle time.Duration
	// SendBufferBytes is send.buffer.bytes: SO_SNDBUF of connections. Zero: 131072. -1: the operating system's choice.
	SendBufferBytes int
	// ReceiveBufferBytes is receive.buffer.bytes: SO_RCVBUF. Zero: 32768. -1: the operating system's choice.
	ReceiveBufferBytes int

	// MetadataMaxAge is metadata.max.age.ms: metadata is fetched anew after so long. Zero: 5 minutes. Negative: as often
	// as RetryBackoff lets it.
	MetadataMaxAge time.Duration
	// MetadataMaxIdle is metadata.max.idle.ms: a topic not sent to for so long is forgotten. Zero: 5 minutes. At least 5
	// seconds.
	MetadataMaxIdle time.Duration
	// MetadataRecoveryStrategy is metadata.recovery.strategy: whether to begin again with BootstrapServers when no known
	// broker answers (KIP-899). Zero: client.Rebootstrap.
	MetadataRecoveryStrategy client.RecoveryStrategy
	// MetadataRecoveryRebootstrapTrigger is metadata.recovery.rebootstrap.trigger.ms: how long no broker answered with
	// metadata before that happens (KIP-1102). Zero: 5 minutes. Negative: at once.
	MetadataRecoveryRebootstrapTrigger time.Duration
	// MetadataClusterCheckEnable is metadata.cluster.check.enable: brokers from 4.4 on are told which cluster and node
	// is meant and refuse a connection that went astray (KIP-1242). Default: on. Without effect beside client.RecoverNone.
	MetadataClusterCheckEnable Toggle
	// ClientDNSLookup is client.dns.lookup: what a name in BootstrapServers stands for. Zero: client.UseAllDNSIPs.
	ClientDNSLookup client.DNSLookup
	// BootstrapResolveTimeout is bootstrap.resolve.timeout.ms: how long names of BootstrapServers that can't be resolved
	// are tried again in the background. Zero: not at all, New fails when none can be resolved.
	BootstrapResolveTimeout time.Duration

	// SecurityProtocol is security.protocol: what the listener of BootstrapServers speaks. Zero: Plaintext. The fields of
	// TLS have an effect with SSL and SASLSSL, those of SASL with SASLPlaintext and SASLSSL; properties of the others are
	// noted by New, since files of them are shared.
	SecurityProtocol SecurityProtocol
	// TLS is how TLS is spoken, instead of the ssl properties, which have no effect then. Where its ServerName is empty, a
	// broker must show a certificate for its host name. Nil: as the next fields say.
	TLS *tls.Config `json:"-"`
	// SSLTruststoreType is ssl.truststore.type. Zero: PEM, where Kafka has JKS. Only PEM is supported.
	SSLTruststoreType string
	// SSLTruststoreLocation is ssl.truststore.location: a file of certificates of authorities that a broker's may be signed
	// by. It is read by New, and again at a connection when it has changed: a file that is wrong then keeps what was read
	// before. Zero: SSLTruststoreCertificates, or what the operating system trusts.
	SSLTruststoreLocation string
	// SSLTruststoreCertificates is ssl.truststore.certificates: such certificates themselves. Zero: none.
	SSLTruststoreCertificates Secret
	// SSLTruststorePassword is ssl.truststore.password: PEM has none, so that it is an error.
	SSLTruststorePassword Secret
	// SSLKeystoreType is ssl.keystore.type. Zero: PEM, where Kafka has JKS. Only PEM is supported.
	SSLKeystoreType string
	// SSLKeystoreLocation is ssl.keystore.location: a file with the private key and the chain of certificates that this
	// client shows, for brokers that ask for one (ssl.client.auth). It is read as SSLTruststoreLocation is. Zero: the next
	// two fields.
	SSLKeystoreLocation string
	// SSLKeystoreCertificateChain is ssl.keystore.certificate.chain: the certificates themselves, the client's first. Zero: none.
	SSLKeystoreCertificateChain Secret
	// SSLKeystoreKey is ssl.keystore.key: the private key, PKCS#8 in PEM. Zero: none.
	SSLKeystoreKey Secret
	// SSLKeystorePassword is ssl.keystore.password: PEM has none, so that it is an error; see SSLKeyPassword.
	SSLKeystorePassword Secret
	// SSLKeyPassword is ssl.key.password: of a private key that is encrypted. Zero: none.
	SSLKeyPassword Secret
	// SSLEndpointIdentification is ssl.endpoint.identification.algorithm: a broker's certificate must be of its host name.
	// Default: on, Kafka's https. Off, Kafka's empty value, which New logs: whoever has any certificate of a trusted
	// authority can pose as a broker.
	SSLEndpointIdentification Toggle
	// SSLEnabledProtocols is ssl.enabled.protocols: of TLSv1.2 and TLSv1.3. Zero: both.
	SSLEnabledProtocols []string
	// SSLProtocol is ssl.protocol: the highest version. Zero: TLSv1.3.
	SSLProtocol string
	// SSLCipherSuites is ssl.cipher.suites: IANA names. Zero: Go's choice. Where one of TLS 1.3 is named, all of
	// TLS 1.3 are offered, and a broker that chooses one that isn't named is refused.
	SSLCipherSuites []string

	// SASLMechanism is sasl.mechanism: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER. Zero: that of SASL or
	// SASLOAuthBearerToken; without these it is required, where Kafka has GSSAPI.
	SASLMechanism string
	// SASLJAASConfig is sasl.jaas.config: user and password as Kafka writes them, that is
	// 	org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…";
	SASLJAASConfig Secret
	// SASL is how to log in, instead of the properties: one of package client/sasl, or of a program's own. Nil: as the other fields say.
	SASL Mechanism `json:"-"`
	// SASLOAuthBearerToken returns a token for OAUTHBEARER: for each login, so that it should keep one until it ends. It may be
	// called by several goroutines at once, ctx ends with the attempt to connect. Nil: as the next fields say.
	SASLOAuthBearerToken func(ctx context.Context) (Token, error) `json:"-"`
	// SASLOAuthBearerTokenEndpointURL is sasl.oauthbearer.token.endpoint.url: where a token is had for the next two (OAuth's
	// client credentials), or a file: URL of a file that holds one. Tokens are renewed in time. The ssl properties are not for it:
	// it is trusted if the system trusts it, unless OAuthBearerLoginModule in SASLJAASConfig has options of their names, such as
	// ssl.truststore.location="ca.pem", which is how Kafka's client has it. Zero: none.
	SASLOAuthBearerTokenEndpointURL string
	// SASLOAuthBearerClientCredentialsClientID is sasl.oauthbearer.client.credentials.client.id. Zero: clientId of SASLJAASConfig.
	SASLOAuthBearerClientCredentialsClientID string
	// SASLOAuthBearerClientCredentialsClientSecret is sasl.oauthbearer.client.credentials.client.secret. Zero: clientSecret of
	// SASLJAASConfig.
	SASLOAuthBearerClientCredentialsClientSecret Secret
	// SASLOAuthBearerScope is sasl.oauthbearer.scope: what is asked for. Zero: scope of SASLJAASConfig, or nothing.
	SASLOAuthBearerScope string
	// SASLOAuthBearerHeaderURLEncode is sasl.oauthbearer.header.urlencode: id and secret are sent URL-encoded (RFC 6749, 2.3.1).
	SASLOAuthBearerHeaderURLEncode bool
	// SASLLoginConnectTimeout is sasl.login.connect.timeout.ms: the wait for a connection to the token endpoint. Zero: 10 seconds.
	SASLLoginConnectTimeout time.Duration
	// SASLLoginReadTimeout is sasl.login.read.timeout.ms: the wait for its answer. Zero: 10 seconds.
	SASLLoginReadTimeout time.Duration
	// SASLLoginRetryBackoff is sasl.login.retry.backoff.ms: the wait before it is asked again, doubled up to
	// SASLLoginRetryBackoffMax. Zero: 100 ms. Negative: no wait.
	SASLLoginRetryBackoff time.Duration
	// SASLLoginRetryBackoffMax is sasl.login.retry.backoff.max.ms. Zero: 10 seconds. Negative: no wait.
	SASLLoginRetryBackoffMax time.Duration
	// SASLLoginRefreshWindowFactor is sasl.login.refresh.window.factor: the part of a token's life after which it is renewed.
	// Zero: 0.8. 0.5 to 1.
	SASLLoginRefreshWindowFactor float64
	// SASLLoginRefreshWindowJitter is sasl.login.refresh.window.jitter: the part of its life that is added to that at most, at
	// random. Zero: 0.05. Negative: none. At most 0.25.
	SASLLoginRefreshWindowJitter float64
	// SASLLoginRefreshMinPeriod is sasl.login.refresh.min.period.seconds: between two renewals. Zero: 1 minute. Negative: none.
	// At most 15 minutes.
	SASLLoginRefreshMinPeriod time.Duration
	// SASLLoginRefreshBuffer is sasl.login.refresh.buffer.seconds: a token is renewed at the latest so long before it ends, unless
	// this and SASLLoginRefreshMinPeriod are more than its life. Zero: 5 minutes. Negative: none. At most 1 hour.
	SASLLoginRefreshBuffer time.Duration

	// Dial makes connections. Nil: a net.Dialer's.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error) `json:"-"`
	// FlightRecorder, which Kafka has no property for: the last inputs of the producer's core are kept, see Producer.WriteFlightRecord.
	// Default: on; it costs about a quarter of a microsecond a batch.
	FlightRecorder Toggle
	// FlightRecordDir, which Kafka has no property for, is where a flight record is written when the producer can't go on, because of
	// a fatal error or a bug in it: see Producer.WriteFlightRecord. Zero: none is written.
	FlightRecordDir string
	// Logger is told of changes of state, nothing per record. Its handler must not wait for this producer, as one would that sends what is
	// logged: all that goes on with any broker waits for it. Nil: slog.Default().
	Logger *slog.Logger `json:"-"`

	// ineffective are the properties FromProperties took although nothing here depends on them; New logs them.
	ineffective []string
}

// TopicConfig is what may differ between topics. The zero value of each field leaves it to the Config.
type TopicConfig struct {
	Gapless  Toggle
	Overflow Overflow
}

// Format writes c as any struct, but with no other verb than v: the others would show what is behind TLS and SASL.
func (c Config) Format(f fmt.State, _ rune) {
	type config Config // without this method
	fmt.Fprintf(f, fmt.FormatString(f, 'v'), config(c))
}
