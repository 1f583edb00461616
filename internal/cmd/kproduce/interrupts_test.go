package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer/producertest"
)

// started is a run of the tool whose input stays open.
type started struct {
	input      *io.PipeWriter
	interrupts chan os.Signal
	ended      chan output
}

func start(t *testing.T, cluster *producertest.Cluster, args ...string) started {
	r, w := io.Pipe()
	t.Cleanup(func() { w.Close() })
	s := started{w, make(chan os.Signal, 2), make(chan output, 1)}
	go func() { s.ended <- kproduce(cluster, r, s.interrupts, append(args, "-t", "t")...) }()
	return s
}

// An interrupt ends the reading of an input that is silent; what was read is acknowledged first.
func TestInterruptDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		cluster.Inject(producertest.DelayAnswer(5 * time.Second))
		s := start(t, cluster)
		fmt.Fprint(s.input, numberedLines(100))
		synctest.Wait()
		s.interrupts <- os.Interrupt
		synctest.Wait()
		select {
		case out := <-s.ended:
			t.Fatalf("it ended before the broker's answer: %+v", out)
		default:
		}
		out := <-s.ended
		out.expect(t, allDone, "interrupt: waiting until what was read is done; once more gives it up", "interrupted after line 100", "100 records acknowledged, ")
		if n := len(cluster.Records("t", 0)); n != 100 {
			t.Errorf("%d records", n)
		}
	})
}

// A Send that waits for room gives way to an interrupt; the report tells how far the input was sent.
func TestInterruptWhileFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		cluster.Inject(producertest.DelayAnswer(10 * time.Second).Once())
		s := start(t, cluster, "-X", "buffer.memory=20000", "-X", "batch.size=1000")
		go io.WriteString(s.input, numberedLines(10_000))
		synctest.Wait()
		s.interrupts <- syscall.SIGTERM
		out := <-s.ended
		n := len(cluster.Records("t", 0))
		out.expect(t, allDone, "terminated: waiting", fmt.Sprintf("interrupted after line %s;", fmt.Sprint(n)), group(int64(n))+" records acknowledged, ")
		if n == 0 || n == 10_000 {
			t.Errorf("%d records", n)
		}
	})
}

// A second interrupt gives up what a broker doesn't answer.
func TestSecondInterruptAborts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cluster := inMemory(t, 1)
		cluster.Inject(producertest.Stall())
		s := start(t, cluster, "-failures", "1")
		fmt.Fprint(s.input, numberedLines(3))
		synctest.Wait()
		begin := time.Now()
		s.interrupts <- os.Interrupt
		s.interrupts <- os.Interrupt
		out := <-s.ended
		out.expect(t, notAll, "giving up what is left", "line 1: t-0: the producer was closed before the record was done (PossiblyPersisted",
			"interrupted after line 3", "records were given up", "0 records acknowledged, ", "3 failed, by reason:", "the producer was closed before the record was done (PossiblyPersisted)")
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("it took %v", took)
		}
		if strings.Contains(out.stdout, "acknowledged after") {
			t.Error("latencies of nothing are reported")
		}
	})
}
