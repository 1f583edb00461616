package delivery

import (
	"testing"
	"time"

	"kafkaproducer/protocol"
)

const ok = protocol.None

// What the core does with a batch from its first record to its outcome is in testdata, one behaviour a file; here is what transcripts
// can't say.

func TestFlushIsDrainedByTheAnswer(t *testing.T) {
	cfg := defaults()
	cfg.Linger = 5 * time.Millisecond
	h, p := start(t, cfg)
	a := h.open(p, "a", 1)
	mark := h.core.Flush(h.now)
	h.take()
	h.want("send node=1 a@0/0")
	if h.core.Drained(mark) {
		t.Error("drained before the answer")
	}
	h.answer(ok)
	if !h.core.Drained(mark) || a.State() != Done {
		t.Errorf("drained: %v; a is %v", h.core.Drained(mark), a.State())
	}
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
	h.core.NodeUp(h.now, 2, true)
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
