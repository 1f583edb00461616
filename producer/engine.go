package producer

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"kafkaproducer/client"
	"kafkaproducer/compress"
	"kafkaproducer/producer/internal/delivery"
	"kafkaproducer/protocol"
)

// How the core is run. Nobody owns it: whoever has an event (a Send that opens a batch, a reader with an answer, the timer)
// locks Producer.mu, tells the core, and calls release. That carries out what the core asks for: what must happen in
// the core's order under the lock (give back memory, queue callbacks, queue requests at connections), the rest (write,
// connect, log, run callbacks) after unlocking. Measured against a goroutine that owns the core, this is as fast under load, and
// faster when a record comes alone.

// caller is who has an event, which says what it may do for the producer besides.
type caller int8

const (
	aCall     caller = iota // of a method of Producer, or who runs callbacks already: may write any request, but begins no callbacks
	aDone                   // of a request: runs callbacks, since another goroutine goes on if they take long (client.Call.Handoff)
	aTimer                  // runs callbacks: nobody waits for it
	theClient               // telling its Handler something: no callbacks, since all that it does for any broker would wait for them
)

// release carries out what the core's events ask for, and unlocks p.mu. call is the request whose Done is the caller, else nil.
func (p *Producer) release(call *client.Call, by caller) {
	var do afterwards
	for one := true; ; one = false {
		p.core.Take(&p.actions)
		p.carryOut(&p.actions, &do)
		if !p.serve(one) {
			break
		}
	}
	p.markFlushed()
	p.setTimer()
	turn := p.beginTurn(call)
	p.mu.Unlock()

	writer := p.writer(by, do.bytes)
	for i := range do.writes {
		p.client.Flush(do.write[i], writer)
	}
	for _, id := range do.more {
		p.client.Flush(id, client.ByWriter)
	}
	if do.rare {
		p.doRare(&do)
	}
	switch {
	case !turn:
	case by == aDone, by == aTimer:
		p.runTurn()
	default:
		p.spawn(p.runTurn)
	}
}

// smallWrite is the size up to which requests are written, with linger 0, by whoever has the event that made them ready: to wake the
// connection's writer would cost more than to write them.
const smallWrite = 4 << 10

// writer says who writes what an event made ready. A reader with an answer does, unless there is something to compress, for which other
// answers would have to wait: while it wakes the writer the broker may run out of requests (records of 1,000 bytes: 15 % less throughput, and
// 3 to 8 % more CPU time). A Send writes only with linger 0, when nobody wants to wait for other records.
func (p *Producer) writer(by caller, bytes int64) client.Writer {
	switch {
	case by == aDone && p.set.compressionType == compress.None:
		return client.ByReader
	case p.set.linger == 0 && (by == aCall || bytes <= smallWrite):
		return client.ByCaller
	}
	return client.ByWriter
}

// afterwards is what is left to do after unlocking.
type afterwards struct {
	write   [4]int32 // the first nodes that have new requests queued
	writes  int      // how many of write
	more    []int32  // the others
	bytes   int64    // of the buffers in all requests that were queued
	rare    bool     // any of the following
	connect []int32
	notes   []delivery.Note
	refresh bool
	newID   bool
}

// flush notes that a node has something new to be written. It allocates nothing for up to four nodes.
func (do *afterwards) flush(node int32) {
	switch {
	case slices.Contains(do.write[:do.writes], node):
	case do.writes < len(do.write):
		do.write[do.writes] = node
		do.writes++
	case !slices.Contains(do.more, node):
		do.more = append(do.more, node)
	}
}

// carryOut does what must be done under p.mu, in the core's order, and notes the rest.
func (p *Producer) carryOut(a *delivery.Actions, do *afterwards) {
	for _, b := range a.Outcomes {
		p.callbacksDue(b.Owner.(*batch))
	}
	for _, b := range a.Freed {
		p.bytesFree(b.Owner.(*batch))
	}
	for _, r := range a.Send {
		do.bytes += p.queueProduce(r)
		do.flush(r.Node)
	}
	if a.RefreshMetadata || a.NewProducerID || len(a.Connect) > 0 || len(a.Notes) > 0 {
		do.rare = true
		do.refresh = do.refresh || a.RefreshMetadata
		do.newID = do.newID || a.NewProducerID
		do.connect = append(do.connect, a.Connect...)
		do.notes = append(do.notes, a.Notes...)
	}
}

func (p *Producer) doRare(do *afterwards) {
	for _, n := range do.notes {
		p.log(n)
	}
	for _, id := range do.connect {
		p.client.Connect(id)
	}
	if do.refresh {
		p.client.RefreshMetadata()
	}
	if do.newID {
		p.askProducerID()
	}
}

