package delivery

// Which of a batch's two pairs of links a list uses: a batch is at the same time in the list of all live batches
// and in one of its partition's.
const (
	byAge       = 0 // Core.live
	byPartition = 1 // Partition.queue or Partition.flight
)

type links struct{ prev, next *Batch }

// list is a doubly linked list of batches through the links of the given kind.
type list struct {
	head, tail *Batch
	n          int32
	kind       int8
}

func (l *list) next(b *Batch) *Batch { return b.links[l.kind].next }

func (l *list) pushBack(b *Batch) { l.insertBefore(b, nil) }

// insertBefore puts b in front of at; nil means at the end.
func (l *list) insertBefore(b, at *Batch) {
	prev := l.tail
	if at != nil {
		prev = at.links[l.kind].prev
		at.links[l.kind].prev = b
	} else {
		l.tail = b
	}
	if prev != nil {
		prev.links[l.kind].next = b
	} else {
		l.head = b
	}
	b.links[l.kind] = links{prev, at}
	l.n++
}

// insertInOrder puts b where it belongs by age, looking from the front: what is put back is older than what waits.
func (l *list) insertInOrder(b *Batch) {
	at := l.head
	for at != nil && at.order.before(b.order) {
		at = l.next(at)
	}
	l.insertBefore(b, at)
}

func (l *list) remove(b *Batch) {
	k := b.links[l.kind]
	if k.prev != nil {
		k.prev.links[l.kind].next = k.next
	} else {
		l.head = k.next
	}
	if k.next != nil {
		k.next.links[l.kind].prev = k.prev
	} else {
		l.tail = k.prev
	}
	b.links[l.kind] = links{}
	l.n--
}
