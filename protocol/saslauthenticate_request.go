package protocol

// SaslAuthenticateRequest is the client's next step of a SASL exchange (KIP-152).
type SaslAuthenticateRequest struct {
	AuthBytes []byte // as the mechanism lays them out
}

// Key is SaslAuthenticateKey.
func (*SaslAuthenticateRequest) Key() Key { return SaslAuthenticateKey }

func (*SaslAuthenticateRequest) request() {}

func (m *SaslAuthenticateRequest) walk(c *Coder) {
	c.bytes(&m.AuthBytes)
	c.noTags()
}
