package delivery

import (
	"math"
	"testing"
	"time"

	"kafkaproducer/protocol"
)

const ok = protocol.None

func TestSequencesFollowEachOther(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 3)
	h.want("send node=1 a@0/0")
	h.answer(ok)
	h.want("outcome a ok")
	h.open(p, "b", 2)
	h.open(p, "c", 1)
	h.want("send node=1 b@0/3", "send node=1 c@0/5")
	h.answer(ok)
	h.answer(ok)
	h.want("outcome b ok", "outcome c ok")
}

// KAFKA-15591: a partition that knows nothing of a producer takes only sequence 0.
func TestFirstBatchFliesAlone(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.open(p, "b", 1)
	h.want("send node=1 a@0/0")
	h.answer(ok)
	h.want("outcome a ok", "send node=1 b@0/1")
}

func TestAtMostFiveInFlight(t *testing.T) {
	cfg := defaults()
	cfg.MaxInFlight = 7 // the limit is the partition's
	h, p := start(t, cfg)
	h.open(p, "a", 1)
	h.answer(ok)
	h.log = nil
	for _, name := range []string{"b", "c", "d", "e", "f", "g"} {
		h.open(p, name, 1)
	}
	h.want("send node=1 b@0/1", "send node=1 c@0/2", "send node=1 d@0/3", "send node=1 e@0/4", "send node=1 f@0/5")
	h.answer(ok)
	h.want("outcome b ok", "send node=1 g@0/6")
}

func TestLingerEndsWithTimeFillOrFlush(t *testing.T) {
	cfg := defaults()
	cfg.Linger = 5 * time.Millisecond
	h, p := start(t, cfg)
	a := h.open(p, "a", 1)
	h.pass(4 * time.Millisecond)
	h.want()
	h.pass(time.Millisecond)
	h.want("send node=1 a@0/0")
	h.answer(ok)
	h.want("outcome a ok")
	if a.State() != Done {
		t.Errorf("a is %v", a.State())
	}

	b := h.open(p, "b", 1)
	h.Close(b)
	h.core.Filled(h.now, b)
	h.take()
	h.want("send node=1 b@0/1")
	h.answer(ok)

	h.open(p, "c", 1)
	h.log = nil
	mark := h.core.Flush(h.now)
	h.take()
	h.want("send node=1 c@0/2")
	if h.core.Drained(mark) {
		t.Error("drained before the answer")
	}
	h.answer(ok)
	if !h.core.Drained(mark) {
		t.Error("not drained after the answer")
	}
}

func TestRetriableCodeRetriesAllInOrder(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.log = nil
	h.answer(protocol.NotLeaderOrFollower)
	h.want("refresh metadata") // c is still unanswered
	h.open(p, "d", 1)
	h.want()
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.want()
	h.pass(200 * time.Millisecond)
	h.want("send node=1 b@0/1", "send node=1 c@0/2", "send node=1 d@0/3")
}

// A leader that has appended a batch and steps down before the others have it answers NOT_LEADER_OR_FOLLOWER
// (DelayedProduce.tryComplete), and the batch may outlive its leadership. Found by command chaos, seed 2.
func TestFormerLeaderMayHaveAppended(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.pass(time.Second)
	h.open(p, "c", 1)
	h.log = nil
	h.answer(protocol.NotLeaderOrFollower)
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.core.SetLeader(h.now, p, NoLeader, 1, protocol.UUID{})
	h.take()
	h.pass(2*time.Minute - time.Second)
	h.core.SetLeader(h.now, p, 1, 2, protocol.UUID{})
	h.take()
	// c keeps its number, since b may be there, and c be taken behind it.
	h.want("refresh metadata", "refresh metadata", "outcome b delivery.timeout.ms passed PossiblyPersisted", "send node=1 c@0/2")
}

func TestNewLeaderIsTriedAtOnceAndInOrder(t *testing.T) {
	h, p := start(t, defaults())
	h.core.NodeUp(h.now, 2)
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.log = nil
	h.core.SetLeader(h.now, p, 2, 1, protocol.UUID{})
	h.take()
	h.open(p, "d", 1)
	h.want() // the old leader owes two answers
	h.answer(protocol.NotLeaderOrFollower)
	h.want("refresh metadata")
	h.answer(protocol.NotLeaderOrFollower)
	h.want("send node=2 b@0/1", "send node=2 c@0/2", "send node=2 d@0/3", "refresh metadata") // no backoff: it was not the new one that failed
	h.answer(protocol.NotLeaderOrFollower)
	h.answer(protocol.NotLeaderOrFollower)
	h.answer(protocol.NotLeaderOrFollower)
	h.log = nil
	h.core.SetLeader(h.now, p, 2, 2, protocol.UUID{}) // a newer epoch ends the backoff
	h.take()
	h.want("send node=2 b@0/1", "send node=2 c@0/2", "send node=2 d@0/3")
}

