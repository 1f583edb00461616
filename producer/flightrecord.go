package producer

import (
	"errors"
	"fmt"
	"io"
	"os"

	"kafkaproducer/producer/internal/delivery"
)

// WriteFlightRecord writes what the producer has decided by of late, as text: the last inputs of its core, some thousands at least, and
// the state that they met. ReplayFlightRecord runs them again, on any machine, to the same end, so that a bug report with one shows
// what happened. It holds names of topics, numbers of brokers and partitions, error codes, offsets and times; no key, value or
// header of a record, no address, and no secret. It may be called at any time, also after Close. With Config.FlightRecorder off
// there is none: ErrNoFlightRecord.
func (p *Producer) WriteFlightRecord(w io.Writer) error {
	if !p.set.flightRecorder {
		return ErrNoFlightRecord
	}
	p.mu.Lock()
	r := p.core.Recording()
	p.mu.Unlock()
	return r.Print(w)
}

// ErrNoFlightRecord is the error of WriteFlightRecord when Config.FlightRecorder is off.
var ErrNoFlightRecord = errors.New("kafkaproducer: Config.FlightRecorder is off")

// ErrFlightRecord is part of the error of ReplayFlightRecord for what is not a flight record.
var ErrFlightRecord = errors.New("not a flight record of this version")

// ReplayFlightRecord runs a flight record through the core again and writes what happened as a transcript: an input begins a line, what
// the producer then does is indented below it. It returns nil if all was as it is recorded, else where it first was not. That a record
// of another version of this module replays differently is no fault. What it reads is not trusted.
func ReplayFlightRecord(record io.Reader, transcript io.Writer) error {
	err := delivery.Replay(record, transcript)
	if format, ok := errors.AsType[*delivery.FormatError](err); ok {
		return fmt.Errorf("%w: %w", ErrFlightRecord, format)
	}
	return err
}

// saveFlightRecord writes a flight record to Config.FlightRecordDir, if that is set.
func (p *Producer) saveFlightRecord() {
	if p.set.flightRecordDir == "" || !p.set.flightRecorder {
		return
	}
	p.mu.Lock()
	r := p.core.Recording()
	p.mu.Unlock()
	p.saveRecording(r)
}

// saveImpossible is called when the core is about to panic. Holds p.mu.
func (p *Producer) saveImpossible() {
	if p.set.flightRecordDir != "" {
		p.saveRecording(p.core.Recording())
	}
}

func (p *Producer) saveRecording(r delivery.Recording) {
	name, err := writeRecording(p.set.flightRecordDir, r)
	if err != nil {
		p.logger.Error("a flight record could not be written", "error", err)
		return
	}
	p.logger.Error("a flight record was written", "file", name)
}

// writeRecording makes a new file in dir that only the user may read.
func writeRecording(dir string, r delivery.Recording) (name string, err error) {
	f, err := os.CreateTemp(dir, "kafkaproducer-*.flight")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return f.Name(), r.Print(f)
}
