package simulation

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Schedule is all that decides a run: the settings, what callers do, and what goes wrong when. It is a value with a text form
// (String, Parse), so that what a machine found can stand in a test:
//
//	seed=7 brokers=3 acks=-1 in.flight=5 linger=5ms …
//	0s send sender=0 n=20
//	3ms fault fault=drop_close broker=1 n=2
//	40ms stop broker=2 for=300ms
type Schedule struct {
	Settings
	Steps []Step
}

// Settings are those of the producer and of the cluster.
type Settings struct {
	Seed       uint64 // of what chance is left: latencies, jitter, sticky partitions
	Brokers    int
	Topics     int
	Partitions int    // of each topic
	Release    string // of Kafka
	MaxMessage int    // max.message.bytes; 0: Kafka's
	Epoch      int    // of the first producer id
	Sequence   int    // of the first record of a partition
	Latency    time.Duration
	Protocol   string        // security.protocol: one of Protocols; those of guarded schedules are for the whole simulation
	Mechanism  string        // sasl.mechanism
	Session    time.Duration // connections.max.reauth.ms
	Heal       time.Duration // how long after the last step all that is wrong with the cluster ends

	Acks            int
	Idempotent      bool
	InFlight        int
	Linger          time.Duration
	Batch           int
	MaxRequest      int // max.request.size; 0: Kafka's
	Memory          int64
	Retries         int // negative: none; 0: Kafka's
	RequestTimeout  time.Duration
	DeliveryTimeout time.Duration
	Backoff         time.Duration
	Compression     int
	Partitioner     string        // sticky, keyed (each record has a key) or mixed
	Gapless         bool          // Config.Gapless
	Block           time.Duration // max.block.ms; 0: a Send without room fails, and is tried again later
	Echo            int           // the callback of each Echo-th record sends another; 0: none does
	Overflow        string        // Config.Overflow: one of Overflows
	TopicOverflow   string        // of the last topic, instead
	Gather          string        // delivery.Config.Gather: one of Gathers
}

// Overflows are what may become of a record that there is no room for, as producer.Overflow has it; "": what stands for it.
var Overflows = []string{"", "block", "fail", "newest", "oldest"}

// Gathers say when open batches wait for an answer, as delivery.Gather has it; "": where requests are found to wait for each other, which
// takes more of them than most schedules have.
var Gathers = []string{"", "never", "always"}

// Step is something that happens at a moment.
type Step struct {
	At time.Duration
	Do string // what: see callerSteps and clusterSteps

	Sender    int
	Topic     int
	Partition int // -1: any
	Broker    int // 0: any
	N         int // how many records, bytes or times
	Size      int // of a record's value
	For       time.Duration
	Within    time.Duration // after which the context of a record ends; 0: it has none
	Overflow  string        // of a record: one of Overflows
	Fault     string        // see Step.fault
	Code      int           // error code of a fault
	On        string        // API that a fault is about: produce, metadata, init, versions, sasl, any
}

// settingsFlags gives the settings names and a text form.
func settingsFlags(s *Settings) *flag.FlagSet {
	f := newFlags()
	f.Uint64Var(&s.Seed, "seed", 0, "")
	f.IntVar(&s.Brokers, "brokers", 1, "")
	f.IntVar(&s.Topics, "topics", 1, "")
	f.IntVar(&s.Partitions, "partitions", 1, "")
	f.StringVar(&s.Release, "release", "4.4", "")
	f.IntVar(&s.MaxMessage, "max.message.bytes", 0, "")
	f.IntVar(&s.Epoch, "epoch", 0, "")
	f.IntVar(&s.Sequence, "sequence", 0, "")
	f.DurationVar(&s.Latency, "latency", 0, "")
	oneOf(f, &s.Protocol, "protocol", Protocols)
	oneOf(f, &s.Mechanism, "mechanism", append([]string{""}, Mechanisms...))
	f.DurationVar(&s.Session, "session", 0, "")
	f.DurationVar(&s.Heal, "heal", 100*time.Millisecond, "")
	f.IntVar(&s.Acks, "acks", -1, "")
	f.BoolVar(&s.Idempotent, "idempotent", true, "")
	f.IntVar(&s.InFlight, "in.flight", 5, "")
	f.DurationVar(&s.Linger, "linger", 0, "")
	f.IntVar(&s.Batch, "batch.size", 16384, "")
	f.IntVar(&s.MaxRequest, "max.request.size", 0, "")
	f.Int64Var(&s.Memory, "buffer.memory", 1<<25, "")
	f.IntVar(&s.Retries, "retries", 0, "")
	f.DurationVar(&s.RequestTimeout, "request.timeout", time.Second, "")
	f.DurationVar(&s.DeliveryTimeout, "delivery.timeout", 10*time.Second, "")
	f.DurationVar(&s.Backoff, "backoff", 10*time.Millisecond, "")
	f.IntVar(&s.Compression, "compression", 0, "")
	f.StringVar(&s.Partitioner, "partitioner", "sticky", "")
	f.BoolVar(&s.Gapless, "gapless", false, "")
	f.DurationVar(&s.Block, "max.block", 0, "")
	f.IntVar(&s.Echo, "echo", 0, "")
	oneOf(f, &s.Overflow, "overflow", Overflows)
	oneOf(f, &s.TopicOverflow, "overflow.topic", Overflows)
	oneOf(f, &s.Gather, "gather", Gathers)
	return f
}

