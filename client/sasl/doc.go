// Package sasl authenticates the connections of a Kafka client.
package sasl
