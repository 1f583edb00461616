package main

import (
	"net"
	"testing"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/producer/producertest"
)

const topic = "bench-8"

func start(t *testing.T) (*producertest.Cluster, load.Settings) {
	cluster := producertest.Start(t, producertest.Options{Topics: map[string]int32{topic: partitions}})
	s := load.Default()
	s.Bootstrap, s.Topic = cluster.BootstrapServers()[0], topic
	return cluster, s
}

// What the floor lays out by hand is what brokers take: the test kit's look at every byte.
func TestStream(t *testing.T) {
	for _, records := range []int{1, 10_000} {
		cluster, s := start(t)
		s.Records = records
		send, err := dialStream(s)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := send(); err != nil || n != int64(records) {
			t.Fatalf("%d of %d sent, %v", n, records, err)
		}
		if got := cluster.Count(topic); int(got) != records {
			t.Errorf("%d of %d records are there", got, records)
		}
		first := cluster.Records(topic, 0)[0]
		if want := load.Values(1, s.Size)[0]; string(first.Value) != string(want) || first.Key != nil {
			t.Errorf("the first record is %q=%q, want %q", first.Key, first.Value, want)
		}
	}
}

func TestExchange(t *testing.T) {
	for _, mode := range []load.Mode{load.OneByOne, load.Paced} {
		cluster, s := start(t)
		s.Mode = mode
		conn, err := net.Dial("tcp", s.Bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		x := newExchange(conn, s)
		const n = 100
		outcomes := make(chan error, n)
		for range n {
			x.Send(0, nil, nil, x.Callback(func(err error) { outcomes <- err }))
		}
		for range n {
			if err := <-outcomes; err != nil {
				t.Fatal(err)
			}
		}
		if got := len(cluster.Records(topic, 0)); got != n {
			t.Errorf("%s: %d records are there, want %d", mode, got, n)
		}
		x.Close()
	}
}

func TestVarintLen(t *testing.T) {
	for n, want := range map[int]int{0: 1, 1: 1, 63: 1, 64: 2, 8191: 2, 8192: 3, 1 << 20: 4} {
		if got := varintLen(n); got != want {
			t.Errorf("%d takes %d bytes, want %d", n, got, want)
		}
	}
}
