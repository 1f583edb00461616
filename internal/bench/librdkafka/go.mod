module kafkaproducer/internal/bench/librdkafka

go 1.26.0

require (
	github.com/confluentinc/confluent-kafka-go/v2 v2.11.1
	kafkaproducer/internal/bench v0.0.0
)

replace (
	kafkaproducer => ../../..
	kafkaproducer/internal/bench => ..
	kafkaproducer/internal/interop => ../../interop
)
