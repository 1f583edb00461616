package delivery

import (
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// A batch whose first attempt may have been appended is split all the same when it is too large. If it was not appended, its parts are;
// if it was, the broker doesn't know them for what they are, and they fail in doubt.
func TestBatchInDoubtIsSplit(t *testing.T) {
	for _, c := range []struct {
		code protocol.ErrorCode
		want []string
	}{
		{ok, []string{"outcome a1 ok", "outcome a2 ok"}},
		{protocol.OutOfOrderSequenceNumber, []string{
			"outcome a1 OUT_OF_ORDER_SEQUENCE_NUMBER PossiblyPersisted", "outcome a2 OUT_OF_ORDER_SEQUENCE_NUMBER PossiblyPersisted", "renumbered t-0 epoch=1"}},
	} {
		h, p := start(t, defaults())
		h.open(p, "first", 1)
		h.answer(ok)
		h.open(p, "a", 2)
		h.lose(1, true)
		h.up(1)
		h.pass(time.Second)
		h.log = nil
		h.answer(protocol.MessageTooLarge)
		h.want("send node=1 a1@0/1", "send node=1 a2@0/2")
		h.answer(c.code)
		h.answer(c.code)
		h.want(c.want...)
	}
}

// A broker forgets a producer that has written nothing for producer.id.expiration.ms, and takes any number for its first then.
func TestFirstBatchAfterARestFliesAlone(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.pass(provenFor - 1)
	h.log = nil
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.want("send node=1 b@0/1", "send node=1 c@0/2")
	h.answer(ok)
	h.answer(ok)
	h.pass(provenFor)
	h.log = nil
	h.open(p, "d", 1)
	h.open(p, "e", 1)
	h.want("send node=1 d@0/3")
	h.answer(ok)
	h.want("outcome d ok", "send node=1 e@0/4")
}

// A batch that was refused is not in the log, although the broker took the one behind it, as it does where it has forgotten the
// producer or the topic was made anew.
func TestRefusedBatchIsNotTakenForAppendedWhenTheNextIs(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 1)
	h.answer(ok)
	h.open(p, "b", 1)
	h.open(p, "c", 1)
	h.answer(protocol.NotEnoughReplicas)
	h.log = nil
	h.answer(ok)
	h.want("outcome c ok")
	h.pass(time.Second)
	h.want("send node=1 b@0/3")
	h.answer(ok)
	h.want("outcome b ok")
}

// A batch without answer may be in the log of a topic that was made anew before it came. It goes under its number again, which
// shows it for a duplicate there. If it is refused it may yet come, since a log that isn't empty takes any number of who is new
// to it: it fails in doubt. What surely is nowhere gets new numbers.
func TestTopicMadeAnew(t *testing.T) {
	first, second := protocol.UUID{1}, protocol.UUID{2}
	begin := func(t *testing.T) (*harness, *Partition) {
		h, p := start(t, defaults())
		h.core.SetLeader(h.now, p, 1, 0, first)
		h.open(p, "a", 1)
		h.answer(ok)
		h.open(p, "b", 1)
		h.core.SetLeader(h.now, p, 1, 0, second)
		h.open(p, "c", 1)
		h.log = nil
		return h, p
	}
	t.Run("in doubt", func(t *testing.T) {
		h, _ := begin(t)
		h.lose(1, true)
		h.up(1)
		h.pass(time.Second)
		h.want("refresh metadata", "send node=1 b@0/1")
		h.answer(ok)
		h.want("outcome b ok", "send node=1 c@0/2")
	})
	t.Run("in doubt and not there", func(t *testing.T) {
		h, _ := begin(t)
		h.lose(1, true)
		h.up(1)
		h.pass(time.Second)
		h.log = nil
		h.answer(protocol.OutOfOrderSequenceNumber)
		h.pass(time.Second)
		h.want("outcome b OUT_OF_ORDER_SEQUENCE_NUMBER PossiblyPersisted", "send node=1 c@1/0", "renumbered t-0 epoch=1")
	})
	// The old log's leader may have appended it and lost the partition while it waited for other replicas.
	t.Run("refused in doubt", func(t *testing.T) {
		h, _ := begin(t)
		h.answer(protocol.UnknownTopicOrPartition)
		h.pass(time.Second)
		h.want("refresh metadata", "send node=1 b@0/1")
		h.answer(protocol.OutOfOrderSequenceNumber)
		h.pass(time.Second)
		h.want("renumbered t-0 epoch=1", "send node=1 b@1/0")
	})
	t.Run("refused", func(t *testing.T) {
		h, _ := begin(t)
		h.answer(protocol.UnknownTopicID)
		h.pass(time.Second)
		h.want("refresh metadata", "renumbered t-0 epoch=1", "send node=1 b@1/0")
		h.answer(ok)
		h.want("outcome b ok", "send node=1 c@1/1")
	})
}
