package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kafkaproducer/producer"
	"kafkaproducer/producer/producertest"
)

func TestProgressLine(t *testing.T) {
	tests := []struct {
		seen snapshot
		rate float64
		want string
	}{
		{snapshot{}, 0, "0 records  0/s  0 B  0 in flight  0 failed"},
		{snapshot{1_234_567, 98_100_000, 12_004, 3}, 203_118.9, "1,234,567 records  203,118/s  98.1 MB  12,004 in flight  3 failed"},
	}
	for _, test := range tests {
		if got := progressLine(test.seen, test.rate); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	if widest := progressLine(snapshot{999_999_999, 999_900_000_000, 999_999, 9_999}, 9_999_999); len(widest) > 80 {
		t.Errorf("%q is %d wide", widest, len(widest))
	}
}

func TestSpeedometer(t *testing.T) {
	begin := time.Now()
	s := speedometer{marks: []mark{{at: begin}}}
	at := func(seconds float64, records int64) float64 {
		return s.rate(begin.Add(time.Duration(seconds*float64(time.Second))), records)
	}
	for _, step := range []struct {
		seconds float64
		records int64
		want    float64
	}{
		{0.5, 100, 200}, // since the beginning
		{1, 300, 300},
		{2, 400, 200},
		{2.5, 500, 200},    // since 0.5
		{10, 500, 0},       // since 2.5
		{10.5, 1000, 62.5}, // since 2.5: 10 is not long enough ago
	} {
		if got := at(step.seconds, step.records); got != step.want {
			t.Errorf("after %v s the rate is %v, want %v", step.seconds, got, step.want)
		}
	}
}

// On a terminal one line is written over; messages come above it, and it is gone in the end.
func TestProgressOnTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var printed bytes.Buffer
		tl := tool{screen: &screen{terminal: true, w: &printed}}
		counts := &tally{onFail: tl.showFailed(1)}
		run := transfer{tally: counts}
		hide := tl.showProgress(run.snapshot, false)
		step := func(want string) {
			t.Helper()
			time.Sleep(redraw)
			synctest.Wait()
			if got := printed.String(); got != want {
				t.Errorf("printed %q, want %q", got, want)
			}
			printed.Reset()
		}
		step(clearLine + "0 records  0/s  0 B  0 in flight  0 failed")
		step("") // as before
		run.accepted.Store(2)
		run.bytes.Store(1510)
		one := newBlock(1, counts)
		one.settled(producer.RecordMetadata{}, nil)
		step(clearLine + "1 records  1/s  1.5 kB  1 in flight  0 failed")
		counts.refuse(newBlock(7, counts), errors.New("kafkaproducer: no"))
		step(clearLine + "kproduce: line 7: no\n" + "1 records  1/s  1.5 kB  1 in flight  0 failed" +
			clearLine + "1 records  1/s  1.5 kB  1 in flight  1 failed")
		hide()
		if got := printed.String(); got != clearLine {
			t.Errorf("at last %q", got)
		}
	})
}

// Elsewhere there is no progress unless -v asks for it, and then a line every 5 seconds.
func TestProgressElsewhere(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			cluster := inMemory(t, 1)
			cluster.Inject(producertest.DelayAnswer(12 * time.Second).Once())
			args := []string{"-t", "t"}
			if verbose {
				args = append(args, "-v")
			}
			out := kproduce(cluster, strings.NewReader("a\n"), nil, args...)
			out.expect(t, allDone, "1 records acknowledged, 1 B sent, in 12s")
			want := 0
			if verbose {
				want = 2
			}
			if n := strings.Count(out.stderr, "kproduce: 0 records  0/s  1 B  1 in flight  0 failed\n"); n != want {
				t.Errorf("verbose %v: %d lines of progress:\n%s", verbose, n, out.stderr)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 1234567: "1,234,567", 12345678: "12,345,678"} {
		if got := group(n); got != want {
			t.Errorf("group(%d) = %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 999_949: "999.9 kB", 999_950: "1.0 MB", 1_536_000: "1.5 MB", 9e18: "9.0 EB"} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{0: "0s", 999: "999ns", 12_345_678: "12.3ms", 850_400: "850µs", 61_234 * time.Millisecond: "1m1.2s"} {
		if got := brief(d); got != want {
			t.Errorf("brief(%d) = %q, want %q", d, got, want)
		}
	}
}
