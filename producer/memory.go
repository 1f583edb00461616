package producer

// memory is the budget of buffer.memory: every buffer and every list of callbacks counts until its batch is
// done. It also keeps buffers and batches that came back for their next use, within the same bound. Guarded by Producer.mu.
//
// Buffers grow from 1 KiB by factors of 4 up to batch.size, so that memory follows the data and not the number of
// partitions (as buffer.memory.allocation.strategy=incremental of Kafka 4.4); a record larger than batch.size gets a
// buffer of its own size.
type memory struct {
	limit int64
	used  int64 // lent out
	owed  int64 // of used: callbacks that are due, of batches whose buffers came back already
	kept  int64 // in free and spare
	sizes []int // of the classes, ascending; the last is batch.size, or what the limit leaves of it
	free  [][][]byte
	spare []*batch
}

const smallestBuffer = 1024

func newMemory(limit int64, batchSize int) memory {
	m := memory{limit: limit}
	most := min(int64(batchSize), limit-batchCost-withdrawalCost) // a buffer that needs more would never be lent
	for size := int64(smallestBuffer); size < most; size *= 4 {
		m.sizes = append(m.sizes, int(size))
	}
	if most > 0 {
		m.sizes = append(m.sizes, int(most))
	}
	m.free = make([][][]byte, len(m.sizes))
	return m
}

// class returns the smallest class of at least size bytes, len(m.sizes) if there is none.
func (m *memory) class(size int) int {
	c := 0
	for c < len(m.sizes) && m.sizes[c] < size {
		c++
	}
	return c
}

// charge takes n bytes from the budget, or says that they are not there. credit may be used beyond the limit.
func (m *memory) charge(n, credit int64) bool {
	if m.used+n > m.limit+credit {
		return false
	}
	m.used += n
	m.trim()
	return true
}

// refund gives n bytes back.
func (m *memory) refund(n int64) { m.used -= n }

// buffer lends a buffer of at least size bytes, of class or larger but not of more than most if size allows that; nil if
// the budget doesn't allow it.
func (m *memory) buffer(size, class, most int, credit int64) []byte {
	class = max(class, m.class(size))
	switch {
	case class == len(m.sizes):
	case m.sizes[class] > most:
		size, class = max(size, most), len(m.sizes)
	default:
		size = m.sizes[class]
	}
	if m.used+int64(size) > m.limit+credit {
		return nil
	}
	m.used += int64(size)
	if class < len(m.sizes) {
		if last := len(m.free[class]) - 1; last >= 0 {
			b := m.free[class][last]
			m.free[class][last] = nil
			m.free[class] = m.free[class][:last]
			m.kept -= int64(size)
			return b
		}
	}
	m.trim()
	return make([]byte, size)
}

// giveBack takes back a buffer that was lent.
func (m *memory) giveBack(b []byte) {
	size := len(b)
	m.used -= int64(size)
	class := m.class(size)
	if class < len(m.sizes) && m.sizes[class] == size {
		m.free[class] = append(m.free[class], b)
		m.kept += int64(size)
	}
}

// batch lends a batch, charged with what it takes; nil if the budget doesn't allow it.
func (m *memory) batch(credit int64) *batch {
	last := len(m.spare) - 1
	if last < 0 {
		if !m.charge(batchCost, credit) {
			return nil
		}
		b := &batch{charged: batchCost}
		b.Owner = b
		b.receipts = b.few[:0]
		return b
	}
	b := m.spare[last]
	m.spare[last] = nil // before anything is charged, which may have others let go
	m.spare = m.spare[:last]
	m.kept -= b.cost()
	if m.used+b.cost() > m.limit+credit {
		b.receipts = b.few[:0] // an empty list may be what there is no room for
	}
	if !m.charge(b.cost(), credit) {
		m.keep(b)
		return nil
	}
	b.charged = b.cost()
	return b
}

// shed gives back what a batch without records has kept for its callbacks; false if that is nothing.
func (m *memory) shed(b *batch) bool {
	if b.cost() == batchCost {
		return false
	}
	b.receipts = b.few[:0]
	m.refund(b.charged - batchCost)
	b.charged = batchCost
	return true
}

// keep takes a batch that is charged no more.
func (m *memory) keep(b *batch) {
	m.spare = append(m.spare, b)
	m.kept += b.cost()
	m.trim()
}

// trim lets what is kept go until used and kept together are within the limit, the largest buffers first.
func (m *memory) trim() {
	for class := len(m.sizes) - 1; m.used+m.kept > m.limit && class >= 0; {
		last := len(m.free[class]) - 1
		if last < 0 {
			class--
			continue
		}
		m.free[class][last] = nil
		m.free[class] = m.free[class][:last]
		m.kept -= int64(m.sizes[class])
	}
	for last := len(m.spare) - 1; m.used+m.kept > m.limit && last >= 0; last-- {
		m.kept -= m.spare[last].cost()
		m.spare[last] = nil
		m.spare = m.spare[:last]
	}
}