// setTimer has tick called when the core is due, or all who wait for room are. Holds p.mu.
func (p *Producer) setTimer() {
	due := p.core.NextDeadline()
	if p.waiters.head != nil && !p.waiters.all {
		due = min(due, p.waiters.allFrom)
	}
	if due < p.due {
		p.due = due
		p.timer.Reset(p.clock.until(due))
	}
}

// tick is called by the timer.
func (p *Producer) tick() {
	p.mu.Lock()
	p.due = delivery.Never
	now := p.clock.now()
	p.waiters.all = p.waiters.all || now >= p.waiters.allFrom
	p.core.Tick(now)
	p.release(nil, aTimer)
}

// log writes what the core notes.
func (p *Producer) log(n delivery.Note) {
	log := p.logger
	if n.Event != delivery.Broken && !log.Enabled(context.Background(), slog.LevelWarn) {
		return
	}
	if n.Partition != nil {
		log = log.With("topic", n.Partition.Topic, "partition", n.Partition.Index)
	}
	switch n.Event {
	case delivery.Retrying:
		log.Warn(n.Event.String(), "error", n.Err, "next_attempt_in", n.After)
	case delivery.Split:
		log.Warn(n.Event.String(), "bytes", n.Size)
	case delivery.NoID:
		log.Warn(n.Event.String(), "error", n.Err, "next_attempt_in", n.After)
	case delivery.Renumbered:
		log.Warn(n.Event.String(), "producer_id", n.ID, "producer_epoch", n.Epoch)
	case delivery.Reordered:
		log.Warn(n.Event.String())
	case delivery.NewID:
		log.Info(n.Event.String(), "producer_id", n.ID, "producer_epoch", n.Epoch)
	case delivery.Broken:
		log.Error(n.Event.String(), "error", n.Err)
		p.saveFlightRecord()
	default:
		log.Info(n.Event.String())
	}
}

// The client's Handler.

// NodeUp implements client.Handler.
func (h handler) NodeUp(id int32, versions client.Versions) {
	p := h.p
	p.mu.Lock()
	version := versions.Max(protocol.ProduceKey, maxProduceVersion)
	if p.byName {
		version = min(version, maxProduceVersionByName)
	}
	p.nodeUp(id, version)
	p.release(nil, theClient)
}

// nodeUp notes which version of Produce requests to a node have, and tells the core. Holds p.mu.
func (p *Producer) nodeUp(id int32, version int16) {
	p.versions[id] = version
	p.core.NodeUp(p.clock.now(), id, version > maxProduceVersionByName)
}

// nameTopics has all requests name topics by their names from now on, since there is one without an id. Brokers that know Produce 13 have
// none such, unless others in their cluster are too old to be with them. Holds p.mu.
func (p *Producer) nameTopics() {
	p.byName = true
	for _, id := range slices.Sorted(maps.Keys(p.versions)) {
		p.versions[id] = min(p.versions[id], maxProduceVersionByName)
		if p.core.IsUp(id) {
			p.nodeUp(id, p.versions[id])
		}
	}
}

// NodeDown implements client.Handler.
func (h handler) NodeDown(id int32, err error) {
	p := h.p
	p.mu.Lock()
	if !errors.Is(err, client.ErrIdle) { // which is no trouble
		p.core.NodeTrouble(id, err)
	}
	p.core.NodeDown(p.clock.now(), id)
	p.release(nil, theClient)
}

// MetadataChanged implements client.Handler.
func (h handler) MetadataChanged(c *client.Cluster) { h.p.metadataChanged(c) }

// handler keeps the Handler's methods out of Producer's.
type handler struct{ p *Producer }

// records keeps those of delivery.Records out of it.
type records struct{ p *Producer }

// Close implements delivery.Records.
func (r records) Close(b *delivery.Batch) { r.p.closeOpen(b.Owner.(*batch)) }

// Split implements delivery.Records.
func (r records) Split(b *delivery.Batch) []*delivery.Batch { return r.p.split(b.Owner.(*batch)) }

// Trim implements delivery.Records.
func (r records) Trim(b *delivery.Batch) bool { return r.p.trim(b.Owner.(*batch)) }

// Sift implements delivery.Records.
func (r records) Sift(b *delivery.Batch, errors []protocol.BatchIndexAndErrorMessage) (
	*delivery.Batch, []protocol.BatchIndexAndErrorMessage) {
	return r.p.sift(b.Owner.(*batch), errors)
}
