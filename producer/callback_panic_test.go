package producer_test

import (
	"bytes"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

// A callback that panics ends the program, as the package documentation says: what it knew of its record is lost, so that going on
// would be to go on in doubt. Nothing catches it or hides where it came from.
func TestPanicInCallbackEndsTheProgram(t *testing.T) {
	endsTheProgram(t, panicOnPurpose, "panic: on purpose\n", "panicOnPurpose(")
}

// A callback that ends its goroutine does so, too.
func TestGoexitInCallbackEndsTheProgram(t *testing.T) {
	endsTheProgram(t, runtime.Goexit, "panic: kafkaproducer: a callback ended its goroutine")
}

// endsTheProgram runs the test that calls it once more as a program of its own, in which a callback does something that must end it, and
// looks for what it says then.
func endsTheProgram(t *testing.T, callback func(), wants ...string) {
	t.Helper()
	const inChild = "KAFKAPRODUCER_TEST_PANIC"
	if os.Getenv(inChild) != "" {
		c := producertest.Start(t, producertest.Options{Topics: map[string]int32{"t": 1}})
		p := open(t, config(t, c))
		if err := p.Send(t.Context(), producer.Record{Topic: "t"}, func(producer.RecordMetadata, error) { callback() }); err != nil {
			t.Fatal(err)
		}
		flush(t, p)
		return // not reached
	}
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=1m")
	child.Env = append(os.Environ(), inChild+"=1")
	var out bytes.Buffer
	child.Stdout, child.Stderr = &out, &out
	err := child.Run()
	for _, want := range wants {
		if said := out.String(); err == nil || !strings.Contains(said, want) {
			t.Errorf("the program ended with %v, and didn't say %q:\n%s", err, want, said)
		}
	}
}

//go:noinline
func panicOnPurpose() { panic("on purpose") }
