package producertest

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"time"

	"kafkaproducer/client/world"
	"kafkaproducer/protocol"
)

// Options say what cluster to start. The zero value is one broker of Kafka 4.4 on loopback, without topics, which
// creates those it is asked for.
type Options struct {
	// Brokers is how many brokers there are, with the ids 1, 2, …; 0: 1.
	Brokers int
	// Topics are created at the start, by name, with so many partitions. CreateTopic has more settings.
	Topics map[string]int32
	// AutoCreate is how many partitions a topic gets that a Metadata request asks for and that doesn't exist; 0: 1,
	// Kafka's default of num.partitions. Negative: such topics are not created (auto.create.topics.enable=false).
	AutoCreate int32
	// InMemory makes the brokers listen on a network inside the process, which is reached through Cluster.Dial only.
	// It works inside testing/synctest, where a blocked connection lets virtual time pass. False: TCP on 127.0.0.1.
	InMemory bool

	// World is the time, and what has things run, of a simulation in which nothing runs by itself: the cluster starts no goroutine, and
	// Dial connects to it at once, to a world.Arriver. There is no TLS then. Nil: real or virtual time, and goroutines.
	World world.World

	// Release is the Kafka whose versions and rules are imitated, such as "2.1"; empty: "4.4". Releases lists them.
	Release string
	// MinVersions and MaxVersions replace what the release announces for an API, for instance to try Produce at each
	// version. A maximum of -1 takes the API away. A request outside closes the connection, as Kafka does it, except
	// ApiVersions: see ApiVersionsRefusal. What package protocol can't decode closes it, too.
	MinVersions, MaxVersions map[protocol.Key]int16
	// ApiVersionsRefusal is how an ApiVersions request of too high a version is answered.
	ApiVersionsRefusal ApiVersionsRefusal
	// UnknownProducer is what happens to batches of a producer that a partition knows nothing of.
	UnknownProducer UnknownProducer
	// ProducerIDExpiration is how long a partition knows a producer after its last batch, by the broker's clock;
	// 0: a day (producer.id.expiration.ms).
	ProducerIDExpiration time.Duration
	// MaxMessageBytes is the largest batch a topic takes unless its own setting differs; 0: 1048588 (message.max.bytes).
	MaxMessageBytes int
	// NoLeaderHints leaves the leader out of NOT_LEADER_OR_FOLLOWER answers of Produce v10 and later (KIP-951).
	NoLeaderHints bool
	// Racks are the racks of the brokers, in the order of their ids; a broker beyond the list has none.
	Racks []string
	// Hosts are the names under which clients find the brokers, in the order of their ids (advertised.listeners); a broker beyond
	// the list goes by its IP address. Cluster.Dial knows them. Others don't, unless the name is "localhost".
	Hosts []string
	// ClusterID is the cluster's id; empty: one derived from Seed.
	ClusterID string
	// Seed decides all that is random: ids, corrupted bytes, chances. The same seed gives the same again.
	Seed uint64

	// TLS makes the brokers speak TLS, with this server config: CA.ServerConfig makes one. With its ClientAuth they want
	// certificates of clients. SetTLS changes it. Nil: plain text.
	TLS *tls.Config
	// Users are the passwords of users, by name. With users, clients must authenticate, by PLAIN, SCRAM-SHA-256 or
	// SCRAM-SHA-512. SetPassword and RemoveUser change them.
	Users map[string]string
	// DelegationTokens are the HMACs of delegation tokens, by token id: users who say tokenauth in SCRAM (KIP-48).
	DelegationTokens map[string]string
	// OAuthBearer looks at the tokens of OAUTHBEARER, and lets clients authenticate with them. It returns whose a token is
	// and when it ends (zero: never), or an error: a *TokenError says what the client is told. It may be called many times
	// at once. StaticToken makes one for tests.
	OAuthBearer func(token string) (principal string, expiry time.Time, err error)
	// SASLServers are further mechanisms, by name, each with what begins an exchange.
	SASLServers map[string]func() SASLServer
	// SASLMechanisms are the mechanisms that the brokers have; empty: all that the options above are for, sorted. "GSSAPI" can be
	// listed, too, and lets nobody in. SetSASLMechanisms changes it.
	SASLMechanisms []string
	// SCRAMIterations is how often SCRAM hashes a password; 0: 4096, Kafka's. Kafka takes from 4096 to 16384.
	SCRAMIterations int
	// SessionLifetime is how long a client is authenticated (connections.max.reauth.ms, in whole milliseconds). Who sends
	// anything but a new authentication after that is cut off (KIP-368). 0: for ever, or as long as its credentials.
	SessionLifetime time.Duration

	// Discard keeps no records and no requests, only offsets, producer states and counts: for benchmarks, and for
	// programs that send more than memory takes. Records, Batches, Attempts and Requests return nothing.
	Discard bool
	// SkipRecordValidation checks batches no further than their header and checksum. Kafka always looks at the records.
	SkipRecordValidation bool
	// KeepRequests is how many requests Requests remembers, the newest ones; 0: 10,000. Negative: none, and no Attempts.
	KeepRequests int
	// OnRequest is called for each request before it takes effect, one at a time a connection, many at a time in all.
	// It may call the Cluster's methods. With Discard, or a negative KeepRequests, the message is valid during the call only.
	OnRequest func(Request)
	// Logger hears of refused batches and of connections that a broker closes; nil: nobody.
	Logger *slog.Logger
}

