package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// What a producer did is told, and a record that was changed is noticed.
func TestReplay(t *testing.T) {
	c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"email": 1}})
	p, err := producer.New(producer.Config{
		BootstrapServers: c.BootstrapServers(), Dial: c.Dial, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.SendSync(t.Context(), producer.Record{Topic: "email", Value: []byte("content")}); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var record bytes.Buffer
	if err := p.WriteFlightRecord(&record); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(record.String(), "content") {
		t.Error("the flight record has a record's content")
	}
	file := filepath.Join(t.TempDir(), "a.flight")
	if err := os.WriteFile(file, record.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	if status := run([]string{file}, nil, &stdout, &stderr); status != 0 {
		t.Errorf("status %d: %s", status, &stderr)
	}
	for _, want := range []string{"#1 is opened in email-0", "send request 1 to node", "done #1 at 0", "replayed exactly"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %q in\n%s", want, &stdout)
		}
	}
	changed := strings.Replace(record.String(), "\nclosed 1 1 ", "\nclosed 1 2 ", 1)
	if status := run(nil, strings.NewReader(changed), &stdout, &stderr); status != 1 {
		t.Errorf("changed: status %d", status)
	}
	if status := run([]string{file, file}, nil, &stdout, &stderr); status != 2 {
		t.Errorf("two files: status %d", status)
	}
	if status := run([]string{file + "?"}, nil, &stdout, &stderr); status != 2 {
		t.Errorf("no such file: status %d", status)
	}
}
