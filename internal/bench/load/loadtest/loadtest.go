// Package loadtest tests peers against the brokers of the test kit, which look at every byte.
package loadtest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kafkaproducer/internal/bench/load"
	"kafkaproducer/producer/producertest"
)

// Run sends records with and without keys, with each codec, and fails unless each is acknowledged once and kept once.
func Run(t *testing.T, connect load.Connect) {
	for _, codec := range []string{"none", "gzip", "snappy", "lz4", "zstd"} {
		for _, keys := range []int{0, 50} {
			t.Run(fmt.Sprintf("%s, %d keys", codec, keys), func(t *testing.T) {
				s := load.Default()
				s.Codec, s.Keys, s.Linger = codec, keys, time.Millisecond
				run(t, connect, s)
			})
		}
	}
}

func run(t *testing.T, connect load.Connect, s load.Settings) {
	const topic, partitions = "bench-8", 8
	cluster := producertest.Start(t, producertest.Options{Topics: map[string]int32{topic: partitions}})
	s.Bootstrap, s.Topic = strings.Join(cluster.BootstrapServers(), ","), topic
	c, _, err := connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	keys, values := load.Keys(s.Keys), load.Values(s.Values, s.Size)
	const each = 2 // times that each value is sent
	outcomes := make([]atomic.Int32, each*len(values))
	for i := range outcomes {
		c.Send(0, keys[i%len(keys)], values[i%len(values)], c.Callback(func(err error) {
			if err != nil {
				t.Error(err)
			}
			outcomes[i].Add(1)
		}))
	}
	c.Flush()
	kept := map[string]int{}
	for p := range int32(partitions) {
		for _, r := range cluster.Records(topic, p) {
			kept[string(r.Value)]++
			if (r.Key == nil) != (s.Keys == 0) {
				t.Fatalf("a record with key %q, of %d", r.Key, s.Keys)
			}
		}
	}
	for i := range outcomes {
		if got := outcomes[i].Load(); got != 1 {
			t.Errorf("the callback of record %d was called %d times", i, got)
		}
	}
	for _, v := range values {
		if kept[string(v)] != each {
			t.Fatalf("%s was kept %d times", v, kept[string(v)])
		}
	}
}