func TestLostConnectionRepeatsWithTheSameSequences(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 2)
	h.open(p, "c", 2)
	h.log = nil
	h.lose(1, true)
	h.want("refresh metadata")
	h.pass(time.Second)
	h.want("connect 1")
	h.up(1)
	h.want("send node=1 b@0/1", "send node=1 c@0/3")
	h.answer(protocol.DuplicateSequenceNumber) // b had been appended
	h.answer(ok)
	h.want("outcome b ok", "outcome c ok")
}

func TestRequestThatNeverLeftCostsNoAttempt(t *testing.T) {
	cfg := defaults()
	cfg.Retries = 0
	h, p := start(t, cfg)
	b := h.open(p, "a", 1)
	h.lose(1, false)
	h.up(1)
	h.answer(ok)
	if b.Attempts != 1 {
		t.Errorf("%d attempts", b.Attempts)
	}
}

// KIP-360: a batch that surely failed leaves a hole; the rest is numbered anew under a higher epoch.
func TestRejectedBatchBumpsTheEpoch(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.log = nil
	h.answer(protocol.InvalidRecord)
	h.want("outcome b INVALID_RECORD NotPersisted")
	h.open(p, "d", 1)
	h.want()
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.pass(200 * time.Millisecond)
	h.want("renumbered t-0 epoch=1", "send node=1 c@1/0")
	h.answer(ok)
	h.want("outcome c ok", "send node=1 d@1/1")
}

func TestOtherPartitionsKeepTheirEpoch(t *testing.T) {
	h, p := start(t, defaults())
	q := h.partition("t", 1, 1)
	h.open(p, "a", 1)
	h.open(q, "x", 1)
	h.answer(protocol.InvalidRecord)
	h.answer(ok)
	h.log = nil
	h.open(p, "b", 1)
	h.open(q, "y", 1)
	h.want("send node=1 b@1/0", "send node=1 y@0/1")
}

// franz-go#1484: acknowledged but not written, since the number of an expired batch was given to another one.
func TestExpiredInFlightLeavesNoSilentGap(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer protocol.ErrorCode
		want   []string
	}{
		{"it was appended", ok, []string{"send node=1 c@0/2"}},
		{"it was not", protocol.InvalidRecord, []string{"send node=1 c@1/0", "renumbered t-0 epoch=1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, p := start(t, defaults())
			h.open(p, "a", 1)
			h.answer(ok)
			h.open(p, "b", 1)
			h.log = nil
			h.pass(2 * time.Minute)
			h.want("outcome b delivery.timeout.ms passed PossiblyPersisted")
			h.open(p, "c", 1)
			h.want() // nothing is numbered while it is unknown what became of b
			h.answer(c.answer)
			h.want(c.want...)
		})
	}
}

func TestExpiredInDoubtBeforeOthersInDoubt(t *testing.T) {
	for _, appended := range []bool{true, false} {
		h, p := start(t, defaults())
		h.open(p, "a", 1)
		h.answer(ok)
		h.open(p, "b", 1)
		h.pass(time.Minute)
		h.open(p, "c", 1)
		h.log = nil
		h.lose(1, true)
		h.pass(time.Minute)
		h.want("refresh metadata", "connect 1", "outcome b delivery.timeout.ms passed PossiblyPersisted")
		h.open(p, "d", 1)
		h.up(1)
		h.want("send node=1 c@0/2") // under its old number: it may have been appended, if b was
		if appended {
			h.answer(ok)
			h.want("outcome c ok", "send node=1 d@0/3")
			continue
		}
		h.answer(protocol.OutOfOrderSequenceNumber) // settles that neither was
		h.pass(time.Second)
		h.want("renumbered t-0 epoch=1", "send node=1 c@1/0")
	}
}

func TestNeverSentAndExpiredCostsNothing(t *testing.T) {
	h, p := start(t, defaults())
	h.lose(1, true)
	h.open(p, "a", 1)
	h.pass(2 * time.Minute)
	h.log = nil
	h.open(p, "b", 1)
	h.up(1)
	h.want("send node=1 b@0/0")
	if h.core.Live() != 1 {
		t.Errorf("%d batches live", h.core.Live())
	}
}

func TestLogLostWhatItHadAcknowledged(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.log = nil
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.pass(200 * time.Millisecond)
	h.want("renumbered t-0 epoch=1", "send node=1 b@1/0")
}

