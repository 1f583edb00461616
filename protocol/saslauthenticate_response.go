package protocol

// SaslAuthenticateResponse is the broker's next step of a SASL exchange.
type SaslAuthenticateResponse struct {
	ErrorCode         ErrorCode
	ErrorMessage      *string // nil: no error
	AuthBytes         []byte  // as the mechanism lays them out
	SessionLifetimeMs int64   // since 1: authenticate again within so many milliseconds; 0: no need (KIP-368)
}

// Key is SaslAuthenticateKey.
func (*SaslAuthenticateResponse) Key() Key { return SaslAuthenticateKey }

func (*SaslAuthenticateResponse) response() {}

func (m *SaslAuthenticateResponse) walk(c *Coder) {
	c.errorCode(&m.ErrorCode)
	c.nullableString(&m.ErrorMessage)
	c.bytes(&m.AuthBytes)
	if c.since(1) {
		c.int64(&m.SessionLifetimeMs)
	} else {
		ignored(c, &m.SessionLifetimeMs, 0)
	}
	c.noTags()
}
