package interop

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kafkaproducer/internal/interop/kafka"
)

// top is the top of the repository.
const top = "../.."

// writeLines writes the numbered lines from to to-1 with their keys, as `make run` takes them with -keys.
func writeLines(w io.Writer, from, to int) error {
	b := bufio.NewWriter(w)
	for i := from; i < to; i++ {
		fmt.Fprintf(b, "key-%d\t%d %0100d\n", i%killKeys, i, i)
	}
	return b.Flush()
}

// make run sends the lines of a file, all of them, in the order of each key.
func TestMakeRun(t *testing.T) {
	n := killSize().records
	topic := newTopic(t, broker, kafka.Topic{Partitions: 6})
	input := filepath.Join(t.TempDir(), "lines")
	f, err := os.Create(input)
	if err := errors.Join(err, writeLines(f, 0, n), f.Close()); err != nil {
		t.Fatal(err)
	}
	status := runTool(t, makeRun(topic, input, "-keys -X compression.type=lz4 -X linger.ms=5"))
	if status != 0 {
		t.Errorf("make run: status %d", status)
	}
	verify(t, broker, topic, int64(n))
}

// A record that fails makes the status of make run non-zero, and is reported; the others arrive.
func TestMakeRunFailure(t *testing.T) {
	topic := newTopic(t, broker, kafka.Topic{Config: map[string]string{"max.message.bytes": "2000"}})
	input := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(input, []byte("0\n"+strings.Repeat("x", 3000)+"\n1\n2"), 0o644); err != nil {
		t.Fatal(err)
	}
	if status := runTool(t, makeRun(topic, input, "")); status == 0 {
		t.Error("status 0 though a record could not be delivered")
	}
	verify(t, broker, topic, 3)
}

func makeRun(topic, input, args string) *exec.Cmd {
	cmd := exec.Command("make", "-s", "-C", top, "run", "BOOTSTRAP="+broker.BootstrapServers()[0], "TOPIC="+topic, "INPUT="+input, "ARGS="+args)
	// Not the variables of the make that may have started this test.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "MAKE") })
	return cmd
}

// runTool runs a command, shows what it prints, and returns its exit status.
func runTool(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// The tool is given half of the lines when the only broker is killed, and the rest while there is none.
func testToolKill(t *testing.T, c *kafka.Cluster) {
	n := killSize()
	topic := newTopic(t, c, kafka.Topic{Partitions: 6})
	tool := filepath.Join(t.TempDir(), "kproduce")
	build := exec.Command("go", "build", "-o", tool, "./internal/cmd/kproduce")
	build.Dir = top
	if status := runTool(t, build); status != 0 {
		t.FailNow()
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "-b", strings.Join(c.BootstrapServers(), ","), "-t", topic, "-keys", "-X", "compression.type=lz4", "-X", "linger.ms=5")
	cmd.Stdin = r
	half, killed, written := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		err := writeLines(w, 0, n.records/2)
		close(half)
		<-killed
		written <- errors.Join(err, writeLines(w, n.records/2, n.records), w.Close())
	}()
	status := make(chan int, 1)
	go func() { status <- runTool(t, cmd) }()

	select {
	case <-half:
	case got := <-status:
		t.Fatalf("the tool ended with status %d before half of the lines were written", got)
	}
	restart(t, c, c.Brokers[0], c.Brokers[0].Kill, n.outage, func() { close(killed) })
	if got := <-status; got != 0 {
		t.Errorf("status %d", got)
	}
	r.Close() // a tool that ended early would leave the writer waiting
	if err := <-written; err != nil {
		t.Error(err)
	}
	verify(t, c, topic, int64(n.records))
}
