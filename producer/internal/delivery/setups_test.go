package delivery

import (
	"math"
	"slices"
)

// setup is where histories begin, and how far they are followed.
type setup struct {
	name    string
	nodes   int
	leaders []int32   // of each partition
	records [][]int32 // of each batch of each partition

	next     int32 // the partitions have been written before, up to this sequence; 0: they have not
	epoch    int16 // of the producer id at the beginning
	inFlight int   // 0: 5
	retries  *int
	linger   bool
	gathers  bool // GatherAlways

	answers    []answerFault // nil: all of them
	oldBroker  bool          // before Kafka 2.5, with retention
	lenient    bool          // before Kafka 4.5
	forget     bool          // a log may forget its producers while a partition rests
	restarts   bool          // a partition's leader may start again
	fence      bool          // there is another producer with our id
	leaderless bool          // a partition may be without a leader for a while
	unclean    bool          // an election may lose what wasn't acknowledged
	misinform  bool          // metadata of an earlier time may come
	shrinks    bool          // brokers' limits differ: what one has appended is too large for another
	evacuates  bool          // what waits at a partition without a leader may leave
	withdraws  bool          // records are taken back, or dropped
	gapless    bool
	late       bool // what a lost connection carried may be handled at any later time
	abort      bool
	loses      bool // brokers acknowledge, and keep nothing: they break the promise

	faults int
	depth  int // 0: to the end
}

func (s *setup) may(f answerFault) bool { return s.answers == nil || slices.Contains(s.answers, f) }

// setups are chosen so that all together take some seconds; -explore goes further in each.
var setups = []setup{
	{name: "never written", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 1, 1}}, faults: 2},
	{name: "never written, before Kafka 4.5", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 1, 1}}, lenient: true, faults: 2},
	{name: "three batches", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 3, faults: 2},
	{name: "four batches", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1, 1}}, next: 3, faults: 1},
	{name: "two leaders", nodes: 2, leaders: []int32{1}, records: [][]int32{{1, 2}}, next: 1, misinform: true, faults: 2},
	{name: "without a leader", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2}}, next: 1, leaderless: true, faults: 2},
	{name: "two partitions", nodes: 1, leaders: []int32{1, 1}, records: [][]int32{{1, 1}, {2, 1}}, next: 1, faults: 1},
	{name: "two partitions, two leaders", nodes: 2, leaders: []int32{1, 2}, records: [][]int32{{1, 1}, {1}}, next: 1, faults: 1},
	{name: "one in flight", nodes: 1, leaders: []int32{1, 1}, records: [][]int32{{1, 1}, {1}}, next: 1, inFlight: 1, faults: 1},
	{name: "few retries", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, retries: new(1), faults: 2},
	{name: "linger", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, linger: true, faults: 1},
	{name: "gathered", nodes: 1, leaders: []int32{1, 1}, records: [][]int32{{1, 2}, {1}}, next: 1, gathers: true, faults: 1},
	{name: "gathered for two leaders", nodes: 2, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, gathers: true, faults: 1},
	{name: "sequences wrap, epochs end", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 1, 2}}, next: math.MaxInt32 - 1,
		epoch: math.MaxInt16 - 1, faults: 2},
	{name: "retention at an old broker", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1, 1}}, oldBroker: true, faults: 2},
	{name: "fenced", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1}}, next: 1, fence: true, faults: 3,
		answers: []answerFault{sayNotEnough, sayTimedOut, leaveOut, sayInvalid}},
	{name: "limits differ", nodes: 2, leaders: []int32{1}, records: [][]int32{{2, 1}}, next: 1, shrinks: true, faults: 3,
		answers: []answerFault{sayTooLarge, sayTimedOut, sayNotEnough}},
	{name: "producers forgotten", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1, 1}}, next: 1, forget: true, faults: 2},
	{name: "leader starts again", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, restarts: true, faults: 3,
		answers: []answerFault{sayNotEnough, sayTimedOut, sayInvalid}},
	{name: "leader starts again, late requests", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, restarts: true,
		late: true, faults: 2},
	{name: "withdrawn and dropped", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 2, 1}}, inFlight: 1, withdraws: true, faults: 2,
		answers: []answerFault{sayNotEnough, sayTimedOut, sayTooLarge, sayInvalid}},
	{name: "gapless", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, gapless: true, faults: 3,
		answers: []answerFault{sayNotEnough, sayTimedOut, sayInvalid, sayServerErrorAfter}},
	{name: "evacuated", nodes: 1, leaders: []int32{1, 1}, records: [][]int32{{1, 1}, {}}, next: 1, leaderless: true, evacuates: true,
		faults: 2, answers: []answerFault{sayNotLeader, sayTimedOut}},
	{name: "late requests", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, late: true, faults: 3,
		answers: []answerFault{sayNotEnough, sayTimedOut, sayInvalid}},
	{name: "late requests of two leaders", nodes: 2, leaders: []int32{1}, records: [][]int32{{1, 2}}, next: 1, late: true, faults: 3,
		answers: []answerFault{sayInvalid}},
	{name: "gapless, records refused", nodes: 1, leaders: []int32{1}, records: [][]int32{{2, 2, 1}}, next: 1, gapless: true, faults: 2,
		answers: []answerFault{sayGuilty, sayTooLarge, sayTimedOut}},
	{name: "split with few retries", nodes: 1, leaders: []int32{1}, records: [][]int32{{4, 2}}, next: 1, retries: new(1), shrinks: true, faults: 3,
		answers: []answerFault{sayTooLarge, sayTimedOut, sayGuilty}},
	{name: "split, gapless", nodes: 1, leaders: []int32{1}, records: [][]int32{{4, 1}}, next: 1, retries: new(1), shrinks: true, gapless: true,
		faults: 2, answers: []answerFault{sayTooLarge, sayTimedOut, sayNotEnough}},
	{name: "retention at an old broker, late requests", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1}}, oldBroker: true,
		late: true, faults: 3, answers: []answerFault{sayUnknownID}},
	{name: "retention at old brokers", nodes: 2, leaders: []int32{1}, records: [][]int32{{1, 1}}, next: 1, oldBroker: true, faults: 2,
		answers: []answerFault{sayUnknownID}},
	{name: "unclean election", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1}}, next: 1, unclean: true, faults: 3,
		answers: []answerFault{sayAfterAppend, sayInvalid}},
	{name: "unclean election, never written", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1}}, unclean: true, faults: 2,
		answers: []answerFault{sayAfterAppend, sayNotLeaderAfter}},
	{name: "unclean election of two leaders", nodes: 2, leaders: []int32{1}, records: [][]int32{{1, 1}}, next: 1, unclean: true, faults: 2,
		answers: []answerFault{sayAfterAppend, sayInvalid}},
	{name: "unclean election, late requests", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 1}}, next: 1, unclean: true, late: true,
		faults: 2, answers: []answerFault{sayAfterAppend}},
	{name: "closed", nodes: 1, leaders: []int32{1}, records: [][]int32{{1, 2, 1}}, next: 1, abort: true, faults: 2},
}
