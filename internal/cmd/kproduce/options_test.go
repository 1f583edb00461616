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
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, maxFile+1), 0o600); err != nil {
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
		{"no value", append(to, "-X", "acks"), []string{"-X: want name=value"}},
		{"no such file of a value", append(to, "-X", "client.id=@file:"+filepath.Join(dir, "none")), []string{"-X client.id: ", "none: no such file"}},
		{"a folder as value", append(to, "-X", "client.id=@file:"+dir), []string{"-X client.id: ", "is a directory"}},
		{"too large a file as value", append(to, "-X", "client.id=@file:"+large), []string{"-X client.id: ", "large is larger than 1048576 bytes"}},
		{"no such variable", append(to, "-X", "client.id=@env:KPRODUCE_TEST_UNSET"), []string{`-X client.id: the environment has no variable "KPRODUCE_TEST_UNSET"`}},
		{"empty separator", append(to, "-separator", ""), []string{"want at least one character"}},
		{"unknown property", append(to, "-X", "linger.s=5"), []string{"linger.s", "linger.ms"}},
		{"wrong value", append(to, "-X", "acks=2"), []string{`acks = "2"`, "allowed"}},
		{"contradiction", append(to, "-X", "delivery.timeout.ms=1000"), []string{"delivery.timeout.ms", "request.timeout.ms"}},
		{"two of them", append(to, "-X", "acks=2", "-X", "retries=x"), []string{"kproduce: acks", "kproduce: retries"}},
		{"wrong address", []string{"-b", "localhost", "-t", "t"}, []string{"bootstrap.servers", "localhost"}},
		{"embedded, wrong property", []string{"-X", "acks=2"}, []string{`acks = "2"`}},
		{"embedded, TLS", []string{"-X", "security.protocol=SSL"}, []string{"security.protocol needs a cluster"}},
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

// Values may be in files and in the environment.
func TestValuesFromElsewhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "value")
	t.Setenv("KPRODUCE_TEST", " in the environment=")
	for text, want := range map[string]string{"one": "one", "one\n": "one", "one\r\n": "one", "one\ntwo\n\n": "one\ntwo\n", "": "", "@file:x": "@file:x"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := parseOptions([]string{"-X", "a=@file:" + file, "-X", "b=@env:KPRODUCE_TEST", "-X", "c=x@file:y", "-X", "d=@elsewhere"})
		if err != nil {
			t.Fatal(err)
		}
		if o.set["a"] != want || o.set["b"] != " in the environment=" || o.set["c"] != "x@file:y" || o.set["d"] != "@elsewhere" {
			t.Errorf("%q: %q", text, o.set)
		}
	}
}

// What is wrong with a secret is said without it.
func TestOptionsShowNoSecret(t *testing.T) {
	t.Setenv("KPRODUCE_TEST", "hunter2")
	for _, args := range [][]string{
		{"-X", "sasl.jaas.config hunter2"},
		{"-X", "ssl.key.pasword=@env:KPRODUCE_TEST"},
		{"-X", "security.protocol=SASL_SSL", "-X", "sasl.mechanism=PLAIN", "-X", "sasl.jaas.config=@env:KPRODUCE_TEST"},
		{"-X", "security.protocol=SSL", "-X", "ssl.keystore.key=@env:KPRODUCE_TEST", "-X", "ssl.keystore.certificate.chain=@env:KPRODUCE_TEST"},
	} {
		out := kproduce(nil, strings.NewReader("a\n"), nil, append(args, "-b", "localhost:9092", "-t", "t", "-v")...)
		out.expect(t, cantStart, "nothing was sent")
		if strings.Contains(out.stderr+out.stdout, "hunter2") {
			t.Errorf("%q: %s", args, out.stderr)
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
