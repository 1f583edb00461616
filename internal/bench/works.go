package main

import (
	"slices"
	"time"

	"kafkaproducer/internal/bench/load"
)

// work is something every client is to do.
type work struct {
	name  string
	about string // in the tables
	floor bool   // the floor does it, too
	set   func(*load.Settings)
}

// unlimited is more records than a trial that ends by time can send.
const unlimited = 1 << 40

// The works of the experiments peers and broker. The settings that none of them changes are those of load.Default, for every client.
var workList = []work{
	{"plain", "100 bytes, no key", true, func(*load.Settings) {}},
	{"keyed", "10,000 keys", false, func(s *load.Settings) { s.Keys = 10_000 }},
	{"big", "1,000 bytes", true, func(s *load.Settings) { s.Size = 1000 }},
	{"lz4", "64 KiB batches", false, compressed("lz4")},
	{"snappy", "64 KiB batches", false, compressed("snappy")},
	{"zstd", "64 KiB batches", false, compressed("zstd")},
	{"gzip", "64 KiB batches", false, compressed("gzip")},
	{"g64", "64 goroutines send", false, func(s *load.Settings) { s.Senders = 64 }},
	{"keyed64", "the same with 10,000 keys", false, func(s *load.Settings) { s.Senders, s.Keys = 64, 10_000 }},
	{"wide", "10,000 partitions, 100,000 keys", false, func(s *load.Settings) { s.Topic, s.Keys = "wide-10000", 100_000 }},
	{"latency", "one in flight, linger 0", true, func(s *load.Settings) { s.Mode, s.Linger, s.Records = load.OneByOne, 0, 20_000 }},
	{"rate", "10,000 records/s, linger 0", true, func(s *load.Settings) {
		s.Mode, s.Linger, s.Rate = load.Paced, 0, 10_000
		s.Records = int(2 * s.For.Seconds() * 10_000)
	}},
	{"idle", "nothing to send", false, func(s *load.Settings) { s.Mode = load.Idle }},
}

func compressed(codec string) func(*load.Settings) {
	return func(s *load.Settings) {
		s.Compress(codec)
		s.Batch = 64 << 10
	}
}

// settings are those of a work that sends for so long.
func (w work) settings(each time.Duration) load.Settings {
	s := load.Default()
	s.Records, s.For = unlimited, each
	w.set(&s)
	return s
}

// trials are the works with each client, of which the floor does only some. pick chooses works.
func trials(clients []string, each time.Duration, pick func(name string) bool) []trial {
	var all []trial
	for _, w := range workList {
		if !pick(w.name) {
			continue
		}
		for _, c := range clients {
			if c != "floor" || w.floor {
				all = append(all, trial{place: place{row: w.name, client: c}, load: w.settings(each)})
			}
		}
	}
	return all
}

// A block is a part of the table of works: one figure of several works.
type block struct {
	title  string
	figure string
	works  []string
}

var blocks = []block{
	{"CPU, ns a record", load.CPU, []string{"plain", "keyed", "big", "lz4", "snappy", "zstd", "gzip", "g64", "keyed64", "wide", "rate"}},
	{"thousand records a second", load.Rate, []string{"plain", "keyed", "big", "lz4", "snappy", "zstd", "gzip", "g64", "keyed64", "wide"}},
	{"latency p50, µs", load.P50, []string{"latency", "rate"}},
	{"latency p99, µs", load.P99, []string{"latency", "rate"}},
	{"allocations a record", load.Allocs, []string{"plain", "keyed", "g64", "wide"}},
	{"peak memory, MB", load.Peak, []string{"plain", "keyed", "big", "zstd", "wide"}},
	{"bytes sent a record", wireBytes, []string{"lz4", "snappy", "zstd", "gzip"}},
	{"records a batch", batchRecords, []string{"plain", "keyed", "wide"}},
	{"CPU while idle, µs a second", load.IdleCPU, []string{"idle"}},
	{"goroutines while idle", load.Goroutines, []string{"idle"}},
}

// aboutWork is how a work is called in a table.
func aboutWork(name string) string {
	i := slices.IndexFunc(workList, func(w work) bool { return w.name == name })
	return name + ": " + workList[i].about
}
