/**
 * Programs that write the golden files of {@code testdata/} with the classes of Kafka's own Java client, so that the
 * judge of the Go code is another implementation. Each has a {@code main} whose one argument is the folder it writes to;
 * {@code internal/golden/run} compiles and runs them all.
 */
package kafkaproducer.golden;
