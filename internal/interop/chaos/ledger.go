package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// Outcome is what a producer said about a record.
type Outcome uint8

// The numbers are also Load.java's.
const (
	Silent            Outcome = iota // nothing
	Acknowledged                     // the callback got no error
	NotPersisted                     // the callback got an error, and it says: surely not in the log
	PossiblyPersisted                // … possibly
	Persisted                        // … surely
	Refused                          // not accepted: Send returned an error, and there is no callback
	Failed                           // the callback got an error that doesn't say
	outcomes
)

// String is the outcome as it stands in reports.
func (o Outcome) String() string {
	return [...]string{"silent", "acknowledged", "NotPersisted", "PossiblyPersisted", "Persisted", "refused", "failed"}[o]
}

// Event is one callback, or one refusal by Send.
type Event struct {
	G, N      int // the record
	Outcome   Outcome
	Partition int32 // of an acknowledged record
	Offset    int64 // of an acknowledged record; -1: the producer didn't know
	After     time.Duration
}

// A ledger holds what callbacks said in the order in which they said it. It is written as it comes, 24 bytes an event, so that it takes
// no memory from what is measured:
//
//	G int16 | outcome int8 | 0 int8 | N int32 | partition int32 | offset int64 | after int32, milliseconds
const eventSize = 24

// Ledger writes a ledger. Its methods may be called by any goroutine.
type Ledger struct {
	mu      sync.Mutex
	file    *os.File
	w       *bufio.Writer
	scratch [eventSize]byte
}

// CreateLedger makes the file.
func CreateLedger(name string) (*Ledger, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	return &Ledger{file: f, w: bufio.NewWriterSize(f, 1<<16)}, nil
}

// Note writes an event.
func (l *Ledger) Note(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.scratch[:0]
	b = binary.BigEndian.AppendUint16(b, uint16(e.G))
	b = append(b, byte(e.Outcome), 0)
	b = binary.BigEndian.AppendUint32(b, uint32(e.N))
	b = binary.BigEndian.AppendUint32(b, uint32(e.Partition))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Offset))
	b = binary.BigEndian.AppendUint32(b, uint32(e.After.Milliseconds()))
	l.w.Write(b) // an error stays, and is Close's
}

// Close ends the file. What was noted is in it if the error is nil.
func (l *Ledger) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.w.Flush(), l.file.Close())
}

// ReadLedger gives each event to take.
func ReadLedger(r io.Reader, take func(Event) error) error {
	return readFixed(r, eventSize, func(b []byte) error {
		e := Event{
			G: int(binary.BigEndian.Uint16(b)), Outcome: Outcome(b[2]), N: int(binary.BigEndian.Uint32(b[4:])),
			Partition: int32(binary.BigEndian.Uint32(b[8:])), Offset: int64(binary.BigEndian.Uint64(b[12:])),
			After: time.Duration(binary.BigEndian.Uint32(b[20:])) * time.Millisecond,
		}
		if e.Outcome == Silent || e.Outcome >= outcomes {
			return fmt.Errorf("outcome %d; 1 to %d are allowed", b[2], outcomes-1)
		}
		return take(e)
	})
}

// Stored is where a record was found by Kafka's consumer. Load.java writes them, each partition's in the order of its offsets:
//
//	partition int32 | offset int64 | G int32 | N int32
type Stored struct {
	Partition int32
	Offset    int64
	G, N      int // -1: not a record of the run
}

const storedSize = 20

// ReadStored gives each position to take.
func ReadStored(r io.Reader, take func(Stored) error) error {
	return readFixed(r, storedSize, func(b []byte) error {
		return take(Stored{
			Partition: int32(binary.BigEndian.Uint32(b)), Offset: int64(binary.BigEndian.Uint64(b[4:])),
			G: int(int32(binary.BigEndian.Uint32(b[12:]))), N: int(int32(binary.BigEndian.Uint32(b[16:]))),
		})
	})
}

// readFixed gives each piece of a size to take.
func readFixed(r io.Reader, size int, take func([]byte) error) error {
	in, b := bufio.NewReaderSize(r, 1<<16), make([]byte, size)
	for i := 0; ; i++ {
		_, err := io.ReadFull(in, b)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = take(b)
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
}
