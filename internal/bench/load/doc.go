// Package load drives one Kafka client through one work and says what it cost. A peer is a process of its own: a command of a
// few lines that hands [Main] its client, so that CPU time, allocations and memory are that client's alone, and a client's
// settings stand in one place.
//
// Every peer takes the same flags ([Settings]) and prints the same line of JSON ([Result]); the peer in ../java does the same
// in Java. A peer ends by itself when its time is over, however the client hangs.
//
// # Fairness
//
//   - Records, keys and their order are the same for every client, and are made before the clock starts.
//   - A callback is shared by all records of a work, in whatever form the client takes callbacks, unless the work is
//     about latency.
//   - The clock starts when up to a hundred records have been acknowledged one by one: connections, metadata and producer id are there.
//   - CPU time is that of the whole process, from then until the last record is acknowledged.
package load
