package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kafkaproducer/client"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// settings are Kafka's defaults.
func settings(cluster *producertest.Cluster) client.Config {
	return client.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: slog.New(slog.DiscardHandler),
		RequestTimeout: 30 * time.Second, ReconnectBackoff: 50 * time.Millisecond, ReconnectBackoffMax: time.Second,
		RetryBackoff: 100 * time.Millisecond, RetryBackoffMax: time.Second,
		SocketConnectionSetupTimeout: 10 * time.Second, SocketConnectionSetupTimeoutMax: 30 * time.Second,
		ConnectionsMaxIdle: 9 * time.Minute, MetadataMaxAge: 5 * time.Minute, MetadataMaxIdle: 5 * time.Minute,
		MetadataRecoveryRebootstrapTrigger: 5 * time.Minute, MaxInFlightRequestsPerConnection: 5,
	}
}

// handler passes on which brokers are up.
type handler struct{ up chan client.Versions }

func (h handler) NodeUp(id int32, v client.Versions)      { h.up <- v }
func (h handler) NodeDown(id int32, err error)            { fmt.Println("broker", id, "is down") }
func (h handler) MetadataChanged(cluster *client.Cluster) {}

// Where a topic's partitions are, and a request of one's own to a partition's leader.
func Example() {
	cluster, err := producertest.New(producertest.Options{Topics: map[string]int32{"email": 3}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()
	h := handler{make(chan client.Versions, 1)}
	c, err := client.New(settings(cluster), h)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	topic, err := c.Topic(context.Background(), "email")
	if err != nil {
		fmt.Println(err)
		return
	}
	leader := topic.Partitions[0].Leader
	fmt.Println(len(topic.Partitions), "partitions, the first one's leader is broker", leader)

	c.Connect(leader)
	versions := <-h.up

	done := make(chan error)
	response := new(protocol.InitProducerIDResponse)
	c.Send(leader, &client.Call{
		Request:  &protocol.InitProducerIDRequest{ProducerID: -1, ProducerEpoch: -1},
		Response: response,
		Version:  versions.Max(protocol.InitProducerIDKey, 5),
		Done:     func(_ *client.Call, err error) { done <- err },
	})
	fmt.Println("outcome:", <-done, response.ErrorCode.Name())
	// Output:
	// 3 partitions, the first one's leader is broker 1
	// outcome: <nil> NONE
	// broker 1 is down
}

// deaf is a handler of somebody who only asks.
type deaf struct{}

func (deaf) NodeUp(int32, client.Versions)           {}
func (deaf) NodeDown(int32, error)                   {}
func (deaf) MetadataChanged(cluster *client.Cluster) {}

// A topic that can't be had: the error says why.
func ExampleClient_Topic() {
	cluster, err := producertest.New(producertest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer cluster.Close()
	c, err := client.New(settings(cluster), deaf{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	_, err = c.Topic(context.Background(), "not/allowed")
	fmt.Println(errors.Is(err, protocol.InvalidTopicException))
	// Output:
	// true
}
