package producer_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
)

// saveIfFailed writes p's flight record to a file when the test fails, and checks that it replays in any case.
func saveIfFailed(t *testing.T, p *producer.Producer) {
	t.Helper()
	var record strings.Builder
	if err := p.WriteFlightRecord(&record); err != nil {
		t.Error(err)
	}
	if err := producer.ReplayFlightRecord(strings.NewReader(record.String()), io.Discard); err != nil {
		t.Error(err)
	}
	if !t.Failed() {
		return
	}
	name := filepath.Join(t.ArtifactDir(), "producer.flight")
	if err := os.WriteFile(name, []byte(record.String()), 0o600); err != nil {
		t.Log(err)
		return
	}
	t.Logf("the flight record is in %s (with go test -artifacts it stays there)", name)
}

// A fatal error has a flight record written, which tells of it.
func TestFlightRecordOfFatalError(t *testing.T) {
	dir := t.TempDir()
	inBubble(t, producertest.Options{Brokers: 1, Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		c.Inject(producertest.Fail(protocol.ClusterAuthorizationFailed).Times(1))
		cfg := config(t, c)
		cfg.FlightRecordDir = dir
		p := open(t, cfg)
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t", Value: []byte("content")}); !errors.Is(err, protocol.ClusterAuthorizationFailed) {
			t.Errorf("SendSync: %v", err)
		}
		flush(t, p)
	})
	files, err := filepath.Glob(filepath.Join(dir, "*.flight"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %q, %v", files, err)
	}
	record, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var transcript strings.Builder
	if err := producer.ReplayFlightRecord(strings.NewReader(string(record)), &transcript); err != nil {
		t.Error(err)
	}
	if !strings.Contains(transcript.String(), "CLUSTER_AUTHORIZATION_FAILED") || strings.Contains(string(record), "content") {
		t.Errorf("the record is\n%s\nthe transcript\n%s", record, &transcript)
	}
}

// Anything but a flight record is said to be none.
func TestReplayFlightRecordRefuses(t *testing.T) {
	for _, record := range []string{"", "kafkaproducer flight record 0\n", "kafkaproducer flight record 1\n", "kafkaproducer flight record 1\nbegin 1\n"} {
		if err := producer.ReplayFlightRecord(strings.NewReader(record), io.Discard); !errors.Is(err, producer.ErrFlightRecord) {
			t.Errorf("%q: %v", record, err)
		}
	}
}

// A producer whose recorder is off has none to write.
func TestFlightRecorderOff(t *testing.T) {
	inBubble(t, producertest.Options{Topics: map[string]int32{"t": 1}}, func(t *testing.T, c *producertest.Cluster) {
		cfg := config(t, c)
		cfg.FlightRecorder = producer.Off
		p := open(t, cfg)
		if _, err := p.SendSync(t.Context(), producer.Record{Topic: "t"}); err != nil {
			t.Error(err)
		}
		if err := p.WriteFlightRecord(io.Discard); !errors.Is(err, producer.ErrNoFlightRecord) {
			t.Errorf("WriteFlightRecord: %v", err)
		}
	})
}
