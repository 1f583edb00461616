package sasl

// Error is a failed exchange: whose, where, and why. No secret is in it.
type Error struct {
	Mechanism string
	Step      string
	Err       error
}

func (e *Error) Error() string { return e.Mechanism + ": " + e.Step + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