func TestUnknownProducerID(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.log = nil
	h.results(0, Result{Code: protocol.UnknownProducerID, LogStartOffset: -1, LogAppendTime: -1})
	h.pass(200 * time.Millisecond)
	h.want("send node=1 b@0/1") // the broker couldn't tell why: asked again
	h.results(0, Result{Code: protocol.UnknownProducerID, LogStartOffset: 100, LogAppendTime: -1})
	h.pass(400 * time.Millisecond)
	h.want("renumbered t-0 epoch=1", "send node=1 b@1/0")
}

func TestEpochsRunOut(t *testing.T) {
	h := newHarness(t, defaults())
	h.core.NodeUp(h.now, 1)
	h.core.ProducerID(h.now, 7, math.MaxInt16)
	p := h.partition("t", 0, 1)
	h.open(p, "a", 1)
	h.answer(protocol.InvalidRecord)
	h.log = nil
	h.open(p, "b", 1)
	h.want() // asked for already
	h.core.ProducerID(h.now, 8, 0)
	h.take()
	h.want("send node=1 b@0/0", "renumbered t-0 epoch=0")
}

func TestInvalidProducerEpochTakesANewID(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(protocol.InvalidProducerEpoch)
	h.want("send node=1 a@0/0", "new producer id")
	h.core.ProducerID(h.now, 9, 0)
	h.take()
	h.pass(200 * time.Millisecond)
	h.want("renumbered t-0 epoch=0", "send node=1 a@0/0")
}

func TestSequenceWraps(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	p.next, p.acked = math.MaxInt32-1, math.MaxInt32-2
	h.log = nil
	h.open(p, "b", 3) // 2147483646, 2147483647, 0
	h.open(p, "c", 1)
	h.want("send node=1 b@0/2147483646", "send node=1 c@0/1")
	h.answer(ok)
	h.answer(ok)
	if p.acked != 1 || p.next != 2 {
		t.Errorf("acked %d, next %d", p.acked, p.next)
	}
}

func TestTooLargeIsSplitInPlace(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 4)
	h.open(p, "c", 1)
	h.log = nil
	h.answer(protocol.MessageTooLarge)
	h.want()
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.want("send node=1 b1@0/1", "send node=1 b2@0/3", "send node=1 c@0/5")
	h.answer(protocol.MessageTooLarge)
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.answer(protocol.OutOfOrderSequenceNumber)
	h.want("send node=1 b11@0/1", "send node=1 b12@0/2", "send node=1 b2@0/3", "send node=1 c@0/5")
	h.answer(protocol.MessageTooLarge) // one record alone
	h.want("outcome b11 MESSAGE_TOO_LARGE NotPersisted")
	for range 3 {
		h.answer(protocol.OutOfOrderSequenceNumber)
	}
	h.pass(time.Second)
	h.want("renumbered t-0 epoch=1", "send node=1 b12@1/0")
	h.answer(ok)
	h.want("outcome b12 ok", "send node=1 b2@1/1", "send node=1 c@1/3")
}

func TestRetriesRunOut(t *testing.T) {
	for _, c := range []struct {
		code protocol.ErrorCode
		want string
	}{
		{protocol.NotEnoughReplicas, "outcome a NOT_ENOUGH_REPLICAS NotPersisted"},
		{protocol.NotLeaderOrFollower, "outcome a NOT_LEADER_OR_FOLLOWER PossiblyPersisted"},
		{protocol.UnknownTopicOrPartition, "outcome a UNKNOWN_TOPIC_OR_PARTITION PossiblyPersisted"},
		{protocol.RequestTimedOut, "outcome a REQUEST_TIMED_OUT PossiblyPersisted"},
		{protocol.NotEnoughReplicasAfterAppend, "outcome a NOT_ENOUGH_REPLICAS_AFTER_APPEND Persisted"},
	} {
		cfg := defaults()
		cfg.Retries = 1
		h, p := start(t, cfg)
		h.open(p, "a", 1)
		h.answer(c.code)
		h.pass(time.Second)
		h.log = nil
		h.results(0, Result{Code: c.code, LogStartOffset: -1, LogAppendTime: -1})
		if h.log[0] != c.want {
			t.Errorf("%v: %q, want %q", c.code, h.log[0], c.want)
		}
	}
}

func TestFatalEndsEverything(t *testing.T) {
	h, p := start(t, defaults())
	q := h.partition("t", 1, 1)
	h.open(p, "a", 1)
	h.open(q, "x", 1)
	h.open(q, "y", 1)
	h.log = nil
	h.answer(protocol.ClusterAuthorizationFailed)
	h.want("outcome a CLUSTER_AUTHORIZATION_FAILED NotPersisted",
		"outcome x CLUSTER_AUTHORIZATION_FAILED PossiblyPersisted", "outcome y CLUSTER_AUTHORIZATION_FAILED NotPersisted")
	h.open(p, "b", 1)
	h.want("outcome b CLUSTER_AUTHORIZATION_FAILED NotPersisted")
	h.answer(ok) // x, which has its outcome
	h.want()
}

