package producer

import (
	"kafkaproducer/client/sasl"
	"kafkaproducer/producer/internal/simulation"
)

// letIn sets what a guarded schedule's brokers ask for.
func (c *Config) letIn(s *simulation.Settings) {
	switch s.Protocol {
	case "SSL":
		c.SecurityProtocol, c.TLS = SSL, simulation.TLS()
	case "SASL_PLAINTEXT":
		c.SecurityProtocol, c.SASL = SASLPlaintext, loginBy(s.Mechanism)
	case "SASL_SSL":
		c.SecurityProtocol, c.TLS, c.SASL = SASLSSL, simulation.TLS(), loginBy(s.Mechanism)
	}
}

func loginBy(mechanism string) sasl.Mechanism {
	switch mechanism {
	case sasl.MechanismScramSHA256:
		return sasl.ScramSHA256(simulation.User, simulation.Password)
	case sasl.MechanismScramSHA512:
		return sasl.ScramSHA512(simulation.User, simulation.Password)
	}
	return sasl.Plain(simulation.User, simulation.Password)
}