func stepFlags(s *Step) *flag.FlagSet {
	f := newFlags()
	f.IntVar(&s.Sender, "sender", 0, "")
	f.IntVar(&s.Topic, "topic", 0, "")
	f.IntVar(&s.Partition, "partition", -1, "")
	f.IntVar(&s.Broker, "broker", 0, "")
	f.IntVar(&s.N, "n", 0, "")
	f.IntVar(&s.Size, "size", 0, "")
	f.DurationVar(&s.For, "for", 0, "")
	f.DurationVar(&s.Within, "within", 0, "")
	oneOf(f, &s.Overflow, "overflow", Overflows)
	f.StringVar(&s.Fault, "fault", "", "")
	f.IntVar(&s.Code, "code", 0, "")
	f.StringVar(&s.On, "on", "produce", "")
	return f
}

func newFlags() *flag.FlagSet {
	f := flag.NewFlagSet("", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// oneOf is a flag that takes one of these values.
func oneOf(f *flag.FlagSet, p *string, name string, allowed []string) {
	*p = allowed[0]
	f.Var(&word{p, allowed}, name, "")
}

// word is a flag.Value.
type word struct {
	p       *string
	allowed []string
}

func (c *word) String() string {
	if c.p == nil { // package flag asks a zero value for its default
		return ""
	}
	return *c.p
}

func (c *word) Set(v string) error {
	if !slices.Contains(c.allowed, v) {
		return fmt.Errorf("it is one of %q", c.allowed)
	}
	*c.p = v
	return nil
}

// format writes what differs from the defaults.
func format(b *strings.Builder, f *flag.FlagSet) {
	f.VisitAll(func(x *flag.Flag) {
		if v := x.Value.String(); v != x.DefValue {
			fmt.Fprintf(b, " %s=%s", x.Name, v)
		}
	})
}

// String returns the schedule as Parse reads it: a line of settings, and a line for each step.
func (s Schedule) String() string {
	var b strings.Builder
	b.WriteString("settings")
	values := s.Settings
	f := settingsFlags(&values) // sets the defaults,
	values = s.Settings         // which are what each flag's value is compared with
	format(&b, f)
	b.WriteByte('\n')
	for _, step := range s.Steps {
		values := step
		f := stepFlags(&values)
		values = step
		fmt.Fprintf(&b, "%v %s", step.At, step.Do)
		format(&b, f)
		b.WriteByte('\n')
	}
	return b.String()
}

// Parse reads what String wrote. Empty lines and those that begin with # don't count.
func Parse(text string) (Schedule, error) {
	var s Schedule
	begun := false
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		var err error
		if !begun {
			begun = true
			err = s.parseSettings(words)
		} else {
			err = s.parseStep(words)
		}
		if err != nil {
			return s, fmt.Errorf("line %d, %q: %w", i+1, strings.TrimSpace(line), err)
		}
	}
	if !begun {
		return s, fmt.Errorf("a schedule begins with a line of settings")
	}
	return s, nil
}

func (s *Schedule) parseSettings(words []string) error {
	f := settingsFlags(&s.Settings)
	if words[0] != "settings" {
		return fmt.Errorf("a schedule begins with settings")
	}
	return assign(f, words[1:])
}

func (s *Schedule) parseStep(words []string) error {
	if len(words) < 2 {
		return fmt.Errorf("a step has a time and a name")
	}
	var step Step
	f := stepFlags(&step)
	var err error
	if step.At, err = time.ParseDuration(words[0]); err != nil {
		return err
	}
	step.Do = words[1]
	if err := assign(f, words[2:]); err != nil {
		return err
	}
	if err := step.check(); err != nil {
		return err
	}
	s.Steps = append(s.Steps, step)
	return nil
}

func assign(f *flag.FlagSet, words []string) error {
	for _, w := range words {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			return fmt.Errorf("%q is not name=value", w)
		}
		if err := f.Set(name, value); err != nil {
			return fmt.Errorf("%s: %w", w, err)
		}
	}
	return nil
}
