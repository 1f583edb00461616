package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// flightEvery is how often a flight record is written: it tells of the last inputs, which under load are those of half a second,
// and only when all is read back is it known which moment is of interest.
const flightEvery = 250 * time.Millisecond

// flightRecords writes a producer's flight record again and again, beside its ledger.
type flightRecords struct {
	end  chan struct{}
	done chan error
}

// keepFlightRecords begins, and returns what ends it.
func keepFlightRecords(write func(io.Writer) error, ledger string) flightRecords {
	r := flightRecords{make(chan struct{}), make(chan error, 1)}
	go func() {
		tick := time.NewTicker(flightEvery)
		defer tick.Stop()
		var errs error
		for n, open := 0, true; open; n++ {
			select {
			case <-tick.C:
			case <-r.end:
				open = false
			}
			errs = errors.Join(errs, writeFlightRecord(write, flightName(ledger, fmt.Sprintf("%05d", n))))
		}
		r.done <- errs
	}()
	return r
}

// flightName is the name of the flight records that were written beside a ledger; which is "*" for all.
func flightName(ledger, which string) string {
	return strings.TrimSuffix(ledger, ".ledger") + "." + which + ".flight"
}

func writeFlightRecord(write func(io.Writer) error, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// stop writes the last one.
func (r flightRecords) stop() error {
	close(r.end)
	return <-r.done
}
