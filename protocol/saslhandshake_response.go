package protocol

// SaslHandshakeResponse says whether the broker takes the mechanism.
type SaslHandshakeResponse struct {
	ErrorCode  ErrorCode
	Mechanisms []string // those that the broker takes
}

// Key is SaslHandshakeKey.
func (*SaslHandshakeResponse) Key() Key { return SaslHandshakeKey }

func (*SaslHandshakeResponse) response() {}

func (m *SaslHandshakeResponse) walk(c *Coder) {
	c.errorCode(&m.ErrorCode)
	c.strings(&m.Mechanisms)
	c.noTags()
}
