// Command chaos proves the producer's promise on a real cluster under faults: `make chaos`.
//
// Three Kafka brokers, each controller and broker, with replication 3 and min.insync.replicas 2, take millions of numbered
// records from several goroutines. Meanwhile a schedule drawn from a seed kills, stops, pauses and isolates brokers, moves
// leaders and replicas, and does to the connections what networks do. Afterwards Kafka's own consumer reads everything
// back, and each record is compared with what its callback had said.
//
// # What is judged
//
// Of every record that Send accepted:
//
//   - acknowledged: it is stored, once, at the partition and offset that its callback was told;
//   - failed with NotPersisted, or refused by Send: it is not stored; with Persisted: it is; with PossiblyPersisted: once or not at all;
//   - records that one goroutine sent to a partition stand there in that order, failed ones too;
//   - its callback ran once, and callbacks of a partition in the order of offsets.
//
// Beside it: what is buffered stays within buffer.memory, and Close ends in time. A run in which the producer breaks any of
// this exits with status 1 and names the seed and the first records; ledgers, logs and flight records are kept, which go run
// ./internal/cmd/kreplay runs again.
//
// # The same for others
//
// The same schedule is run against franz-go and Kafka's Java producer, with the same settings, each in a process of its own. Their
// violations are reported, too, but are no fault of ours. results.md beside this file is the report of such a run.
//
// # What it found
//
// Seed 2: 1,133 records were reported NotPersisted and were in the log. Their leader had appended them, lost its leadership while it
// waited for the other replicas, and answered NOT_LEADER_OR_FOLLOWER, which was taken for a refusal. See mayHaveAppended in
// package delivery.
//
// # The parts
//
//	schedule.go   which faults, when: pure, drawn from a seed
//	field.go      brokers, proxies, and the network they are in
//	faults.go     makes the faults of a schedule
//	worker.go     sends and writes down what callbacks say, in a process of its own; Java's is Load.java
//	process.go    that process, and its memory
//	flightrecords.go  what the producer decided by, all the way
//	ledger.go     the file of what callbacks said, and that of what was read back
//	verdict.go    compares the two: pure
//	report.go     tells it
//	proxy/        between clients and brokers: cuts, holds up, delays, narrows, half-closes, refuses
//	netns/        network namespaces, in which the kernel loses, drops, resets, narrows
//
// Clients know the brokers by the addresses of the proxies; what brokers say to each other goes directly. With root and iptables
// the clients and each broker are in network namespaces of their own, so that faults of the kernel can be made on either side of
// the proxies and between brokers:
//
//	client ── kernel ── proxy ── kernel ── broker ── kernel ── broker
//
// Without, these faults are left out, which the report says. A schedule is the same either way, but for them. Faults of which only
// one at a time makes sense come with time to recover between them, and wait until all brokers are back. So two runs of a seed
// have the same faults in the same order, at times that differ where a broker took longer to start.
package main
