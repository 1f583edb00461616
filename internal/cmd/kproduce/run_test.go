package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer/producertest"
	"kafkaproducer/protocol"
	"kafkaproducer/record"
)

// output is what a run of the tool printed, and its exit status.
type output struct {
	status         int
	stdout, stderr string
}

// kproduce runs the tool against a cluster; a nil one means that it must not be reached.
func kproduce(cluster *producertest.Cluster, stdin io.Reader, interrupts <-chan os.Signal, args ...string) output {
	var stdout, stderr bytes.Buffer
	t := tool{stdin: stdin, stdout: &stdout, stderr: &stderr, interrupts: interrupts}
	if cluster != nil {
		t.dial = cluster.Dial
		args = append([]string{"-b", strings.Join(cluster.BootstrapServers(), ",")}, args...)
	}
	status := t.run(args)
	return output{status, stdout.String(), stderr.String()}
}

// expect fails the test unless the status is right and the texts are printed, in this order.
func (o output) expect(t *testing.T, status int, texts ...string) {
	t.Helper()
	if o.status != status {
		t.Errorf("exit status %d, want %d", o.status, status)
	}
	rest := o.stderr + o.stdout
	for _, text := range texts {
		_, after, found := strings.Cut(rest, text)
		if !found {
			t.Errorf("%q is not printed, or not in this order", text)
			continue
		}
		rest = after
	}
	if t.Failed() {
		t.Logf("standard error:\n%s\nstandard output:\n%s", o.stderr, o.stdout)
	}
}

// inMemory starts a cluster for a test in a bubble, with a topic "t".
func inMemory(t *testing.T, partitions int32) *producertest.Cluster {
	return producertest.Start(t, producertest.Options{Brokers: 3, Topics: map[string]int32{"t": partitions}, InMemory: true})
}

func numberedLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// describe writes records in a form that tells null from empty.
func describe(records []record.Record) string {
	var b strings.Builder
	text := func(p []byte) string {
		if p == nil {
			return "null"
		}
		return fmt.Sprintf("%q", p)
	}
	for _, r := range records {
		fmt.Fprintf(&b, "%d %s=%s\n", r.Offset, text(r.Key), text(r.Value))
	}
	return b.String()
}

func TestLines(t *testing.T) {
	tests := []struct {
		name  string
		input string
		args  []string
		want  string
	}{
		{"values", "a\nb\n", nil, "0 null=\"a\"\n1 null=\"b\"\n"},
		{"no end of the last line", "a\nb", nil, "0 null=\"a\"\n1 null=\"b\"\n"},
		{"empty lines", "\n\na\n\n", nil, "0 null=\"\"\n1 null=\"\"\n2 null=\"a\"\n3 null=\"\"\n"},
		{"a tab is nothing special", "a\tb\n", nil, "0 null=\"a\\tb\"\n"},
		{"CR kept", "a\r\nb\n", nil, "0 null=\"a\\r\"\n1 null=\"b\"\n"},
		{"CR dropped", "a\r\nb\n\r\nc\r", []string{"-crlf"}, "0 null=\"a\"\n1 null=\"b\"\n2 null=\"\"\n3 null=\"c\"\n"},
		{"keys", "k\tv\nk\t\n\tv\n\t\nk\tv\tw\n", []string{"-keys"}, "0 \"k\"=\"v\"\n1 \"k\"=\"\"\n2 \"\"=\"v\"\n3 \"\"=\"\"\n4 \"k\"=\"v\\tw\"\n"},
		{"separator", "k::v:\n", []string{"-separator", "::"}, "0 \"k\"=\"v:\"\n"},
		{"separator written as escape", "k\tv\n", []string{"-separator", `\t`}, "0 \"k\"=\"v\"\n"},
		{"null", "k\tNULL\nNULL\tv\nNULLS\tv\n", []string{"-keys", "-null", "NULL"}, "0 \"k\"=null\n1 null=\"v\"\n2 \"NULLS\"=\"v\"\n"},
		{"empty is null", "k\t\n", []string{"-keys", "-null", ""}, "0 \"k\"=null\n"},
		{"null without keys", "-\na\n", []string{"-null", "-"}, "0 null=null\n1 null=\"a\"\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cluster := inMemory(t, 1)
				out := kproduce(cluster, strings.NewReader(test.input), nil, append(test.args, "-t", "t")...)
				out.expect(t, allDone)
				if got := describe(cluster.Records("t", 0)); got != test.want {
					t.Errorf("records:\n%s\nwant:\n%s", got, test.want)
				}
				if out.stderr != "" {
					t.Errorf("standard error: %s", out.stderr)
				}
			})
		})
	}
}

// A file goes to the partitions that keys say, under properties from a file and from the command line.
func TestFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var lines strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&lines, "key-%d\tvalue %d\n", i%37, i)
	}
	input := write("input", lines.String())
	props := write("props", "# as for Java\ncompression.type = gzip\nclient.id: from-file\nlinger.ms=3\n")

	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 5)
		out := kproduce(cluster, nil, nil, "-t", "t", "-i", input, "-keys", "-F", props, "-X", "client.id=from-command-line")
		out.expect(t, allDone, "partition", "records", "first offset", "last offset", "all    5,000", "5,000 records acknowledged, ", "records/s", "acknowledged after p50 ")
		v, err := newVerifier([]byte(lines.String()), format{keys: true, separator: "\t"}, 5)
		if err != nil {
			t.Fatal(err)
		}
		for p := range int32(5) {
			records := cluster.Records("t", p)
			v.read(p, records)
			if row := fmt.Sprintf(" %d %s 0 %s ", p, group(int64(len(records))), group(int64(len(records)-1))); !strings.Contains(spaced(out.stdout), row) {
				t.Errorf("no row %q in\n%s", row, out.stdout)
			}
			for _, b := range cluster.Batches("t", p) {
				if b.Codec().String() != "gzip" {
					t.Errorf("a batch is compressed with %v", b.Codec())
				}
			}
		}
		if faults := v.verdict(); faults != nil {
			t.Error(faults)
		}
		for _, r := range cluster.Requests() {
			if r.Header.ClientID == nil || *r.Header.ClientID != "from-command-line" {
				t.Fatalf("client id %v", r.Header.ClientID)
			}
		}
	})
}

