package producer

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafkaproducer/producer/internal/simulation"
)

// A batch that does what it can't is a bug. What led there is written before the panic. That
// its replay panics, too, is shown in package delivery.
func TestFlightRecordOfPanic(t *testing.T) {
	s, err := simulation.Parse("settings linger=1s\n1ms send n=3 size=10\n")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var log strings.Builder
	x := newExact(s, &log)
	if err := x.begin(); err != nil {
		t.Fatal(err)
	}
	x.p.set.flightRecordDir = dir
	for x.p.core.Live() == 0 && x.w.Step() {
	}
	b := x.p.topic(simulation.Topic(0)).view.Load().partitions[0].open
	said := func() (said any) {
		defer func() { said = recover() }()
		x.p.mu.Lock()
		x.p.core.Opened(x.p.clock.now(), &b.Batch) // which it is
		return nil
	}()
	if text, ok := said.(string); !ok || !strings.Contains(text, "that is Open can't become Open") {
		t.Fatalf("the panic says %v", said)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.flight"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	if !strings.Contains(log.String(), files[0]) {
		t.Errorf("the log doesn't name the file:\n%s", &log)
	}
	record, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(strings.TrimSpace(string(record)), "\n"); !strings.HasPrefix(lines[len(lines)-1], "opened ") {
		t.Errorf("the record doesn't end with what the batch was asked to do:\n%s", record)
	}
}

// What broke its promise in a simulation leaves a flight record, which replays.
func TestFlightRecordOfSimulation(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	x := newExact(simulation.Random(3), nil)
	if err := x.run(); err != nil {
		t.Fatal(err)
	}
	said := keepFlightRecord(x.p)
	record, err := os.Open(said[strings.LastIndex(said, " ")+1:])
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	if err := ReplayFlightRecord(record, io.Discard); err != nil {
		t.Error(err)
	}
}
