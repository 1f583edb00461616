package delivery

import (
	"cmp"
	"math/rand/v2"
	"time"

	"kafkaproducer/protocol"
)

// Config holds the settings of a Core; all are final, none has a default.
type Config struct {
	Idempotent      bool
	Retries         int // attempts after the first
	MaxInFlight     int // unanswered requests a node
	MaxRequestSize  int // bytes of a request; a request of one batch may be larger
	RequestOverhead int // bytes of a request without batches
	Linger          time.Duration
	DeliveryTimeout time.Duration
	RetryBackoff    time.Duration
	RetryBackoffMax time.Duration
	MaxThrottle     time.Duration // longest pause a node is believed to want: answers can be corrupt
	ResendHealthy   bool          // of a batch with some records that the broker refuses, the others go again
	Gather          Gather        // see gather.go
	Seed            uint64        // of the jitter
	FirstSequence   int32         // of a partition's first record; not 0 only in simulations: numbers end after 2147483647
}

// Records is what the core asks of whoever holds the bytes, while it handles an input.
type Records interface {
	// Close makes an Open batch take no more records and sets its Count and Size.
	Close(b *Batch)
	// Split divides a batch of several records in two or more with Partition, Count and Size set, in order, holding
	// together the same records; nil if that can't be done. The batch itself is given back as Freed.
	Split(b *Batch) []*Batch
	// Trim takes the records out of b that are not to be sent, and sets its Count and Size; false if none is left.
	Trim(b *Batch) bool
	// Sift leaves b with the records that errors name, and returns a batch of the others with Partition, Count and Size set; nil if
	// there are none on one of the sides. The errors come back with the indexes that the records have now.
	Sift(b *Batch, errors []protocol.BatchIndexAndErrorMessage) (*Batch, []protocol.BatchIndexAndErrorMessage)
}

// Core is the state machine; see the package documentation. Its methods must not run concurrently.
type Core struct {
	cfg     Config
	records Records
	source  *rand.PCG
	rand    *rand.Rand
	journal *journal // nil: inputs are not recorded

	nodes   map[int32]*node
	inOrder []*node // nodes in the order of their first mention: maps have none, and the same inputs must give the same outputs
	nowhere *node   // leads the partitions without a leader
	touched []*node // to be drained before the current input is done

	live      list   // batches without Outcome, by age
	lingering *Batch // the first of live whose linger is not over
	serial    uint64 // of the batch opened last
	resting   resting
	gaps      []*Partition // to be closed before the current input is done
	pressed   bool         // callers wait for room
	flying    int          // unanswered requests, over all nodes
	throttled bool         // a node is or was muted
	fatal     error        // nothing can be sent any more

	id       idState
	awaiting []*Partition // can't go on without a producer id

	requests uint64 // serial of the request made last
	free     []*Request
	out      Actions
}

// New returns a Core without nodes.
func New(cfg Config, records Records) *Core {
	nowhere, source := &node{id: NoLeader}, rand.NewPCG(cfg.Seed, 0)
	return &Core{
		cfg: cfg, records: records, source: source, rand: rand.New(source),
		nodes: map[int32]*node{NoLeader: nowhere}, nowhere: nowhere,
		live: list{kind: byAge},
	}
}

// Opened takes a batch that has its first record and is open to more.
func (c *Core) Opened(now Time, b *Batch) {
	c.journal.opened(now, b)
	c.serial++
	b.order, b.opened = order{serial: c.serial}, c.serial
	b.created = now
	b.lingered = c.cfg.Linger == 0
	c.become(b, Open)
	p := b.Partition
	if p.leader == nil {
		p.leader, p.leaderless = c.nowhere, now
	}
	p.queue.pushBack(b)
	c.live.pushBack(b)
	if !b.lingered && c.lingering == nil {
		c.lingering = b
	}
	if err := cmp.Or(c.fatal, p.gap); err != nil {
		c.expel(b, err)
	} else if b.lingered {
		c.consider(now, p)
	}
	c.end(now)
}

// Filled takes the news that an Open batch takes no more records; its Count and Size are set. Followed by Opened
// for the next batch of the partition, usually.
func (c *Core) Filled(now Time, b *Batch) {
	if b.state != Open {
		return
	}
	c.journal.filled(now, b)
	c.become(b, Queued)
	c.consider(now, b.Partition)
	c.end(now)
}

