// Command bench measures the producer beside other clients of Kafka, each in a process of its own, doing the same work with the
// same settings. It is what `make bench` runs; `go run . -h` in this directory lists experiments, clients and flags.
//
//	make bench                                       ours, franz-go and the floor, every work against the sink: some minutes
//	make bench CLIENTS="ours java" WORKS="plain lz4"
//	make bench EXPERIMENT=inflight WORKS="64B 9p"
//	make bench ALL=1 ROUNDS=5 WRITE=1                everything; writes results/ and the tables of README.md anew: two hours
//	make bench LAYERS=1                              go test -bench of each layer instead
//
// The module is nested for the sake of what the other clients depend on. It runs where Go is; librdkafka needs cgo, the Java producer
// and the brokers of Kafka a JDK and Maven. Who can't be built is left out, and said to be.
//
// # What the figures mean
//
//   - CPU time a record is that of the client's whole process, user and system, callbacks and garbage collection included. It is the
//     figure that stays about the same when a machine is busy, and what sending costs a program.
//   - Throughput is what was acknowledged in the time from the first Send to the last acknowledgement. Client and broker share the
//     machine, so that it says which of them is slower together, not what a network would carry.
//   - Latency is from Send to the callback; where records are paced, from the moment at which a record was due.
//   - Peak memory is the largest resident set of the process, runtime and code included.
//   - The number in brackets is the ratio of ours to that client's figure of the same run. Figures of one run compare, those of
//     two runs don't: rounds are interleaved, so that whatever else the machine does meets everyone.
//
// Against the sink (./sink) nothing is stored or checked, and every acknowledgement comes at once: what is left is the client. The
// number of records that a peer says were acknowledged must be what the sink has seen. The floor (./peer/floor) is what a program
// spends that only lays out the bytes and writes them.
//
// # Where the rest goes
//
// What stands above the goals of the project on two cores of a virtual machine, and why:
//
//   - Records of 100 bytes: 2.3 to 2.7 times the floor, which has no callers. A fifth of the profile is the work itself, which chooses keys and
//     values, calls Send and counts in the callback; a sixth is locking and unlocking the partition; a tenth finds each record's callback. The
//     rest is what the floor does, too: laying out, checksum, system calls.
//   - 10,000 records a second, one by one: 0.64 to 0.74 of franz-go's CPU, where 0.68 was wanted. The floor has 0.56 to 0.61: a record that goes out
//     alone is system calls and wake-ups, whoever makes them.
//   - One record in flight: 1.5 to 2 times the floor, which is one goroutine that writes and reads. A callback that wakes the goroutine that
//     sends costs a futex call that wakes a thread (strace: 1.2 a record, against 0.2 of the floor), and on a virtual machine the interrupt of a halted
//     processor. With GOMAXPROCS=1 there is none, and the median is 56 to 80 µs instead of 86, beside 39 to 46 of the floor.
//   - The same against a broker of Kafka: Java's median is below that of all Go clients, below the floor's, too, which is one goroutine alone
//     (150 to 177 µs; with GOMAXPROCS=1 the producer has 173 to 198). What differs is how often a halted processor has to be woken. With two loops
//     of the lowest priority that keep both from halting, the producer has 182 to 196 µs, Java's 189 to 242.
//   - Records of 1,000 bytes: 1.6 to 2 times the floor, which fills the same 128 KiB again and again on the goroutine that writes them. Here each
//     byte goes from one processor's cache to the other's. A quarter of the profile is threads that fall asleep and wake up: sink and client wait for each
//     other, and neither processor is ever busy for long. On a busy machine the same program spends half as much.
//   - zstd and gzip: 87 to 90 % of the profile is the library, the same that franz-go uses, at the same level.
//   - 10,000 partitions: here it is batches that cost, 2.3 to 3.6 µs each, and 8 to 12 of franz-go. They hold 1.4 to 1.7 records, its batches 2 to 2.8,
//     as it falls behind linger.ms. Each batch, its buffer and its partition come from memory: what else uses that makes rounds differ
//     by a factor of two.
//   - 64 goroutines with keys: two thirds of the samples in Send are where it unlocks the partition, which waits for its writes: the lines of mutex,
//     batch and buffer come from the other processor's cache, record by record. A goroutine that is alone has them in its own.
//     Throughput is less than with one, since client and sink share two processors: what senders spend more, the sink lacks.
//
// # How it is built
//
//	sink/        the neutral broker                     load/    a work, as a peer does it; settings and result
//	peer/*       a command for each client              plot/, table/, stats/, pause/
//	librdkafka/  the one with cgo, a module of its own  results/ what was measured last: tables, plots, values
//	java/        Kafka's own producer
//
// A new client is a command in peer/ and a row in clients.go; a new work is a row in works.go.
package main
