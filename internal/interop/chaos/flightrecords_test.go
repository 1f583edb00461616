package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// However short a run is, its flight record is there at its end, under the name that the report tells.
func TestFlightRecordIsKept(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "x.ledger")
	r := keepFlightRecords(func(w io.Writer) error { _, err := fmt.Fprintln(w, "a flight record"); return err }, ledger)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(flightName(ledger, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%q, %v", files, err)
	}
	if text, err := os.ReadFile(files[len(files)-1]); err != nil || string(text) != "a flight record\n" {
		t.Errorf("%q, %v", text, err)
	}
}
