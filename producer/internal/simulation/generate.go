package simulation

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"kafkaproducer/protocol"
)

// Choice is where the generator's decisions come from: a *rand.Rand, or the bytes of a fuzzer.
type Choice interface {
	IntN(n int) int
}

// Bytes are decisions. Where they have ended all are 0.
type Bytes []byte

// IntN takes one or two bytes.
func (b *Bytes) IntN(n int) int {
	take := func() int {
		if len(*b) == 0 {
			return 0
		}
		x := (*b)[0]
		*b = (*b)[1:]
		return int(x)
	}
	x := take()
	if n > 256 {
		x = x<<8 | take()
	}
	return x % n
}

// Random returns the schedule of a seed.
func Random(seed uint64) Schedule {
	return Generate(seed, rand.New(rand.NewPCG(seed, 0xca05)))
}

// generator makes a schedule.
type generator struct {
	Choice
	s Schedule
}

// Generate makes a schedule of decisions: a few dozen records of a few senders, and a few faults. Small ones, many times, find more than
// large ones: what goes wrong is in most cases two or three things that meet.
func Generate(seed uint64, c Choice) Schedule {
	g := &generator{Choice: c}
	g.s.Seed, g.s.Steps = seed, make([]Step, 0, 16)
	g.cluster()
	g.producer()
	g.callers()
	for range 1 + g.IntN(6) {
		g.trouble()
	}
	g.s.Heal = plain.Heal
	if g.rarely(4) {
		g.s.Heal = g.duration()
	}
	if g.rarely(16) {
		g.strand()
	}
	if g.rarely(8) {
		g.s.MaxRequest = 400 + g.IntN(1200) // of any record, and of few batches
	}
	if g.rarely(16) {
		g.withdraw()
	}
	g.s.Gather = pick(g, "", "always")
	g.s.sort()
	return g.s
}

// sort puts the steps in the order of their moments.
func (s *Schedule) sort() {
	slices.SortStableFunc(s.Steps, func(a, b Step) int { return int(a.At - b.At) })
}

func pick[T any](c Choice, of ...T) T { return of[c.IntN(len(of))] }

// rarely is true once in n.
func (g *generator) rarely(n int) bool { return g.IntN(n) == n-1 }

func (g *generator) cluster() {
	s := &g.s
	s.Brokers = pick(g, 1, 2, 3, 3, 4, 5)
	s.Topics = pick(g, 1, 1, 1, 2)
	s.Partitions = pick(g, 1, 1, 2, 3, 4)
	s.Release = pick(g, "4.4", "4.4", "4.4", "0.11", "2.1", "2.4", "3.7", "4.5")
	s.Latency = pick(g, 0, time.Millisecond, 5*time.Millisecond, 5*time.Millisecond, 50*time.Millisecond)
	if g.rarely(8) {
		s.MaxMessage = 200 + g.IntN(400)
	}
	if g.rarely(6) {
		s.Epoch = math.MaxInt16 - g.IntN(2)
	}
	if g.rarely(8) && s.Release >= "2.5" && s.Release < "4.5" { // which take any first sequence of a producer they don't know
		s.Sequence = math.MaxInt32 - g.IntN(20)
	}
}

func (g *generator) producer() {
	s := &g.s
	s.Acks, s.Idempotent = -1, true
	if g.rarely(8) {
		s.Idempotent = false
		s.Acks = pick(g, -1, 1, 1, 0)
	}
	s.InFlight = pick(g, 5, 5, 5, 1, 2, 3)
	s.Linger = pick(g, 0, 0, time.Millisecond, 5*time.Millisecond, 20*time.Millisecond)
	s.Batch = pick(g, 16384, 16384, 300, 150, 0)
	s.Memory = int64(pick(g, 1<<25, 1<<25, 30_000, 8_000))
	if g.rarely(6) {
		s.Retries = pick(g, -1, 1, 2, 4)
		s.Idempotent = s.Idempotent && s.Retries > 0
	}
	s.RequestTimeout = pick(g, time.Second, 200*time.Millisecond, 2*time.Second)
	s.DeliveryTimeout = s.Linger + s.RequestTimeout + pick(g, 5*time.Second, 10*time.Second, 500*time.Millisecond, 0)
	s.Backoff = pick(g, 10*time.Millisecond, 100*time.Millisecond, time.Millisecond)
	if g.rarely(12) {
		s.Compression = 1 + g.IntN(4)
	}
	s.Partitioner = pick(g, "sticky", "sticky", "keyed", "mixed")
	s.Gapless = g.rarely(10)
	s.Block = pick(g, 0, time.Minute, 50*time.Millisecond)
	s.Echo = pick(g, 0, 0, 0, 3)
	if g.rarely(3) {
		s.Overflow, s.TopicOverflow = pick(g, Overflows...), pick(g, Overflows...)
	}
}

