package protocol

// SaslHandshakeRequest names the mechanism that the client wants to authenticate with (KIP-43). After version 0 the
// exchange follows as bare frames of SASL, after version 1 in SaslAuthenticate requests (KIP-152).
type SaslHandshakeRequest struct {
	Mechanism string
}

// Key is SaslHandshakeKey.
func (*SaslHandshakeRequest) Key() Key { return SaslHandshakeKey }

func (*SaslHandshakeRequest) request() {}

func (m *SaslHandshakeRequest) walk(c *Coder) {
	c.string(&m.Mechanism)
	c.noTags()
}
