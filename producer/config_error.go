package producer

import "fmt"

// ConfigError is one setting that isn't allowed, by itself or beside another. New and FromProperties report all wrong
// settings together (errors.Join): errors.As finds the first.
type ConfigError struct {
	Property string // Kafka's name, or the field's where Kafka has none
	Value    string // as given, or the default where that is the trouble; "[hidden]" for a secret, and for an unknown property's
	Allowed  string // what is
	Reason   string // why, where Allowed doesn't say it
	Err      error  // of client/tlsfiles, as Reason has it, for what TLS is made from; else nil
}

// Error names the property, the first thousand characters of its value, the reason and what is allowed.
func (e *ConfigError) Error() string {
	s := fmt.Sprintf("kafkaproducer: %s = %.1000q", e.Property, e.Value)
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	if e.Allowed != "" {
		s += "; allowed: " + e.Allowed
	}
	return s
}

// Unwrap returns Err.
func (e *ConfigError) Unwrap() error { return e.Err }
