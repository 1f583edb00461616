package delivery

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kafkaproducer/protocol"
)

// make carries a move out.
func (w *world) make(m move) {
	defer func() {
		if r := recover(); r != nil {
			w.fail("panic: %v", r)
		}
	}()
	if m.kind >= faultless {
		w.faults++
	}
	w.do(m)
	w.collect()
	w.check()
}

func (w *world) do(m move) {
	switch m.kind {
	case moveSend:
		w.send(int(m.at))
	case moveFill:
		b := w.parts[m.at].open
		w.command("full %s", nameOf(b))
		w.Close(b)
		w.core.Filled(w.now, b)
	case moveServeLate:
		w.serveLate(m.at)
	case moveLinger:
		w.command("flush")
		w.core.Flush(w.now)
	case moveServe:
		w.serve(m.at, -1, 0)
	case moveConnect, moveRefuse:
		w.connected(m.at, m.kind == moveConnect)
	case moveLearn:
		w.refresh = false
		for i, p := range w.parts {
			w.setLeader(i, p.log.leader, p.log.epoch)
		}
		w.command("metadata-done")
		w.core.MetadataDone(w.now)
	case moveRest:
		w.command("wait")
		w.now = max(w.now, w.core.NextDeadline())
		w.core.Tick(w.now)
	case moveID:
		w.idAsked = false
		w.ids++
		w.command("producer-id %d", w.ids)
		w.core.ProducerID(w.now, w.ids, 0)
	case moveElected:
		p := w.parts[m.at]
		p.log.leader, p.log.epoch = 1, p.log.epoch+1
		w.command("# node 1 leads %s", partitionName(&p.p))
	case moveResume:
		p := w.parts[m.at]
		w.command("resume %s", partitionName(&p.p))
		p.known = p.failed(len(p.batches))
		w.core.Resume(&p.p)
	default:
		w.goWrong(m)
	}
}

// goWrong carries a fault out.
func (w *world) goWrong(m move) {
	switch m.kind {
	case moveFaultyServe:
		w.serve(m.at, int(m.i), answerFault(m.j))
	case moveMisinform:
		w.setLeader(int(m.at), int32(m.i), w.parts[m.at].log.epoch-1)
	case moveRefuseID:
		w.idAsked = false
		w.command("producer-id failed %s", protocol.CoordinatorLoadInProgress.Name())
		w.core.ProducerIDFailed(w.now, protocol.CoordinatorLoadInProgress)
	case moveCut:
		w.cut(m.at, int(m.i), int(m.j))
	case moveElect:
		w.elect(m)
	case moveLose:
		w.lose(w.parts[m.at], int32(m.i), int(m.j))
	case moveExpire:
		name, _, _ := strings.Cut(nameOf(w.core.live.head), ".")
		w.command("expire %s", name)
		age(w.core, w.now)
		w.core.Tick(w.now)
	case moveEvacuate:
		p, q := &w.parts[m.at].p, &w.parts[(int(m.at)+1)%len(w.parts)].p
		w.command("evacuate %s %s", partitionName(p), partitionName(q))
		w.core.Evacuate(w.now, p, func(b *Batch) *Partition {
			for _, id := range b.Owner.(*payload).ids() {
				w.fate(id).moved = true
			}
			return q
		})
	case moveWithdraw:
		b := unsent(&w.parts[m.at].p)
		h := b.Owner.(*payload)
		w.command("withdraw %s %d", h.name, h.records[0])
		withdraw(b, h.records[0])
		w.parts[h.part].batches[h.batch][h.records[0]].told = failedNot
	case moveDrop:
		w.command("drop")
		w.core.DropOldest(w.now, errDropped, anyBatch)
	case moveFence:
		w.command("# another producer writes under id %d and a higher epoch", w.ids)
		w.parts[m.at].log.fence(w.ids)
	case moveRetain:
		w.command("# retention takes all of %s", partitionName(&w.parts[m.at].p))
		w.retain(w.parts[m.at])
	case moveForget:
		w.command("# %s forgets its producers\ntick 24h", partitionName(&w.parts[m.at].p))
		w.parts[m.at].log.forget()
		w.now = w.now.after(Time(24 * time.Hour))
		w.core.Tick(w.now)
	case moveReload:
		w.command("# the leader of %s starts again", partitionName(&w.parts[m.at].p))
		w.parts[m.at].log.reload()
	case moveAbort:
		w.command("abort")
		w.aborted = true
		w.core.Abort(w.now, errAborted)
	}
}