// span is how long a schedule's troubles go on, about.
const span = 400 * time.Millisecond

// moment returns a moment of the schedule, more often an early one.
func (g *generator) moment() time.Duration {
	return time.Duration(g.IntN(int(pick(g, span/20, span/4, span)/time.Microsecond))) * time.Microsecond
}

func (g *generator) callers() {
	s := &g.s
	senders := 1 + g.IntN(3)
	for range 2 + g.IntN(4) {
		send := Step{
			At: g.moment(), Do: "send", Sender: g.IntN(senders), N: 1 + g.IntN(14), Size: pick(g, 10, 10, 60, 250),
			Topic: g.IntN(s.Topics), Partition: -1, On: "produce",
		}
		if g.rarely(5) {
			send.Within = g.duration()
		}
		if g.rarely(8) {
			send.Overflow = pick(g, Overflows...)
		}
		if g.rarely(8) {
			send.Partition = g.IntN(s.Partitions)
		}
		s.Steps = append(s.Steps, send)
	}
	if g.rarely(3) {
		s.Steps = append(s.Steps, Step{At: g.moment(), Do: "flush", Partition: -1, On: "produce"})
	}
	if g.rarely(4) {
		s.Steps = append(s.Steps, Step{At: g.moment(), Do: "cancel", Sender: g.IntN(senders), Partition: -1, On: "produce"})
	}
	if g.rarely(4) {
		s.Steps = append(s.Steps, Step{
			At: g.moment(), Do: "close", For: pick(g, 0, 10*time.Millisecond, time.Second, time.Minute), Partition: -1, On: "produce",
		})
	}
}

// trouble adds one thing that goes wrong.
func (g *generator) trouble() {
	s := Step{At: g.moment(), Partition: -1, On: "produce", Topic: g.IntN(g.s.Topics), For: g.duration()}
	if g.rarely(2) {
		s.Broker = 1 + g.IntN(g.s.Brokers)
	}
	switch g.IntN(8) {
	default:
		g.fault(&s)
	case 0, 1, 2:
		s.Do = pick(g, clusterSteps[1:]...)
		s.Partition = g.IntN(g.s.Partitions)
		switch s.Do {
		case "fence":
			s.Sender, s.N = g.IntN(3), g.IntN(3)
			if g.s.Epoch > 0 {
				s.N += g.s.Epoch
			}
			s.N = min(s.N, math.MaxInt16)
		case "retain":
			s.N = pick(g, 0, 0, 1, 5)
		case "jump":
			s.For = pick(g, time.Hour, -time.Hour, time.Second, -time.Second)
		}
	}
	g.s.Steps = append(g.s.Steps, s)
}

// strand takes the leader of a partition away for longer than a producer leaves records there that could go elsewhere. Some are
// sent just before.
func (g *generator) strand() {
	at, long := g.moment()+2*time.Millisecond, time.Second+g.duration()
	g.s.Heal = max(g.s.Heal, long)
	topic, partition := g.IntN(g.s.Topics), g.IntN(g.s.Partitions)
	g.s.Steps = append(g.s.Steps, Step{
		At: at - time.Duration(g.IntN(2000))*time.Microsecond, Do: "send", N: 10 + g.IntN(10), Size: 60, Topic: topic, Partition: -1, On: "produce",
	}, Step{
		At: at, Do: "leaderless", For: long, Topic: topic, Partition: partition, Broker: 1 + g.IntN(g.s.Brokers), On: "produce",
	})
}

