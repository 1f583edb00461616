// Command kproduce sends lines to Kafka, each as a record: a file or standard input, with any property of the producer, to a real
// cluster. Without arguments it shows and checks the producer by itself: it sends a sample to brokers in its own
// process, reads it back and verifies it. Its -h prints how to use it (usage.go); make run is how to start it.
//
// # The way of a line
//
// A goroutine reads ahead in chunks of whole lines (input.go), so that an interrupt never waits for a silent terminal or
// pipe. The main goroutine takes lines out of the chunks, makes records of them (format.go) and calls Send once a line
// (transfer.go). Nothing is copied on the way: Send copies. The callback counts (tally.go) and, for one record of a
// block of lines, measures (block.go, histogram.go). Blocks share their callbacks, so that a record costs no allocation,
// here or in the producer.
//
// # Outcomes
//
// A line that can't be a record, a record that Send refuses for its size, and one whose callback has an error are failed records:
// they are shown, counted by reason (failures.go), and the run goes on. Any other error of Send would meet the next line as
// well, perhaps each after max.block.ms: it ends the reading. Whatever ends it, the end of the input, such an error or an
// interrupt, what was sent is waited for, and the report (report.go) tells of it.
package main
