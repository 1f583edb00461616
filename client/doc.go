// Package client moves requests to Kafka's brokers and knows where the partitions of topics are. It says facts about
// failures (what went wrong, and whether bytes had left) and decides nothing about sending records again.
package client