func (w *world) send(part int) {
	p := w.parts[part]
	n := w.setup.records[part][len(p.batches)]
	h := newPayload(string(rune('a'+w.opened)), part, len(p.batches), n)
	w.opened++
	p.batches, p.knew = append(p.batches, make([]fate, n)), append(p.knew, p.known)
	b := &Batch{Partition: &p.p, Owner: h, Count: n}
	w.command("send %s %s records=%d", h.name, partitionName(&p.p), n)
	p.open = b
	w.core.Opened(w.now, b)
}

func (w *world) connected(node int8, up bool) {
	n := w.nodes[node-1]
	n.connecting, n.up = false, up
	if up {
		w.command("connected %d", node)
		w.core.NodeUp(w.now, int32(node), true)
	} else {
		w.command("unreachable %d", node)
		w.core.NodeDown(w.now, int32(node))
	}
}

func (w *world) setLeader(part int, leader, epoch int32) {
	p := &w.parts[part].p
	if leader != p.leader.id || epoch > p.leaderEpoch {
		w.outdated(w.parts[part])
	}
	w.command("partition %s leader=%d epoch=%d", partitionName(p), leader, epoch)
	w.core.SetLeader(w.now, p, leader, epoch, protocol.UUID{})
}

// handle has a node look at a request.
func (w *world) handle(node int8, q *onWire) {
	if q.handled == nil {
		q.handled = w.results(node, q.r, -1, 0)
	}
}

// acknowledged takes note that a request's answer is under way, as far as it says that batches are in the log.
func (w *world) acknowledged(q *onWire) {
	for i, b := range q.r.Batches {
		if res := &q.handled[i]; !res.Missing && res.Code == protocol.None {
			w.parts[b.Partition.Index].log.acknowledged(res.BaseOffset + int64(b.Count))
		}
	}
}

func (w *world) results(node int8, r *Request, faulty int, f answerFault) []Result {
	results := make([]Result, len(r.Batches))
	for i, b := range r.Batches {
		switch {
		case w.parts[b.Partition.Index].log.leader != int32(node):
			results[i] = Result{Code: protocol.NotLeaderOrFollower, BaseOffset: -1, LogAppendTime: -1, LogStartOffset: -1}
		case i == faulty:
			results[i] = w.faulty(b, f)
		default:
			results[i] = w.append(b)
		}
	}
	return results
}

// faulty answers a batch with a fault, after appending it or not.
func (w *world) faulty(b *Batch, f answerFault) Result {
	res := Result{BaseOffset: -1, LogAppendTime: -1, LogStartOffset: -1}
	if after := f == sayTimedOut || f == sayAfterAppend || f == sayNotLeaderAfter || f == leaveOutAfter || f == sayServerErrorAfter; after {
		if honest := w.append(b); honest.Code != protocol.None {
			return honest
		}
	}
	switch f {
	case sayNotEnough:
		res.Code = protocol.NotEnoughReplicas
	case sayNotLeader, sayNotLeaderAfter:
		res.Code = protocol.NotLeaderOrFollower
	case sayStorageError:
		res.Code = protocol.KafkaStorageError
	case sayTimedOut:
		res.Code = protocol.RequestTimedOut
	case sayAfterAppend:
		res.Code = protocol.NotEnoughReplicasAfterAppend
	case leaveOut, leaveOutAfter:
		res.Missing = true
	case sayInvalid:
		res.Code = protocol.InvalidRecord
	case sayGuilty:
		res.Code = protocol.InvalidRecord
		res.RecordErrors = []protocol.BatchIndexAndErrorMessage{{BatchIndex: 0}}
	case sayServerError, sayServerErrorAfter:
		res.Code = protocol.UnknownServerError
	case sayTooLarge:
		res.Code = protocol.MessageTooLarge
	case sayDuplicate:
		res.Code = protocol.DuplicateSequenceNumber
	case sayUnknownID:
		res.Code = protocol.UnknownProducerID
	}
	return res
}

// serve has a node answer its oldest request, with a fault for one batch or for none.
func (w *world) serve(node int8, faulty int, f answerFault) {
	n := w.nodes[node-1]
	q := n.wire[0]
	n.wire = n.wire[1:]
	if q.handled == nil {
		q.handled = w.results(node, q.r, faulty, f)
		w.acknowledged(&q)
	}
	if w.say != nil {
		w.command("answer %d%s", q.number, printed(q.r, q.handled))
	}
	w.heard(&q, q.handled)
	w.core.Answered(w.now, q.r, q.handled, 0)
}

