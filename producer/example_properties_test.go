package producer_test

import (
	"fmt"
	"strings"

	"kafkaproducer/producer"
)

// Properties have Kafka's names and values.
func ExampleFromProperties() {
	cfg, err := producer.FromProperties(map[string]string{
		"bootstrap.servers": "kafka-1:9092, kafka-2:9092",
		"linger.ms":         "5",
		"compression.type":  "lz4",
		"retries":           "0", // a negative Config.Retries
	})
	fmt.Println(cfg.BootstrapServers, cfg.Linger, cfg.CompressionType, cfg.Retries, err)
	// Output: [kafka-1:9092 kafka-2:9092] 5ms lz4 -1 <nil>
}

// All that is wrong is reported at once.
func ExampleFromProperties_errors() {
	_, err := producer.FromProperties(map[string]string{
		"acks":       "2",
		"batch.size": "64k",
		"linger":     "5",
	})
	fmt.Println(err)
	_, err = producer.FromProperties(map[string]string{"delivery.timeout.ms": "5000", "linger.ms": "100"})
	fmt.Println(err)
	// Output:
	// kafkaproducer: acks = "2"; allowed: all, -1, 0, 1
	// kafkaproducer: batch.size = "64k": not a whole number; allowed: 0 to 2147483647
	// kafkaproducer: linger = "[hidden]": there is no such property; the nearest is linger.ms
	// kafkaproducer: delivery.timeout.ms = "5000"; allowed: at least linger.ms (100) + request.timeout.ms (30000) = 30100
}

// A .properties file as Java programs have it.
func ExampleReadProperties() {
	properties, err := producer.ReadProperties(strings.NewReader(`
# where to start
bootstrap.servers = kafka-1:9092,\
                    kafka-2:9092
acks: all
client.id  caf\u00e9
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := producer.FromProperties(properties)
	fmt.Println(cfg.BootstrapServers, cfg.Acks, cfg.ClientID, err)
	// Output: [kafka-1:9092 kafka-2:9092] all café <nil>
}
