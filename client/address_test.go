package client

import (
	"errors"
	"testing"
)

func TestParseServer(t *testing.T) {
	good := []struct {
		in, host string
		port     int
	}{
		{"localhost:9092", "localhost", 9092},
		{" kafka-1.example.com:9093 ", "kafka-1.example.com", 9093},
		{"127.0.0.1:1", "127.0.0.1", 1},
		{"[::1]:65535", "::1", 65535},
		{"[fe80::1%eth0]:9092", "fe80::1%eth0", 9092},
		{"SASL_SSL://broker:9092", "broker", 9092},
		{"under_score:9092", "under_score", 9092},
	}
	for _, tt := range good {
		t.Run(tt.in, func(t *testing.T) {
			host, port, err := parseServer(tt.in)
			if err != nil || host != tt.host || port != tt.port {
				t.Errorf("got %q %d %v, want %q %d", host, port, err, tt.host, tt.port)
			}
		})
	}
	for _, bad := range []string{"", "localhost", "localhost:", ":9092", "::1:9092", "[::1]", "host:0", "host:65536",
		"host:kafka", "host:-1", "a b:9092", "host:9092/path", "http://host/x:1"} {
		t.Run("refused "+bad, func(t *testing.T) {
			_, _, err := parseServer(bad)
			var wrong *ConfigError
			if !errors.As(err, &wrong) {
				t.Fatalf("got %v, want a *ConfigError", err)
			}
			if wrong.Property != "bootstrap.servers" || wrong.Value != bad || wrong.Allowed == "" {
				t.Errorf("the error lacks facts: %+v", wrong)
			}
		})
	}
}

func TestRotation(t *testing.T) {
	var r rotation
	if !r.stale("host:1") {
		t.Error("nothing was resolved yet, but the rotation is not stale")
	}
	r.set("host:1", []target{{addr: "a"}, {addr: "b"}})
	if !r.stale("host:2") {
		t.Error("another name's addresses are taken for this one's")
	}
	var got string
	for !r.stale("host:1") {
		got += r.next().addr
	}
	if got != "ab" {
		t.Errorf("gave out %q, want each once, in order", got)
	}
	r.set("host:1", []target{{addr: "c"}, {addr: "b"}, {addr: "a"}, {addr: "d"}})
	if got = r.next().addr + r.next().addr; got != "ad" {
		t.Errorf("gave out %q, want those that follow upon the last", got)
	}
	if r.disconnected(); !r.stale("host:1") {
		t.Error("after a connection the name is not resolved anew")
	}
}
