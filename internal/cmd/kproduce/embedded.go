package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/testdata/sample"
)

const (
	embeddedBrokers    = 3
	embeddedTopic      = "events"
	embeddedPartitions = 6
	arrivalTimeout     = 10 * time.Second
)

// embeddedProperties are in force unless the command line says otherwise.
var embeddedProperties = map[string]string{"compression.type": "zstd", "linger.ms": "5"}

// runEmbedded sends the sample to brokers in this process, reads it back and verifies it.
func (t *tool) runEmbedded(o *options) int {
	cluster, err := producertest.New(producertest.Options{
		Brokers: embeddedBrokers,
		Topics:  map[string]int32{embeddedTopic: embeddedPartitions},
	})
	if err != nil {
		return t.refuse(err)
	}
	defer cluster.Close()
	set := maps.Clone(embeddedProperties)
	maps.Copy(set, o.set)
	set["bootstrap.servers"] = strings.Join(cluster.BootstrapServers(), ",")
	o.set, o.topic, o.format = set, embeddedTopic, format{keys: true, separator: "\t"}
	cfg, err := t.config(o)
	if err == nil {
		err = verifiable(&cfg)
	}
	if err != nil {
		return t.refuse(err)
	}
	t.screen.say("no cluster named: %d brokers in this process listen on %s", embeddedBrokers, set["bootstrap.servers"])
	t.screen.say("sending the %s lines of testdata/sample/events.tsv to topic %s, with compression.type=%s and linger.ms=%s",
		group(sample.Lines), embeddedTopic, set["compression.type"], set["linger.ms"])
	r, err := t.send(o, cfg, bytes.NewReader(sample.Events))
	if err != nil {
		return t.refuse(err)
	}
	t.report(r)
	if !t.verify(cluster, o, r) {
		return notAll
	}
	return r.status()
}

// verifiable refuses settings with which the brokers can't be reached, or records are not where their keys say.
func verifiable(cfg *producer.Config) error {
	if cfg.SecurityProtocol != producer.Plaintext {
		return errors.New("security.protocol needs a cluster (-b): the brokers in this process speak PLAINTEXT")
	}
	if cfg.Partitioner != nil || cfg.PartitionerIgnoreKeys {
		return errors.New("partitioner.class and partitioner.ignore.keys need a cluster (-b): " +
			"without one it is verified that the default partitioner puts records where their keys say")
	}
	return nil
}

// verify reads the topic and compares it with the sample.
func (t *tool) verify(cluster *producertest.Cluster, o *options, r *result) bool {
	v, err := newVerifier(sample.Events, o.format, embeddedPartitions)
	if err != nil {
		t.screen.say("verifying: %v", err)
		return false
	}
	// With acks=0 the producer doesn't know what the brokers have read of what it wrote. What doesn't come is missing below.
	ctx, cancel := context.WithTimeout(context.Background(), arrivalTimeout)
	defer cancel()
	_ = cluster.WaitRecords(ctx, embeddedTopic, r.tally.records)
	var all int64
	for p := range int32(embeddedPartitions) {
		records := cluster.Records(embeddedTopic, p)
		v.read(p, records)
		v.compare(p, int64(len(records)), r.tally.partition(p))
		all += int64(len(records))
	}
	return t.reportVerdict(all, v.verdict())
}
