package interop

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/internal/interop/kafka"
)

// broker is a cluster of one broker for all tests that don't break it. Each test has topics of its own in it.
var broker *kafka.Cluster

// autoPartitions is how many partitions a topic gets that is created because somebody asks for it.
const autoPartitions = 4

// full asks for the long forms of the tests that kill brokers.
var full = os.Getenv("INTEROP_FULL") != ""

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (status int) {
	begin := time.Now()
	var err error
	if broker, err = kafka.New(kafka.Options{Config: map[string]string{"num.partitions": fmt.Sprint(autoPartitions)}}); err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Printf("Apache Kafka %s answers after %.1f s\n", broker.Brokers[0].Version(), time.Since(begin).Seconds())
	defer func() {
		if status != 0 {
			broker.Dump(os.Stdout)
		}
		if err := broker.Close(status != 0); err != nil {
			fmt.Println(err)
			status = 1
		}
	}()
	return m.Run()
}

var topics atomic.Int32

// topicName returns a name that no other test uses.
func topicName(t *testing.T) string {
	name := strings.NewReplacer("/", "-", "=", "-", "#", "-").Replace(t.Name())
	return fmt.Sprintf("%s-%d", name, topics.Add(1))
}

// newTopic creates a topic with the given settings in a cluster.
func newTopic(t *testing.T, c *kafka.Cluster, topic kafka.Topic) string {
	t.Helper()
	topic.Name = topicName(t)
	if err := c.Java.Create(topic); err != nil {
		t.Fatal(err)
	}
	return topic.Name
}
