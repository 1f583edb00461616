package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"kafkaproducer/internal/interop/chaos/proxy"
)

// Kind is a kind of fault.
type Kind string

// What is done to brokers. One at a time, with time to recover after it.
const (
	Kill             Kind = "SIGKILL"
	Restart          Kind = "clean restart"
	Freeze           Kind = "SIGSTOP"
	KillController   Kind = "SIGKILL of the controller"
	FreezeController Kind = "SIGSTOP of the controller"
	Isolate          Kind = "isolated broker"
	Outage           Kind = "outage"
)

// What is done to the network between client and brokers, and to leaders. Any number at a time.
const (
	Cut       Kind = "cut"
	CutInside Kind = "cut inside"
	HalfClose Kind = "half-close"
	Hold      Kind = "black hole"
	Delay     Kind = "delay"
	Narrow    Kind = "narrow pipe"
	Refuse    Kind = "refused connections"
	Elect     Kind = "leader election"
	Reassign  Kind = "reassignment"
	Drain     Kind = "replicas moved away"

	KernelLoss   Kind = "kernel: loss"
	KernelDrop   Kind = "kernel: silent drop"
	KernelReset  Kind = "kernel: resets"
	KernelNarrow Kind = "kernel: tbf"
	KernelLossy  Kind = "kernel: loss between brokers"
)

// class is how a kind of fault is drawn.
type class struct {
	kind              Kind
	heavy             bool
	kernel            bool // needs network namespaces
	gentle            bool // is over in a moment: for the short form
	shortest, longest time.Duration
	least, most       int // Step.Amount
	what              string
}

const (
	recovery = 13 * time.Second // from the end of a heavy fault to the next one: a broker starts in less
	lead     = 2 * time.Second  // before the first fault
	tail     = 3 * time.Second  // after the last
)

// classes are all kinds of faults. Durations go beyond request.timeout.ms where silence is the fault.
var classes = []class{
	{kind: Kill, heavy: true, gentle: true, shortest: 2 * time.Second, longest: 8 * time.Second, what: "a broker dies, and is started again"},
	{kind: Restart, heavy: true, shortest: time.Second, longest: 3 * time.Second, what: "SIGTERM: leaders move away first"},
	{kind: Freeze, heavy: true, shortest: 2 * time.Second, longest: 12 * time.Second,
		what: "a broker stops and goes on (SIGCONT), longer than its session or not"},
	{kind: KillController, heavy: true, shortest: 2 * time.Second, longest: 6 * time.Second, what: "another node becomes the active controller"},
	{kind: FreezeController, heavy: true, shortest: 3 * time.Second, longest: 10 * time.Second, what: "the same, and the old one comes back"},
	{kind: Isolate, heavy: true, kernel: true, shortest: 4 * time.Second, longest: 12 * time.Second,
		what: "no packet to or from a broker: a leader that doesn't know that it is none"},
	{kind: Outage, heavy: true, least: 0, most: 2,
		what: "no broker is reached, or heard, for longer than delivery.timeout.ms; what was held up arrives afterwards"},

	{kind: Cut, gentle: true, what: "all connections of a broker end with RST"},
	{kind: CutInside, gentle: true, least: 1, most: 4000, what: "connections end after so many more bytes of a request or answer"},
	{kind: HalfClose, gentle: true, what: "one direction of connections ends with FIN"},
	{kind: Hold, gentle: true, shortest: 500 * time.Millisecond, longest: 8 * time.Second,
		what: "nothing gets through in one direction; what was held up arrives late"},
	{kind: Delay, gentle: true, shortest: time.Second, longest: 6 * time.Second, least: 20, most: 1500, what: "so many ms in one direction"},
	{kind: Narrow, gentle: true, shortest: time.Second, longest: 5 * time.Second, least: 2_000, most: 60_000, what: "so many bytes a second in one direction"},
	{kind: Refuse, gentle: true, shortest: 500 * time.Millisecond, longest: 4 * time.Second, what: "new connections are cut off"},
	{kind: Elect, gentle: true, what: "preferred leaders are elected"},
	{kind: Reassign, gentle: true, what: "other preferred leaders, and an election"},
	{kind: Drain, shortest: 3 * time.Second, longest: 8 * time.Second, what: "a broker loses all its replicas, and gets them again"},

	{kind: KernelLoss, kernel: true, shortest: time.Second, longest: 6 * time.Second, least: 5, most: 40, what: "so many % of the packets between client and a broker"},
	{kind: KernelDrop, kernel: true, shortest: 500 * time.Millisecond, longest: 8 * time.Second, what: "the same, all of them, in one direction"},
	{kind: KernelReset, kernel: true, shortest: 200 * time.Millisecond, longest: 2 * time.Second, what: "the client's packets are answered with RST, and the broker hears nothing of it"},
	{kind: KernelNarrow, kernel: true, shortest: time.Second, longest: 5 * time.Second, least: 200, most: 3000, what: "so many kbit/s leave the client, for all brokers"},
	{kind: KernelLossy, kernel: true, shortest: 2 * time.Second, longest: 6 * time.Second, least: 5, most: 20, what: "so many % of the packets of a broker, to and from everybody"},
}

