package sasl

// Plain is the mechanism PLAIN of RFC 4616.
func Plain(username, password string) Mechanism { panic("yet to come") }
