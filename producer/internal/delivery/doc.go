// Package delivery decides what a producer does with its batches: which goes out next, to whom, under which
// sequence number, and what an answer, a lost connection or the clock means for it.
//
// # Contract
//
// With Config.Idempotent, as long as brokers keep Kafka's own promises:
//
//   - a batch whose Outcome has no error is in its partition exactly once;
//   - the batches of a partition are there in the order in which they were opened;
//   - each batch that was opened gets one Outcome, at the latest Config.DeliveryTimeout after it was opened;
//   - an Outcome with an error says truthfully whether the batch is not, possibly or surely in the log;
//   - a pair (producer epoch, sequence) of a partition is never given to two different batches.
//
// # Pure
//
// The package does no I/O, takes no lock, starts no goroutine and reads no clock. A Core is a state machine: its inputs
// are the exported methods that take now (Opened, Answered, Failed, NodeUp, SetLeader, Tick …), values that can be
// written down; its outputs are collected in Actions (requests to send, batches that are done, a node to connect
// to …). Whoever calls it holds one lock for an instant, takes the Actions and carries them out after unlocking. The same
// inputs give the same outputs, Config.Seed included. While handling an input the core may ask its Records for what
// concerns bytes, which it never sees: to close an open batch, and to divide one.
//
// So the last inputs can be kept and run again: see journal.go.
//
// # Life of a batch
//
//	Open ──► Queued ──► InFlight ──► Done
//	            ▲           │
//	            └── retry ──┤
//	                        └──► Abandoned ──► (answer settles the sequence)
//
// A batch is queued at its partition from the moment it is opened: the last batch of a queue may still be open
// to records, and is closed when it is picked. The transitions stand in batch.go.
//
// # Order and sequence numbers
//
// A batch gets its sequence number when it is first picked and keeps it through retries (KIP-98). Rules that keep
// a partition in order, each visible as a condition in (*Core).sendable:
//
//   - at most 5 unanswered batches a partition: a broker remembers 5, a sixth could not be known for a duplicate;
//   - all unanswered batches of a partition are at one node: a new leader gets nothing while the old one owes an answer;
//   - after one batch comes back, nothing goes out until the partition has no unanswered batch: then all go again in order;
//   - the first batch under a producer id and epoch, and the first after a rest of ten minutes, flies alone until it is
//     acknowledged (KAFKA-15591, producer.id.expiration.ms);
//   - a hole stops the partition. See sequence.go.
//
// A hole is a sequence number that will not be filled: its batch failed or expired. What comes behind a hole is
// rejected by the broker, so that the numbers must begin anew under a higher epoch (KIP-360). When that is safe, and
// why it makes no duplicate, is written in sequence.go.
//
// # When a batch goes
//
// When it is full, when its linger is over, or when it comes back. Up to Config.MaxInFlight requests are under way to a node, but a batch that
// could take more records waits for an answer where another request would only wait at the node: see gather.go.
//
// # How it is shown
//
// TestExplore follows all histories of a few batches to their ends, with everything that brokers and networks do to them;
// TestModel draws longer ones at random. testdata has the rules one by one, as transcripts that an operator can read, what each
// error code means (codes.tsv), and which of them shows what the tests of other producers show (other-clients.tsv). That these
// machines see is shown by deliberate bugs: testdata/mutants at the top, and what found each (results.md there).
package delivery