// NodeUp takes the news that requests can be sent to a node. byID says that they name topics by their ids (Produce 13, KIP-516): then none
// can get into the log of a topic that was made anew meanwhile. It may change while the node is up.
func (c *Core) NodeUp(now Time, id int32, byID bool) {
	c.journal.at(opNodeUp, now, int64(id), bit(byID))
	n := c.node(id)
	n.up, n.byID, n.connecting, n.trouble = true, byID, false, nil
	c.touch(n)
	c.end(now)
}

// IsUp returns whether requests can be sent to a node.
func (c *Core) IsUp(id int32) bool {
	n := c.nodes[id]
	return n != nil && n.up
}

// NodeDown takes the news that a node can't be reached: a connection was lost, after Failed for each of its requests, or an
// attempt to connect failed.
func (c *Core) NodeDown(now Time, id int32) {
	c.journal.at(opNodeDown, now, int64(id))
	n := c.node(id)
	n.up, n.connecting = false, false
	c.touch(n)
	c.end(now)
}

// NodeTrouble takes the reason of the NodeDown that follows. It changes nothing but what is said of batches whose time passes.
func (c *Core) NodeTrouble(id int32, err error) {
	c.journal.trouble(id, err)
	c.node(id).trouble = err
}

// SetLeader takes what metadata say of a partition. A new leader is tried at once, without the rest of a backoff.
// A new topic id means another log: see newLog. A topic without one, the zero UUID, is the one it was: metadata that have nothing but an error
// for it don't say which.
func (c *Core) SetLeader(now Time, p *Partition, leader, epoch int32, topic protocol.UUID) {
	c.journal.leader(now, p, leader, epoch, topic)
	if topic != (protocol.UUID{}) && topic != p.topicID {
		p.otherLog = p.otherLog || p.topicID != (protocol.UUID{}) && c.cfg.Idempotent && !p.id.none()
		p.topicID = topic
	}
	if epoch > p.leaderEpoch {
		p.resumeAt = 0
		p.forgetAppended()
	}
	p.leaderEpoch = epoch
	if n := c.node(leader); p.leader != n {
		if p.listed {
			p.leader.ready.remove(p)
		}
		p.leader, p.resumeAt, p.leaderless = n, 0, now
		p.forgetAppended()
	}
	c.consider(now, p)
	c.end(now)
}

// MetadataDone takes the news that SetLeader was called for all that a new snapshot of metadata says.
func (c *Core) MetadataDone(now Time) {
	c.journal.at(opMetadata, now)
	c.touch(c.nowhere) // asks again while a partition that has something to send is without a leader
	c.end(now)
}

// Flush ends the linger of all batches and returns a mark for Drained.
func (c *Core) Flush(now Time) (mark uint64) {
	c.journal.at(opFlush, now)
	c.endLinger(now)
	c.end(now)
	return c.serial
}

// Drained says whether all batches that were opened before Flush returned mark have their Outcome.
func (c *Core) Drained(mark uint64) bool {
	return c.live.head == nil || c.live.head.opened > mark
}

// Pressure says whether callers wait for room in memory. While they do, open batches don't linger when nothing else
// would free room: no request is unanswered and none can be sent.
func (c *Core) Pressure(now Time, on bool) {
	c.journal.at(opPressure, now, bit(on))
	c.pressed = on
	c.end(now)
}

// Abort gives every batch an Outcome with err now, and returns how many records that were. What is in flight may have been
// appended.
func (c *Core) Abort(now Time, err error) (records int) {
	c.journal.abort(now, err)
	c.fatal = err
	for b := c.live.head; b != nil; b = c.live.head {
		c.expel(b, err)
		records += int(b.Count)
	}
	c.end(now)
	return records
}

// Fatal returns the error after which nothing can be sent any more, or nil.
func (c *Core) Fatal() error { return c.fatal }

// Live returns how many batches have no Outcome yet.
func (c *Core) Live() int { return int(c.live.n) }

func (c *Core) node(id int32) *node {
	n := c.nodes[id]
	if n == nil {
		n = &node{id: id}
		c.nodes[id] = n
		c.inOrder = append(c.inOrder, n)
	}
	return n
}

// end finishes every input: what can be sent now is.
func (c *Core) end(now Time) {
	c.closeGaps()
	c.drainTouched(now)
	if c.pressed && c.flying == 0 && c.lingering != nil {
		c.endLinger(now)
		c.drainTouched(now)
	}
}
