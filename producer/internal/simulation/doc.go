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
// is one run, to the byte (TestExactIsExact). A run takes about a millisecond of CPU. The whole one (TestWhole) runs the producer with its goroutines,
// callers and timers in testing/synctest; its schedules are the same.
//
// # What is not judged
//
// Where brokers lie (an answer corrupted on its way, a code that claims what isn't so) nobody can tell, and the oracle asks only for
// what doesn't depend on it: [Schedule.Lies]. Metadata aren't corrupted: a leader epoch of 2^30 that a broken bit made is believed
// for ever, by this client as by Kafka's. Brokers forget a producer only after it has rested for longer than any batch lives, as
// producer.id.expiration.ms has it; a cluster that forgets it earlier makes duplicates that no producer can prevent. Logs aren't
// truncated: acks=all says that they are not. Where requests don't bear topic ids (before Produce 13, Kafka 4.1) those in flight may come to the
// new log of a topic that was made anew: a record is acknowledged when it is in one of the logs that the topic has had. A record that was given up as possibly persisted may come late, out of order, when the
// producer has another id since: brokers fence epochs of an id, not ids.
package simulation
