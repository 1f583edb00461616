// Package producertest is a Kafka cluster inside the process, for tests of programs that send to Kafka: what
// net/http/httptest is to net/http.
//
//	cluster := producertest.Start(t, producertest.Options{Topics: map[string]int32{"email": 3}})
//	p, err := producer.New(producer.Config{BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial})
//
// # The contract
//
// A Cluster speaks Kafka's protocol on real connections, checks what it is sent as a broker of Kafka does, and answers with
// Kafka's codes. What it accepts is kept, and can be read back with [Cluster.Records] and [Cluster.Batches]; what
// came and what became of it is told by [Cluster.Attempts], [Cluster.Requests] and [Cluster.Stats]. Faults are put in force
// with [Cluster.Inject]; leaders, topics and brokers are changed with methods of Cluster.
//
//   - Produce 3 to 13, Metadata 4 to 13, InitProducerId 0 to 5, ApiVersions 0 to 5, SaslHandshake 0 and 1 and
//     SaslAuthenticate 0 to 2 are spoken, as far as Options.Release or Options.MaxVersions let them. Any other request
//     closes the connection, as Kafka does it. There is no reading through the protocol, and there are no transactions.
//   - A batch must have the right size, checksum, counts and form, in a single piece. Its records are decoded and
//     looked at (LogValidator of Kafka).
//   - A partition knows the last five batches of each producer id and recognises them when they come again: they are
//     answered with their offset and not appended. Epochs and sequences follow Kafka's rules (ProducerAppendInfo), up to
//     wrapping after 2^31-1. See [UnknownProducer] for where the rules have changed.
//   - Requests of one connection take effect and are answered in order, one at a time.
//   - Replicas of a partition share one log: moving a leader loses nothing. [Cluster.TruncateLog] does.
//   - A Cluster holds no goroutine after Close, and lets time pass in testing/synctest with Options.InMemory: all its
//     waits are on channels and conditions.
//   - It is fast enough to be written to at millions of records a second, with Options.Discard for long: BenchmarkProduce
//     took 112 ns a record of 100 bytes over loopback on two cores, client included, and 54 ns with
//     Options.SkipRecordValidation (2026-11-24).
//
// # Which Kafka
//
// Options.Release makes the cluster one of the Kafkas from 0.11 to 4.5, in the versions it speaks and in the rules that have
// changed: "2.3" is the last that refuses ApiVersions v3 and later, in the form of v0; "2.1" the first with zstd; "2.8" has the
// auto-creation of topics that ZooKeeper brought; "4.5" has KAFKA-15591. Options.MinVersions and Options.MaxVersions set
// the versions one by one, Options.ApiVersionsRefusal imitates librdkafka's mock cluster.
//
// # Guarded clusters
//
// With Options.TLS brokers speak TLS, and ask for certificates of clients where the config says so. [CA] makes certificates,
// right ones and wrong ones, in memory, valid today and in virtual time, with the PEM forms that Kafka's properties take.
// With Options.Users, Options.OAuthBearer or Options.SASLServers clients must authenticate.
//
//	ca := producertest.NewCA("test authority")
//	cluster := producertest.Start(t, producertest.Options{
//		TLS:   ca.ServerConfig(),
//		Users: map[string]string{"email-service": "secret"},
//	})
//	p, err := producer.New(producer.Config{
//		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial,
//		SecurityProtocol: producer.SASLSSL, TLS: ca.ClientConfig(), SASL: sasl.ScramSHA512("email-service", "secret"),
//	})
//
// It goes as with Kafka's brokers (SaslServerAuthenticator):
//
//   - PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 (delegation tokens too) and OAUTHBEARER, in both forms: SaslHandshake v1 with
//     SaslAuthenticate, and the bare frames that follow SaslHandshake v0. MaxVersions takes SaslHandshake down to 0, or
//     SaslAuthenticate away (-1).
//   - Before a client is authenticated it may ask for the versions, once, and for a mechanism; anything else closes the
//     connection. A client that is refused is told why, in Kafka's words, and its connection closed.
//   - Sessions last for Options.SessionLifetime, or as long as a token does. A client may authenticate again on the live
//     connection, by the same mechanism as the same user and at most once a second; when it sends anything else after the
//     end, the connection is closed (KIP-368).
//   - Options.Hosts gives brokers names, for certificates that are for some of them.
//   - [Request] tells who sent a request and over what TLS; [Cluster.Authentications] and [Cluster.TLSFailures] tell who
//     came and why somebody was sent away.
//
// Kafka waits for 100 ms before it tells a client that it is refused (connection.failed.authentication.delay.ms); these
// brokers don't: DelayAnswer does.
//
// # Virtual time
//
// Inside testing/synctest, with Options.InMemory and Cluster.Dial, nothing takes real time: a test of a time-out of a
// minute ends at once.
//
//	synctest.Test(t, func(t *testing.T) {
//		cluster := producertest.Start(t, producertest.Options{InMemory: true})
//		cluster.Inject(producertest.Swallow().Once())
//		…
//	})
//
// # Faults
//
// A [Fault] says what goes wrong; its methods say where and how often:
//
//	cluster.Inject(producertest.Fail(protocol.NotEnoughReplicas).On("email", 0).Times(3))
//	cluster.Inject(producertest.DropAfter().OnBroker(2).Skip(1).Once())
//	slow := cluster.Inject(producertest.DelayAnswer(time.Second))
//	…
//	slow.Lift()
//
// Several may be in force at once, and all that apply to a request do.
//
//	what goes wrong                              how
//	a partition refuses, before or after append  Fail, FailBeforeAppend, FailAfterAppend, FailRecords
//	a request is refused                         Fail(code).OnRequests(protocol.InitProducerIDKey)
//	a disk breaks                                Fail(protocol.KafkaStorageError).OnBroker(1)
//	a sequence is said to be out of order        Fail(protocol.OutOfOrderSequenceNumber)
//	the connection ends                          CutRequest, DropBefore, ResetBefore, DropAfter, ResetAfter, CutAnswer, Truncate
//	it ends, and the request is carried out      Orphan
//	it is dead in one direction                  LoseRequest
//	it takes its time, or forever                DelayRequest, DelayAnswer, Late, Swallow, Stall, Cluster.PauseBroker
//	the answer is broken                         Bytewise, Corrupt, Shorten, WrongCorrelation, Duplicate, Reorder,
//	                                             HugeLength, Empty, EditAnswer, EditFrame; BrokenAnswers is a list
//	a quota is exceeded                          Throttle
//	nobody answers at an address                 RefuseDial, HangDial, Cluster.StopBroker
//	leaders move                                 Cluster.MoveLeader, with FreezeMetadata unnoticed for a while
//	brokers come and go                          StopBroker, ShutdownBroker, StartBroker, StartBrokerElsewhere,
//	                                             AddBroker, ReplaceBrokers, CloseConnections
//	producers are forgotten or fenced            ExpireProducers, ReloadProducers, FenceProducer, SetNextProducer
//	records are lost                             DeleteRecords, TruncateLog, LoseTail
//	a login is refused                           FailAuthentication, RefuseToken, Fail(code).OnRequests(protocol.SaslHandshakeKey)
//	users come and go, passwords change          Cluster.SetPassword, Cluster.RemoveUser
//	mechanisms change                            Cluster.SetSASLMechanisms
//	certificates change, for worse or better     Cluster.SetTLS with CA.Expired, CA.Server("another.host"), another CA
//	topics change                                AddPartitions, DeleteTopic and CreateTopic: the same name, another id
//
// # How it is built
//
// A conn shakes hands where there is TLS, and asks its authenticator which requests may come when. It
// reads a request and takes it all the way to its answer, on one goroutine. A plan, made of the faults that
// apply, is the only thing that makes the answer differ from an honest broker's. What a partition does with a batch is
// pure code (partitionLog, producerState). All state of the cluster is under one mutex, which is held for instants: once to
// look a partition up and once to append, with the checks of the batch between the two.
package producertest
