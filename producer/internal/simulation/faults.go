package simulation

import (
	"encoding/binary"
	"fmt"
	"slices"

	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// faults are those that take no code, by name.
var faults = map[string]func(s *Step) producertest.Fault{
	"cut_request":   func(s *Step) producertest.Fault { return producertest.CutRequest(s.Size) },
	"lose_request":  func(s *Step) producertest.Fault { return producertest.LoseRequest(s.Size) },
	"orphan":        func(s *Step) producertest.Fault { return producertest.Orphan(max(s.For, 1)) },
	"drop_before":   func(*Step) producertest.Fault { return producertest.DropBefore() },
	"reset_before":  func(*Step) producertest.Fault { return producertest.ResetBefore() },
	"drop_close":    func(*Step) producertest.Fault { return producertest.DropAfter() },
	"drop_reset":    func(*Step) producertest.Fault { return producertest.ResetAfter() },
	"cut_answer":    func(s *Step) producertest.Fault { return producertest.CutAnswer(s.Size) },
	"trunc":         func(*Step) producertest.Fault { return producertest.Truncate() },
	"delay_request": func(s *Step) producertest.Fault { return producertest.DelayRequest(s.For) },
	"delay_answer":  func(s *Step) producertest.Fault { return producertest.DelayAnswer(s.For) },
	"late":          func(s *Step) producertest.Fault { return producertest.Late(s.For) },
	"swallow":       func(*Step) producertest.Fault { return producertest.Swallow() },
	"stall":         func(*Step) producertest.Fault { return producertest.Stall() },
	"bytewise":      func(*Step) producertest.Fault { return producertest.Bytewise() },
	"corrupt":       func(*Step) producertest.Fault { return producertest.Corrupt() },
	"shorten":       func(*Step) producertest.Fault { return producertest.Shorten() },
	"wrongcorr":     func(*Step) producertest.Fault { return producertest.WrongCorrelation() },
	"dup":           func(*Step) producertest.Fault { return producertest.Duplicate() },
	"reorder":       func(*Step) producertest.Fault { return producertest.Reorder() },
	"hugelen":       func(*Step) producertest.Fault { return producertest.HugeLength() },
	"empty":         func(*Step) producertest.Fault { return producertest.Empty() },
	"leave_out":     func(*Step) producertest.Fault { return producertest.EditAnswer(leaveOut) },
	"garbage":       func(s *Step) producertest.Fault { return producertest.EditFrame(garbage(s.Size)) },
	"throttle":      func(s *Step) producertest.Fault { return producertest.Throttle(s.For) },
	"refuse_dial":   func(*Step) producertest.Fault { return producertest.RefuseDial() },
	"hang_dial":     func(*Step) producertest.Fault { return producertest.HangDial() },
}

// codeFaults are those that answer with an error code, by name.
var codeFaults = map[string]func(s *Step) producertest.Fault{
	"fail":        func(s *Step) producertest.Fault { return producertest.Fail(protocol.ErrorCode(s.Code)) },
	"fail_before": func(s *Step) producertest.Fault { return producertest.FailBeforeAppend(protocol.ErrorCode(s.Code)) },
	"fail_after":  func(s *Step) producertest.Fault { return producertest.FailAfterAppend(protocol.ErrorCode(s.Code)) },
	"refuse_records": func(s *Step) producertest.Fault {
		return producertest.FailRecords(protocol.InvalidRecord, "refused by the schedule", producertest.RecordFailure{Index: int32(s.Size), Message: "refused"})
	},
}

// leaveOut takes a partition out of an answer that is about several, or the only one.
func leaveOut(m protocol.Response) {
	r, ok := m.(*protocol.ProduceResponse)
	if !ok || len(r.Responses) == 0 {
		return
	}
	last := &r.Responses[len(r.Responses)-1]
	if n := len(last.PartitionResponses); n > 0 {
		last.PartitionResponses = last.PartitionResponses[:n-1]
	}
}

// garbage replaces what follows a frame's size and correlation id by bytes that are no answer, of a length of its own.
func garbage(n int) func([]byte) []byte {
	return func(frame []byte) []byte {
		frame = frame[:min(8, len(frame))]
		for i := range n {
			frame = append(frame, byte(0xf3+i*i*31))
		}
		binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
		return frame
	}
}

// apis are the requests that a fault may be about.
var apis = map[string]protocol.Key{
	"produce": protocol.ProduceKey, "metadata": protocol.MetadataKey, "init": protocol.InitProducerIDKey, "versions": protocol.ApiVersionsKey,
}

// fault returns the fault of a step.
func (s *Step) fault() (producertest.Fault, error) {
	make := faults[s.Fault]
	if make == nil {
		make = codeFaults[s.Fault]
	}
	if make == nil {
		return producertest.Fault{}, fmt.Errorf("no fault is called %q", s.Fault)
	}
	f := make(s)
	switch key, ok := apis[s.On]; {
	case s.On == "any":
		f = f.OnAnyRequest()
	case s.On == "sasl":
		f = f.OnRequests(protocol.SaslHandshakeKey, protocol.SaslAuthenticateKey)
	case ok:
		f = f.OnRequests(key)
	default:
		return f, fmt.Errorf("no API is called %q", s.On)
	}
	if s.Partition >= 0 && s.On == "produce" {
		f = f.On(Topic(s.Topic), int32(s.Partition))
	}
	return f, nil
}

// Lies says that brokers tell untruths in this schedule: what an answer claims is then not what is in the log, and nobody could know.
// Callbacks must still come once, and memory back.
func (s Schedule) Lies() bool {
	return slices.ContainsFunc(s.Steps, func(s Step) bool { return s.lies() })
}

// Divides says that a batch may come back in parts: refused for its size, or for some of its records.
func (s Schedule) Divides() bool {
	return s.MaxMessage > 0 || slices.ContainsFunc(s.Steps, func(s Step) bool {
		code := protocol.ErrorCode(s.Code)
		return s.lies() || s.Fault == "refuse_records" || code == protocol.MessageTooLarge || code == protocol.RecordListTooLarge
	})
}

func (s *Step) lies() bool {
	if s.On == "sasl" {
		return false // no answer to Produce
	}
	switch s.Fault {
	case "corrupt":
		return true
	case "fail", "fail_before":
		switch protocol.ErrorCode(s.Code) {
		case protocol.None, protocol.DuplicateSequenceNumber, protocol.OutOfOrderSequenceNumber, protocol.UnknownProducerID:
			return true
		case protocol.NotEnoughReplicasAfterAppend:
			return s.Fault == "fail_before"
		}
	case "fail_after":
		return !doubtful(protocol.ErrorCode(s.Code))
	}
	return false
}

// doubtful are the codes that Kafka may send after it has appended.
func doubtful(code protocol.ErrorCode) bool {
	switch code {
	case protocol.UnknownServerError, protocol.RequestTimedOut, protocol.NetworkException, protocol.NotEnoughReplicasAfterAppend,
		protocol.KafkaStorageError:
		return true
	}
	return !code.Known()
}
