package delivery

import (
	"slices"

	"kafkaproducer/protocol"
)

// move is one step of a history. node counts from 1, part from 0.
type move struct {
	kind moveKind
	at   int8 // node or part
	i, j int8
}

type moveKind int8

// The free moves: what happens without anything going wrong. If none is possible, the history is at its end.
const (
	moveSend      moveKind = iota // at: part. The first record of a batch
	moveFill                      // at: part. The open batch takes no more records
	moveLinger                    // linger is over
	moveServe                     // at: node. The oldest request is handled, and answered
	moveServeLate                 // at: node. The oldest request of a lost connection is handled
	moveConnect                   // at: node. An attempt to connect succeeds
	moveLearn                     // new metadata come
	moveRest                      // time passes until the next backoff is over
	moveID                        // InitProducerId is answered
	moveElected                   // at: part. One that had no leader has one
	moveResume                    // at: part. The sender knows that a record of a gapless partition has failed
	faultless                     // how many kinds of free moves there are
)

// Faults.
const (
	moveFaultyServe moveKind = faultless + iota // at: node, i: batch of the oldest request, j: answerFault
	moveCut                                     // at: node, i: requests handled, j: requests of which something left. The connection ends
	moveRefuse                                  // at: node. An attempt to connect fails
	moveElect                                   // at: part, i: new leader or NoLeader, j: requests that the old one handles before
	moveLose                                    // at: part, i: new leader, j: as above. What only the old one had, and acknowledged to nobody, is lost
	moveExpire                                  // the oldest batch's delivery.timeout.ms is over
	moveRefuseID                                // InitProducerId fails
	moveMisinform                               // at: part, i: leader. Metadata of an earlier time come
	moveFence                                   // at: part. Another producer uses our id under a higher epoch
	moveRetain                                  // at: part. Retention takes the log
	moveForget                                  // at: part. A day passes without a batch, after which the log forgets its producers
	moveReload                                  // at: part. Its leader has started again, and knows the last batch of each producer only
	moveEvacuate                                // at: part. What may leave one without a leader goes to the next part
	moveWithdraw                                // at: part. The first record of the first batch that was not sent is not to be sent
	moveDrop                                    // the oldest batch that was not sent makes room
	moveAbort                                   // the producer is closed without waiting
)

// answerFault is an answer, or what goes with it, that is not what the log says.
type answerFault int8

const (
	sayNotEnough        answerFault = iota // not appended
	sayNotLeader                           // not appended, though it is the leader
	sayNotLeaderAfter                      // appended, and leads no more before the others have it; the next leader has it
	sayStorageError                        // not appended, which can't be known
	sayTimedOut                            // appended
	sayAfterAppend                         // appended, and said to be
	leaveOut                               // not appended
	leaveOutAfter                          // appended
	sayInvalid                             // rejected
	sayGuilty                              // rejected, for the sake of its first record
	sayServerError                         // rejected, which can't be known
	sayServerErrorAfter                    // appended, and final
	sayTooLarge                            // not appended
	sayDuplicate                           // appended before, and the broker no longer knows where
	sayUnknownID                           // not appended: UNKNOWN_PRODUCER_ID without a log start offset
	answerFaults
)

func (w *world) moves(list []move) []move {
	list = w.freeMoves(list)
	if w.faults < w.setup.faults {
		list = w.faultMoves(list)
	}
	return list
}

func (w *world) freeMoves(list []move) []move {
	for i, n := range w.nodes {
		at := int8(i + 1)
		if len(n.wire) > 0 {
			list = append(list, move{kind: moveServe, at: at})
		}
		if len(n.late) > 0 {
			list = append(list, move{kind: moveServeLate, at: at})
		}
		if n.connecting {
			list = append(list, move{kind: moveConnect, at: at})
		}
	}
	stale := false
	for i, p := range w.parts {
		stale = stale || p.p.leader.id != p.log.leader || p.p.leaderEpoch != p.log.epoch
		if len(p.batches) < len(w.setup.records[i]) && p.open == nil && !w.aborted {
			list = append(list, move{kind: moveSend, at: int8(i)})
		}
		if p.open != nil {
			list = append(list, move{kind: moveFill, at: int8(i)})
		}
		if p.p.Gap() != nil {
			list = append(list, move{kind: moveResume, at: int8(i)})
		}
		if p.log.leader == NoLeader {
			list = append(list, move{kind: moveElected, at: int8(i)})
		}
	}
	if w.refresh || stale {
		list = append(list, move{kind: moveLearn})
	}
	if w.core.lingering != nil {
		list = append(list, move{kind: moveLinger})
	}
	if w.idAsked {
		list = append(list, move{kind: moveID})
	}
	if w.backoffRuns() {
		list = append(list, move{kind: moveRest})
	}
	return list
}

// backoffRuns says whether something is due before any batch expires.
func (w *world) backoffRuns() bool {
	due := w.core.NextDeadline()
	if b := w.core.live.head; b != nil && due >= b.created.after(Time(w.core.cfg.DeliveryTimeout)) {
		return false
	}
	if b := w.core.lingering; b != nil && due >= b.created.after(Time(w.core.cfg.Linger)) {
		return false
	}
	return due != Never
}

