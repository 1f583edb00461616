// Package simulation says what can happen to a producer, has it happen, and judges what became of the promise.
//
// # The parts
//
//   - A [Schedule] is all that decides a run: settings, what callers do, what goes wrong and when. [Random] makes one of a seed,
//     [Generate] of any source of decisions, such as a fuzzer's bytes. It has a text form ([Schedule.String], [Parse]).
//   - A [Cluster] is the test kit's, to which a schedule's steps happen: there is one model of Kafka, and one list of faults.
//   - An [Oracle] hears which records were accepted and what their callbacks said, and compares that with the logs: everything
//     acknowledged is there, nothing twice, each sender's records in order, each callback once, and in time; what failed says truthfully
//     whether it is there.
//   - A [World] is time, chance and concurrency on one goroutine: see client.World.
//   - [Shrink] makes a schedule that fails small.
//
// # Two simulations
//
// Both are in the tests of package producer. The exact one (TestExact) runs everything in a World: the producer, the client, its
// connections and the brokers are the code that programs use, with nothing replaced but what goroutines, timers and sockets do. One seed
// is one run, to the byte (TestExactIsExact). A run takes 0.4 ms of CPU and more. The whole one (TestWhole) runs the producer
// with its goroutines, callers and timers in testing/synctest; its schedules are the same. With [Guarded] ones (TestWholeGuarded)
// the brokers speak TLS and want a login.
//
// # What goes wrong, and where it is made
//
// Settings are those of [Settings], steps the names of [Step.Do]; "fault" is a step, whose names of faults are the test kit's
// (package producertest). A fault is about Produce, Metadata, InitProducerId, ApiVersions, SASL or any requests, to one broker or
// all, once or many times. Each step and each fault happens in the schedules of go test: a [Coverage] counts those that had an
// effect, and TestExact and TestWholeGuarded fail where one is missing.
//
//	what                                       how
//	1 to 5 brokers, of any release             settings brokers, release: versions, unknown producers (UNKNOWN_PRODUCER_ID before 2.5)
//	a connection cut at any byte of a request  cut_request; before it takes effect: drop_before, reset_before; later all the same: orphan
//	or of an answer, after the append          cut_answer, trunc; without any of it: drop_close, drop_reset
//	a write that fails midway                  cut_request, also after several requests in one write
//	half-open connections                      lose_request (nothing more gets to the broker), stall (nothing more comes), hang_dial
//	nobody listens, or answers                 refuse_dial, stop, pause
//	slow answers                               setting latency, delay_request, delay_answer, bytewise
//	answers reordered between brokers          setting latency: each event has its own
//	corrupt, truncated, oversized, garbage     corrupt, shorten, hugelen, garbage
//	wrong correlation id, doubled, swapped     wrongcorr, dup, reorder
//	swallowed, late                            swallow, late
//	without what was asked for                 empty, leave_out
//	each error code, before or after append    fail, fail_before, fail_after; of single records: refuse_records
//	leader moves, with metadata lag            move; freeze
//	what only an old leader has is lost        lose: batches that were answered with an error after the append, when another one leads
//	a partition without leader, for long       leaderless, setting heal; records without key are moved then
//	brokers stop and come back                 stop, shutdown (leaders move first), elsewhere (at another address)
//	all brokers are replaced                   replace
//	topics made anew, partitions added         recreate, grow
//	producer ids expired, fenced               expire, fence
//	retention takes records                    retain: all but a few; releases before 2.4 forget who wrote them
//	producers half forgotten                   reload: a leader that has started again knows the last batch of each only
//	epochs exhausted, sequences about to wrap  settings epoch, sequence
//	throttling                                 throttle
//	message too large                          setting max.message.bytes, and the code
//	disk errors                                the code KAFKA_STORAGE_ERROR, before or after the append
//	TLS fails midway                           cut, babble (something else answers, from any byte on), certificate (expired for a while)
//	SASL fails midway                          the same, password (wrong for a while), setting session, and faults on SASL requests
//	clock jumps                                jump, of the time of day; in the exact simulation, since the whole one has synctest's
//	a request carried out late, after another  orphan, delay_request
//	connection repeated it
//	all connections of a broker close          hangup
//	contexts cancelled                         cancel (of a Send), within (Record.Context ends so long after Send)
//	the buffer is full                         settings buffer.memory, max.block, overflow, overflow.topic, and a record's overflow
//	requests that not all batches fit in       setting max.request.size
//	records sent from callbacks                setting echo
//	flush and close at any moment              flush, close
//	many goroutines                            senders: taking turns at random in the exact simulation, goroutines in the whole one
//
// # What was run
//
// Counts of runs at length, with commands and figures, stand in results.md beside this file.
//
// # What is not judged
//
// Where brokers lie (an answer corrupted on its way, a code that claims what isn't so) nobody can tell, and the oracle asks only for
// what doesn't depend on it: [Schedule.Lies]. Metadata aren't corrupted: a leader epoch of 2^30 that a broken bit made is believed
// for ever, by this client as by Kafka's. Brokers forget a producer only after it has rested for longer than any batch lives, as
// producer.id.expiration.ms has it; a cluster that forgets it earlier makes duplicates that no producer can prevent. What was acknowledged
// isn't lost: acks=all says so. Where requests don't bear topic ids (before Produce 13,
// Kafka 4.1) those in flight may come to the new log of a topic that was made anew. From 2.5 on it takes any number for a
// producer's first, so that a younger request can get in before an older one that has to be repeated, and no answer tells: nobody
// could keep the order there, and it isn't asked for. All else is: what is acknowledged is once in one of the logs that the topic
// has had. A record that was given up as possibly persisted may come late, out of order, when the producer has another id since:
// brokers fence epochs of an id, not ids.
package simulation
