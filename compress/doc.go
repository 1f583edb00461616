// Package compress has the codecs of Kafka's record batches: append-style
// compression with pooled state, and decompression that is bounded.
package compress
