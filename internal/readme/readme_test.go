package readme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

const top = "../.."

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block returns the text in the README which is of a language, begins with one text and holds another.
func block(t *testing.T, language, begin, part string) string {
	t.Helper()
	for _, block := range strings.Split(read(t, "README.md"), "```"+language+"\n")[1:] {
		code, _, closed := strings.Cut(block, "```\n")
		if closed && strings.HasPrefix(code, begin) && strings.Contains(code, part) {
			return code
		}
	}
	t.Fatalf("README.md has no %s that begins with %q and has %q in it", language, begin, part)
	return ""
}

// replaced returns text with values instead of others, each of which is in it once.
func replaced(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	for from, to := range values {
		if strings.Count(text, from) != 1 {
			t.Fatalf("%q is not there once:\n%s", from, text)
		}
		text = strings.Replace(text, from, to, 1)
	}
	return text
}

// runGo writes code to a file outside the module and gives it to the go command, which resolves its imports as this
// module does.
func runGo(t *testing.T, name, code string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append(args, path)...)
	cmd.Dir = top
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return string(out)
}

// The first program sends what it says it does. Only the address of the broker is another one here.
func TestProgram(t *testing.T) {
	const address = "localhost:9092"
	code := block(t, "go", "package main\n", address)
	const partitions = 4
	cluster := producertest.Start(t, producertest.Options{Topics: map[string]int32{"email": partitions}})
	out := runGo(t, "main.go", replaced(t, code, map[string]string{address: cluster.BootstrapServers()[0]}), "run")
	sent := 0
	for p := range int32(partitions) {
		for _, r := range cluster.Records("email", p) {
			sent++
			if line := fmt.Sprintf("%s is in partition %d at offset %d\n", r.Value, p, r.Offset); !strings.Contains(out, line) {
				t.Errorf("the program doesn't print %q", line)
			}
		}
	}
	if sent != 10 {
		t.Errorf("it sent %d records", sent)
	}
	if t.Failed() {
		t.Log(out)
	}
}

// The way into a cluster with TLS and SCRAM works, as a program and as properties. Only the address, the password and where the
// authority's certificate is are others here.
func TestGuarded(t *testing.T) {
	ca := producertest.NewCA("tests")
	trust := filepath.Join(t.TempDir(), "authority")
	if err := producertest.WritePEM(trust, ca.CertificatePEM()); err != nil {
		t.Fatal(err)
	}
	cluster := producertest.Start(t, producertest.Options{
		Topics: map[string]int32{"email": 1}, TLS: ca.ServerConfig(), Users: map[string]string{"alice": "alice-secret"},
	})
	t.Setenv("KAFKA_PASSWORD", "alice-secret")
	values := map[string]string{"broker.example.com:9094": cluster.BootstrapServers()[0], "ca.pem": trust}
	runGo(t, "main.go", replaced(t, block(t, "go", "package main\n", "SASLSSL"), values), "run")
	if n := cluster.Count("email"); n != 1 {
		t.Errorf("the program sent %d records", n)
	}

	properties, err := producer.ReadProperties(strings.NewReader(replaced(t, block(t, "properties", "bootstrap.servers=", "SASL_SSL"), values)))
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := producer.FromProperties(properties)
	if err != nil {
		t.Fatal(err)
	}
	p, err := producer.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(t.Context())
	if _, err := p.SendSync(t.Context(), producer.Record{Topic: "email"}); err != nil {
		t.Error(err)
	}
}

// The test that it shows passes.
func TestTest(t *testing.T) {
	out := runGo(t, "email_test.go", block(t, "go", "package email\n", ""), "test", "-v")
	if !strings.Contains(out, "--- PASS: TestMailArrives") {
		t.Error(out)
	}
}

// A row of the table of properties that has a default in digits or letters of code.
var propertyRow = regexp.MustCompile("(?m)^\\| `([a-z0-9.]+)` \\| `([^`]+)` \\|")

// The defaults in the table are what Kafka's Java client says of its own, as the README claims, but for one.
func TestDefaults(t *testing.T) {
	kafkas := map[string]string{}
	for line := range strings.Lines(read(t, "testdata/properties/definition.tsv")) {
		fields := strings.Split(line, "\t")
		kafkas[fields[0]] = strings.Trim(fields[2], `"`)
	}
	rows := propertyRow.FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(rows) < 16 {
		t.Errorf("only %d rows", len(rows))
	}
	for _, row := range rows {
		name, value := row[1], row[2]
		want := kafkas[name]
		if name == "linger.ms" {
			want = "0"
		}
		if value != want {
			t.Errorf("%s: README.md says %s, Kafka %q", name, value, want)
		}
		if _, err := producer.FromProperties(map[string]string{name: value}); err != nil {
			t.Error(err)
		}
	}
}

var makeTarget = regexp.MustCompile("`make ([a-z]+)")

// The make targets that it names are there.
func TestMakeTargets(t *testing.T) {
	makefile := read(t, "Makefile")
	targets := makeTarget.FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(targets) < 8 {
		t.Errorf("only %d targets", len(targets))
	}
	for _, target := range targets {
		if !strings.Contains(makefile, "\n"+target[1]+": ## ") {
			t.Errorf("there is no target %s", target[1])
		}
	}
}