// ApiVersionsRefusal is how an ApiVersions request of too high a version is answered.
type ApiVersionsRefusal int8

const (
	// RefuseInV0 is what Kafka does: UNSUPPORTED_VERSION in the form of version 0. Since 2.4 it lists the range of
	// ApiVersions itself, before it lists nothing (KIP-511).
	RefuseInV0 ApiVersionsRefusal = iota
	// RefuseGarbled is what librdkafka's mock cluster does: UNSUPPORTED_VERSION, then an array in a form that no version has.
	RefuseGarbled
)

// TopicConfig are the settings of a topic.
type TopicConfig struct {
	// Partitions is how many there are; 0: 1.
	Partitions int32
	// MaxMessageBytes is the largest batch, in bytes; 0: Options.MaxMessageBytes (max.message.bytes).
	MaxMessageBytes int
	// LogAppendTime makes the broker's clock the time of records (message.timestamp.type).
	LogAppendTime bool
	// Compacted refuses records without a key (cleanup.policy=compact).
	Compacted bool
	// TimestampBefore and TimestampAfter are how far a record's time may be from the broker's clock; 0: any.
	// (message.timestamp.before.max.ms and message.timestamp.after.max.ms. Kafka 4 has an hour for the latter by
	// default, which programs that keep a time of their own, as in testing/synctest, would fall over.)
	TimestampBefore, TimestampAfter time.Duration
}

const (
	defaultMaxMessageBytes = 1<<20 + 12
	defaultExpiration      = 24 * time.Hour
	defaultKeepRequests    = 10_000
	defaultIterations      = 4096
)

// withDefaults returns the options as they count: nothing is left to be defaulted but maps and functions.
func (o Options) withDefaults(r release) Options {
	or(&o.Brokers, 1)
	or(&o.AutoCreate, 1)
	or(&o.UnknownProducer, r.unknown)
	or(&o.ProducerIDExpiration, defaultExpiration)
	or(&o.MaxMessageBytes, defaultMaxMessageBytes)
	or(&o.KeepRequests, defaultKeepRequests)
	or(&o.SCRAMIterations, defaultIterations)
	if o.Discard {
		o.KeepRequests = -1
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func (t TopicConfig) withDefaults(o *Options) TopicConfig {
	or(&t.Partitions, 1)
	or(&t.MaxMessageBytes, o.MaxMessageBytes)
	or(&t.TimestampBefore, never)
	or(&t.TimestampAfter, never)
	return t
}

// or sets what is zero.
func or[T comparable](p *T, value T) {
	var zero T
	if *p == zero {
		*p = value
	}
}

// check names an option that can't be.
func (o *Options) check() error {
	if o.Brokers < 0 {
		return &OptionError{Option: "Brokers", Value: o.Brokers, Allowed: "0 or more"}
	}
	for name, partitions := range o.Topics {
		if reason := invalidTopic(name); reason != "" {
			return &OptionError{Option: "Topics", Value: name, Allowed: "names that " + reason}
		}
		if partitions < 1 {
			return &OptionError{Option: "Topics[" + name + "]", Value: partitions, Allowed: "1 or more partitions"}
		}
	}
	return o.checkSecurity()
}

// checkSecurity names an option of TLS or SASL that can't be.
func (o *Options) checkSecurity() error {
	if o.TLS != nil && !servable(o.TLS) {
		return &OptionError{Option: "TLS", Value: "without a certificate", Allowed: "what a TLS server can use"}
	}
	for name, password := range o.Users {
		if name == "" || password == "" {
			return &OptionError{Option: "Users", Value: fmt.Sprintf("%q", name), Allowed: "names and passwords that are not empty"}
		}
	}
	for _, name := range o.SASLMechanisms {
		if err := o.checkMechanism(name); err != nil {
			return err
		}
	}
	if o.SCRAMIterations < 0 {
		return &OptionError{Option: "SCRAMIterations", Value: o.SCRAMIterations, Allowed: "0 or more"}
	}
	if o.SessionLifetime < 0 {
		return &OptionError{Option: "SessionLifetime", Value: o.SessionLifetime, Allowed: "0 or more"}
	}
	return nil
}
