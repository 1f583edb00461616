package protocol

// InitProducerIDRequest asks for a producer id, or for the next epoch of one.
type InitProducerIDRequest struct {
	TransactionalID      *string // nil: only idempotent
	TransactionTimeoutMs int32   // in milliseconds; of no meaning without TransactionalID
	ProducerID           int64   // since 3: the id to raise the epoch of, -1 for a new one (KIP-360)
	ProducerEpoch        int16   // since 3: its epoch; -1 for a new one
}

// Key is InitProducerIDKey.
func (*InitProducerIDRequest) Key() Key { return InitProducerIDKey }

func (*InitProducerIDRequest) request() {}

func (m *InitProducerIDRequest) walk(c *Coder) {
	c.nullableString(&m.TransactionalID)
	c.int32(&m.TransactionTimeoutMs)
	if c.since(3) {
		c.int64(&m.ProducerID)
		c.int16(&m.ProducerEpoch)
	} else {
		absent(c, &m.ProducerID, -1)
		absent(c, &m.ProducerEpoch, -1)
	}
	c.noTags()
}
