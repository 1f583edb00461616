package interop

import (
	"fmt"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

// codecs are the values of compression.type.
var codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// Every codec with every acks, idempotent where that is legal: records of every shape arrive as they were sent.
func TestMatrix(t *testing.T) { testMatrix(t, broker) }

func testMatrix(t *testing.T, c *kafka.Cluster) {
	const partitions = 3
	for _, codec := range codecs {
		for _, guarantee := range []properties{
			{"acks": "0", "enable.idempotence": "false"},
			{"acks": "1", "enable.idempotence": "false"},
			{"acks": "all", "enable.idempotence": "false"},
			{"acks": "all", "enable.idempotence": "true"},
		} {
			t.Run(fmt.Sprintf("%s/acks=%s/idempotence=%s", codec, guarantee["acks"], guarantee["enable.idempotence"]), func(t *testing.T) {
				topic := newTopic(t, c, kafka.Topic{Partitions: partitions})
				begin := time.Now()
				p := newProducer(t, c, properties{
					"acks": guarantee["acks"], "enable.idempotence": guarantee["enable.idempotence"],
					"compression.type": codec, "linger.ms": "5",
				})
				outcomes := sendAll(t, p, variety(topic, partitions, 1000))
				// With acks=0 nothing tells when the broker has appended; it has when it has read to the end of the connection.
				if err := p.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				if guarantee["acks"] == "0" {
					awaitRecords(t, c, topic, len(outcomes))
				}
				compare(t, c, topic, outcomes, expectation{noOffsets: guarantee["acks"] == "0", begin: begin})
			})
		}
	}
}

// awaitRecords waits until a topic holds n records.
func awaitRecords(t *testing.T, c *kafka.Cluster, topic string, n int) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		v, err := c.Java.Verify(topic, 0)
		if err != nil {
			t.Fatal(err)
		}
		if v.Records >= int64(n) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d records after %v", v.Records, n, patience)
		}
	}
}