// withdraw has batches wait to be sent in which contexts end at several moments, and has requests be full meanwhile.
func (g *generator) withdraw() {
	g.s.MaxRequest, g.s.InFlight = 400+g.IntN(400), 1
	at, topic := g.moment(), g.IntN(g.s.Topics)
	for range 4 + g.IntN(4) {
		g.s.Steps = append(g.s.Steps, Step{
			At: at + time.Duration(g.IntN(2000))*time.Microsecond, Do: "send", Sender: g.IntN(3), N: 1 + g.IntN(4), Size: pick(g, 10, 60, 250),
			Within: g.duration() / 4, Topic: topic, Partition: g.IntN(g.s.Partitions), On: "produce",
		})
	}
	g.s.Steps = append(g.s.Steps, Step{
		At: at, Do: "fault", Fault: "delay_answer", For: g.duration() / 4, N: 1000, Topic: topic, Partition: -1, On: "produce",
	})
}

// duration returns how long something lasts: about as long as a latency, as request.timeout.ms or as delivery.timeout.ms.
func (g *generator) duration() time.Duration {
	d := pick(g, 5*time.Millisecond, 50*time.Millisecond, g.s.RequestTimeout, 2*g.s.RequestTimeout, g.s.DeliveryTimeout)
	return d/2 + d*time.Duration(g.IntN(100))/100
}

func (g *generator) fault(s *Step) {
	s.Do = "fault"
	s.N = pick(g, 1, 1, 1, 1, 2, 2, 3, 10, 1000)
	s.On = pick(g, "produce", "produce", "produce", "produce", "metadata", "init", "versions", "any")
	s.Size = g.IntN(pick(g, 12, 120, 600))
	if g.rarely(3) && s.On == "produce" {
		s.Partition = g.IntN(g.s.Partitions)
	}
	if g.IntN(2) == 0 {
		s.Fault = pick(g, faultNames...)
		if s.lies() && !g.rarely(2) {
			s.Fault = "drop_close"
		}
		if s.Fault == "corrupt" && (s.On == "metadata" || s.On == "any") {
			s.On = "produce" // see the package documentation
		}
		return
	}
	s.Fault = pick(g, "fail", "fail", "fail", "fail", "fail_after", "fail_before", "refuse_records")
	s.Code = int(pick(g, codes...))
	switch {
	case s.Fault == "refuse_records":
		s.Size = g.IntN(6)
	case g.rarely(2):
		s.Code = int(pick(g, likely...))
	}
	if s.Fault == "fail_after" {
		s.Code = int(pick(g, protocol.UnknownServerError, protocol.RequestTimedOut, protocol.NetworkException, protocol.NotEnoughReplicasAfterAppend,
			protocol.KafkaStorageError, 997))
	}
	if s.lies() && !g.rarely(4) {
		s.Code = int(protocol.NotEnoughReplicas)
	}
}

// faultNames are the names of faults that take no code, sorted.
var faultNames = func() (names []string) {
	for name := range faults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}()

// codes are all that Kafka has, and one that it doesn't have.
var codes = func() (all []protocol.ErrorCode) {
	for c := protocol.ErrorCode(-1); c < 200; c++ {
		if c.Known() && c != protocol.None {
			all = append(all, c)
		}
	}
	return append(all, 999)
}()

// likely are those that brokers answer to Produce, most of the time.
var likely = []protocol.ErrorCode{
	protocol.NotLeaderOrFollower, protocol.UnknownTopicOrPartition, protocol.RequestTimedOut, protocol.NotEnoughReplicas,
	protocol.NotEnoughReplicasAfterAppend, protocol.MessageTooLarge, protocol.KafkaStorageError, protocol.CorruptMessage,
	protocol.InvalidRecord, protocol.TopicAuthorizationFailed, protocol.UnknownTopicID, protocol.InvalidProducerEpoch,
	protocol.UnknownServerError, protocol.LeaderNotAvailable, protocol.FencedLeaderEpoch, protocol.ThrottlingQuotaExceeded,
}
