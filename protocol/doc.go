// Package protocol is the part of Kafka's wire protocol that a producer needs.
package protocol
