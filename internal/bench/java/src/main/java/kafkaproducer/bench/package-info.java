/** The peer of Kafka's own producer. */
package kafkaproducer.bench;
