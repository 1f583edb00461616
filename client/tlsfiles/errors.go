package tlsfiles

// Error says which setting, or which file, is of no use. No secret is in it.
type Error struct {
	Property string // Kafka's name
	Path     string // the file; empty: the property's value itself is meant
	Err      error  // what is wrong
	Allowed  string // what is; may be empty where Err or Advice says it
	Advice   string // what to do; may be empty where that is plain
}

// Error names the property, the file, what is wrong, what is allowed and what to do.
func (e *Error) Error() string {
	s := e.Property
	if e.Path != "" {
		s += " = " + e.Path
	}
	s += ": " + e.Err.Error()
	if e.Allowed != "" {
		s += "; allowed: " + e.Allowed
	}
	if e.Advice != "" {
		s += "; " + e.Advice
	}
	return s
}

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }
