// Package producer writes records to Apache Kafka, asynchronously and without loss, duplicate or reordering. It speaks to
// any Kafka from 2.1 to 4.x over its own implementation of the protocol.
//
// # The promise
//
// With idempotence, which is the default, and as long as the brokers keep what acks=all means:
//
//   - a record whose [Callback] got no error is in its partition, exactly once;
//   - records that one goroutine sends to a partition stand there in the order of Send; those without a key, whose
//     partition the producer chooses, may be moved to another one while theirs has no leader, behind what waits there;
//   - every record that [Producer.Send] accepted has its Callback called exactly once, at the latest delivery.timeout.ms
//     after Send, unless callbacks before it take longer;
//   - a [DeliveryError] says truthfully whether the record is not, possibly or surely in the log;
//   - memory stays within buffer.memory: who sends faster than the cluster takes waits in Send.
//
// What there is no room for waits, fails or is dropped, as Overflow says; what is no longer wanted is withdrawn, as Record.Context
// says; what stands behind a failed record fails with it where a topic is Gapless. A broker that takes nothing has a bounded share
// of the memory (share.go), and records without a key leave a partition that stays without leader (stranded.go).
//
// The promise is for one Producer. A program that sends a failed record again, or is restarted and sends again what it
// doesn't know the outcome of, makes duplicates that Kafka can't know.
//
// While a topic is deleted and made anew records for it may change places before Kafka 4.1, whose requests are the first to say
// which of the two they are for: a new log takes any sequence number for a producer's first.
//
// # Use
//
//	p, err := producer.New(producer.Config{BootstrapServers: []string{"localhost:9092"}})
//	…
//	err = p.Send(ctx, producer.Record{Topic: "email", Key: key, Value: value}, func(m producer.RecordMetadata, err error) {
//		if err != nil { … }
//	})
//	…
//	err = p.Close(ctx) // sends what is buffered
//
// One Producer serves a whole program: it is safe for any number of goroutines, batches across them, and has one connection
// a broker, with two goroutines for each, and at most a handful besides. [FromProperties] takes Kafka's own property names; [Typed]
// adds serializers; package producertest has a broker for tests.
//
// # TLS and SASL
//
// [Config.SecurityProtocol] says what a listener speaks. TLS is set by the ssl properties, whose files may change while the
// producer runs, or by a [tls.Config]; a login by sasl.mechanism and sasl.jaas.config, by a [Mechanism] of package client/sasl or
// of a program's own, or by a function that returns a [Token]. Who isn't let in has a [client.AuthError] from Send, which
// names the broker, the step and what to change. What is secret is a [Secret] in a Config, and never shown.
//
// # Callbacks
//
// Callbacks run one at a time, those of a partition in the order of its offsets. They run where answers are read, so that a
// quick one costs nothing. A callback may call Send, and may block: no answer, no memory, no retry and no other broker waits for
// it (after at most 60 ms), only the callbacks behind it do. It must not wait for them: [Producer.Flush], [Producer.Close] and
// [Producer.SendSync] return [ErrInCallback] inside a callback of any Producer. A callback that panics ends the program,
// as any goroutine that panics does; so does one that ends its goroutine (runtime.Goexit, as testing.T.FailNow does), since those behind
// it could never be called.
//
// # The way of a record
//
//	Send ── partition chosen ── encoded into the partition's open batch     the caller's goroutine, under the partition's mutex
//	          │ batch full, linger over, or flushed
//	          ▼
//	delivery.Core ── which batches go to which broker, under which numbers  whoever has an event, under Producer.mu, once a batch
//	          ▼
//	client ── compressed, stamped, written; the answer read                 the connection's writer and reader
//	          ▼
//	delivery.Core ── done, or again                                         the reader, under Producer.mu
//	          ▼
//	completer ── memory back, what is ready sent, callbacks                 the reader
//
// Per record there is no allocation, no channel and no lock but the partition's. What decides is package
// internal/delivery, pure code; this package runs it (engine.go) and keeps the bytes (batch.go, memory.go).
//
// # Flight record
//
// A producer keeps the last inputs of its core, and the state that they met, in some 100 KiB of memory, and some MiB while
// thousands of batches wait.
// [Producer.WriteFlightRecord] writes them as text, [ReplayFlightRecord] runs them again, exactly. With [Config.FlightRecordDir]
// one is written when the producer can't go on. It names topics, and has nothing of what is in records.
//
// # Ownership
//
// A batch is its partition's while open (partition.mu), the core's while it waits (Producer.mu), the connection's while in
// flight, and the completer's at the end. Locks are held for instants and nothing waits while holding one; their order is
// Producer.mu, partition.mu, sticky.mu, and the client's own inside Producer.mu.
package producer
