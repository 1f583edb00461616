package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the command line is said, with exit status 2, before anything is done.
func TestWrongOptions(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.properties")
	if err := os.WriteFile(bad, []byte("acks=1\nlinger.ms=\\u12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := []string{"-b", "localhost:9092", "-t", "t"}
	tests := []struct {
		name  string
		args  []string
		texts []string
	}{
		{"unknown option", []string{"-q"}, []string{"-q"}},
		{"argument", append(to, "input.txt"), []string{`"input.txt" is not an option; the input is given with -i`}},
		{"no brokers", []string{"-t", "t"}, []string{"-b host:port is missing"}},
		{"no brokers but an input", []string{"-i", "x"}, []string{"-b host:port is missing"}},
		{"no topic", []string{"-b", "localhost:9092"}, []string{"-t topic is missing"}},
		{"no topic, brokers as property", []string{"-X", "bootstrap.servers=localhost:9092"}, []string{"-t topic is missing"}},
		{"no such input", append(to, "-i", filepath.Join(dir, "none")), []string{"none: no such file"}},
		{"no such properties", append(to, "-F", filepath.Join(dir, "none")), []string{"none: no such file"}},
		{"broken properties", append(to, "-F", bad), []string{"bad.properties: ", "line 2"}},
		{"no value", append(to, "-X", "acks"), []string{"want name=value"}},
		{"empty separator", append(to, "-separator", ""), []string{"want at least one character"}},
		{"unknown property", append(to, "-X", "linger.s=5"), []string{"linger.s", "linger.ms"}},
		{"wrong value", append(to, "-X", "acks=2"), []string{`acks = "2"`, "allowed"}},
		{"contradiction", append(to, "-X", "delivery.timeout.ms=1000"), []string{"delivery.timeout.ms", "request.timeout.ms"}},
		{"two of them", append(to, "-X", "acks=2", "-X", "retries=x"), []string{"kproduce: acks", "kproduce: retries"}},
		{"wrong address", []string{"-b", "localhost", "-t", "t"}, []string{"bootstrap.servers", "localhost"}},
		{"embedded, wrong property", []string{"-X", "acks=2"}, []string{`acks = "2"`}},
		{"embedded, other partitioner", []string{"-X", "partitioner.ignore.keys=true"}, []string{"partitioner.ignore.keys need a cluster"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out := kproduce(nil, strings.NewReader("a\n"), nil, test.args...)
			out.expect(t, cantStart, append(test.texts, "nothing was sent; kproduce -h explains the options")...)
			if out.stdout != "" {
				t.Errorf("standard output: %s", out.stdout)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	out := kproduce(nil, nil, nil, "-h")
	out.expect(t, allDone)
	if out.stdout != usage || out.stderr != "" {
		t.Errorf("%+v", out)
	}
	for _, option := range []string{"b", "t", "i", "keys", "separator", "null", "crlf", "X", "F", "failures", "v", "h"} {
		if !strings.Contains(usage, "\n  -"+option+" ") {
			t.Errorf("the usage lacks -%s", option)
		}
	}
}

// Later ones win: a file, then -X, then -b.
func TestPropertyOrder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p")
	if err := os.WriteFile(file, []byte("bootstrap.servers=file:1\nacks=0\nlinger.ms=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := parseOptions([]string{"-b", "option:1", "-t", "t", "-X", "acks=1", "-X", "bootstrap.servers=property:1", "-F", file, "-X", "client.id=a=b"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"bootstrap.servers": "option:1", "acks": "1", "linger.ms": "1", "client.id": "a=b"}
	for name, value := range want {
		if o.set[name] != value {
			t.Errorf("%s = %q, want %q", name, o.set[name], value)
		}
	}
	if len(o.set) != len(want) {
		t.Errorf("%v", o.set)
	}
}
