package delivery

// node is a broker as the core sees it. The node with id NoLeader is never up: the partitions without a leader wait at it.
type node struct {
	id         int32
	up         bool
	byID       bool  // requests to it name topics by id
	connecting bool  // a Connect was asked for and neither NodeUp nor NodeDown followed
	trouble    error // why it can't be reached; nil where it can, or nobody knows; for words only
	unanswered int   // requests
	muted      Time  // no request before (KIP-219)
	ready      queue // partitions that may send, in turn
	stuck      Time  // since when partitions wait in ready and no request was made; 0: none do
	touched    bool  // is in Core.touched
	urgent     bool  // since the last request a batch that takes no more records has come into ready
	serving    serving
}

// queue is a list of partitions through their own links: a partition is in the queue of its leader or in none.
type queue struct {
	head, tail *Partition
	n          int
}

func (q *queue) pushBack(p *Partition) {
	p.listed, p.prev, p.succ = true, q.tail, nil
	if q.tail != nil {
		q.tail.succ = p
	} else {
		q.head = p
	}
	q.tail = p
	q.n++
}

func (q *queue) pushFront(p *Partition) {
	p.listed, p.prev, p.succ = true, nil, q.head
	if q.head != nil {
		q.head.prev = p
	} else {
		q.tail = p
	}
	q.head = p
	q.n++
}

func (q *queue) remove(p *Partition) {
	if p.prev != nil {
		p.prev.succ = p.succ
	} else {
		q.head = p.succ
	}
	if p.succ != nil {
		p.succ.prev = p.prev
	} else {
		q.tail = p.prev
	}
	p.listed, p.prev, p.succ = false, nil, nil
	q.n--
}
