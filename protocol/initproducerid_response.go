package protocol

// InitProducerIDResponse gives a producer id and its epoch.
type InitProducerIDResponse struct {
	ThrottleTimeMs int32 // the client should be silent for so long, in milliseconds (KIP-219)
	ErrorCode      ErrorCode
	ProducerID     int64 // -1 with an error
	ProducerEpoch  int16
}

// Key is InitProducerIDKey.
func (*InitProducerIDResponse) Key() Key { return InitProducerIDKey }

func (*InitProducerIDResponse) response() {}

func (m *InitProducerIDResponse) walk(c *Coder) {
	c.int32(&m.ThrottleTimeMs)
	c.errorCode(&m.ErrorCode)
	c.int64(&m.ProducerID)
	c.int16(&m.ProducerEpoch)
	c.noTags()
}