// spaced makes one space of each run of white space.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestEmptyInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		kproduce(inMemory(t, 1), strings.NewReader(""), nil, "-t", "t").expect(t, allDone, "all        0", "0 records acknowledged, 0 B sent, in ")
	})
}

func TestNoOffsets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := kproduce(inMemory(t, 1), strings.NewReader(numberedLines(3)), nil, "-t", "t", "-X", "acks=0")
		out.expect(t, allDone, "3 records acknowledged, ")
		if !strings.Contains(spaced(out.stdout), " 0 3 - - all 3 ") {
			t.Error(out.stdout)
		}
	})
}

// Lines that can't be records don't keep others from being sent.
func TestFailedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		long := strings.Repeat("x", 1<<20)
		input := "k\t0\nno key\nk\t1\nk\t" + long[:1<<20-40] + "\nk\t2\nk\t" + long + long + "\nno key\nk\t3\nk\t" + long
		out := kproduce(cluster, strings.NewReader(input), nil, "-t", "t", "-keys", "-failures", "3")
		out.expect(t, notAll,
			`line 2: the line has no key: no "\t" in it`,
			"line 4: a record of 10486", "is larger than max.request.size = 1048576",
			"line 6: a record of 2097154 bytes", "is larger than max.request.size = 1048576",
			"more records failed; the report counts them by reason",
			"4 records acknowledged, 8 B sent, in ",
			"5 failed, by reason:\n",
			"3  larger than max.request.size = 1048576\n",
			`2  the line has no key: no "\t" in it`)
		if want := "0 \"k\"=\"0\"\n1 \"k\"=\"1\"\n2 \"k\"=\"2\"\n3 \"k\"=\"3\"\n"; describe(cluster.Records("t", 0)) != want {
			t.Errorf("records:\n%s", describe(cluster.Records("t", 0)))
		}
	})
}

// The largest record that Kafka takes comes through.
func TestLongLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		long := strings.Repeat("0123456789abcdef", 1<<16)[:1<<20-200]
		kproduce(cluster, strings.NewReader(long), nil, "-t", "t").expect(t, allDone)
		if records := cluster.Records("t", 0); len(records) != 1 || string(records[0].Value) != long {
			t.Errorf("%d records", len(records))
		}
	})
}

// Records that the broker refuses are shown with their lines and counted.
func TestRefusedRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		cluster.Inject(producertest.Fail(protocol.TopicAuthorizationFailed).Skip(1).Once())
		var input strings.Builder
		for i := range 4 {
			fmt.Fprintf(&input, "line %d %0100d\n", i, i)
		}
		out := kproduce(cluster, strings.NewReader(input.String()), nil, "-t", "t", "-X", "batch.size=0", "-X", "max.in.flight.requests.per.connection=1")
		out.expect(t, notAll, "line 2: t-0: TOPIC_AUTHORIZATION_FAILED", "3 records acknowledged, ", "1 failed, by reason:", "1  TOPIC_AUTHORIZATION_FAILED", "(NotPersisted)")
		var got strings.Builder
		for _, r := range cluster.Records("t", 0) {
			fmt.Fprintf(&got, "%.6s,", r.Value)
		}
		if got.String() != "line 0,line 2,line 3," {
			t.Errorf("records: %s", &got)
		}
	})
}

// An error that every line would meet ends the reading.
func TestUnknownTopic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := producertest.Start(t, producertest.Options{InMemory: true, AutoCreate: -1})
		begin := time.Now()
		out := kproduce(cluster, strings.NewReader(numberedLines(1000)), nil, "-t", "t", "-X", "max.block.ms=2000")
		out.expect(t, notAll, "line 1: ", "reading ended at line 1: ", "0 records acknowledged, ", "1 failed, by reason:")
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v, more than max.block.ms", took)
		}
	})
}

// brokenReader ends with an error that isn't io.EOF.
type brokenReader struct{}

func (brokenReader) Read(p []byte) (int, error) { return copy(p, "a\nb"), io.ErrUnexpectedEOF }

func TestBrokenInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := kproduce(inMemory(t, 1), brokenReader{}, nil, "-t", "t")
		out.expect(t, notAll, "reading ended at line 2: unexpected EOF", "2 records acknowledged, ")
	})
}

// Where lines share callbacks, a record that the broker refuses is told with the lines it is one of.
func TestRefusedRecordAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		var input strings.Builder
		for i := range singles + 100 {
			fmt.Fprintf(&input, "line %d %0100d\n", i, i)
		}
		cluster.Inject(producertest.Fail(protocol.InvalidTimestamp).Skip(singles + 10).Once())
		out := kproduce(cluster, strings.NewReader(input.String()), nil, "-t", "t", "-X", "batch.size=0", "-X", "max.in.flight.requests.per.connection=1")
		out.expect(t, notAll, "line 1001 or one of the 63 after it: t-0: INVALID_TIMESTAMP", "1,099 records acknowledged, ", "1 failed, by reason:")
	})
}
