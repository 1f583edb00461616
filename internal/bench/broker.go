package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/internal/interop/kafka"
)

// brokerWorks are the works that go to a real broker. What they would add to these is about the client alone.
var brokerWorks = []string{"plain", "keyed", "big", "lz4", "zstd", "g64", "latency", "rate"}

// retention bounds what a broker keeps: at full speed a trial writes gigabytes.
var retention = map[string]string{
	"log.segment.bytes": "33554432", "log.retention.bytes": "67108864",
	"log.retention.check.interval.ms": "2000", "log.segment.delete.delay.ms": "1000",
}

// startCluster starts brokers of Kafka, with a topic as the works name it.
func (b *bench) startCluster(brokers int, topics ...kafka.Topic) (*kafka.Cluster, error) {
	fmt.Fprintf(b.progress, "starting %d broker(s) of Kafka\n", brokers)
	c, err := kafka.New(kafka.Options{Brokers: brokers, Config: retention})
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		if err := c.Java.Create(t); err != nil {
			c.Close(false)
			return nil, err
		}
	}
	return c, nil
}

// runnerFor measures trials with the brokers of a cluster.
func (b *bench) runnerFor(c *kafka.Cluster) runner {
	bootstrap := strings.Join(c.BootstrapServers(), ",")
	return func(ctx context.Context, t trial) (load.Result, error) {
		t.load.Bootstrap = bootstrap
		return b.runPeer(ctx, t)
	}
}

// broker measures works against a real broker.
func broker(ctx context.Context, b *bench) (*section, error) {
	clients := b.compared(ctx, "ours", "franz-go", "java")
	clients = slices.DeleteFunc(clients, func(c string) bool { return c == "floor" }) // a broker looks closer than the sink
	c, err := b.startCluster(1, kafka.Topic{Name: load.Default().Topic, Partitions: 8})
	if err != nil {
		return nil, err
	}
	defer c.Close(false)
	picked := func(name string) bool { return slices.Contains(brokerWorks, name) && b.wanted(name) }
	r, err := b.run(ctx, "broker", trials(clients, b.opts.each, picked), b.runnerFor(c))
	if err != nil {
		return nil, err
	}
	s := newSection(b, r, fmt.Sprintf("Against one broker of Apache Kafka %s on the same machine, which shares its cores with the "+
		"client: throughput is the broker's, CPU time the client's.", c.Brokers[0].Version()))
	s.tables = append(s.tables, worksTable(r))
	s.plot("cpu", dots("CPU time a record, against a broker of Kafka", "ns a record", r, load.CPU))
	return s, nil
}
