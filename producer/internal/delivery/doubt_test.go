package delivery

import (
	"testing"
	"time"

	"kafkaproducer/protocol"
)

// A batch whose first attempt may have been appended isn't split when its topic's limit was lowered since: the broker would not know the
// parts for what they are.
func TestBatchInDoubtIsNotSplit(t *testing.T) {
	h, p := start(t, defaults())
	h.open(p, "a", 2)
	h.lose(1, true)
	h.up(1)
	h.pass(time.Second)
	h.log = nil
	h.answer(protocol.MessageTooLarge)
	h.want("outcome a MESSAGE_TOO_LARGE PossiblyPersisted", "renumbered t-0 epoch=1")
}