// printed writes results as the command answer takes them.
func printed(r *Request, results []Result) string {
	var s strings.Builder
	for i, res := range results {
		s.WriteByte(' ')
		if len(results) > 1 {
			fmt.Fprintf(&s, "%s=", nameOf(r.Batches[i]))
		}
		switch {
		case res.Missing:
			s.WriteString("missing")
		case res.Code == protocol.None:
			s.WriteString("ok")
		default:
			s.WriteString(res.Code.Name())
		}
		if res.BaseOffset >= 0 {
			fmt.Fprintf(&s, ",offset=%d", res.BaseOffset)
		}
		for _, e := range res.RecordErrors {
			fmt.Fprintf(&s, ",guilty=%d", e.BatchIndex)
		}
		if res.Code == protocol.UnknownProducerID {
			fmt.Fprintf(&s, ",log-start=%d", res.LogStartOffset)
		}
	}
	return s.String()
}

// cut ends a connection. The node handles the first requests all the same; of the last nothing had left. What is between them it
// handles never or, in a setup with late requests, some time.
func (w *world) cut(node int8, handled, left int) {
	n := w.nodes[node-1]
	var unwritten []string
	for i := range n.wire {
		if i < handled {
			w.handle(node, &n.wire[i])
		} else if i >= left {
			unwritten = append(unwritten, fmt.Sprint(n.wire[i].number))
		}
	}
	if len(unwritten) > 0 {
		w.command("disconnect %d unwritten=%s", node, strings.Join(unwritten, ","))
	} else {
		w.command("disconnect %d", node)
	}
	lost := n.wire
	n.wire, n.up = nil, false
	for _, q := range lost {
		w.lost = append(w.lost, q.r.Batches...)
	}
	for i, q := range lost {
		if w.setup.late && i >= handled && i < left {
			n.late = append(n.late, copies(q.r.Batches))
		}
		wrote := i < max(handled, left)
		if wrote {
			w.heard(&q, slices.Repeat([]Result{{Missing: true}}, len(q.r.Batches)))
		}
		w.core.Failed(w.now, q.r, wrote, errDisconnected)
	}
	w.core.NodeDown(w.now, int32(node))
}

// copies are batches as they are now, whatever becomes of them.
func copies(batches []*Batch) (list []*Batch) {
	for _, b := range batches {
		c, h := *b, *b.Owner.(*payload)
		c.Owner = &h
		list = append(list, &c)
	}
	return list
}

// serveLate has a node handle the oldest request of a connection that is no more: nobody reads the answer.
func (w *world) serveLate(node int8) {
	n := w.nodes[node-1]
	for _, b := range n.late[0] {
		if log := &w.parts[b.Partition.Index].log; log.leader == int32(node) {
			w.command("# node %d handles a request of a lost connection: %s %s", node, nameOf(b), w.append(b).Code.Name())
		}
	}
	n.late = n.late[1:]
}

func (w *world) elect(m move) {
	p := w.parts[m.at]
	old := int8(p.log.leader)
	n := w.nodes[old-1]
	for i := range n.wire[:m.j] {
		w.handle(old, &n.wire[i])
		w.acknowledged(&n.wire[i])
	}
	p.log.leader = int32(m.i)
	p.log.epoch++
	w.command("# node %d handles %d requests, then node %d leads %s (-1: none)", old, m.j, m.i, partitionName(&p.p))
}

// lose has another node lead a partition that lacks what only the old leader had, or the same one once more after another did. The old one
// appends what is in some requests before, and its answers are under way: too few replicas have it.
func (w *world) lose(p *worldPart, leader int32, handled int) {
	old := int8(p.log.leader)
	for i := range w.nodes[old-1].wire[:handled] {
		if q := &w.nodes[old-1].wire[i]; q.handled == nil {
			mine := slices.IndexFunc(q.r.Batches, func(b *Batch) bool { return b.Partition == &p.p })
			q.handled = w.results(old, q.r, mine, sayAfterAppend)
			w.acknowledged(q)
		}
	}
	if p.log.epoch++; p.log.leader == leader {
		p.log.epoch++
	}
	p.log.leader, p.lossEpoch = leader, p.log.epoch
	var names []string
	for _, id := range p.log.lose() {
		f := w.fate(id)
		if f.stands = lost; f.told == acked {
			w.fail("record %d of batch %d is acknowledged and lost", id.index, id.batch)
		}
		names = append(names, fmt.Sprintf("%d.%d", id.batch, id.index))
	}
	w.command("# node %d handles %d requests and is lost with records %s of %s, now node %d leads", old, handled, strings.Join(names, ", "),
		partitionName(&p.p), leader)
}

func (w *world) retain(p *worldPart) {
	for _, batch := range p.batches {
		for i := range batch {
			if batch[i].stands == inLog {
				batch[i].stands = deleted
			}
		}
	}
	p.log.retain()
}
