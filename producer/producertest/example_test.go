package producertest_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// quiet is the logger of the examples' producers.
var quiet = slog.New(slog.DiscardHandler)

// start starts a cluster and a producer for it. In a test, producertest.Start closes the cluster by itself.
func start(opts producertest.Options) (*producertest.Cluster, *producer.Producer, func()) {
	cluster, err := producertest.New(opts)
	if err != nil {
		panic(err)
	}
	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(), Dial: cluster.Dial, Logger: quiet,
		RetryBackoff: time.Millisecond, RequestTimeout: 500 * time.Millisecond,
	})
	if err != nil {
		panic(err)
	}
	return cluster, p, func() {
		p.Close(context.Background())
		cluster.Close()
	}
}

// attempts prints what came to a partition and what became of it.
func attempts(cluster *producertest.Cluster, topic string, partition int32) {
	for _, a := range cluster.Attempts(topic, partition) {
		what := "refused"
		switch {
		case a.Appended:
			what = "appended"
		case a.Duplicate:
			what = "recognised"
		}
		fmt.Printf("broker %d, sequence %d: %s, %s\n", a.Broker, a.BaseSequence, what, a.Code.Name())
	}
}

// A program's test starts a cluster, lets the program send to it, and reads back what has arrived.
func Example() {
	cluster, err := producertest.New(producertest.Options{Topics: map[string]int32{"email": 3}})
	if err != nil {
		panic(err)
	}
	defer cluster.Close()

	p, err := producer.New(producer.Config{
		BootstrapServers: cluster.BootstrapServers(),
		Dial:             cluster.Dial,
		ClientID:         "email-service-1",
		Logger:           quiet,
	})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	m, err := p.SendSync(ctx, producer.Record{Topic: "email", Key: []byte("user-1"), Value: []byte("welcome")})
	if err != nil {
		panic(err)
	}
	p.Close(ctx)

	for _, r := range cluster.Records("email", m.Partition) {
		fmt.Printf("offset %d: %s = %s\n", r.Offset, r.Key, r.Value)
	}
	// Output:
	// offset 0: user-1 = welcome
}

// A partition whose replicas are not there is tried again until they are.
func ExampleFail() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	cluster.Inject(producertest.Fail(protocol.NotEnoughReplicas).On("email", 0).Times(2))

	_, err := p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})
	fmt.Println("error:", err)
	attempts(cluster, "email", 0)
	// Output:
	// error: <nil>
	// broker 1, sequence 0: refused, NOT_ENOUGH_REPLICAS
	// broker 1, sequence 0: refused, NOT_ENOUGH_REPLICAS
	// broker 1, sequence 0: appended, NONE
}

// The answer is lost with the connection: the batch is in the log, the producer can't know, and sends it again.
func ExampleDropAfter() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	cluster.Inject(producertest.DropAfter().Once())

	m, err := p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})
	fmt.Println("offset:", m.Offset, "error:", err)
	attempts(cluster, "email", 0)
	fmt.Println("records:", len(cluster.Records("email", 0)))
	// Output:
	// offset: 0 error: <nil>
	// broker 1, sequence 0: appended, NONE
	// broker 1, sequence 0: recognised, NONE
	// records: 1
}

// The first of two records is refused, and with it the batch they share.
func ExampleFailRecords() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	cluster.Inject(producertest.FailRecords(protocol.InvalidRecord, "no", producertest.RecordFailure{Index: 0, Message: "no schema"}))

	_, err := p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})
	fmt.Println(err != nil, "records:", len(cluster.Records("email", 0)))
	// Output:
	// true records: 0
}

// Requests other than Produce fail as well.
func ExampleFault_OnRequests() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	in := cluster.Inject(producertest.Fail(protocol.CoordinatorLoadInProgress).OnRequests(protocol.InitProducerIDKey).Times(2))

	_, err := p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})
	fmt.Println("error:", err)
	fmt.Println("refused:", in.Hits(), "requests:", cluster.RequestCount(protocol.InitProducerIDKey))
	// Output:
	// error: <nil>
	// refused: 2 requests: 3
}

// The leader moves and the cluster's metadata doesn't say so yet: the old leader's answer tells (KIP-951).
func ExampleCluster_MoveLeader() {
	cluster, p, stop := start(producertest.Options{Brokers: 2, Topics: map[string]int32{"email": 1}})
	defer stop()
	ctx := context.Background()
	send := func(value string) {
		if _, err := p.SendSync(ctx, producer.Record{Topic: "email", Value: []byte(value)}); err != nil {
			fmt.Println(err)
		}
	}
	send("one")
	thaw := cluster.FreezeMetadata()
	cluster.MoveLeader("email", 0, 2)
	send("two")
	thaw()
	attempts(cluster, "email", 0)
	// Output:
	// broker 1, sequence 0: appended, NONE
	// broker 1, sequence 1: refused, NOT_LEADER_OR_FOLLOWER
	// broker 2, sequence 1: appended, NONE
}

// The only broker crashes and comes back.
func ExampleCluster_StopBroker() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	ctx := context.Background()
	done := make(chan error, 2)
	callback := func(_ producer.RecordMetadata, err error) { done <- err }

	p.Send(ctx, producer.Record{Topic: "email", Value: []byte("one")}, callback)
	fmt.Println("one:", <-done)
	cluster.StopBroker(1)
	p.Send(ctx, producer.Record{Topic: "email", Value: []byte("two")}, callback)
	cluster.StartBroker(1)
	fmt.Println("two:", <-done)
	fmt.Println("records:", cluster.Count("email"))
	// Output:
	// one: <nil>
	// two: <nil>
	// records: 2
}

// A test that lets something happen in the background waits for the records instead of sleeping.
func ExampleCluster_WaitRecords() {
	cluster, p, stop := start(producertest.Options{})
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	go func() {
		for i := range 10 {
			p.Send(ctx, producer.Record{Topic: "email", Value: fmt.Append(nil, i)}, nil)
		}
	}()
	fmt.Println(cluster.WaitRecords(ctx, "email", 10))
	// Output:
	// <nil>
}

// What a program has sent can be looked at request by request.
func ExampleCluster_Requests() {
	cluster, p, stop := start(producertest.Options{Topics: map[string]int32{"email": 1}})
	defer stop()
	p.SendSync(context.Background(), producer.Record{Topic: "email", Value: []byte("welcome")})

	for _, r := range cluster.Requests(protocol.ProduceKey) {
		m := r.Message.(*protocol.ProduceRequest)
		fmt.Println("acks", m.Acks, "to", r.Partitions)
	}
	// Output:
	// acks -1 to [{email 0}]
}
