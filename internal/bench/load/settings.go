package load

import (
	"flag"
	"fmt"
	"strings"
	"time"
)

// Mode is how records are sent.
type Mode string

// The modes.
const (
	Throughput Mode = "throughput" // as fast as the client takes them
	OneByOne   Mode = "onebyone"   // each when the one before is acknowledged
	Paced      Mode = "paced"      // at Rate, whatever the client does
	Idle       Mode = "idle"       // none, after those of the start
)

// Settings are a work, and how the client is to be set up for it.
type Settings struct {
	Mode    Mode
	Records int           // at most
	For     time.Duration // Throughput: at most for so long; 0: as long as it takes
	Size    int           // bytes of a value
	Values  int           // different values
	Keys    int           // different keys; 0: none
	Senders int           // Throughput: goroutines that send
	Rate    int           // Paced: records a second
	Sample  int           // Throughput: every so many records the latency of one is taken; 0: of none

	Bootstrap string
	Topic     string // with %d in it when there are several
	Topics    int

	Acks       string
	Idempotent bool
	Codec      string
	Linger     time.Duration
	Batch      int // bytes
	Buffer     int // bytes
	InFlight   int // requests on a connection

	Timeout time.Duration // the peer ends then
	Profile string        // file for a CPU profile; empty: none
}

// Default returns the settings that works begin with. Those of the client are Kafka's defaults.
func Default() Settings {
	return Settings{
		Mode: Throughput, Records: 1_000_000, Size: 100, Values: fewValues, Senders: 1, Rate: 10_000,
		Bootstrap: "127.0.0.1:9092", Topic: "bench-8", Topics: 1,
		Acks: "all", Idempotent: true, Codec: "none", Linger: 5 * time.Millisecond, Batch: 16 << 10, Buffer: 32 << 20, InFlight: 5,
		Timeout: 100 * time.Second,
	}
}

// Compress sets a codec, and what is to be compressed.
func (s *Settings) Compress(codec string) { s.Codec, s.Values = codec, manyValues }

// flags returns flags that set s and begin with what it holds.
func (s *Settings) flags() *flag.FlagSet {
	f := flag.NewFlagSet("peer", flag.ExitOnError)
	f.StringVar((*string)(&s.Mode), "mode", string(s.Mode), "throughput, onebyone, paced or idle")
	f.IntVar(&s.Records, "records", s.Records, "records to send at most")
	f.DurationVar(&s.For, "for", s.For, "time to send for at most, in throughput; 0: no limit")
	f.IntVar(&s.Size, "size", s.Size, "bytes of a value")
	f.IntVar(&s.Values, "values", s.Values, "different values")
	f.IntVar(&s.Keys, "keys", s.Keys, "different keys; 0: records have none")
	f.IntVar(&s.Senders, "senders", s.Senders, "goroutines that send, in throughput")
	f.IntVar(&s.Rate, "rate", s.Rate, "records a second, in paced")
	f.IntVar(&s.Sample, "sample", s.Sample, "take the latency of one in so many records, in throughput; 0: of none")
	f.StringVar(&s.Bootstrap, "bootstrap", s.Bootstrap, "bootstrap.servers")
	f.StringVar(&s.Topic, "topic", s.Topic, "topic; with %d in it when there are several")
	f.IntVar(&s.Topics, "topics", s.Topics, "number of topics, sent to in turn")
	f.StringVar(&s.Acks, "acks", s.Acks, "all or 1")
	f.BoolVar(&s.Idempotent, "idempotent", s.Idempotent, "enable.idempotence, where the client has it")
	f.StringVar(&s.Codec, "codec", s.Codec, "none, gzip, snappy, lz4 or zstd")
	f.DurationVar(&s.Linger, "linger", s.Linger, "linger.ms")
	f.IntVar(&s.Batch, "batch", s.Batch, "batch.size, bytes")
	f.IntVar(&s.Buffer, "buffer", s.Buffer, "buffer.memory, bytes")
	f.IntVar(&s.InFlight, "inflight", s.InFlight, "max.in.flight.requests.per.connection")
	f.DurationVar(&s.Timeout, "timeout", s.Timeout, "end then, whatever became of the work")
	f.StringVar(&s.Profile, "profile", s.Profile, "write a CPU profile to this file")
	return f
}

// Parse reads settings from the command line.
func Parse(args []string) Settings {
	s := Default()
	s.flags().Parse(args) // ends the process on an error
	return s
}

// Args is the command line that Parse reads s from.
func (s Settings) Args() []string {
	var args []string
	s.flags().VisitAll(func(f *flag.Flag) { args = append(args, "-"+f.Name+"="+f.Value.String()) })
	return args
}

// TopicNames returns the topics to send to.
func (s Settings) TopicNames() []string {
	names := make([]string, max(1, s.Topics))
	for i := range names {
		names[i] = strings.Replace(s.Topic, "%d", fmt.Sprint(i), 1)
	}
	return names
}
