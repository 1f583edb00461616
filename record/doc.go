// Package record writes and reads Kafka's record batches, format v2 (KIP-98).
package record
