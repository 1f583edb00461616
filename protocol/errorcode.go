package protocol

import "fmt"

// ErrorCode is the outcome that a broker reports. It is an error, so that errors.Is(err, protocol.NotLeaderOrFollower)
// works on whatever wraps it; None is one only for the type's sake. A code that this package does not know keeps its
// number.
type ErrorCode int16

// Error is the code's name, number and meaning.
func (e ErrorCode) Error() string {
	if row := e.row(); row != nil {
		return fmt.Sprintf("%s (%d): %s", row.name, e, row.text)
	}
	return fmt.Sprintf("error code %d", int16(e))
}

// Name is Kafka's name of the code, such as NOT_LEADER_OR_FOLLOWER, or UNKNOWN_1234 for a code that is not known here.
func (e ErrorCode) Name() string {
	if row := e.row(); row != nil {
		return row.name
	}
	return fmt.Sprintf("UNKNOWN_%d", int16(e))
}

// Known reports whether this package knows the code.
func (e ErrorCode) Known() bool { return e.row() != nil }

// Retriable reports whether the same request may succeed later.
func (e ErrorCode) Retriable() bool { return e.is(retriable) }

// RefreshMetadata reports whether the client's metadata is likely out of date.
func (e ErrorCode) RefreshMetadata() bool { return e.is(refresh) }

// Fatal reports whether a producer that is told so can't go on: no later request of its can succeed.
func (e ErrorCode) Fatal() bool { return e.is(fatal) }

// class is what a code means to a producer, in bits.
type class uint8

const (
	retriable class = 1 << iota // Java's RetriableException
	refresh                     // Java's InvalidMetadataException
	fatal                       // what Java's producer takes for fatal (TransactionManager.isFatalException)
)

func (e ErrorCode) is(c class) bool {
	row := e.row()
	return row != nil && row.class&c != 0
}

func (e ErrorCode) row() *errorRow {
	if i := int(e) - int(UnknownServerError); i >= 0 && i < len(errorTable) {
		return &errorTable[i]
	}
	return nil
}
