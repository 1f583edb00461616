package delivery

import (
	"fmt"
	"time"

	"kafkaproducer/protocol"
)

// Request is a Produce request for one node: at most one batch a partition.
type Request struct {
	Node     int32
	Batches  []*Batch
	TopicIDs []protocol.UUID // of the logs that Batches, one by one, are for: by the time they are written a topic may have been made anew

	size   int
	serial uint64 // see Core.requests
	place  int    // in journal.flying
	sent   Time   // for node.serving, as what follows
	behind int    // so many were unanswered
	urgent bool   // node.urgent
}

// Actions is what the inputs since the last Take ask for, to be carried out in this order.
type Actions struct {
	// Freed batches are the caller's again: their bytes are in use no more. In order of Outcome where they are in Outcomes too.
	Freed []*Batch
	// Outcomes are batches whose Outcome is now known, in the order in which callbacks are due. One that is
	// Abandoned is not Freed yet: its bytes are part of an unanswered request.
	Outcomes []*Batch
	// Send are requests, to be queued at their nodes in this order, before those of a later Take.
	Send []*Request
	// Connect are nodes to connect to; NodeUp or NodeDown must follow each.
	Connect []int32
	// RefreshMetadata asks for new metadata soon.
	RefreshMetadata bool
	// NewProducerID asks for InitProducerId; ProducerID or ProducerIDFailed must follow.
	NewProducerID bool
	// Notes are changes of state worth a line in a log.
	Notes []Note
}

// reset empties a for the next use.
func (a *Actions) reset() {
	clear(a.Freed)
	clear(a.Outcomes)
	clear(a.Send)
	*a = Actions{Freed: a.Freed[:0], Outcomes: a.Outcomes[:0], Send: a.Send[:0], Connect: a.Connect[:0], Notes: a.Notes[:0]}
}

// Take returns in a the actions since the last Take; what a held is forgotten and its storage used again.
func (c *Core) Take(a *Actions) {
	a.reset()
	*a, c.out = c.out, *a
	c.journal.took(c, a)
}

// Note is a change of state that an operator may want to read of.
type Note struct {
	Event     Event
	Partition *Partition // nil: of the producer as a whole
	Err       error
	ID        int64         // producer id, with Renumbered and NewID
	Epoch     int16         // producer epoch, with Renumbered and NewID
	After     time.Duration // how long until the next attempt, with Retrying and NoID
	Size      int           // of the batch in bytes, with Split
}

// Event is the kind of a Note.
type Event int8

const (
	Retrying   Event = iota // attempts at a partition fail and are repeated; once until something is acknowledged
	Recovered               // the first acknowledgement after Retrying
	Split                   // a batch is too large for the topic and goes again in parts
	Renumbered              // sequence numbers of a partition begin anew under a new epoch
	Reordered               // batches go again behind a later one, which a log took that doesn't know our numbers
	NewID                   // the producer has a new producer id
	NoID                    // InitProducerId failed and is repeated
	Broken                  // the producer can't go on: Err says why
)

// String returns what happened, in words.
func (e Event) String() string {
	switch e {
	case Retrying:
		return "produce attempts fail and are repeated"
	case Recovered:
		return "produced again after failed attempts"
	case Split:
		return "a batch is larger than the topic takes (max.message.bytes) and is sent again in parts, later ones are made smaller"
	case Renumbered:
		return "sequence numbers of the partition begin anew under a new producer epoch"
	case Reordered:
		return "the log forgot the producer, or is another one: it took a later batch than the next, older ones are sent again behind it"
	case NewID:
		return "the producer has a new producer id"
	case NoID:
		return "no producer id yet"
	case Broken:
		return "the producer can't go on"
	}
	return fmt.Sprintf("Event(%d)", int8(e))
}

func (c *Core) note(n Note) { c.out.Notes = append(c.out.Notes, n) }
