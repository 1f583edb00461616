package producer

import "fmt"

// Acks is how many brokers must have a record before it counts as done (Kafka's acks).
type Acks int8

const (
	// AcksAll waits for all in-sync replicas of the partition; Kafka's all or -1. The only one with idempotence.
	AcksAll Acks = iota
	// AcksLeader waits for the leader alone: its loss right after loses the record. Kafka's 1.
	AcksLeader
	// AcksNone waits for no answer: a record is done when its bytes are written, and its offset is -1. Kafka's 0.
	AcksNone
)

// String returns Kafka's value of acks.
func (a Acks) String() string {
	switch a {
	case AcksAll:
		return "all"
	case AcksLeader:
		return "1"
	case AcksNone:
		return "0"
	}
	return fmt.Sprintf("Acks(%d)", int8(a))
}

// wire returns the acks field of a Produce request.
func (a Acks) wire() int16 {
	switch a {
	case AcksLeader:
		return 1
	case AcksNone:
		return 0
	}
	return -1
}

// Toggle is a switch whose zero value leaves the choice to Kafka's default.
type Toggle int8

const (
	Default Toggle = iota // as the field says
	On
	Off
)

// String returns default, true or false.
func (t Toggle) String() string {
	switch t {
	case Default:
		return "default"
	case On:
		return "true"
	case Off:
		return "false"
	}
	return fmt.Sprintf("Toggle(%d)", int8(t))
}