func (w *world) faultMoves(list []move) []move {
	s := w.setup
	for i, n := range w.nodes {
		at := int8(i + 1)
		if len(n.wire) > 0 && n.wire[0].handled == nil {
			for k, b := range n.wire[0].r.Batches {
				list = w.answerFaults(list, at, int8(k), b)
			}
		}
		if n.up {
			handled := 0
			for handled < len(n.wire) && n.wire[handled].handled != nil {
				handled++
			}
			for k := handled; k <= len(n.wire); k++ {
				list = append(list, move{kind: moveCut, at: at, i: int8(k), j: int8(len(n.wire))})
				if k < len(n.wire) {
					list = append(list, move{kind: moveCut, at: at, i: int8(k), j: int8(k)})
				}
			}
		}
		if n.connecting {
			list = append(list, move{kind: moveRefuse, at: at})
		}
	}
	for i, p := range w.parts {
		list = w.partFaults(list, int8(i), p)
	}
	if w.core.live.head != nil {
		list = append(list, move{kind: moveExpire})
		if s.abort {
			list = append(list, move{kind: moveAbort})
		}
		if s.withdraws {
			list = append(list, move{kind: moveDrop})
		}
	}
	if w.idAsked {
		list = append(list, move{kind: moveRefuseID})
	}
	return list
}

// answerFaults lists what can go wrong with the answer for one batch of the oldest request of a node.
func (w *world) answerFaults(list []move, at, k int8, b *Batch) []move {
	log := &w.parts[b.Partition.Index].log
	if log.leader != int32(at) {
		return list
	}
	for f := range answerFaults {
		switch {
		case !w.setup.may(f),
			f == sayTooLarge && !w.setup.shrinks && w.stands(b), // whoever takes a batch takes it again
			f == sayGuilty && b.Count == 1,
			f == sayDuplicate && (w.setup.unclean || !w.repeats(log, b)), // who says so doesn't wait for the other replicas
			f == sayUnknownID && (!log.old || log.state(b.ProducerID) != nil):
			continue
		}
		list = append(list, move{moveFaultyServe, at, k, int8(f)})
	}
	return list
}

// unanswered says whether a node owes an answer.
func (w *world) unanswered() bool {
	return slices.ContainsFunc(w.nodes, func(n *worldNode) bool { return len(n.wire) > 0 })
}

// stands says whether a batch, or the one it is a part of, has been in the log.
func (w *world) stands(b *Batch) bool {
	h := b.Owner.(*payload)
	return w.parts[h.part].batches[h.batch][h.records[0]].stands != absent
}

func (w *world) repeats(log *brokerLog[recordID], b *Batch) bool {
	s, res := log.state(b.ProducerID), Result{BaseOffset: -1}
	return b.numbered && s != nil && log.refuses(s, b, &res) == protocol.None && res.BaseOffset >= 0
}

func (w *world) partFaults(list []move, at int8, p *worldPart) []move {
	s := w.setup
	if p.log.leader != NoLeader {
		list = w.elections(list, at, p)
	}
	if b := unsent(&p.p); s.withdraws && b != nil && !b.Trim {
		list = append(list, move{kind: moveWithdraw, at: at})
	}
	if s.evacuates && p.p.Leader() == NoLeader && p.p.Waiting() > 0 {
		list = append(list, move{kind: moveEvacuate, at: at})
	}
	if s.fence && p.log.state(w.ids) != nil && p.log.state(w.ids).epoch < 30000 {
		list = append(list, move{kind: moveFence, at: at})
	}
	if s.oldBroker && p.log.end() > p.log.start {
		list = append(list, move{kind: moveRetain, at: at})
	}
	if s.restarts && slices.ContainsFunc(p.log.states, func(s producerState) bool { return len(s.cache) > 1 }) {
		list = append(list, move{kind: moveReload, at: at})
	}
	if s.forget && w.core.Live() == 0 && !w.unanswered() && len(p.log.states) > 0 {
		list = append(list, move{kind: moveForget, at: at})
	}
	return list
}

// elections lists how the leader of a partition may change.
func (w *world) elections(list []move, at int8, p *worldPart) []move {
	wire := w.nodes[p.log.leader-1].wire
	handled := 0
	for handled < len(wire) && wire[handled].handled != nil {
		handled++
	}
	for to := NoLeader; to <= int32(len(w.nodes)); to++ {
		for k := handled; w.setup.unclean && to > 0 && k <= len(wire); k++ {
			if k > handled || len(p.log.unsure) > 0 {
				list = append(list, move{moveLose, at, int8(to), int8(k)})
			}
		}
		if to == 0 || to == p.log.leader || to == NoLeader && !w.setup.leaderless {
			continue
		}
		for k := handled; k <= len(wire); k++ {
			list = append(list, move{moveElect, at, int8(to), int8(k)})
		}
		if w.setup.misinform && to != NoLeader && p.log.epoch > 0 && p.p.leaderEpoch == p.log.epoch {
			list = append(list, move{kind: moveMisinform, at: at, i: int8(to)})
		}
	}
	return list
}

// unsent returns the first batch of a partition that no request ever held.
func unsent(p *Partition) *Batch {
	for b := p.queue.head; b != nil; b = p.queue.next(b) {
		if b.Unsent() {
			return b
		}
	}
	return nil
}
