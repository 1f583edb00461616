// Package interop tests the producer against Apache Kafka itself: real brokers take what it sends, and Kafka's own
// Java clients say what came. Run it with `make interop`; it needs a JDK and Maven.
//
// It is a module of its own, so that `go test ./...` at the top of the repository needs nothing but Go, and so that franz-go, which
// command chaos compares with, is a dependency of nothing else.
//
// Every test reads back what it wrote, by partition and in order, and compares it with what the callbacks said: each
// callback once, the offsets, the timestamps. With INTEROP_FULL=1 in the environment the tests that kill brokers send
// a million records and leave the broker dead for 20 s; without it they do the same in small. Command chaos, in a folder of its
// own, does worse to brokers and networks, for longer; its short form is among the tests.
package interop
