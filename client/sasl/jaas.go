package sasl

// FromJAAS makes the Mechanism that a line of sasl.jaas.config describes. c is for OAUTHBEARER only; what it names goes before what the line names.
func FromJAAS(mechanism, line string, c OIDCConfig) (Mechanism, error) { panic("yet to come") }