func TestThrottle(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.results(time.Second, Result{LogAppendTime: -1})
	h.open(p, "b", 1)
	h.want("send node=1 a@0/0", "outcome a ok")
	h.pass(999 * time.Millisecond)
	h.want()
	h.pass(time.Millisecond)
	h.want("send node=1 b@0/1")
}

func TestAnswerWithoutThePartition(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.log = nil
	h.results(0, Result{Missing: true})
	h.pass(200 * time.Millisecond)
	h.want("refresh metadata", "send node=1 a@0/0")
}

func TestRequestHoldsOneBatchOfEachPartitionWithinTheLimit(t *testing.T) {
	cfg := defaults()
	cfg.MaxInFlight, cfg.MaxRequestSize = 1, 100+2*(100+1+partitionOverhead)
	h, p := start(t, cfg)
	ps := []*Partition{p, h.partition("t", 1, 1), h.partition("t", 2, 1)}
	h.open(p, "first", 1)
	for i, p := range ps {
		h.open(p, string(rune('a'+i)), 1)
	}
	h.log = nil
	h.answer(ok)
	h.want("outcome first ok", "send node=1 b@0/0 c@0/0")
	h.answer(ok, ok)
	h.want("outcome b ok", "outcome c ok", "send node=1 a@0/1")
}

func TestAbort(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 2)
	h.open(p, "b", 3)
	h.log = nil
	if n := h.core.Abort(h.now, errLost); n != 5 {
		t.Errorf("%d records given up, want 5", n)
	}
	h.take()
	h.want("outcome a connection lost PossiblyPersisted", "outcome b connection lost NotPersisted")
}

func TestWithoutLeaderMetadataAreAskedForAgain(t *testing.T) {
	h, _ := start(t, defaults())
	p := h.partition("t", 3, NoLeader)
	h.open(p, "a", 1)
	h.want("refresh metadata")
	h.core.MetadataDone(h.now)
	h.take()
	h.want("refresh metadata")
	h.core.SetLeader(h.now, p, 1, 1, protocol.UUID{})
	h.core.MetadataDone(h.now)
	h.take()
	h.want("send node=1 a@0/0")
}

func TestPlainProducerKeepsOrderWithOneInFlight(t *testing.T) {
	cfg := defaults()
	cfg.Idempotent, cfg.MaxInFlight = false, 1
	h := newHarness(t, cfg)
	h.core.NodeUp(h.now, 1)
	p := h.partition("t", 0, 1)
	h.open(p, "a", 1)
	h.open(p, "b", 1)
	h.answer(protocol.NotEnoughReplicas)
	h.pass(200 * time.Millisecond)
	h.answer(ok)
	h.answer(ok)
	h.want("send node=1 a", "send node=1 a", "outcome a ok", "send node=1 b", "outcome b ok")
}

func TestPressureEndsLingerOnlyWhenNothingElseFreesRoom(t *testing.T) {
	cfg := defaults()
	cfg.Linger = time.Hour
	cfg.DeliveryTimeout = 2 * time.Hour
	h, p := start(t, cfg)
	q := h.partition("t", 1, 1)
	a := h.open(p, "a", 1)
	h.Close(a)
	h.core.Filled(h.now, a)
	h.take()
	h.open(q, "x", 1)
	h.want("send node=1 a@0/0")
	h.core.Pressure(h.now, true)
	h.take()
	h.want()
	h.answer(ok)
	h.want("outcome a ok", "send node=1 x@0/0")
}

func TestBackoffGrowsWithJitter(t *testing.T) {
	c := New(defaults(), nil)
	for n, base := range map[int]time.Duration{1: 100 * time.Millisecond, 2: 200 * time.Millisecond, 4: 800 * time.Millisecond, 5: time.Second, 90: time.Second} {
		for range 100 {
			if d := c.backoff(n); d < base*8/10 || d > base*12/10 {
				t.Fatalf("backoff after %d attempts: %v, want %v ± 20 %%", n, d, base)
			}
		}
	}
}

// A partition that stands in its leader's list, since the window is full, has its hole repaired all the same.
func TestRejectedBatchWhileTheWindowIsFull(t *testing.T) {
	cfg := defaults()
	cfg.MaxInFlight = 1
	h, p := start(t, cfg)
	h.open(p, "a", 1)
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.answer(ok)
	h.log = nil
	h.answer(protocol.InvalidRecord)
	h.want("outcome b INVALID_RECORD NotPersisted", "send node=1 c@1/0", "renumbered t-0 epoch=1")
}