// Step is one fault of a schedule.
type Step struct {
	At        time.Duration // from the first record on
	For       time.Duration // until it is lifted; 0: it is over at once
	Kind      Kind
	Broker    int32           // the one it happens to; kinds that choose for themselves, or all, don't look at it
	Direction proxy.Direction // where the kind has one
	Amount    int             // what it means, the kind says
	Seed      uint64          // of what else is to be chosen
}

// String is the step as it stands in logs.
func (s Step) String() string {
	return fmt.Sprintf("%v for %v: %s, broker %d, %v, %d", s.At, s.For, s.Kind, s.Broker, s.Direction, s.Amount)
}

// Setting is what a schedule is drawn for.
type Setting struct {
	Seed    uint64
	Length  time.Duration
	Brokers int32
	Outage  time.Duration // how long one lasts
	Kernel  bool          // faults of the kernel can be made
	Gentle  bool          // one of each gentle kind
}

// Plan draws a schedule. The same setting gives the same schedule; without kernel faults it is the same one with these left out.
// Kinds come in shuffled rounds, so that each comes where there is time for all.
func Plan(s Setting) []Step {
	if s.Gentle {
		return planGentle(s)
	}
	steps := append(s.track(true), s.track(false)...)
	slices.SortStableFunc(steps, func(a, b Step) int { return int(a.At - b.At) })
	if s.Kernel {
		return steps
	}
	return slices.DeleteFunc(steps, func(step Step) bool { return classOf(step.Kind).kernel })
}

// track draws the heavy faults, each after the one before it is over, or the others, which may overlap.
func (s Setting) track(heavy bool) []Step {
	random := rand.New(rand.NewPCG(s.Seed, map[bool]uint64{true: 1, false: 2}[heavy]))
	var steps []Step
	var deck []class
	at := lead
	for {
		if len(deck) == 0 {
			deck = slices.DeleteFunc(slices.Clone(classes), func(c class) bool { return c.heavy != heavy })
			random.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		}
		step := s.draw(deck[0], random)
		deck = deck[1:]
		step.At = at
		if step.At+step.For+tail > s.Length {
			return steps
		}
		steps = append(steps, step)
		if heavy {
			at += step.For + recovery
		} else {
			at += between(random, 300*time.Millisecond, 3*time.Second)
		}
	}
}

// planGentle puts the gentle kinds one after the other, at the same distance, the heavy ones first.
func planGentle(s Setting) []Step {
	random := rand.New(rand.NewPCG(s.Seed, 3))
	deck := slices.DeleteFunc(slices.Clone(classes), func(c class) bool { return !c.gentle })
	var steps []Step
	for i, c := range deck {
		c.longest = min(c.longest, max(c.shortest, 3*time.Second))
		step := s.draw(c, random)
		step.At = s.Length * time.Duration(i+1) / time.Duration(len(deck)+2)
		steps = append(steps, step)
	}
	return steps
}

// draw chooses all of a step but its time.
func (s Setting) draw(c class, random *rand.Rand) Step {
	step := Step{
		Kind:      c.kind,
		For:       between(random, c.shortest, c.longest).Round(time.Millisecond),
		Broker:    1 + random.Int32N(s.Brokers),
		Direction: proxy.Direction(random.IntN(2)),
		Amount:    c.least + random.IntN(c.most-c.least+1),
		Seed:      random.Uint64(),
	}
	if c.kind == Outage {
		step.For = s.Outage
	}
	return step
}

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)+1))
}

func classOf(k Kind) class {
	return classes[slices.IndexFunc(classes, func(c class) bool { return c.kind == k })]
}
